"""Recording money that came in."""

from __future__ import annotations

import pytest

from aggregator.errors import NotAllowed
from aggregator.roles import NotYours
from credits.models import Lot
from payouts import ledger, receipts
from payouts.models import Receipt
from tests.cast import Cast
from tests.payouts import pool


@pytest.fixture
def lot(sunrise: Cast) -> Lot:
    """10 t at ¥ 31.00: ¥ 310.00."""
    period = pool.issue_period(sunrise, [5000, 3000, 2000])
    return pool.sell(period, tonnes=10, unit_price_minor=3100)


def balance(cast: Cast, kind: str, detail: str = "") -> int:
    account = ledger.open_account(cast.cooperative, kind, currency="CNY", detail=detail)
    return ledger.account_balance(account)


def test_a_lot_is_paid_in_parts_and_each_is_posted(sunrise: Cast, lot: Lot) -> None:
    pool.receive(lot, 10_000, reference="B-1", by=sunrise.operator)
    assert receipts.outstanding_minor(lot) == 21_000
    pool.receive(lot, 21_000, reference="B-2", by=sunrise.operator)
    assert receipts.outstanding_minor(lot) == 0
    assert balance(sunrise, ledger.BANK) == 31_000
    assert balance(sunrise, ledger.UNDISTRIBUTED, "terraces") == -31_000


def test_a_bank_reference_is_taken_once(sunrise: Cast, lot: Lot) -> None:
    pool.receive(lot, 10_000, reference="B-1", by=sunrise.operator)
    with pytest.raises(receipts.DuplicateReference, match="B-1"):
        pool.receive(lot, 10_000, reference=" B-1 ", by=sunrise.operator)
    assert Receipt.objects.count() == 1
    assert balance(sunrise, ledger.BANK) == 10_000


def test_more_than_the_lots_price_is_refused_and_says_what_is_outstanding(
    sunrise: Cast, lot: Lot
) -> None:
    pool.receive(lot, 30_000, reference="B-1", by=sunrise.operator)
    with pytest.raises(receipts.MoreThanOutstanding) as refusal:
        pool.receive(lot, 1_001, reference="B-2", by=sunrise.operator)
    assert "¥ 10.01" in str(refusal.value)
    assert "¥ 10.00" in str(refusal.value)
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize("amount", [0, -5, 10.0, True])
def test_what_is_no_amount_is_refused(sunrise: Cast, lot: Lot, amount: int) -> None:
    with pytest.raises(receipts.NotAnAmount):
        pool.receive(lot, amount, reference="B-1", by=sunrise.operator)


def test_a_receipt_without_a_reference_is_refused(sunrise: Cast, lot: Lot) -> None:
    with pytest.raises(receipts.ReferenceMissing):
        pool.receive(lot, 100, reference="  ", by=sunrise.operator)


def test_money_in_another_currency_is_not_mixed_in(sunrise: Cast, lot: Lot) -> None:
    dollars = pool.sell(lot.block.issuance.period, tonnes=1, unit_price_minor=700, currency="USD")
    with pytest.raises(receipts.ForeignCurrency, match="USD"):
        pool.receive(dollars, 700, reference="B-1", by=sunrise.operator)


def test_only_the_cooperatives_own_operator_records(
    sunrise: Cast, riverbend: Cast, lot: Lot
) -> None:
    with pytest.raises(NotAllowed):
        pool.receive(lot, 100, reference="B-1", by=sunrise.approver)
    with pytest.raises(NotYours):
        pool.receive(lot, 100, reference="B-1", by=riverbend.operator)
