"""A day that one project has counted is not counted by the next, whatever happened in between."""

from datetime import date

from aggregator.models import Agreement
from credits.counting.monitoring import close_period, open_period
from credits.models import Enrolment, FieldResult, MonitoringPeriod, Project
from credits.pooling.enrolment import enrol_fields
from credits.verifying.verification import close_verification
from farms.redrawing import split_field
from tests.cast import Cast, make_season
from tests.credits.line import (
    confirm_all,
    drawn_sample,
    issued_year,
    make_enrolled_pool,
    make_pool,
    open_year,
)
from tests.farms.land import MIDDLE, MIDSUMMER


def leave(project: Project, cast: Cast) -> None:
    """The project asks again under stricter terms, and every field is out of it."""
    project.terms["minimum_area_m2"] = 20_000
    project.save()
    assert enrol_fields(project, by=cast.operator).enrolled == 0


def second_pool(cast: Cast) -> Project:
    """A project whose contract begins in the middle of the year that the first has counted."""
    Agreement.objects.update(ends_on=date(2031, 12, 31))
    return make_pool(cast, code="second", starts_on=MIDSUMMER, ends_on=date(2030, 12, 31))


def counted(period: MonitoringPeriod, cast: Cast, code: str) -> list[tuple[date, int, str | None]]:
    close_period(period, by=cast.operator)
    rows = FieldResult.objects.filter(run__period=period, field__code=code).order_by("starts_on")
    return list(rows.values_list("starts_on", "gross_kg", "terms__withheld"))


def test_issued_days_earn_nothing_in_the_next_project(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    first = make_enrolled_pool(sunrise)
    issued_year(first, 2025, sunrise)
    leave(first, sunrise)
    second = second_pool(sunrise)
    enrol_fields(second, by=sunrise.operator)
    # From 2026 on all is free to the end; before, the first project has it.
    assert set(Enrolment.objects.filter(project=second).values_list("status", flat=True)) == {
        "enrolled"
    }
    period = open_period(
        second,
        code="2025",
        starts_on=MIDSUMMER,
        ends_on=date(2025, 12, 31),
        by=sunrise.operator,
    )
    assert counted(period, sunrise, "F001") == [(MIDSUMMER, 0, "counted_elsewhere")]


def test_parts_answer_for_the_days_that_the_whole_was_counted(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    first = make_enrolled_pool(sunrise)
    issued_year(first, 2025, sunrise)
    split_field(
        sunrise.fields[0], cut=MIDDLE, codes=["P1", "P2"], on=MIDSUMMER, by=sunrise.operator
    )
    leave(first, sunrise)
    second = second_pool(sunrise)
    enrol_fields(second, by=sunrise.operator)
    period = open_period(
        second,
        code="2025",
        starts_on=MIDSUMMER,
        ends_on=date(2026, 1, 31),
        by=sunrise.operator,
    )
    assert counted(period, sunrise, "P1") == [
        (MIDSUMMER, 0, "counted_elsewhere"),
        # 31 days of 5,000 m² at a tonne a hectare and year: 500 × 31/365 = 42.47.
        (date(2026, 1, 1), 42, None),
    ]


def test_a_pool_that_would_end_on_counted_days_says_so(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    first = make_enrolled_pool(sunrise)
    issued_year(first, 2025, sunrise)
    leave(first, sunrise)
    second = make_pool(
        sunrise, code="second", starts_on=date(2021, 1, 1), ends_on=date(2025, 12, 31)
    )
    enrol_fields(second, by=sunrise.operator)
    reasons = Enrolment.objects.get(project=second, field=sunrise.fields[0]).reasons
    assert reasons == [
        {
            "code": "counted_elsewhere",
            "household": "H001",
            "starts_on": "2025-01-01",
            "ends_on": "2025-12-31",
        }
    ]


def test_a_negative_opinion_frees_the_days(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    first = make_enrolled_pool(sunrise)
    period = open_year(first, 2025, sunrise)
    close_period(period, by=sunrise.operator)
    confirm_all(period, sunrise)
    verification = drawn_sample(period, sunrise)
    close_verification(verification, positive=False, opinion="as found", by=sunrise.verifier)
    leave(first, sunrise)
    second = make_pool(sunrise, code="second")
    enrol_fields(second, by=sunrise.operator)
    year = open_year(second, 2025, sunrise)
    assert counted(year, sunrise, "F001") == [(date(2025, 1, 1), 1000, None)]
