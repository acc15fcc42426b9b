"""Showing a household's personal numbers to staff: once, for a stated reason, on the record."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aggregator.audit import record_event
from aggregator.errors import BadInput
from aggregator.models import Household, PayeeAccount, User
from aggregator.roles import require_role
from aggregator.tenancy import TenantModel


class ReasonMissing(BadInput):
    code = "reason_missing"
    message = _("Say why you need the numbers; the reason is kept in the audit log.")


@transaction.atomic
def reveal_numbers(household: Household, *, reason: str, by: User) -> list[tuple[str, str]]:
    """Return the household's numbers with their labels, and write who asked and why."""
    _record(household, reason=reason, by=by)
    numbers = [(str(_("phone")), household.phone)]
    for person in household.persons.all():
        numbers.append((f"{_('identity number')} {person.name}", person.identity_number))
    for account in household.payee_accounts.all():
        numbers.append((f"{_('account number')} {account.bank_name}", account.number))
    return [(label, number) for label, number in numbers if number]


@transaction.atomic
def reveal_account(account: PayeeAccount, *, reason: str, by: User) -> list[tuple[str, str]]:
    """Return one account's number, to be compared with the card, and write who asked and why."""
    _record(account, reason=reason, by=by)
    return [(f"{_('account number')} {account.bank_name}".strip(), account.number)]


def _record(row: TenantModel, *, reason: str, by: User) -> None:
    require_role(by, User.Role.OPERATOR, User.Role.APPROVER, of=row)
    if not reason.strip():
        raise ReasonMissing
    record_event(row, action="revealed", by=by, reason=reason.strip())
