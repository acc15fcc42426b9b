"""Who has left is paid what is owed, also below the smallest payment.

Three households are owed 5,000, 3,000 and 2,000 fen.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from aggregator import memberships, succession
from aggregator.models import Household, Person
from payouts import payment_targets, payments
from payouts.portal.summary import MemberMoney
from tests.admin_pages import signed_in, words
from tests.aggregator.sheets import identity
from tests.cast import Cast
from tests.payouts.test_payments import balances, owed, states

__all__ = ["owed"]


def leave_with_little(cast: Cast) -> Household:
    """The third household, owed 20 yuan of at least 30, whose last day was yesterday."""
    cast.cooperative.payment_threshold_minor = 3000
    cast.cooperative.save()
    yesterday = timezone.localdate() - timedelta(days=1)
    memberships.leave(cast.households[2], on=yesterday, by=cast.operator)
    return cast.households[2]


def test_who_has_left_is_paid_whatever_is_owed(owed: Cast) -> None:
    """Nothing more would ever come for the balance to reach the smallest payment."""
    leaver = leave_with_little(owed)
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    assert states(batch) == [(5000, "proposed"), (3000, "proposed"), (2000, "proposed")]
    assert batch.payments.get(household=leaver).reason == payment_targets.LEFT
    payments.approve_batch(batch, by=owed.approver)
    assert balances(owed) == [0, 0, 0]


def test_a_member_to_the_end_of_today_has_not_left(owed: Cast) -> None:
    leaver = leave_with_little(owed)
    leaver.memberships.update(ends_on=timezone.localdate())
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    assert states(batch) == [(5000, "proposed"), (3000, "proposed")]


def test_a_household_that_joined_again_is_a_member(owed: Cast) -> None:
    leaver = leave_with_little(owed)
    memberships.join(leaver, starts_on=timezone.localdate(), by=owed.operator)
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    assert states(batch) == [(5000, "proposed"), (3000, "proposed")]


def test_a_household_without_days_on_record_has_not_left(owed: Cast) -> None:
    leave_with_little(owed).memberships.all().delete()
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    assert states(batch) == [(5000, "proposed"), (3000, "proposed")]


def test_a_household_that_passed_on_is_paid_whatever_is_owed(owed: Cast) -> None:
    """Also one without days of membership, and not what it goes on as after a death."""
    owed.cooperative.payment_threshold_minor = 4000
    owed.cooperative.save()
    first, second, third = owed.households
    second.memberships.all().delete()
    day = timezone.localdate()
    succession.pass_household(
        second, successor=first, kind="merger", happened_on=day, by=owed.operator
    )
    heir = Person.objects.create(
        cooperative=owed.cooperative, household=third, name="x", identity_number=identity(5)
    )
    succession.record_death(third, heir=heir, happened_on=day, by=owed.operator)
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    assert states(batch) == [(5000, "proposed"), (3000, "proposed")]


@pytest.mark.usefixtures("in_english")
def test_the_batch_says_who_has_left(owed: Cast) -> None:
    leave_with_little(owed)
    client = signed_in(owed.operator)
    propose = words(client.get("/admin/payouts/paymentbatch/do/propose/"))
    assert "Households that have left are paid all that is owed to them" in propose
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    approver = signed_in(owed.approver)
    page = words(approver.get(f"/admin/payouts/paymentbatch/{batch.pk}/do/approve/"))
    assert "1 of them has left and is paid less than the smallest payment." in page
    listed = words(client.get(f"/admin/payouts/payment/?batch__id__exact={batch.pk}"))
    assert "paid because the household has left" in listed


@pytest.mark.usefixtures("in_english")
def test_who_has_left_is_not_told_that_small_sums_are_kept(owed: Cast) -> None:
    member = owed.households[2]
    owed.cooperative.payment_threshold_minor = 3000
    owed.cooperative.save()
    assert "kept for you" in MemberMoney(fresh(member)).money().sentence
    leave_with_little(owed)
    assert "next payment" in MemberMoney(fresh(member)).money().sentence


def fresh(household: Household) -> Household:
    return Household.objects.get(pk=household.pk)
