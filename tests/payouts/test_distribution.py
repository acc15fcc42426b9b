"""A settlement by village: whole numbers that sum to it, and the amount in the middle."""

from __future__ import annotations

from aggregator.models import Household, Village
from payouts.distribution import divide_by_village
from payouts.settlement import request_settlement
from tests.cast import Cast
from tests.payouts.pool import draft, issue_period, receive, sell


def test_villages_sum_to_the_settlement_and_name_the_middle_amount(sunrise: Cast) -> None:
    far = Village.objects.create(cooperative=sunrise.cooperative, code="V0", name="零村")
    Household.objects.filter(pk=sunrise.households[0].pk).update(village=far)
    period = issue_period(sunrise, [100, 200, 300])
    lot = sell(period, tonnes=60, unit_price_minor=1_000)
    receive(lot, 60_000, reference="R1", by=sunrise.operator)
    parts = divide_by_village(draft(sunrise, period))
    # 600.00 over 100, 200 and 300 kg; of two households the larger share is the middle one.
    assert [
        (part.village.code, part.households, part.credited_kg, part.net_minor, part.middle_minor)
        for part in parts
    ] == [("V0", 1, 100, 10_000, 10_000), ("V1", 2, 500, 50_000, 30_000)]


def test_before_there_is_a_draft_there_are_no_parts(sunrise: Cast) -> None:
    period = issue_period(sunrise, [100, 200, 300])
    lot = sell(period, tonnes=60, unit_price_minor=1_000)
    receive(lot, 60_000, reference="R1", by=sunrise.operator)
    assert divide_by_village(request_settlement(period, by=sunrise.operator)) == []
