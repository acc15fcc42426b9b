"""Money that has not moved yet is not put on record: receipts, sales, issues and payments."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from aggregator.days import DayInFuture
from credits.models import CreditBlock, Issuance, Lot
from credits.tonnes.issuance import issue_credits
from credits.tonnes.sale import sell_lot
from payouts import payments
from payouts.models import JournalEntry, Receipt
from payouts.receipts import record_receipt
from tests.admin_pages import signed_in, words
from tests.cast import Cast, make_season
from tests.credits.line import closed_year, make_buyer, make_enrolled_pool, verify
from tests.payouts import pool


@pytest.fixture
def tomorrow() -> date:
    return timezone.localdate() + timedelta(days=1)


def test_money_that_comes_tomorrow_is_no_receipt(sunrise: Cast, tomorrow: date) -> None:
    lot = pool.sell(pool.issue_period(sunrise, [5, 3, 2]), tonnes=10, unit_price_minor=1000)
    facts = {"amount_minor": 100, "reference": "B-1", "by": sunrise.operator}
    with pytest.raises(DayInFuture):
        record_receipt(lot, received_on=tomorrow, **facts)
    assert not Receipt.objects.exists()
    assert not JournalEntry.objects.exists()
    record_receipt(lot, received_on=timezone.localdate(), **facts)
    assert Receipt.objects.count() == 1


def test_a_sale_of_tomorrow_is_none(sunrise: Cast, tomorrow: date) -> None:
    pool.issue_period(sunrise, [5, 3, 2])
    block = CreditBlock.objects.get()
    block.project.terms = {"minimum_lot_t": 1}
    facts = {"tonnes": 1, "unit_price_minor": 100, "buyer": make_buyer(sunrise)}
    with pytest.raises(DayInFuture):
        sell_lot(block, sold_on=tomorrow, by=sunrise.operator, **facts)
    assert not Lot.objects.exists()
    sell_lot(block, sold_on=timezone.localdate(), by=sunrise.operator, **facts)


def test_credits_bear_no_day_to_come(sunrise: Cast, tomorrow: date) -> None:
    make_season(sunrise, 2025)
    period = closed_year(make_enrolled_pool(sunrise), 2025, sunrise)
    verify(period, sunrise)
    with pytest.raises(DayInFuture):
        issue_credits(period, by=sunrise.operator, issued_on=tomorrow)
    assert not Issuance.objects.exists()


def test_the_bank_has_not_paid_tomorrow(sunrise: Cast, tomorrow: date) -> None:
    batch = sent_batch(sunrise)
    with pytest.raises(DayInFuture):
        payments.confirm_batch(batch, paid_on=tomorrow, by=sunrise.operator)
    assert set(batch.payments.values_list("status", flat=True)) == {"sent"}
    assert payments.confirm_batch(batch, paid_on=timezone.localdate(), by=sunrise.operator) == 3


def test_the_page_says_which_day_is_meant(sunrise: Cast, tomorrow: date) -> None:
    batch = sent_batch(sunrise)
    address = f"/admin/payouts/paymentbatch/{batch.pk}/do/confirm/"
    page = signed_in(sunrise.operator).post(address, {"paid_on": tomorrow.isoformat()}, follow=True)
    assert f"The day {tomorrow.isoformat()} is still to come" in words(page)


def sent_batch(cast: Cast) -> payments.PaymentBatch:
    period = pool.issue_period(cast, [5000, 3000, 2000])
    lot = pool.sell(period, tonnes=10, unit_price_minor=1000)
    pool.receive(lot, 10_000, reference="B-1", by=cast.operator)
    pool.settle(cast, period)
    batch = payments.propose_batch(cast.cooperative, by=cast.operator)
    payments.approve_batch(batch, by=cast.approver)
    payments.export_batch(batch, by=cast.operator)
    return batch
