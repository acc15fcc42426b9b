"""Money that comes in parts is shared in parts; what was shared is never shared anew."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credits.models import Lot, MonitoringPeriod
from payouts import ledger
from payouts.models import Receipt, Settlement, SettlementLine, Share
from tests.cast import Cast
from tests.payouts import pool


@pytest.fixture
def period(sunrise: Cast) -> MonitoringPeriod:
    return pool.issue_period(sunrise, [6, 6, 2])


@pytest.fixture
def lot(period: MonitoringPeriod) -> Lot:
    return pool.sell(period, tonnes=1000, unit_price_minor=10)


def nets(settlement: Settlement) -> list[int]:
    return list(settlement.shares.values_list("net_minor", flat=True))


def owed(cast: Cast) -> list[int]:
    found = ledger.owed_to_households(cast.cooperative, currency="CNY")
    return [found.get(household.pk, 0) for household in cast.households]


def test_a_pool_that_grows_is_not_split_anew(
    sunrise: Cast, period: MonitoringPeriod, lot: Lot
) -> None:
    """10 fen over 6:6:2 give the last 2; 11 at once would leave it 1 (the Alabama paradox)."""
    pool.receive(lot, 10, reference="B-1", by=sunrise.operator)
    first = pool.settle(sunrise, period)
    pool.receive(lot, 1, reference="B-2", by=sunrise.operator)
    second = pool.settle(sunrise, period)
    assert nets(first) == [4, 4, 2]
    assert nets(second) == [1, 0, 0]
    assert owed(sunrise) == [5, 4, 2]


def test_tranches_are_numbered_and_their_statements_follow_on(
    sunrise: Cast, period: MonitoringPeriod, lot: Lot
) -> None:
    for number in (1, 2, 3):
        pool.receive(lot, 100, reference=f"B-{number}", by=sunrise.operator)
        pool.settle(sunrise, period)
    made = Settlement.objects.order_by("number").values_list("number", "first_statement")
    assert list(made) == [(1, 1), (2, 4), (3, 7)]


def test_a_receipt_that_comes_after_the_draft_waits_for_the_next(
    sunrise: Cast, period: MonitoringPeriod, lot: Lot
) -> None:
    pool.receive(lot, 100, reference="B-1", by=sunrise.operator)
    drafted = pool.draft(sunrise, period)
    late = pool.receive(lot, 50, reference="B-2", by=sunrise.operator)
    assert drafted.gross_minor == 100
    assert late.settlement is None


def test_a_fixed_fee_is_paid_off_over_the_tranches(
    sunrise: Cast, period: MonitoringPeriod, lot: Lot
) -> None:
    pool.add_rule(period.project, 1, "fixed", amount_minor=150)
    taken = []
    for number in (1, 2, 3):
        pool.receive(lot, 100, reference=f"B-{number}", by=sunrise.operator)
        taken.append(pool.settle(sunrise, period).lines.get().amount_minor)
    assert taken == [100, 50, 0]


def test_a_fee_per_tonne_follows_the_tonnes_each_tranche_paid_for(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    """10 t at ¥ 3.00, half of it paid: 5 t at 20 fen."""
    lot = pool.sell(period, tonnes=10, unit_price_minor=300)
    pool.add_rule(period.project, 1, "per_tonne", amount_minor=20)
    pool.receive(lot, 1500, reference="B-1", by=sunrise.operator)
    half = pool.settle(sunrise, period)
    assert (half.paid_kg, half.lines.get().amount_minor) == (5000, 100)


def test_a_rule_changed_later_does_not_change_the_past(
    sunrise: Cast, period: MonitoringPeriod, lot: Lot
) -> None:
    rule = pool.add_rule(period.project, 1, "rate_of_gross", rate=Decimal("0.1"))
    pool.receive(lot, 1000, reference="B-1", by=sunrise.operator)
    first = pool.settle(sunrise, period)
    rule.rate = Decimal("0.2")
    rule.name = "新名"
    rule.save()
    pool.receive(lot, 1000, reference="B-2", by=sunrise.operator)
    second = pool.settle(sunrise, period)
    lines = SettlementLine.objects.order_by("settlement__number")
    assert list(lines.values_list("name", "rate", "amount_minor")) == [
        ("规则1", Decimal("0.1"), 100),
        ("新名", Decimal("0.2"), 200),
    ]
    assert first.net_minor + second.net_minor == 1700


def test_two_projects_of_one_vintage_share_one_series_of_numbers(
    sunrise: Cast, period: MonitoringPeriod, lot: Lot
) -> None:
    other = pool.issue_period(sunrise, [1, 1, 1], project=pool.make_project(sunrise, code="valley"))
    for number, each in enumerate((period, other)):
        bought = pool.sell(each, tonnes=10, unit_price_minor=10)
        pool.receive(bought, 100, reference=f"B-{number}", by=sunrise.operator)
        pool.settle(sunrise, each)
    assert list(Settlement.objects.order_by("pk").values_list("first_statement", flat=True)) == [
        1,
        4,
    ]


amounts = st.lists(st.integers(1, 10**10), min_size=1, max_size=3)


# The cast is made once; each example is rolled back, so that it starts from the same rows.
@settings(
    max_examples=25,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    kilograms=st.lists(st.integers(0, 10**6), min_size=3, max_size=3).filter(any),
    tranches=amounts,
    price=st.integers(1, 10**5),
    rate=st.decimals(0, 1, places=8),
    fixed=st.integers(0, 10**6),
    per_tonne=st.integers(0, 10**4),
)
def test_invariants_hold_for_any_pool(sunrise: Cast, **drawn: object) -> None:
    """Invariants 1, 2, 3 and 6 of DOMAIN.md through the whole of settling, in the database."""
    with transaction.atomic():
        _settle_and_judge(sunrise, **drawn)
        transaction.set_rollback(True)


def _settle_and_judge(cast: Cast, **drawn: object) -> None:
    kilograms, price = drawn["kilograms"], drawn["price"]
    period = pool.issue_period(cast, kilograms)
    project = period.project
    pool.add_rule(project, 1, "per_tonne", amount_minor=drawn["per_tonne"])
    pool.add_rule(project, 2, "rate_of_remaining", rate=drawn["rate"])
    pool.add_rule(project, 3, "fixed", amount_minor=drawn["fixed"])
    for number, amount in enumerate(drawn["tranches"]):
        tonnes = -(-amount // price)
        lot = pool.sell(period, tonnes=tonnes, unit_price_minor=price)
        pool.receive(lot, amount, reference=f"B-{number}", by=cast.operator)
        before = list(Share.objects.values_list("pk", "net_minor"))
        judge(pool.settle(cast, period), amount, kilograms)
        assert list(Share.objects.filter(pk__in=dict(before)).values_list("pk", "net_minor")) == (
            before
        )
    fixed = SettlementLine.objects.filter(code="rule-3").values_list("amount_minor", flat=True)
    assert sum(fixed) <= drawn["fixed"]
    assert not Receipt.objects.filter(settlement=None).exists()


def judge(settlement: Settlement, gross: int, kilograms: list[int]) -> None:
    shares = list(settlement.shares.all())
    lines = list(settlement.lines.values_list("amount_minor", flat=True))
    assert settlement.gross_minor == gross == sum(share.gross_minor for share in shares)
    assert settlement.net_minor == gross - sum(lines) == sum(share.net_minor for share in shares)
    for place, line in enumerate(lines):
        assert sum(share.deductions_minor[place] for share in shares) == line
    for share, weight in zip(shares, kilograms, strict=True):
        assert share.gross_minor - sum(share.deductions_minor) == share.net_minor >= 0
        for part, whole in [
            *zip(share.deductions_minor, lines, strict=True),
            (share.net_minor, settlement.net_minor),
        ]:
            assert part >= 0
            assert abs(part - Fraction(whole * weight, sum(kilograms))) < 1
