"""Land that one cooperative has sold the tonnes of earns nothing on these days in the next one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from aggregator.models import Agreement
from credits.counting.monitoring import close_period, open_period
from credits.models import Enrolment, FieldResult, MonitoringPeriod, Project
from credits.pooling.enrolment import enrol_fields
from credits.pooling.reasons import reason_text, zero_text
from credits.verifying.verification import close_verification
from farms.models import Boundary
from tests.cast import Cast, make_season
from tests.credits.line import (
    confirm_all,
    drawn_sample,
    issued_year,
    make_enrolled_pool,
    make_pool,
    open_year,
)
from tests.credits.test_enrolment import move_boundary

# Riverbend's only field lies from 119.002 to 119.003.
ON_RIVERBEND = 119.002
NEXT_YEAR = date(2026, 1, 1)


def leave(project: Project, cast: Cast) -> None:
    project.terms["minimum_area_m2"] = 20_000
    project.save()
    assert enrol_fields(project, by=cast.operator).enrolled == 0


@pytest.fixture
def sold(riverbend: Cast) -> Cast:
    """Riverbend has issued 2025 on its field, and left its project."""
    make_season(riverbend, 2025)
    project = make_enrolled_pool(riverbend)
    issued_year(project, 2025, riverbend)
    leave(project, riverbend)
    return riverbend


def joined(cast: Cast, *, west: float = ON_RIVERBEND) -> Project:
    """Sunrise enrols land there, in a contract that goes on after what was counted."""
    move_boundary(cast.fields[0], west, 30.0)
    Agreement.objects.update(ends_on=date(2031, 12, 31))
    make_season(cast, 2025)
    return make_enrolled_pool(cast, code="late", starts_on=date(2025, 1, 1), ends_on=END)


END = date(2030, 12, 31)


def counted(period: MonitoringPeriod, cast: Cast) -> list[tuple[date, int, str]]:
    run = close_period(period, by=cast.operator)
    rows = FieldResult.objects.filter(run=run, field__code="F001").order_by("starts_on")
    return [(row.starts_on, row.gross_kg, row.terms.get("withheld", "")) for row in rows]


def enrolment(cast: Cast, project: Project) -> Enrolment:
    return Enrolment.objects.get(project=project, field=cast.fields[0])


def test_days_issued_by_another_cooperative_are_withheld(sunrise: Cast, sold: Cast) -> None:
    project = joined(sunrise)
    period = open_period(
        project,
        code="2025",
        starts_on=date(2025, 1, 1),
        ends_on=date(2026, 1, 31),
        by=sunrise.operator,
    )
    # 31 days of 396: 1,000 × 31/365 = 84.93, as a hectare earns by the year of 365 days.
    first, second = counted(period, sunrise)
    assert first == (date(2025, 1, 1), 0, "overlaps_counted")
    assert second[0] == NEXT_YEAR
    assert second[1] > 0


@pytest.mark.usefixtures("in_english")
def test_the_clerk_learns_that_it_overlaps_and_by_how_much_alone(sunrise: Cast, sold: Cast) -> None:
    row = enrolment(sunrise, joined(sunrise, west=ON_RIVERBEND + 0.00075))
    assert row.status == "enrolled"
    assert row.reasons == [{"code": "overlaps_counted", "percent": "25.0"}]
    text = reason_text(row.reasons[0])
    assert text == (
        "25.0% of the field overlaps land whose tonnes have been counted already; they are not "
        "counted twice."
    )
    assert zero_text({"withheld": "overlaps_counted"}).startswith("Another field covers land")


def test_a_contract_that_ends_on_counted_days_is_refused(sunrise: Cast, sold: Cast) -> None:
    move_boundary(sunrise.fields[0], ON_RIVERBEND, 30.0)
    project = make_enrolled_pool(
        sunrise, code="short", starts_on=date(2021, 1, 1), ends_on=date(2025, 12, 31)
    )
    row = enrolment(sunrise, project)
    assert (row.status, row.reasons) == (
        "refused",
        [{"code": "overlaps_counted", "percent": "100.0"}],
    )


def test_the_outline_that_was_counted_stands_however_it_is_redrawn(
    sunrise: Cast, sold: Cast
) -> None:
    before = Boundary.objects.get(field=sold.fields[0])
    Boundary.objects.create(
        **{
            name: getattr(before, name)
            for name in ("cooperative", "field", "geometry_wkb", "area_m2", "source_crs")
        },
        version=2,
        min_x=0,
        min_y=0,
        max_x=0,
        max_y=0,
    )
    move_boundary_of_version(sold, 2, west=119.5)
    period = open_year(joined(sunrise), 2025, sunrise)
    assert counted(period, sunrise) == [(date(2025, 1, 1), 0, "overlaps_counted")]


def move_boundary_of_version(cast: Cast, version: int, *, west: float) -> None:
    others = Boundary.objects.filter(field=cast.fields[0]).exclude(version=version)
    kept = list(others.values("pk", "geometry_wkb", "min_x", "min_y", "max_x", "max_y"))
    move_boundary(cast.fields[0], west, 30.0)
    for row in kept:
        Boundary.objects.filter(pk=row.pop("pk")).update(**row)


@pytest.mark.parametrize("west", [119.001, ON_RIVERBEND + 0.000991])
def test_a_common_edge_and_the_tolerance_withhold_nothing(
    sunrise: Cast, sold: Cast, west: float
) -> None:
    project = joined(sunrise, west=west)
    assert enrolment(sunrise, project).reasons == []
    assert counted(open_year(project, 2025, sunrise), sunrise) == [(date(2025, 1, 1), 1000, "")]


def test_a_negative_opinion_frees_the_land(sunrise: Cast, riverbend: Cast) -> None:
    make_season(riverbend, 2025)
    project = make_enrolled_pool(riverbend)
    period = open_year(project, 2025, riverbend)
    close_period(period, by=riverbend.operator)
    confirm_all(period, riverbend)
    verification = drawn_sample(period, riverbend)
    close_verification(verification, positive=False, opinion="no", by=riverbend.verifier)
    leave(project, riverbend)
    year = open_year(joined(sunrise), 2025, sunrise)
    assert counted(year, sunrise) == [(date(2025, 1, 1), 1000, "")]


def test_days_kept_from_an_ended_enrolment_are_nobody_elses(sunrise: Cast, riverbend: Cast) -> None:
    make_season(riverbend, 2025)
    theirs = make_enrolled_pool(riverbend)
    Agreement.objects.filter(cooperative=riverbend.cooperative).update(revoked_on=date(2025, 9, 1))
    enrol_fields(theirs, by=riverbend.operator)
    move_boundary(sunrise.fields[0], ON_RIVERBEND, 30.0)
    make_season(sunrise, 2025)
    ours = make_pool(sunrise)
    enrol_fields(ours, by=sunrise.operator)
    rows: list[tuple[Any, ...]] = counted(open_year(ours, 2025, sunrise), sunrise)
    # September to December: 122 days, 1,000 × 122/365 = 334.25; before, 243 days: 665.75.
    assert rows == [
        (date(2025, 1, 1), 0, "overlaps_counted"),
        (date(2025, 9, 1), 334, ""),
    ]
    assert counted(open_year(theirs, 2025, riverbend), riverbend) == [(date(2025, 1, 1), 665, "")]
