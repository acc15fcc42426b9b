"""A held or failed payment counts once a household, and only until another payment came."""

from __future__ import annotations

from datetime import date

from aggregator.models import Household
from credits.models import MonitoringPeriod
from payouts import payments
from payouts.home import gather_home
from payouts.models import Payment, PaymentBatch
from tests.admin_pages import signed_in
from tests.cast import Cast
from tests.payouts import pool


def pay(cast: Cast, household: Household, status: str, *, number: int) -> None:
    batch, _made = PaymentBatch.objects.get_or_create(
        cooperative=cast.cooperative,
        number=number,
        defaults={"currency": "CNY", "status": "exported"},
    )
    Payment.objects.create(
        cooperative=cast.cooperative,
        batch=batch,
        position=household.pk,
        household=household,
        payee_account=household.payee_accounts.get(),
        amount_minor=100,
        status=status,
    )


def make_payments(cast: Cast) -> None:
    first, second, third = cast.households
    # Held twice; held and paid later; failed, and the batch that tried again withdrawn.
    pay(cast, first, "held", number=1)
    pay(cast, second, "held", number=1)
    pay(cast, third, "failed", number=1)
    pay(cast, first, "held", number=2)
    pay(cast, second, "paid", number=2)
    pay(cast, third, "withdrawn", number=2)


def test_a_household_held_twice_counts_once_and_one_paid_since_not(sunrise: Cast) -> None:
    make_payments(sunrise)
    problems = gather_home(sunrise.cooperative).problems
    assert (problems["held"], problems["failed"]) == (1, 1)


def test_the_list_behind_the_count_shows_as_many(sunrise: Cast) -> None:
    make_payments(sunrise)
    client = signed_in(sunrise.operator)
    for status in ("held", "failed"):
        address = f"/admin/payouts/payment/?status__exact={status}&stuck=yes"
        assert client.get(address).context["cl"].result_count == 1
    page = client.get("/admin/").content.decode()
    assert "stuck=yes" in page


def pay_out(cast: Cast, period: MonitoringPeriod, *, reference: str) -> PaymentBatch:
    """Five tonnes sold, settled and paid to every household."""
    lot = pool.sell(period, tonnes=5, unit_price_minor=1000)
    pool.receive(lot, 5000, reference=reference, by=cast.operator)
    pool.settle(cast, period)
    batch = payments.propose_batch(cast.cooperative, by=cast.operator)
    payments.approve_batch(batch, by=cast.approver)
    payments.export_batch(batch, by=cast.operator)
    payments.confirm_batch(batch, paid_on=date(2026, 4, 1), by=cast.operator)
    return batch


def test_money_that_comes_back_after_a_later_batch_was_paid_counts(sunrise: Cast) -> None:
    period = pool.issue_period(sunrise, [5000, 3000, 2000])
    first, _second = (pay_out(sunrise, period, reference=name) for name in ("B-1", "B-2"))
    returned = first.payments.get(household=sunrise.households[0])
    payments.fail_payment(returned, reason="account closed", by=sunrise.operator)
    assert gather_home(sunrise.cooperative).problems["failed"] == 1
    # A third batch sends it again.
    payments.propose_batch(sunrise.cooperative, by=sunrise.operator)
    assert gather_home(sunrise.cooperative).problems["failed"] == 0
