"""Whose days of an ended enrolment still count is in the pool's lists and counts, as in its tonnes.

The first household's agreement ends on 31 August 2025; its field has then been in the pool for
243 days of that year, and for none of the next.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from aggregator.models import Agreement
from credits.models import Enrolment, MonitoringPeriod, Project
from credits.pooling.enrolment import enrol_fields
from credits.pooling.pool import pool_fields, pool_records, pool_tenures
from credits.progress import PeriodProgress, credits_progress
from farms.models import PracticeRecord, Tenure
from payouts.home import gather_home
from tests.admin_pages import signed_in, words
from tests.cast import Cast, make_season
from tests.credits.line import make_enrolled_pool, open_year


@pytest.fixture
def pool(sunrise: Cast) -> Project:
    for year in (2025, 2026):
        make_season(sunrise, year)
    project = make_enrolled_pool(sunrise)
    Agreement.objects.filter(code="A001").update(revoked_on=date(2025, 9, 1))
    enrol_fields(project, by=sunrise.operator)
    assert Enrolment.objects.get(field=sunrise.fields[0]).status == "refused"
    return project


@pytest.fixture
def desk(sunrise: Cast) -> Client:
    return signed_in(sunrise.operator)


def span(period: MonitoringPeriod) -> dict[str, Any]:
    return {"starts_on": period.starts_on, "ends_on": period.ends_on}


def codes(rows: Any, path: str) -> list[str]:
    return sorted(set(rows.values_list(path, flat=True)))


@pytest.mark.parametrize(("year", "first"), [(2025, 1), (2026, 2)])
def test_the_queries_of_a_pool_have_the_kept_days_and_no_others(
    sunrise: Cast, pool: Project, year: int, first: int
) -> None:
    asked = span(open_year(pool, year, sunrise))
    numbers = range(first, 4)
    assert codes(pool_fields(pool.pk, **asked), "code") == [f"F00{n}" for n in numbers]
    held = pool_tenures(pool.pk, **asked)
    assert codes(held, "household__code") == [f"H00{n}" for n in numbers]
    assert codes(pool_records(pool.pk, **asked), "field__code") == [f"F00{n}" for n in numbers]


def test_who_came_to_the_field_after_its_kept_days_is_no_member(
    sunrise: Cast, pool: Project
) -> None:
    field, (first, second, _third) = sunrise.fields[0], sunrise.households
    PracticeRecord.objects.filter(field=sunrise.fields[1]).delete()
    Tenure.objects.filter(household=second).delete()
    Tenure.objects.filter(field=field).update(ends_on=date(2025, 8, 31))
    later = Tenure.objects.create(
        cooperative=sunrise.cooperative,
        field=field,
        household=second,
        kind="contract",
        starts_on=date(2025, 9, 1),
    )
    asked = span(open_year(pool, 2025, sunrise))
    assert codes(pool_tenures(pool.pk, **asked), "household__code") == ["H001", "H003"]
    Tenure.objects.filter(field=field, household=first).update(ends_on=date(2025, 8, 30))
    Tenure.objects.filter(pk=later.pk).update(starts_on=date(2025, 8, 31))
    assert codes(pool_tenures(pool.pk, **asked), "household__code") == ["H001", "H002", "H003"]


def counted(cast: Cast) -> dict[str, PeriodProgress]:
    rows = credits_progress(cast.cooperative)
    return {row.period.code: row for row in rows if row.period}


def test_counts_have_the_kept_days_in_their_own_period_alone(sunrise: Cast, pool: Project) -> None:
    for year in (2025, 2026):
        open_year(pool, year, sunrise)
    found = counted(sunrise)
    assert [(row.fields_enrolled, row.records) for row in found.values()] == [(3, 3), (2, 2)]
    lines = gather_home(sunrise.cooperative).lines
    assert [(line.members, line.fields_recorded) for line in lines] == [(3, 3), (2, 2)]


def test_a_field_that_is_in_again_is_counted_once(sunrise: Cast, pool: Project) -> None:
    open_year(pool, 2025, sunrise)
    Agreement.objects.filter(code="A001").update(revoked_on=None)
    enrol_fields(pool, by=sunrise.operator)
    assert counted(sunrise)["2025"].fields_enrolled == 3


@pytest.mark.parametrize(
    ("page", "code"),
    [
        ("aggregator/household/", "H00"),
        ("farms/field/", "F00"),
        ("farms/practicerecord/", "F00"),
    ],
)
def test_the_lists_that_the_counts_link_to_agree(
    sunrise: Cast, pool: Project, desk: Client, page: str, code: str
) -> None:
    for year, expected in ((2025, 3), (2026, 2)):
        period = open_year(pool, year, sunrise)
        shown = desk.get(f"/admin/{page}", {"period": period.pk}).context["cl"]
        assert shown.result_count == expected, (year, code)
    only = {"period": period.pk, "stands": "yes"}
    assert desk.get("/admin/farms/field/", only).context["cl"].result_count == 2


@pytest.mark.usefixtures("in_english")
def test_the_enrolments_page_shows_the_days_that_still_count(
    sunrise: Cast, pool: Project, desk: Client
) -> None:
    shown = {}
    for row in Enrolment.objects.filter(field__in=sunrise.fields[:2]).order_by("field__code"):
        shown[row.status] = words(desk.get(f"/admin/credits/enrolment/{row.pk}/change/"))
    kept = "Days that still count: 1 January 2024 – 31 August 2025"
    assert kept in shown["refused"]
    assert "31 August 2025" not in shown["enrolled"]
