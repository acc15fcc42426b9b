"""Which account a household's balance goes to today, or why it is held. Reads only.

Its own account; else, where its record was merged into another, that one's. A successor's account
is paid to once two people have made it the former household's own, never by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aggregator.models import Cooperative, Household, PayeeAccount

# Stored as a word, shown through `say_reason`; other reasons are the bank's own text.
NO_ACCOUNT = "no_account"
ACCOUNT_CLOSED = "account_closed"
ACCOUNT_COOLING = "account_cooling"
TO_SUCCESSOR = "to_successor"
LEFT = "left"
REASONS = {
    NO_ACCOUNT: gettext_lazy("no active bank account"),
    LEFT: gettext_lazy("below the smallest payment; paid because the household has left"),
    ACCOUNT_CLOSED: gettext_lazy("the bank account was changed before the money was sent"),
}


class Target(NamedTuple):
    """The account to pay to; none where the money is held, for `reason`."""

    account_id: int | None
    reason: str = ""


class _Active(NamedTuple):
    pk: int
    changed_on: date
    usable_on: date | None


class PaymentTargets:
    """The accounts of a cooperative on a day, asked for in three queries."""

    def __init__(self, cooperative: Cooperative, *, on: date) -> None:
        self.on = on
        rows = PayeeAccount.objects.for_cooperative(cooperative).active().order_by()
        self._accounts = {
            household: _Active(pk, localdate(decided or proposed), usable_on)
            for household, pk, proposed, decided, usable_on in rows.values_list(
                "household_id", "pk", "proposed_at", "decided_at", "usable_on"
            )
        }
        self._kept = _kept_records(cooperative)

    def find(self, household_id: int) -> Target:
        """Where the household's money goes."""
        payee, seen = household_id, {household_id}
        while payee not in self._accounts:
            kept = self._kept.get(payee)
            if kept is None or kept in seen:
                return Target(None, NO_ACCOUNT)
            payee = kept
            seen.add(kept)
        account = self._accounts[payee]
        if account.usable_on is not None and account.usable_on > self.on:
            days = f"{account.changed_on.isoformat()}:{account.usable_on.isoformat()}"
            return Target(None, f"{ACCOUNT_COOLING}:{days}")
        return Target(account.pk, "" if payee == household_id else TO_SUCCESSOR)


def say_reason(reason: str) -> str:
    """A stored reason in the reader's words; the bank's own text as it is."""
    code, _colon, days = reason.partition(":")
    if code == ACCOUNT_COOLING:
        changed_on, _colon, usable_on = days.partition(":")
        return _("account changed on %(changed_on)s, paid from %(usable_on)s on") % {
            "changed_on": changed_on,
            "usable_on": usable_on,
        }
    if code == TO_SUCCESSOR:
        return _("paid to the account of the successor")
    return str(REASONS.get(reason, reason))


def of_household(household: Household) -> Q:
    """Rows of the household, and of the records merged into it: those are its own, too."""
    return Q(household=household) | Q(household__merged_into=household)


def find_payee(household: Household) -> PayeeAccount | None:
    """The account in use, usable yet or not, that one household's money goes to."""
    own = PayeeAccount.objects.active().filter(household=household).first()
    if own is not None:
        return own
    key = find_payees(household.cooperative, [household.pk]).get(household.pk)
    return PayeeAccount.objects.filter(pk=key).first() if key else None


def find_payees(cooperative: Cooperative, household_ids: Iterable[int]) -> dict[int, int]:
    """The key of the account in use, usable yet or not, of every household that has one."""
    targets = PaymentTargets(cooperative, on=date.max)
    found = {household: targets.find(household).account_id for household in household_ids}
    return {household: account for household, account in found.items() if account is not None}


def _kept_records(cooperative: Cooperative) -> dict[int, int]:
    """Former record → the one it was merged into."""
    merged = Household.objects.for_cooperative(cooperative).filter(merged_into__isnull=False)
    return dict(merged.order_by().values_list("pk", "merged_into_id"))
