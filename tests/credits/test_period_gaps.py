"""The work of a period: what is missing on which field, what it costs, and who may see it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aggregator.models import Agreement
from credits.admin.workspace import MENDS
from credits.counting.gaps import CHECKS, COMPLETE, REMARKS, PeriodGaps
from credits.counting.monitoring import quantify_period
from credits.models import Enrolment, FieldResult, MonitoringPeriod
from credits.pooling import enrolment, rights
from credits.pooling.enrolment import enrol_fields
from credits.pooling.reasons import REFUSALS, ZEROES
from credits.programs.crop_limits import LOW_RESIDUE, SOYBEANS
from farms.models import Evidence, Field, PracticeRecord, Season
from tests.cast import Cast, make_field, make_season
from tests.credits.line import confirm_all, make_pool, open_year


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
        ("F009", "no_tenure", 0),
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


def test_every_code_that_is_given_anywhere_is_a_check() -> None:
    """Of refusals and of days that earn nothing; a code left out would vanish from the sums."""
    assert {*REFUSALS, *ZEROES} - CHECKS.keys() == REMARKS
    given = {row.value for row in _codes_in_the_source()}
    assert {"no_tenure", "farm_too_large", "practised_before", "overlaps_enrolled"} <= given
    assert given - CHECKS.keys() == REMARKS
    assert {LOW_RESIDUE, SOYBEANS} <= CHECKS.keys()
    assert MENDS.keys() == {*CHECKS, COMPLETE}


def _codes_in_the_source() -> Iterator[ast.Constant]:
    """The literal codes of the reasons that enrolment and rights give."""
    for module in (enrolment, rights):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Dict):
                pairs = zip(node.keys, node.values, strict=True)
                yield from (
                    value
                    for key, value in pairs
                    if isinstance(key, ast.Constant)
                    and key.value == "code"
                    and isinstance(value, ast.Constant)
                )


def test_a_field_stands_under_each_of_its_reasons_and_once_in_the_whole(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    """F002 is refused for two things; a tonne a hectare is what the pool earns on its hectare."""
    FieldResult.objects.filter(field=sunrise.fields[1]).delete()
    reasons = [{"code": "below_minimum_area"}, {"code": "excluded_crop", "crop": "tea"}]
    Enrolment.objects.filter(field=sunrise.fields[1]).update(status="refused", reasons=reasons)
    gaps = PeriodGaps(period)
    for check in ("below_minimum_area", "excluded_crop"):
        assert listed(gaps, check) == [("F002", check, 1000)]
    # F003 without a practice, F002, and F009 of which nothing is known.
    assert (gaps.whole().fields, gaps.whole().kg) == (3, 2000)


def test_a_day_that_lacks_two_things_stands_under_both(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    FieldResult.objects.filter(field=sunrise.fields[2]).update(
        terms={
            "reason": "no_creditable_practice",
            "withheld": "agreement_missing_days",
            "withheld_kg": "0",
        }
    )
    gaps = PeriodGaps(period)
    assert ("F003", "no_creditable_practice", 1000) in listed(gaps)
    assert ("F003", "agreement_missing_days", 1000) in listed(gaps)
    assert (gaps.whole().fields, gaps.whole().kg) == (3, 2000)


def test_a_year_beyond_a_crop_s_limit_is_seen(sunrise: Cast, period: MonitoringPeriod) -> None:
    FieldResult.objects.filter(field=sunrise.fields[0]).update(
        gross_kg=0,
        reserve_kg=0,
        credited_kg=0,
        terms={"withheld": LOW_RESIDUE, "withheld_kg": "1000"},
    )
    assert listed(PeriodGaps(period), LOW_RESIDUE) == [("F001", LOW_RESIDUE, 1000)]


def test_the_complete_fields_are_listed(sunrise: Cast, period: MonitoringPeriod) -> None:
    record = PracticeRecord.objects.get(field=sunrise.fields[0])
    Evidence.objects.create(
        cooperative=sunrise.cooperative, record=record, file_name="a.jpg", sha256="0" * 64
    )
    gaps = PeriodGaps(period)
    assert listed(gaps, COMPLETE) == [("F001", COMPLETE, 1000)]
    assert gaps.complete() == 1


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.usefixtures("in_english")
def test_every_mend_leads_to_a_page(
    sunrise: Cast, period: MonitoringPeriod, client: Client, check: str
) -> None:
    client.force_login(sunrise.operator)
    result = FieldResult.objects.filter(field=sunrise.fields[2])
    result.update(terms={"withheld": check, "withheld_kg": "5"})
    page = f"/admin/credits/monitoringperiod/{period.pk}/workspace/?check={check}"
    rows = client.get(page).context["rows"]
    assert rows
    for row in rows:
        found = client.get(row["mend_url"])
        # A filter that a list refuses sends to the list without it.
        assert found.status_code == 200, row["mend_url"]


@pytest.mark.usefixtures("in_english")
def test_what_the_program_asks_of_a_person_is_shown(
    sunrise: Cast, period: MonitoringPeriod, client: Client
) -> None:
    client.force_login(sunrise.operator)
    page = f"/admin/credits/monitoringperiod/{period.pk}/workspace/"
    english = {"accept-language": "en"}
    assert "Still missing: tell it" in client.get(page, headers=english).content.decode()
    confirm_all(period, sunrise)
    text = client.get(page, headers=english).content.decode()
    assert "Still missing: tell it" not in text
    assert "binder 1" in text


@pytest.mark.usefixtures("in_english")
def test_the_page_shows_and_filters_and_asks_a_fixed_number_of_queries(
    sunrise: Cast, period: MonitoringPeriod, client: Client
) -> None:
    client.force_login(sunrise.operator)
    page = f"/admin/credits/monitoringperiod/{period.pk}/workspace/"
    with CaptureQueriesContext(connection) as asked:
        text = client.get(page).content.decode()
    assert len(asked) <= 17
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
