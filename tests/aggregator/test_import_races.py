"""A file of households and a decision about the same households at once: neither waits for ever.

Real threads with real connections, on PostgreSQL: only there do two writers hold rows at a time.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator import memberships, payees
from aggregator.household_import import import_households
from aggregator.models import Household, PayeeAccount
from tests.aggregator.sheets import bank_card, household, write_households
from tests.cast import Cast, make_cast
from tests.payouts.test_money_races import at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

ROUNDS = 12
COUNT = 30


@pytest.fixture
def cast(transactional_db: None, tmp_path: Path) -> Cast:
    """A cooperative whose households came by a file, each with an account that waits."""
    cast = make_cast("sunrise", name="青山合作社", households=1, east=118.0)
    path = write_households(tmp_path / "first.csv", *rows(0))
    report = import_households(path, cooperative=cast.cooperative, by=cast.operator)
    assert not report.errors
    return cast


def rows(number: int) -> list[dict[str, str]]:
    """Every household with another phone and another account, the last household first."""
    return [
        household(
            serial,
            phone=f"139{number:02d}{serial:06d}",
            account_number=bank_card(number * COUNT + serial),
        )
        for serial in range(COUNT, 0, -1)
    ]


def waiting() -> list[PayeeAccount]:
    return list(PayeeAccount.objects.filter(status="proposed").order_by("household_id"))


def test_an_import_and_approvals_at_once_both_end(cast: Cast, tmp_path: Path) -> None:
    for number in range(1, ROUNDS + 1):
        path = write_households(tmp_path / f"{number}.csv", *rows(number))
        accounts = waiting()
        ends = at_once(
            lambda path=path: import_households(
                path, cooperative=cast.cooperative, by=cast.operator
            ),
            lambda accounts=accounts: payees.approve_accounts(
                cast.cooperative, accounts=accounts, by=cast.approver
            ),
        )
        # Approved before the file, or refused by it: an approval of what is replaced is told so.
        assert ends in (["done", "done"], ["done", "account_not_waiting"])
        assert not doubly_decided()
    assert len(waiting()) == COUNT


def doubly_decided() -> list[PayeeAccount]:
    """Accounts that a file took for waiting and somebody approved: refused, but paid to from."""
    return list(PayeeAccount.objects.filter(status="refused", usable_on__isnull=False))


def test_an_import_and_new_shares_at_once_both_end(cast: Cast, tmp_path: Path) -> None:
    households = list(Household.objects.filter(code__startswith="Q").order_by("pk"))
    for number in range(1, ROUNDS + 1):
        path = write_households(tmp_path / f"{number}.csv", *rows(number))

        def change_all(number: int = number) -> None:
            for row in households:
                span = row.memberships.get()
                memberships.change_shares(
                    row, shares=number + 1, on=span.starts_on, by=cast.operator
                )

        ends = at_once(
            lambda path=path: import_households(
                path, cooperative=cast.cooperative, by=cast.operator
            ),
            change_all,
        )
        assert ends == ["done", "done"]
