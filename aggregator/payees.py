"""Where a household's money goes: proposed by one person, approved by another, told to the farmer.

A changed account cools off before money goes to it. No number is ever written over: a change is a
new row, and payments keep pointing at the account they went to.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator import household_notices
from aggregator.audit import record_event
from aggregator.encryption import hash_number
from aggregator.errors import BadInput, DomainError
from aggregator.identity import NumberRefused, read_account
from aggregator.locks import lock_cooperative
from aggregator.models import Cooperative, Household, PayeeAccount, User
from aggregator.roles import NotYours, require_role

Status = PayeeAccount.Status
# Stored as a word, shown through `say_reason`; other reasons are people's own text.
REPLACED = "replaced"
REASONS = {REPLACED: _("another account took its place")}


class AccountRefused(BadInput):
    code = "account_refused"
    message = _("The account number: %(reason)s")


class HolderMissing(BadInput):
    code = "account_holder_missing"
    message = _("Say in whose name the account is.")


class ReasonMissing(BadInput):
    code = "account_reason_missing"
    message = _("Say why; the reason is kept with the account.")


class ProposalOpen(DomainError):
    code = "account_proposal_open"
    message = _(
        "Account %(account)s of household %(household)s waits for approval: decide on it first."
    )


class AccountUnchanged(DomainError):
    code = "account_unchanged"
    message = _("Money of household %(household)s goes to %(account)s already.")


class OwnProposal(DomainError):
    code = "own_account_proposal"
    message = _("You proposed this account: a second person approves it.")


class AccountNotWaiting(DomainError):
    code = "account_not_waiting"
    message = _("Account %(account)s does not wait for approval: %(status)s.")


class AccountNotActive(DomainError):
    code = "account_not_active"
    message = _("Account %(account)s is not active: %(status)s.")


class HouseholdMerged(DomainError):
    code = "household_merged"
    message = _("Household %(household)s is now %(kept)s: work there.")


@transaction.atomic
def propose_account(
    household: Household, *, holder_name: str, number: str, bank_name: str = "", by: User
) -> PayeeAccount:
    """Name the account a household's money shall go to, for a second person to approve.

    Raises:
        AccountRefused, HolderMissing: what was typed cannot be an account.
        AccountUnchanged: it is the account in use, to the letter.
        ProposalOpen: another one waits already.
        HouseholdMerged: the household's record was merged into another.
    """
    require_role(by, User.Role.OPERATOR, User.Role.APPROVER, of=household)
    household = lock_household(household.pk)
    try:
        typed = read_account(number)
    except NumberRefused as refusal:
        raise AccountRefused(reason=str(refusal)) from refusal
    holder_name, bank_name = holder_name.strip(), bank_name.strip()
    if not holder_name:
        raise HolderMissing
    _refuse_needless(household, (holder_name, bank_name, hash_number(typed)))
    return _write_proposal(
        household, holder_name=holder_name, bank_name=bank_name, number=typed, by=by
    )


@transaction.atomic
def propose_successors(former: Household, *, successor: Household, by: User) -> PayeeAccount | None:
    """Where a household that passed on has no account: its successor's, for a second person.

    Never paid to by itself: whoever ends an account and records a succession would redirect the
    household's money alone.
    """
    require_role(by, User.Role.OPERATOR, User.Role.APPROVER, of=former)
    former = lock_household(former.pk)
    account = successor.payee_accounts.active().first()
    open_rows = former.payee_accounts.filter(status__in=[Status.ACTIVE, Status.PROPOSED])
    if account is None or open_rows.exists():
        return None
    return _write_proposal(
        former,
        holder_name=account.holder_name,
        bank_name=account.bank_name,
        number=account.number,
        by=by,
    )


@transaction.atomic
def approve_account(account: PayeeAccount, *, by: User) -> PayeeAccount:
    """Approve as the second person: the former account ends, the new one cools off.

    A household's first account is paid to at once; a changed one from `usable_on` on, and until
    then nothing is paid to either.

    Raises:
        OwnProposal: `by` proposed it, whatever the role.
        AccountNotWaiting: it is decided already.
        HouseholdMerged: the household's record was merged into another.
    """
    require_role(by, User.Role.APPROVER, of=account)
    household = lock_household(account.household_id)
    account = PayeeAccount.objects.get(pk=account.pk)
    if account.proposed_by_id == by.pk:
        raise OwnProposal
    if account.status != Status.PROPOSED:
        raise AccountNotWaiting(account=account, status=account.get_status_display())
    now, today = timezone.now(), timezone.localdate()
    usable_on = today + timedelta(days=_cooling_days(household))
    former = household.payee_accounts.active().first()
    if former is not None:
        _close(former, reason=REPLACED)
    account.status, account.usable_on = Status.ACTIVE, usable_on
    account.decided_by, account.decided_at = by, now
    account.household = household
    account.save(update_fields=["status", "usable_on", "decided_by", "decided_at"])
    record_event(
        account,
        action="approve_account",
        by=by,
        household=household.code,
        usable_on=usable_on.isoformat(),
        **({"former": former.pk} if former else {}),
    )
    household_notices.tell_approved(account, phone=household.phone)
    return account


def approve_accounts(
    cooperative: Cooperative, *, accounts: Iterable[PayeeAccount], by: User
) -> int:
    """Approve many, each by itself with its own message to the farmer; how many.

    All or none: a refusal of one says which, and nothing is approved.
    """
    # Households are locked in one order, so that two approvers at once cannot block each other.
    chosen = sorted(accounts, key=lambda account: account.household_id)
    with transaction.atomic():
        for account in chosen:
            if account.cooperative_id != cooperative.pk:
                raise NotYours
            approve_account(account, by=by)
    return len(chosen)


@transaction.atomic
def refuse_account(account: PayeeAccount, *, reason: str, by: User) -> PayeeAccount:
    """Decide against a proposed account; whoever proposed it may take it back this way.

    Raises:
        ReasonMissing: no reason was given.
        AccountNotWaiting: it is decided already.
    """
    require_role(by, User.Role.OPERATOR, User.Role.APPROVER, of=account)
    reason = _read_reason(reason)
    lock_household(account.household_id, merged_too=True)
    account = PayeeAccount.objects.get(pk=account.pk)
    if account.status != Status.PROPOSED:
        raise AccountNotWaiting(account=account, status=account.get_status_display())
    account.status, account.reason = Status.REFUSED, reason
    account.decided_by, account.decided_at = by, timezone.now()
    account.save(update_fields=["status", "reason", "decided_by", "decided_at"])
    record_event(account, action="refuse_account", by=by, reason=reason)
    return account


@transaction.atomic
def end_account(account: PayeeAccount, *, reason: str, by: User) -> PayeeAccount:
    """Stop paying to an account; the household's money is held until another is approved.

    Raises:
        ReasonMissing: no reason was given.
        AccountNotActive: it is not the account in use.
    """
    require_role(by, User.Role.OPERATOR, User.Role.APPROVER, of=account)
    reason = _read_reason(reason)
    lock_household(account.household_id, merged_too=True)
    account = PayeeAccount.objects.get(pk=account.pk)
    if account.status != Status.ACTIVE:
        raise AccountNotActive(account=account, status=account.get_status_display())
    _close(account, reason=reason)
    record_event(account, action="end_account", by=by, reason=reason)
    household_notices.tell_ended(account, phone=account.household.phone)
    return account


def say_reason(account: PayeeAccount) -> str:
    """Why an account was refused or ended, in the reader's words."""
    return str(REASONS.get(account.reason, account.reason))


def waiting_accounts(cooperative: Cooperative, *, not_by: User | None = None) -> QuerySet[Any]:
    """Accounts to be approved, in order of household code; without those `not_by` proposed."""
    rows = PayeeAccount.objects.for_cooperative(cooperative).filter(status=Status.PROPOSED)
    if not_by is not None:
        rows = rows.exclude(proposed_by=not_by)
    return rows.select_related("household", "proposed_by").order_by("household__code", "pk")


def lock_household(pk: int, *, merged_too: bool = False) -> Household:
    """The household's row, held to the end of the transaction: its accounts have one writer.

    The cooperative's is held before it, as by an import that brings in accounts and people.
    """
    cooperative = lock_cooperative(Household.objects.values_list("cooperative").get(pk=pk)[0])
    # Not with `merged_into` joined: after a wait PostgreSQL reads this row anew, not its joins, and
    # a merger made meanwhile would look like none.
    household: Household = Household.objects.select_for_update(no_key=True).get(pk=pk)
    household.cooperative = cooperative
    if household.merged_into is not None and not merged_too:
        raise HouseholdMerged(household=household, kept=household.merged_into)
    return household


def cool_off(account: PayeeAccount, *, today: date) -> None:
    """Let an account in use wait as a changed one does, where someone else may now be paid."""
    usable_on = today + timedelta(days=account.cooperative.cooling_days)
    if account.usable_on is None or account.usable_on < usable_on:
        account.usable_on = usable_on
        account.decided_at = account.decided_at or timezone.now()
        account.save(update_fields=["usable_on", "decided_at"])


def _cooling_days(household: Household) -> int:
    # An ended account counts: ending it first must not be a way round the wait.
    had = household.payee_accounts.filter(status__in=[Status.ACTIVE, Status.ENDED]).exists()
    return household.cooperative.cooling_days if had else 0


def _refuse_needless(household: Household, wanted: tuple[str, str, str]) -> None:
    for account in household.payee_accounts.filter(status__in=[Status.ACTIVE, Status.PROPOSED]):
        if account.status == Status.PROPOSED:
            raise ProposalOpen(account=account, household=household)
        if (account.holder_name, account.bank_name, account.number_hash) == wanted:
            raise AccountUnchanged(account=account, household=household)


def _write_proposal(household: Household, *, by: User, **terms: str) -> PayeeAccount:
    account = PayeeAccount.objects.create(
        cooperative=household.cooperative, household=household, proposed_by=by, **terms
    )
    record_event(account, action="propose_account", by=by, household=household.code)
    household_notices.tell_proposed(account, phone=household.phone)
    return account


def _close(account: PayeeAccount, *, reason: str) -> None:
    account.status, account.reason = Status.ENDED, reason
    account.save(update_fields=["status", "reason"])


def _read_reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    return reason[:200]
