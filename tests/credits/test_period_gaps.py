"""The work of a period: what is missing on which field, what it costs, and who may see it."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aggregator.models import Agreement
from credits.enrolment import enrol_fields
from credits.models import FieldResult, MonitoringPeriod
from credits.monitoring import quantify_period
from credits.period_gaps import PeriodGaps
from farms.models import Field, PracticeRecord, Season
from tests.cast import Cast, make_field, make_season
from tests.credits.line import make_pool, open_year


@pytest.fixture
def period(sunrise: Cast) -> MonitoringPeriod:
    """F001 earns 1,000 kg without evidence, H002 has not signed, F003 has no practice."""
    season = make_season(sunrise, 2025)
    project = make_pool(sunrise)
    Field.objects.create(cooperative=sunrise.cooperative, village=sunrise.village, code="F009")
    enrol_fields(project, by=sunrise.operator)
    Agreement.objects.filter(household=sunrise.households[1]).delete()
    season.practice_records.filter(field=sunrise.fields[2]).delete()
    period = open_year(project, 2025, sunrise)
    quantify_period(period, by=sunrise.operator)
    return period


def listed(gaps: PeriodGaps, check: str = "") -> list[tuple[str, str, int]]:
    return [(row["code"], row["gap"], row["kg"]) for row in gaps.rows(check)]


def test_each_gap_costs_what_the_field_would_earn(period: MonitoringPeriod) -> None:
    # One hectare at a tonne a hectare each; F009 has no outline, so nothing is known of it.
    assert listed(PeriodGaps(period)) == [
        ("F001", "no_evidence", 1000),
        ("F002", "agreement_missing_days", 1000),
        ("F003", "no_creditable_practice", 1000),
        ("F009", "no_boundary", 0),
    ]


def test_the_sums_are_those_of_the_lists(period: MonitoringPeriod) -> None:
    gaps = PeriodGaps(period)
    for found in gaps.sums():
        rows = listed(gaps, found.check)
        assert (found.fields, found.kg) == (len(rows), sum(kg for *_names, kg in rows))
    assert len(listed(gaps)) == sum(found.fields for found in gaps.sums())
    assert gaps.complete() == 0


def test_the_dearest_comes_first(sunrise: Cast, period: MonitoringPeriod) -> None:
    FieldResult.objects.filter(field=sunrise.fields[2]).update(area_m2=Decimal("30000.00"))
    assert listed(PeriodGaps(period))[0] == ("F003", "no_creditable_practice", 3000)


def test_a_mended_field_leaves_the_list(sunrise: Cast, period: MonitoringPeriod) -> None:
    PracticeRecord.objects.create(
        cooperative=sunrise.cooperative,
        field=sunrise.fields[2],
        season=Season.objects.get(),
        practice="no_till",
    )
    quantify_period(period, by=sunrise.operator)
    assert listed(PeriodGaps(period), "no_creditable_practice") == []


def test_a_period_never_counted_tells_what_enrolment_refused(sunrise: Cast) -> None:
    project = make_pool(sunrise)
    Field.objects.create(cooperative=sunrise.cooperative, village=sunrise.village, code="F009")
    enrol_fields(project, by=sunrise.operator)
    gaps = PeriodGaps(open_year(project, 2025, sunrise))
    assert ("F009", "no_boundary", 0) in listed(gaps)
    assert gaps.complete() == 0


@pytest.mark.usefixtures("in_english")
def test_the_page_shows_and_filters_and_asks_a_fixed_number_of_queries(
    sunrise: Cast, period: MonitoringPeriod, client: Client
) -> None:
    client.force_login(sunrise.operator)
    page = f"/admin/credits/monitoringperiod/{period.pk}/workspace/"
    with CaptureQueriesContext(connection) as asked:
        text = client.get(page).content.decode()
    assert len(asked) <= 16
    assert "F002" in text
    assert "F009" in text
    english = {"accept-language": "en"}
    text = client.get(page, {"check": "no_boundary"}, headers=english).content.decode()
    assert "F009" in text
    assert "F002" not in text
    assert "Draw the boundary" in text
    assert "F003" not in client.get(page, {"q": "F002"}).content.decode()


def test_strangers_see_no_page(sunrise: Cast, riverbend: Cast, period: MonitoringPeriod) -> None:
    client = Client()
    client.force_login(riverbend.operator)
    assert client.get(f"/admin/credits/monitoringperiod/{period.pk}/workspace/").status_code == 404


def test_more_fields_ask_no_more_queries(
    sunrise: Cast, period: MonitoringPeriod, client: Client
) -> None:
    client.force_login(sunrise.operator)
    page = f"/admin/credits/monitoringperiod/{period.pk}/workspace/"
    client.get(page)
    with CaptureQueriesContext(connection) as few:
        client.get(page)
    for number in range(20):
        make_field(sunrise.village, sunrise.households[1], 100 + number, east=90.0)
    enrol_fields(period.project, by=sunrise.operator)
    quantify_period(period, by=sunrise.operator)
    with CaptureQueriesContext(connection) as many:
        client.get(page)
    assert len(many) == len(few)
