"""Posting: what makes an entry, and that it is made once."""

from __future__ import annotations

from datetime import date

import pytest

from payouts import ledger
from payouts.ledger import Heading, Line
from payouts.models import Account, JournalEntry, Posting
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("in_english")

DAY = date(2026, 3, 1)


@pytest.fixture
def accounts(sunrise: Cast) -> tuple[Account, Account]:
    return (
        ledger.open_account(sunrise.cooperative, ledger.BANK, currency="CNY"),
        ledger.open_account(sunrise.cooperative, ledger.MEMBERS, currency="CNY"),
    )


def post(cast: Cast, *lines: Line, reference: str = "test:1") -> JournalEntry:
    heading = Heading(reference, DAY, "测试")
    return ledger.post_entry(cast.cooperative, heading=heading, lines=lines, by=cast.operator)


def test_a_balanced_entry_is_written_with_its_postings(
    sunrise: Cast, accounts: tuple[Account, Account]
) -> None:
    bank, members = accounts
    first, second, _third = sunrise.households
    entry = post(
        sunrise, Line(bank, 500), Line(members, -300, first.pk), Line(members, -200, second.pk)
    )
    assert entry.posting_count == 3
    assert [row.amount_minor for row in entry.postings.all()] == [500, -300, -200]
    assert ledger.account_balance(bank) == 500
    assert ledger.owed_to_households(sunrise.cooperative, currency="CNY") == {
        first.pk: 300,
        second.pk: 200,
    }


def test_a_reference_is_posted_once(sunrise: Cast, accounts: tuple[Account, Account]) -> None:
    bank, members = accounts
    lines = (Line(bank, 500), Line(members, -500, sunrise.households[0].pk))
    post(sunrise, *lines)
    with pytest.raises(ledger.AlreadyPosted, match="test:1"):
        post(sunrise, *lines)
    assert Posting.objects.count() == 2


def test_two_cooperatives_may_use_the_same_reference(sunrise: Cast, riverbend: Cast) -> None:
    for cast in (sunrise, riverbend):
        bank = ledger.open_account(cast.cooperative, ledger.BANK, currency="CNY")
        members = ledger.open_account(cast.cooperative, ledger.MEMBERS, currency="CNY")
        post(cast, Line(bank, 500), Line(members, -500, cast.households[0].pk))
    assert JournalEntry.objects.filter(reference="test:1").count() == 2


@pytest.mark.parametrize(
    ("amounts", "reason"),
    [
        ([], "there are none"),
        ([100, -99], "they sum to 1"),
        ([100, 0, -100], "one is zero"),
    ],
)
def test_what_does_not_balance_is_refused(
    sunrise: Cast, accounts: tuple[Account, Account], amounts: list[int], reason: str
) -> None:
    bank, _members = accounts
    with pytest.raises(ledger.Unbalanced, match=reason):
        post(sunrise, *[Line(bank, amount) for amount in amounts])
    assert not JournalEntry.objects.exists()


def test_two_currencies_make_no_entry(sunrise: Cast, accounts: tuple[Account, Account]) -> None:
    bank, _members = accounts
    dollars = ledger.open_account(sunrise.cooperative, ledger.BANK, currency="USD")
    with pytest.raises(ledger.Unbalanced, match="two currencies"):
        post(sunrise, Line(bank, 100), Line(dollars, -100))


def test_what_is_owed_to_members_names_the_household_and_nothing_else_does(
    sunrise: Cast, accounts: tuple[Account, Account]
) -> None:
    bank, members = accounts
    household = sunrise.households[0].pk
    with pytest.raises(ledger.Unbalanced, match="households"):
        post(sunrise, Line(bank, 100), Line(members, -100))
    with pytest.raises(ledger.Unbalanced, match="households"):
        post(sunrise, Line(bank, 100, household), Line(members, -100, household))


def test_another_cooperatives_account_is_refused(
    sunrise: Cast, riverbend: Cast, accounts: tuple[Account, Account]
) -> None:
    bank, _members = accounts
    theirs = ledger.open_account(riverbend.cooperative, ledger.BANK, currency="CNY")
    with pytest.raises(ledger.Unbalanced, match="another cooperative"):
        post(sunrise, Line(bank, 100), Line(theirs, -100))


def test_a_mistake_is_answered_by_its_opposite_once(
    sunrise: Cast, accounts: tuple[Account, Account]
) -> None:
    bank, members = accounts
    entry = post(sunrise, Line(bank, 500), Line(members, -500, sunrise.households[0].pk))
    answer = ledger.reverse_entry(entry, occurred_on=DAY, memo="错账", by=sunrise.operator)
    assert answer.reverses == entry
    assert ledger.account_balance(bank) == 0
    assert ledger.owed_to_households(sunrise.cooperative, currency="CNY") == {}
    with pytest.raises(ledger.AlreadyReversed):
        ledger.reverse_entry(entry, occurred_on=DAY, memo="again", by=sunrise.operator)
