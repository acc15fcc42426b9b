"""Periods opened, closed and counted: kilograms worked by hand, and runs that can be repeated."""

from datetime import date, timedelta
from typing import Any

import pytest

from aggregator.errors import DomainError, NotAllowed
from aggregator.models import Agreement, AuditEvent
from aggregator.roles import NotYours
from credits.counting.monitoring import (
    BadPeriodCode,
    NothingEnrolled,
    OutsideContract,
    PeriodCodeTaken,
    PeriodEndsBeforeStart,
    PeriodFrozen,
    PeriodNotOpen,
    PeriodOverlaps,
    close_period,
    open_period,
    quantify_period,
)
from credits.models import FieldResult, MonitoringPeriod, QuantificationRun
from credits.pooling.reasons import ZEROES, zero_text
from farms.models import PracticeRecord, Season, Tenure
from tests.cast import Cast, make_season
from tests.credits.line import (
    PARAMETERS,
    ROUND_RATE,
    closed_year,
    make_enrolled_pool,
    make_pool,
    open_year,
    verify,
)


def results(run: QuantificationRun) -> list[tuple[str, str, int]]:
    rows = run.results.order_by("field__code", "starts_on")
    return list(rows.values_list("field__code", "household__code", "gross_kg"))


def test_closing_counts_every_field_and_keeps_its_terms(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    period = open_year(make_enrolled_pool(sunrise), 2025, sunrise)
    run = close_period(period, by=sunrise.operator)
    assert period.status == MonitoringPeriod.Status.CLOSED
    assert (run.gross_kg, run.reserve_kg, run.credited_kg) == (3000, 600, 2400)
    result = FieldResult.objects.filter(run=run).first()
    assert result is not None
    assert (result.practice, result.practices) == ("no_till", ["no_till"])
    assert result.boundary == sunrise.fields[0].boundaries.get()
    assert result.terms["gross_exact_kg"] == "1000"
    assert result.terms["reserve_exact_kg"] == "200"
    assert (run.methodology, run.methodology_version) == ("ccx-soil", "1.0")


def test_counting_again_finds_the_same_run(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    period = closed_year(make_enrolled_pool(sunrise), 2025, sunrise)
    again = quantify_period(period, by=sunrise.verifier)
    assert again == period.runs.get()
    assert FieldResult.objects.count() == 3


def test_the_hash_does_not_depend_on_the_order_in_which_rows_were_made(sunrise: Cast) -> None:
    season = make_season(sunrise, 2025)
    project = make_enrolled_pool(sunrise)
    period = open_year(project, 2025, sunrise)
    run = quantify_period(period, by=sunrise.operator)
    hashes = (run.inputs_sha256, run.results_sha256)
    rows = [(record.field, record.practice) for record in season.practice_records.all()]
    season.practice_records.all().delete()
    run.delete()
    for field, practice in reversed(rows):
        PracticeRecord.objects.create(
            cooperative=sunrise.cooperative, field=field, season=season, practice=practice
        )
    run = quantify_period(period, by=sunrise.operator)
    assert (run.inputs_sha256, run.results_sha256) == hashes


def test_a_transfer_within_the_period_gives_each_operator_his_days(sunrise: Cast) -> None:
    # 181 and 184 of 365 days of 1,000 kg: 495.9 and 504.1, floored each.
    make_season(sunrise, 2025)
    Tenure.objects.create(
        cooperative=sunrise.cooperative,
        field=sunrise.fields[0],
        household=sunrise.households[1],
        kind=Tenure.Kind.TRANSFER,
        starts_on=date(2025, 7, 1),
    )
    run = close_period(open_year(make_enrolled_pool(sunrise), 2025, sunrise), by=sunrise.operator)
    assert results(run) == [
        ("F001", "H001", 495),
        ("F001", "H002", 504),
        ("F002", "H002", 1000),
        ("F003", "H003", 1000),
    ]


def test_days_without_a_signed_agreement_earn_nothing_and_say_so(sunrise: Cast) -> None:
    # Signed from 1 July: 184/365 of 1,000 kg.
    make_season(sunrise, 2025)
    Agreement.objects.filter(code="A001").update(starts_on=date(2025, 7, 1))
    run = close_period(open_year(make_enrolled_pool(sunrise), 2025, sunrise), by=sunrise.operator)
    early, late = run.results.filter(field=sunrise.fields[0])
    assert (early.gross_kg, late.gross_kg) == (0, 504)
    assert early.terms["withheld"] == "agreement_missing_days"
    assert early.terms["withheld_kg"] == "495"
    assert zero_text(early.terms) == str(ZEROES["agreement_missing_days"])
    assert zero_text(late.terms) == ""


def test_a_field_without_a_practice_that_earns_gets_a_zero_with_its_reason(sunrise: Cast) -> None:
    season = make_season(sunrise, 2025)
    season.practice_records.filter(field=sunrise.fields[0]).update(practice="fallow")
    run = close_period(open_year(make_enrolled_pool(sunrise), 2025, sunrise), by=sunrise.operator)
    result = run.results.get(field=sunrise.fields[0])
    assert (result.gross_kg, result.practice, result.practices) == (0, "", ["fallow"])
    assert result.terms["reason"] == "no_creditable_practice"


def test_a_season_counts_in_the_period_in_which_it_ends(sunrise: Cast) -> None:
    season = make_season(sunrise, 2025)
    Season.objects.filter(pk=season.pk).update(
        starts_on=date(2024, 10, 1), ends_on=date(2025, 6, 10)
    )
    project = make_enrolled_pool(sunrise)
    year_before, year = (open_year(project, number, sunrise) for number in (2024, 2025))
    assert close_period(year_before, by=sunrise.operator).gross_kg == 0
    assert close_period(year, by=sunrise.operator).gross_kg == 3000


def test_a_field_is_irrigated_only_if_every_record_says_so(sunrise: Cast) -> None:
    wet = {"irrigated": True, "t_per_hectare_year": "3"}
    dry = {"irrigated": False}
    parameters = {**PARAMETERS, "rates": [{**ROUND_RATE, **wet}, {**ROUND_RATE, **dry}]}
    season = make_season(sunrise, 2025)
    season.practice_records.filter(field__in=sunrise.fields[:2]).update(irrigated=True)
    PracticeRecord.objects.create(
        cooperative=sunrise.cooperative,
        field=sunrise.fields[1],
        season=season,
        practice="straw_return",
    )
    project = make_enrolled_pool(sunrise, parameters=parameters)
    run = close_period(open_year(project, 2025, sunrise), by=sunrise.operator)
    assert [gross_kg for _field, _household, gross_kg in results(run)] == [3000, 1000, 1000]


def test_an_open_period_can_be_counted_as_a_preview(sunrise: Cast) -> None:
    season = make_season(sunrise, 2025)
    period = open_year(make_enrolled_pool(sunrise), 2025, sunrise)
    preview = quantify_period(period, by=sunrise.operator)
    season.practice_records.filter(field=sunrise.fields[0]).delete()
    assert preview.gross_kg == 3000
    assert close_period(period, by=sunrise.operator).gross_kg == 2000


def test_changed_records_are_refused_once_the_figures_are_verified(sunrise: Cast) -> None:
    season = make_season(sunrise, 2025)
    period = closed_year(make_enrolled_pool(sunrise), 2025, sunrise)
    verify(period, sunrise)
    record = season.practice_records.get(field=sunrise.fields[0])
    record.practice = "fallow"
    record.save()
    with pytest.raises(PeriodFrozen):
        quantify_period(period, by=sunrise.operator)
    record.practice = "no_till"
    record.save()
    assert quantify_period(period, by=sunrise.operator) == period.runs.get()


def test_closing_twice_is_refused(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    period = closed_year(make_enrolled_pool(sunrise), 2025, sunrise)
    with pytest.raises(PeriodNotOpen):
        close_period(period, by=sunrise.operator)
    assert AuditEvent.objects.filter(action="close_period").count() == 1


def test_a_period_without_enrolled_fields_stays_open(sunrise: Cast) -> None:
    period = open_year(make_pool(sunrise), 2025, sunrise)
    with pytest.raises(NothingEnrolled):
        close_period(period, by=sunrise.operator)
    period.refresh_from_db()
    assert period.status == MonitoringPeriod.Status.OPEN


@pytest.mark.parametrize(
    ("code", "starts_on", "ends_on", "error"),
    [
        ("2023", date(2023, 7, 1), date(2024, 6, 30), OutsideContract),
        ("2029", date(2028, 7, 1), date(2029, 6, 30), OutsideContract),
        ("2026", date(2026, 12, 31), date(2026, 1, 1), PeriodEndsBeforeStart),
        ("late", date(2025, 12, 31), date(2026, 6, 30), PeriodOverlaps),
        ("2025", date(2026, 1, 1), date(2026, 12, 31), PeriodCodeTaken),
        ("", date(2026, 1, 1), date(2026, 12, 31), BadPeriodCode),
        ("x" * 17, date(2026, 1, 1), date(2026, 12, 31), BadPeriodCode),
        # It stands in the addresses of statements and in the names of their files.
        ("2026/27", date(2026, 1, 1), date(2026, 12, 31), BadPeriodCode),
        ("2026\x00", date(2026, 1, 1), date(2026, 12, 31), BadPeriodCode),
        ("..", date(2026, 1, 1), date(2026, 12, 31), BadPeriodCode),
    ],
)
def test_a_period_that_cannot_be_is_refused(
    sunrise: Cast, code: str, starts_on: date, ends_on: date, error: type[DomainError]
) -> None:
    project = make_pool(sunrise)
    open_year(project, 2025, sunrise)
    with pytest.raises(error) as refusal:
        open_period(project, code=code, starts_on=starts_on, ends_on=ends_on, by=sunrise.operator)
    assert str(refusal.value)
    assert project.periods.count() == 1


def test_periods_that_meet_do_not_overlap(sunrise: Cast) -> None:
    project = make_pool(sunrise)
    first = open_year(project, 2025, sunrise)
    second = open_year(project, 2026, sunrise)
    assert second.starts_on == first.ends_on + timedelta(days=1)


def test_only_the_cooperative_s_own_people_count(sunrise: Cast, riverbend: Cast) -> None:
    make_season(sunrise, 2025)
    project = make_enrolled_pool(sunrise)
    period = open_year(project, 2025, sunrise)
    days = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31)}
    with pytest.raises(NotYours):
        open_period(project, code="2026", by=riverbend.operator, **days)
    for by, error in ((riverbend.operator, NotYours), (sunrise.approver, NotAllowed)):
        with pytest.raises(error):
            close_period(period, by=by)
        with pytest.raises(error):
            quantify_period(period, by=by)
    with pytest.raises(NotAllowed):
        close_period(period, by=sunrise.verifier)
    assert not QuantificationRun.objects.exists()


def test_more_fields_cost_no_more_queries(
    sunrise: Cast, riverbend: Cast, django_assert_max_num_queries: Any
) -> None:
    for cast in (sunrise, riverbend):
        make_season(cast, 2025)
        period = open_year(make_enrolled_pool(cast), 2025, cast)
        period = MonitoringPeriod.objects.select_related("project", "cooperative").get(pk=period.pk)
        # Six ask for days counted elsewhere or kept, four for crops that the program limits. Two of
        # them on PostgreSQL only: the count of the new rows, and who writes them.
        with django_assert_max_num_queries(31):
            close_period(period, by=cast.operator)
