"""The one writer of the books: balanced entries and their reversals, and what is owed.

Never edits and never deletes; a second posting under the same reference is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aggregator.bulk import write_rows
from aggregator.errors import DomainError
from aggregator.models import Cooperative, User
from payouts.models import Account, JournalEntry, Posting
from payouts.models.ledger import ACCOUNT_NAMES

BANK = "bank"
UNDISTRIBUTED = "undistributed"
DEDUCTION = "deduction"
MEMBERS = "members"
IN_TRANSIT = "in_transit"


class Unbalanced(DomainError):
    code = "unbalanced"
    message = _("The postings of %(reference)s do not make an entry: %(reason)s.")


class AlreadyPosted(DomainError):
    code = "already_posted"
    message = _("%(reference)s is already in the books.")


class AlreadyReversed(DomainError):
    code = "already_reversed"
    message = _("%(reference)s has already been reversed.")


@dataclass(frozen=True, slots=True)
class Heading:
    """What an entry says of itself; `reference` is its idempotency, unique in the cooperative."""

    reference: str
    occurred_on: date
    memo: str = ""
    reverses: JournalEntry | None = None


class Line(NamedTuple):
    """One posting to be; positive is debit. Only what is owed to members names a household."""

    account: Account
    amount_minor: int
    household_id: int | None = None


def open_account(
    cooperative: Cooperative, kind: str, *, currency: str, detail: str = ""
) -> Account:
    """The account of a kind (``bank``, ``members``, …), opened on first use.

    `detail` tells accounts of one kind apart: the project of ``undistributed``, the rule of
    ``deduction``.
    """
    account, _created = Account.objects.get_or_create(
        cooperative=cooperative,
        code=f"{kind}:{detail}" if detail else kind,
        currency=currency,
        defaults={
            "name": ACCOUNT_NAMES[kind],
            "kind": Account.Kind.ASSET if kind == BANK else Account.Kind.LIABILITY,
        },
    )
    return account


@transaction.atomic
def post_entry(
    cooperative: Cooperative, *, heading: Heading, lines: Sequence[Line], by: User | None
) -> JournalEntry:
    """Write one balanced entry, in the caller's transaction where there is one.

    Args:
        lines: signed minor units on accounts of one currency, none zero, summing to zero.
        by: who decided; None is the scheduler.

    Raises:
        Unbalanced: no lines, a zero, two currencies, a household astray, or a sum other than zero.
        AlreadyPosted: the reference is in the books; nothing is written.
    """
    if reason := _fault(cooperative, lines):
        raise Unbalanced(reference=heading.reference, reason=reason)
    try:
        with transaction.atomic():
            entry = JournalEntry.objects.create(
                cooperative=cooperative,
                reference=heading.reference,
                occurred_on=heading.occurred_on,
                memo=heading.memo,
                reverses=heading.reverses,
                posting_count=len(lines),
                by=by,
            )
    except IntegrityError as error:
        if not JournalEntry.objects.filter(
            cooperative=cooperative, reference=heading.reference
        ).exists():
            raise
        raise AlreadyPosted(reference=heading.reference) from error
    write_rows(
        Posting,
        ["cooperative_id", "entry_id", "account_id", "household_id", "amount_minor"],
        (
            (cooperative.pk, entry.pk, account.pk, household_id, amount)
            for account, amount, household_id in lines
        ),
    )
    return entry


@transaction.atomic
def reverse_entry(
    entry: JournalEntry, *, occurred_on: date, memo: str, by: User | None
) -> JournalEntry:
    """Answer a mistake: post the entry's opposite, linked to it.

    Raises:
        AlreadyReversed: it has been answered before.
    """
    if JournalEntry.objects.filter(reverses=entry).exists():
        raise AlreadyReversed(reference=entry.reference)
    lines = [
        Line(posting.account, -posting.amount_minor, posting.household_id)
        for posting in entry.postings.select_related("account")
    ]
    # By key, not by reference: a reference may already fill its column.
    heading = Heading(f"reversal:{entry.pk}", occurred_on, memo, reverses=entry)
    return post_entry(entry.cooperative, heading=heading, lines=lines, by=by)


def owed_to_households(cooperative: Cooperative, *, currency: str) -> dict[int, int]:
    """Minor units owed to each household, by key; households at zero are left out."""
    rows = (
        Posting.objects.for_cooperative(cooperative)
        .filter(account__code=MEMBERS, account__currency=currency)
        .owed_by_household()
        .values_list("household_id", "owed_minor")
    )
    return {household_id: int(owed) for household_id, owed in rows}


def account_balance(account: Account) -> int:
    """The sum of an account's postings in minor units; positive is debit."""
    return int(Account.objects.with_balance().get(pk=account.pk).balance_minor)


def _fault(cooperative: Cooperative, lines: Sequence[Line]) -> str:
    accounts = {line.account.pk: line.account for line in lines}.values()
    if not lines:
        return gettext("there are none")
    if any(account.cooperative_id != cooperative.pk for account in accounts):
        return gettext("an account belongs to another cooperative")
    if len({account.currency for account in accounts}) > 1:
        return gettext("two currencies are mixed")
    if any(line.amount_minor == 0 for line in lines):
        return gettext("one is zero")
    if any((line.household_id is not None) != (line.account.code == MEMBERS) for line in lines):
        return gettext("households stand on what is owed to members, and only there")
    total = sum(line.amount_minor for line in lines)
    return gettext("they sum to %(total)s") % {"total": total} if total else ""
