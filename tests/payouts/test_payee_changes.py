"""A changed account and money on its way: held where it is seen, and sent to neither."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from aggregator import payees
from aggregator.models import Household, OutboxMessage, PayeeAccount, Succession
from farms.succession import pass_household
from payouts import books, payment_targets, payments
from payouts.models import Payment
from tests.admin_pages import signed_in, words
from tests.aggregator.sheets import bank_card
from tests.cast import Cast
from tests.payouts import pool


@pytest.fixture
def owed(sunrise: Cast) -> Cast:
    """50, 30 and 20 yuan owed."""
    period = pool.issue_period(sunrise, [5000, 3000, 2000])
    lot = pool.sell(period, tonnes=10, unit_price_minor=1000)
    pool.receive(lot, 10_000, reference="B-1", by=sunrise.operator)
    pool.settle(sunrise, period)
    return sunrise


def change_account(cast: Cast, household: Household) -> PayeeAccount:
    account = payees.propose_account(
        household, holder_name="户主", number=bank_card(70), by=cast.operator
    )
    return payees.approve_account(account, by=cast.approver)


def states(cast: Cast) -> list[tuple[int, str]]:
    rows = Payment.objects.for_cooperative(cast.cooperative).order_by("batch", "position")
    return list(rows.values_list("amount_minor", "status"))


def test_money_of_a_changed_account_is_held_with_both_days(owed: Cast) -> None:
    change_account(owed, owed.households[0])
    payments.propose_batch(owed.cooperative, by=owed.operator)
    assert states(owed) == [(5000, "held"), (3000, "proposed"), (2000, "proposed")]
    held = Payment.objects.get(status="held")
    today = timezone.localdate()
    with translation.override("en"):
        said = payment_targets.say_reason(held.reason)
    assert said == f"account changed on {today}, paid from {today + timedelta(days=7)} on"
    assert held.payee_account is None


def test_it_is_paid_to_the_new_account_once_the_days_are_over(owed: Cast) -> None:
    account = change_account(owed, owed.households[0])
    PayeeAccount.objects.filter(pk=account.pk).update(usable_on=timezone.localdate())
    payments.propose_batch(owed.cooperative, by=owed.operator)
    assert Payment.objects.get(amount_minor=5000).payee_account == account


def test_a_proposal_alone_holds_nothing_up(owed: Cast) -> None:
    payees.propose_account(
        owed.households[0], holder_name="户主", number=bank_card(70), by=owed.operator
    )
    payments.propose_batch(owed.cooperative, by=owed.operator)
    assert [status for _amount, status in states(owed)] == ["proposed"] * 3


def test_a_proposed_batch_is_refused_at_approval(owed: Cast) -> None:
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    change_account(owed, owed.households[0])
    with pytest.raises(payments.BatchOutdated, match="H001"):
        payments.approve_batch(batch, by=owed.approver)


def test_an_approved_batch_leaves_the_payment_out_of_the_file(owed: Cast) -> None:
    batch = payments.propose_batch(owed.cooperative, by=owed.operator, file_format="generic-csv")
    payments.approve_batch(batch, by=owed.approver)
    account = change_account(owed, owed.households[0])
    content = payments.export_batch(batch, by=owed.operator).content.decode()
    assert "6222000000000001" not in content
    assert account.number not in content
    assert states(owed) == [(5000, "failed"), (3000, "sent"), (2000, "sent")]
    with pytest.raises(payments.NothingToPay):
        payments.propose_batch(owed.cooperative, by=owed.operator)
    books.prove_books()


def test_an_account_made_to_wait_after_the_approval_is_not_paid_either(owed: Cast) -> None:
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    payments.approve_batch(batch, by=owed.approver)
    account = owed.households[0].payee_accounts.active().get()
    payees.cool_off(account, today=timezone.localdate())
    payments.export_batch(batch, by=owed.operator)
    assert states(owed)[0] == (5000, "failed")


def succeed(cast: Cast, former: Household, successor: Household) -> None:
    Succession.objects.create(
        cooperative=cast.cooperative,
        household=former,
        successor=successor,
        kind="merger",
        happened_on=timezone.localdate(),
    )


def test_a_former_household_is_paid_to_its_own_account_while_it_has_one(owed: Cast) -> None:
    former, successor = owed.households[:2]
    succeed(owed, former, successor)
    payments.propose_batch(owed.cooperative, by=owed.operator)
    assert Payment.objects.get(household=former).payee_account.household == former


def test_nobody_redirects_money_alone_by_ending_an_account_and_recording_a_succession(
    owed: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    former, successor = owed.households[:2]
    with django_capture_on_commit_callbacks(execute=True):
        payees.end_account(former.payee_accounts.get(), reason="closed", by=owed.operator)
        pass_household(
            former,
            successor=successor,
            kind="merger",
            happened_on=timezone.localdate(),
            by=owed.operator,
        )
    told = list(OutboxMessage.objects.order_by("pk").values_list("phone", "household"))
    assert told == [(former.phone, former.pk)] * 2
    payments.propose_batch(owed.cooperative, by=owed.operator)
    held = Payment.objects.get(household=former)
    assert (held.status, held.reason) == ("held", payment_targets.NO_ACCOUNT)


def test_the_successors_account_is_paid_to_once_a_second_person_approved_it(owed: Cast) -> None:
    former, successor = owed.households[:2]
    payees.end_account(former.payee_accounts.get(), reason="closed", by=owed.operator)
    day = timezone.localdate()
    pass_household(former, successor=successor, kind="merger", happened_on=day, by=owed.operator)
    account = former.payee_accounts.get(status="proposed")
    assert account.number == successor.payee_accounts.get().number
    account = payees.approve_account(account, by=owed.approver)
    assert account.usable_on == day + timedelta(days=7)
    PayeeAccount.objects.filter(pk=account.pk).update(usable_on=day)
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    assert Payment.objects.get(household=former).payee_account == account
    payments.approve_batch(batch, by=owed.approver)
    payments.export_batch(batch, by=owed.operator)
    assert states(owed) == [(5000, "sent"), (3000, "sent"), (2000, "sent")]
    books.prove_books()


def test_a_succession_proposes_nothing_over_an_account_of_ones_own(owed: Cast) -> None:
    former, successor = owed.households[:2]
    day = timezone.localdate()
    pass_household(former, successor=successor, kind="merger", happened_on=day, by=owed.operator)
    assert not PayeeAccount.objects.filter(status="proposed").exists()


def test_two_who_passed_to_each_other_are_held_and_not_searched_for_ever(owed: Cast) -> None:
    first, second = owed.households[:2]
    for one, other in ((first, second), (second, first)):
        succeed(owed, one, other)
        one.payee_accounts.update(status="ended")
    payments.propose_batch(owed.cooperative, by=owed.operator)
    assert states(owed) == [(5000, "held"), (3000, "held"), (2000, "proposed")]


@pytest.mark.parametrize(("role", "waits"), [("approver", True), ("operator", False)])
def test_the_home_page_says_which_accounts_wait(owed: Cast, role: str, waits: bool) -> None:
    payees.propose_account(
        owed.households[0], holder_name="户主", number=bank_card(70), by=owed.operator
    )
    text = words(signed_in(getattr(owed, role)).get("/admin/"))
    assert ("Approve 1 bank account." in text) is waits


def test_the_approver_ticks_masked_accounts_on_one_page(owed: Cast) -> None:
    account = payees.propose_account(
        owed.households[0], holder_name="户主", number=bank_card(70), by=owed.operator
    )
    client = signed_in(owed.approver)
    address = "/admin/aggregator/payeeaccount/do/approve-many/"
    page = words(client.get(address))
    assert account.masked_number in page
    assert account.number not in page
    answer: Any = client.post(address, {"accounts": [account.pk]})
    assert answer.status_code == 302
    account.refresh_from_db()
    assert account.status == "active"
