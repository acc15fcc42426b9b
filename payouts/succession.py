"""What a succession means for money: the balance stays where it was earned. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from aggregator.models import Household
from aggregator.money import format_money
from payouts import ledger


def say_owed(household: Household, _on: date) -> Iterator[str]:
    """The balance, and to which account it is paid."""
    currency = household.cooperative.currency
    owed = ledger.owed_to_households(household.cooperative, currency=currency).get(household.pk, 0)
    if owed <= 0:
        yield _("Nothing is owed to the household now.")
        return
    yield _("%(amount)s are owed to household %(code)s and stay owed under its own code.") % {
        "amount": format_money(owed, currency),
        "code": household.code,
    }
    account = household.payee_accounts.active().first()
    if account is not None:
        yield _("They are paid to %(account)s.") % {"account": account}
    else:
        yield _(
            "It has no account: where all its rights pass on, the successor's is proposed for it, "
            "and a second person approves it."
        )
