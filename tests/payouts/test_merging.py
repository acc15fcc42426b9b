"""Two records become one: everything moves, the books stay clean, and it can be read back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from aggregator import merging, payees
from aggregator.models import AuditEvent, Household, OutboxMessage, Person
from aggregator.sign_in import households_of
from farms.models import PracticeRecord, Tenure
from farms.succession import pass_household
from payouts import books, ledger, payments
from payouts.home import IS_PAID, with_paid
from payouts.models import JournalEntry, Payment, Share, Statement
from payouts.portal.summary import MemberMoney
from payouts.statements import issue_statements
from tests.aggregator.sheets import bank_card, identity
from tests.cast import START, Cast, make_season
from tests.payouts import pool


@pytest.fixture
def owed(sunrise: Cast) -> Cast:
    """50, 30 and 20 yuan owed, statements issued."""
    period = pool.issue_period(sunrise, [5000, 3000, 2000])
    lot = pool.sell(period, tonnes=10, unit_price_minor=1000)
    pool.receive(lot, 10_000, reference="B-1", by=sunrise.operator)
    issue_statements(pool.settle(sunrise, period))
    return sunrise


def merge(cast: Cast, kept: int = 0, merged: int = 1) -> Household:
    pair = merging.propose_merge(cast.households[kept], cast.households[merged], by=cast.operator)
    return merging.approve_merge(pair, by=cast.approver)


def balances(cast: Cast) -> dict[int, int]:
    return ledger.owed_to_households(cast.cooperative, currency="CNY")


def moved(household: Household) -> Any:
    event = AuditEvent.objects.get(action="merge_households", object_id=str(household.pk))
    return event.details["moved"]


def test_everything_moves_to_the_record_that_is_kept(owed: Cast) -> None:
    kept, merged = owed.households[:2]
    season = make_season(owed, 2025)
    report = PracticeRecord.objects.filter(season=season)[0]
    PracticeRecord.objects.filter(pk=report.pk).update(reported_by=merged)
    OutboxMessage.objects.create(
        cooperative=owed.cooperative, household=merged, phone="+8613800000000", text="x"
    )
    merge(owed)
    merged.refresh_from_db()
    assert merged.merged_into == kept
    assert {p.name: p.is_head for p in kept.persons.all()} == {"户主1": True, "户主2": False}
    assert kept.tenures.count() == 2
    assert kept.agreements.count() == 2
    assert kept.payee_accounts.count() == 2
    assert "x" in [message.text for message in kept.messages.all()]
    report.refresh_from_db()
    assert report.reported_by == kept
    for rows in ("persons", "memberships", "agreements", "payee_accounts", "tenures", "messages"):
        assert not getattr(merged, rows).exists(), rows


def test_the_balance_moves_by_one_entry_and_the_books_prove(owed: Cast) -> None:
    kept, merged, third = owed.households
    merge(owed)
    assert balances(owed) == {kept.pk: 8000, third.pk: 2000}
    entry = JournalEntry.objects.get(reference=f"merge:{merged.pk}:CNY")
    assert sorted(entry.postings.values_list("household_id", "amount_minor")) == [
        (kept.pk, -3000),
        (merged.pk, 3000),
    ]
    books.prove_books()


def test_shares_and_statements_keep_the_former_code_and_are_seen_by_the_kept(owed: Cast) -> None:
    kept, merged = owed.households[:2]
    merge(owed)
    assert Share.objects.get(household=merged).net_minor == 3000
    money = MemberMoney(kept)
    assert len(money.cards()) == 2
    assert "80.00" in money.money().owed
    assert Statement.objects.filter(household=merged).count() == 1


def test_what_is_paid_afterwards_covers_the_shares_of_both(owed: Cast) -> None:
    merge(owed)
    account = owed.households[0].payee_accounts.active().get()
    account.usable_on = None
    account.save()
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    payments.approve_batch(batch, by=owed.approver)
    payments.export_batch(batch, by=owed.operator)
    payments.confirm_batch(batch, paid_on=date(2026, 6, 1), by=owed.operator)
    assert with_paid(Share.objects.all()).filter(IS_PAID).count() == 3
    assert Payment.objects.get(household=owed.households[0]).amount_minor == 8000
    books.prove_books()


def test_a_returned_payment_of_the_former_record_is_paid_to_the_kept(owed: Cast) -> None:
    kept, merged = owed.households[:2]
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    payments.approve_batch(batch, by=owed.approver)
    payments.export_batch(batch, by=owed.operator)
    payments.confirm_batch(batch, paid_on=date(2026, 6, 1), by=owed.operator)
    merge(owed)
    kept.payee_accounts.active().update(usable_on=None)
    payments.fail_payment(
        Payment.objects.get(household=merged), reason="returned", by=owed.operator
    )
    payments.propose_batch(owed.cooperative, by=owed.operator)
    again = Payment.objects.get(status="proposed")
    assert (again.household, again.payee_account.household) == (merged, kept)
    books.prove_books()


def test_the_account_in_use_cools_off_where_the_two_differ(owed: Cast) -> None:
    """Else a merge would be a way to pay one household's money to another's account unseen."""
    kept = owed.households[0]
    merge(owed)
    account = kept.payee_accounts.active().get()
    assert account.holder_name == "户主1"
    assert account.usable_on == timezone.localdate() + timedelta(days=7)
    assert kept.payee_accounts.get(holder_name="户主2").status == "ended"
    payments.propose_batch(owed.cooperative, by=owed.operator)
    assert Payment.objects.get(household=kept).status == "held"


def test_the_same_account_in_both_waits_for_nothing(owed: Cast) -> None:
    kept, merged = owed.households[:2]
    account = merged.payee_accounts.get()
    account.number = kept.payee_accounts.get().number
    account.save()
    merge(owed)
    assert kept.payee_accounts.active().get().usable_on is None


@pytest.mark.parametrize("without", [0, 1])
def test_an_account_that_only_one_of_them_had_cools_off(owed: Cast, without: int) -> None:
    """What the other is owed now goes to an account that nobody approved for it."""
    owed.households[without].payee_accounts.all().delete()
    merge(owed)
    account = owed.households[0].payee_accounts.active().get()
    assert account.usable_on == timezone.localdate() + timedelta(days=7)


def test_both_phones_are_told(owed: Cast, django_capture_on_commit_callbacks: Any) -> None:
    phones = {household.phone for household in owed.households[:2]}
    with django_capture_on_commit_callbacks(execute=True):
        merge(owed)
    assert {message.phone for message in OutboxMessage.objects.all()} == phones


def test_either_phone_opens_the_record_that_is_kept(owed: Cast) -> None:
    kept, merged = owed.households[:2]
    merge(owed)
    for household in (kept, merged):
        assert households_of(household.phone_hash).get() == kept


def test_membership_days_of_the_other_fill_the_gaps_only(owed: Cast) -> None:
    kept = owed.households[0]
    kept.memberships.update(starts_on=date(2022, 1, 1), ends_on=date(2023, 12, 31), shares=4)
    merge(owed)
    spans = kept.memberships.order_by("starts_on").values_list("starts_on", "ends_on", "shares")
    assert list(spans) == [
        (START, date(2021, 12, 31), 1),
        (date(2022, 1, 1), date(2023, 12, 31), 4),
        (date(2024, 1, 1), None, 1),
    ]


def test_one_person_in_both_records_is_one_afterwards(owed: Cast) -> None:
    kept, merged = owed.households[:2]
    twin = merged.persons.get()
    twin.name, twin.identity_number = "户主1", identity(1)
    twin.save()
    merged.agreements.update(signed_by=twin)
    merge(owed)
    person = Person.objects.get(household=kept)
    assert (person.is_head, person.identity_number) == (True, identity(1))
    assert kept.agreements.get(code="A002").signed_by == person


def test_it_can_be_read_back_from_the_audit_log_of_both(owed: Cast) -> None:
    kept, merged = owed.households[:2]
    tenure = merged.tenures.get()
    number = merged.payee_accounts.get().number
    merge(owed)
    for household in (kept, merged):
        told = moved(household)
        assert told["tenure"] == [
            {"keys": [tenure.pk], "column": "household", "was": "H002", "becomes": "H001"}
        ]
        assert told["journalentry"][0]["amount_minor"] == 3000
        assert set(told) >= {"person", "membership", "agreement", "payeeaccount", "tenure"}
        assert number not in str(told)
        assert merged.phone not in str(told)


def test_a_merge_is_refused_while_a_batch_holds_one_of_them(owed: Cast) -> None:
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    pair = merging.propose_merge(*owed.households[:2], by=owed.operator)
    with pytest.raises(merging.MergeLater):
        merging.approve_merge(pair, by=owed.approver)
    assert Tenure.objects.filter(household=owed.households[1]).exists()
    payments.withdraw_batch(batch, by=owed.operator)
    merging.approve_merge(pair, by=owed.approver)


def test_a_merge_is_refused_while_a_settlement_is_a_draft(owed: Cast) -> None:
    period = pool.issue_period(
        owed, [1000, 1000, 1000], project=Share.objects.all()[0].settlement.project, year=2026
    )
    lot = pool.sell(period, tonnes=10, unit_price_minor=1000)
    pool.receive(lot, 3_000, reference="B-9", by=owed.operator)
    pool.draft(owed, period)
    with pytest.raises(merging.MergeLater):
        merge(owed)


@pytest.mark.parametrize(("kept", "merged"), [(0, 1), (1, 0)])
def test_what_passed_to_a_third_household_is_no_duplicate(
    owed: Cast, kept: int, merged: int
) -> None:
    """Else the record that is kept would have passed on what is its own."""
    first, _second, third = owed.households
    terms = {"kind": "merger", "happened_on": date(2025, 7, 1), "by": owed.operator}
    pass_household(first, successor=third, **terms)
    with pytest.raises(merging.PassedElsewhere, match="H003"):
        merge(owed, kept, merged)
    merge(owed, 2, 0)
    assert balances(owed)[third.pk] == 7000
    books.prove_books()


def test_a_merged_record_takes_no_further_decision(owed: Cast) -> None:
    merge(owed)
    with pytest.raises(payees.HouseholdMerged, match="H001"):
        payees.propose_account(
            owed.households[1], holder_name="x", number=bank_card(9), by=owed.operator
        )
    with pytest.raises(payees.HouseholdMerged):
        merge(owed)
    with pytest.raises(merging.SameRecord):
        merge(owed, 0, 0)


def test_a_merge_after_a_merge_leads_to_the_last(owed: Cast) -> None:
    merge(owed, 1, 2)
    merge(owed, 0, 1)
    assert set(Household.objects.filter(merged_into=owed.households[0])) == set(owed.households[1:])
    assert balances(owed) == {owed.households[0].pk: 10_000}
    books.prove_books()
