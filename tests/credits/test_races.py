"""Two people at once: one gets it, the other a clear no. On PostgreSQL, with real threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from shapely.geometry import box

from aggregator.errors import DomainError
from credits.counting.monitoring import PeriodNotOpen, PeriodOverlaps, close_period, open_period
from credits.models import (
    Enrolment,
    Issuance,
    Lot,
    MonitoringPeriod,
    QuantificationRun,
    Removal,
)
from credits.pooling.enrolment import enrol_fields
from credits.tonnes.block_proof import check_credits
from credits.tonnes.blocks import reserve_tonnes
from credits.tonnes.issuance import AlreadyIssued, issue_credits
from credits.tonnes.removals import approve_removal, propose_cancellation, propose_retirement
from credits.tonnes.sale import NotEnoughCredits, sell_lot
from credits.verifying.verification import VerificationUnderWay, prepare_verification
from farms.models import Boundary
from tests.cast import Cast, make_season
from tests.credits.line import (
    PARAMETERS,
    ROUND_RATE,
    closed_year,
    issued_year,
    make_buyer,
    make_enrolled_pool,
    make_pool,
    open_year,
    sellable_block,
    verify,
)

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def at_once(*steps: Callable[[], Any]) -> list[Any]:
    """Run the steps in a thread each, started together; give what each returned or refused."""
    barrier = Barrier(len(steps))

    def run(step: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=20)
            return step()
        except DomainError as refusal:
            return type(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


def test_two_issuances_at_once_issue_once(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    project = make_enrolled_pool(sunrise)
    period = closed_year(project, 2025, sunrise)
    verify(period, sunrise)
    copies = [MonitoringPeriod.objects.get(pk=period.pk) for _number in range(4)]
    outcome = at_once(*(lambda p=p: issue_credits(p, by=sunrise.operator) for p in copies))
    assert outcome.count(AlreadyIssued) == 3
    assert Issuance.objects.count() == 1
    assert check_credits(project) == []


def test_sales_at_once_never_sell_a_tonne_twice(sunrise: Cast) -> None:
    # 120 t for sale; eight buyers want 20 t each at the same moment: six get them.
    make_season(sunrise, 2025)
    rich = {**PARAMETERS, "rates": [{**ROUND_RATE, "t_per_hectare_year": "50"}]}
    project = make_enrolled_pool(sunrise, parameters=rich)
    block = sellable_block(issued_year(project, 2025, sunrise))
    buyer = make_buyer(sunrise)

    def sell() -> Lot:
        return sell_lot(
            block,
            tonnes=20,
            buyer=buyer,
            unit_price_minor=6000,
            sold_on=date(2026, 4, 1),
            by=sunrise.operator,
        )

    outcome = at_once(*[sell] * 8)
    assert outcome.count(NotEnoughCredits) == 2
    assert sorted(Lot.objects.values_list("serial_start", flat=True)) == [1, 21, 41, 61, 81, 101]
    assert check_credits(project) == []


def test_two_closings_at_once_make_one_run(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    period = open_year(make_enrolled_pool(sunrise), 2025, sunrise)
    copies = [MonitoringPeriod.objects.get(pk=period.pk) for _number in range(3)]
    outcome = at_once(*(lambda p=p: close_period(p, by=sunrise.operator) for p in copies))
    assert outcome.count(PeriodNotOpen) == 2
    assert QuantificationRun.objects.count() == 1


def test_periods_opened_at_once_do_not_overlap(sunrise: Cast) -> None:
    project = make_pool(sunrise)

    def open_one(code: str) -> MonitoringPeriod:
        days = {"starts_on": date(2025, 1, 1), "ends_on": date(2025, 12, 31)}
        return open_period(project, code=code, by=sunrise.operator, **days)

    codes = [f"year-{number}" for number in range(8)]
    outcome = at_once(*(lambda code=code: open_one(code) for code in codes))
    assert outcome.count(PeriodOverlaps) == 7
    assert MonitoringPeriod.objects.count() == 1


def test_two_verifications_at_once_are_one(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    period = closed_year(make_enrolled_pool(sunrise), 2025, sunrise)
    step = lambda: prepare_verification(period, body="Lin", by=sunrise.operator)  # noqa: E731
    assert at_once(step, step).count(VerificationUnderWay) == 1


def test_two_cooperatives_at_once_do_not_both_enrol_the_same_land(
    sunrise: Cast, riverbend: Cast
) -> None:
    shape = box(118.002, 30.0, 118.003, 30.001)
    west, south, east, north = shape.bounds
    for cast in (sunrise, riverbend):
        Boundary.objects.filter(field=cast.fields[0]).update(
            geometry_wkb=shape.wkb, min_x=west, min_y=south, max_x=east, max_y=north
        )
    pools = [(make_pool(cast), cast) for cast in (sunrise, riverbend)]
    at_once(
        *(
            lambda pool=pool, cast=cast: enrol_fields(
                pool, by=cast.operator, fields=[cast.fields[0]]
            )
            for pool, cast in pools
        )
    )
    statuses = sorted(Enrolment.objects.values_list("status", flat=True))
    assert statuses == ["enrolled", "refused"]


def test_a_tonne_is_retired_or_sold_or_set_aside_never_two_of_them(sunrise: Cast) -> None:
    # 120 t held; at the same moment all are sold, all retired, all cancelled and all set aside.
    make_season(sunrise, 2025)
    rich = {**PARAMETERS, "rates": [{**ROUND_RATE, "t_per_hectare_year": "50"}]}
    project = make_enrolled_pool(sunrise, parameters=rich)
    block = sellable_block(issued_year(project, 2025, sunrise))
    buyer, operator = make_buyer(sunrise), sunrise.operator
    said = {"beneficiary": "Harbour", "purpose": "its fleet"}
    retired = propose_retirement(block, tonnes=120, by=operator, **said)
    cancelled = propose_cancellation(block, tonnes=120, reason="twice", by=operator)
    sale = {"tonnes": 120, "buyer": buyer, "unit_price_minor": 6000, "sold_on": date(2026, 4, 1)}
    outcome = at_once(
        lambda: sell_lot(block, by=operator, **sale),
        lambda: approve_removal(retired, by=sunrise.approver),
        lambda: approve_removal(cancelled, by=sunrise.approver),
        lambda: reserve_tonnes(block, tonnes=120, by=operator),
    )
    # What was set aside may still be sold, retired or cancelled; all else happens once.
    gone = [each for each in outcome if isinstance(each, Lot | Removal)]
    assert len(gone) <= 1
    assert sum(row.tonnes for row in project.blocks.live()) == 150
    assert Lot.objects.count() + Removal.objects.filter(status="approved").count() == len(gone)
    assert check_credits(project) == []
