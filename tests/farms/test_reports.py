"""What a farmer reports waits for a clerk, and earns not one kilogram until confirmed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from aggregator.errors import NotAllowed
from aggregator.models import AuditEvent, OutboxMessage
from aggregator.roles import NotYours
from credits.counting.activity import gather_activity
from farms.models import Practice, PracticeRecord, Season, Tenure
from farms.reports import (
    AlreadyRecorded,
    DayOutside,
    Deed,
    NoReason,
    NotYourField,
    UnknownPractice,
    confirm_reports,
    refuse_reports,
    report_practice,
    restore_record,
    waiting_reports,
    withdraw_record,
)
from tests.cast import Cast
from tests.credits.line import make_enrolled_pool, open_year

pytestmark = pytest.mark.usefixtures("in_english")

Status = PracticeRecord.Status


@pytest.fixture
def season(sunrise: Cast) -> Season:
    return Season.objects.create(
        cooperative=sunrise.cooperative,
        code="2025",
        starts_on=date(2025, 1, 1),
        ends_on=date(2025, 12, 31),
    )


def report(cast: Cast, season: Season, number: int = 0, **facts: Any) -> PracticeRecord:
    return report_practice(
        cast.fields[number],
        season=season,
        practice=facts.pop("practice", "no_till"),
        household=facts.pop("household", cast.households[number]),
        deed=Deed(**facts),
    )


def test_a_report_waits_and_says_whose_it_is(sunrise: Cast, season: Season) -> None:
    row = report(sunrise, season, crop="苞谷", done_on=date(2025, 5, 1), note="东头")
    assert (row.status, row.crop, row.note) == (Status.REPORTED, "玉米", "东头")
    assert (row.reported_by, row.decided_by) == (sunrise.households[0], None)
    event = AuditEvent.objects.get(action="report_practice")
    assert (event.by, event.details) == (None, {"household": "H001"})


def test_a_report_sent_again_changes_the_waiting_one(sunrise: Cast, season: Season) -> None:
    first = report(sunrise, season, crop="小麦")
    second = report(sunrise, season, crop="玉米")
    assert (first.pk, second.crop) == (second.pk, "玉米")
    assert waiting_reports(sunrise.cooperative).count() == 1


def test_only_who_works_the_field_on_that_day_reports_it(sunrise: Cast, season: Season) -> None:
    with pytest.raises(NotYourField):
        report(sunrise, season, household=sunrise.households[1])
    Tenure.objects.create(
        cooperative=sunrise.cooperative,
        field=sunrise.fields[0],
        household=sunrise.households[1],
        kind=Tenure.Kind.TRANSFER,
        starts_on=date(2025, 7, 1),
    )
    day = date(2025, 8, 1)
    assert report(sunrise, season, household=sunrise.households[1], done_on=day).pk
    with pytest.raises(NotYourField):
        report(sunrise, season, done_on=day)
    # Without a day: whoever works it on any day of the season.
    assert report(sunrise, season, practice="fallow").pk


def test_a_stranger_cannot_report_at_all(sunrise: Cast, riverbend: Cast, season: Season) -> None:
    with pytest.raises(NotYourField):
        report(sunrise, season, household=riverbend.households[0])


def test_days_outside_the_season_and_unknown_practices_are_refused(
    sunrise: Cast, season: Season
) -> None:
    with pytest.raises(DayOutside):
        report(sunrise, season, done_on=date(2026, 1, 1))
    with pytest.raises(UnknownPractice):
        report(sunrise, season, practice="wishing")


def test_what_a_clerk_confirmed_cannot_be_reported_over(sunrise: Cast, season: Season) -> None:
    row = report(sunrise, season)
    assert confirm_reports(sunrise.cooperative, by=sunrise.operator, keys=[row.pk]) == 1
    with pytest.raises(AlreadyRecorded):
        report(sunrise, season)
    row.refresh_from_db()
    assert (row.status, row.decided_by) == (Status.CONFIRMED, sunrise.operator)
    assert confirm_reports(sunrise.cooperative, by=sunrise.operator, keys=[row.pk]) == 0


def test_a_reported_practice_earns_nothing_until_it_is_confirmed(
    sunrise: Cast, season: Season
) -> None:
    row = report(sunrise, season)
    period = open_year(make_enrolled_pool(sunrise), 2025, sunrise)

    def practices() -> set[str]:
        rows = gather_activity(period)
        assert {each.field_code for each in rows} == {"F001", "F002", "F003"}
        return {practice for each in rows for practice in each.activity.practices}

    assert practices() == set()
    confirm_reports(sunrise.cooperative, by=sunrise.operator, keys=[row.pk])
    assert practices() == {Practice.NO_TILL}
    row.refresh_from_db()
    withdraw_record(row, by=sunrise.operator, reason="the neighbour's field")
    assert practices() == set()
    restore_record(row, by=sunrise.operator)
    assert practices() == {Practice.NO_TILL}


def test_a_refusal_is_told_once_to_each_household_in_its_language(
    sunrise: Cast,
    season: Season,
    django_capture_on_commit_callbacks: Any,
) -> None:
    sunrise.households[0].language = "en"
    sunrise.households[0].save()
    rows = [report(sunrise, season, practice=code) for code in ("no_till", "straw_return")]
    with django_capture_on_commit_callbacks(execute=True):
        refuse_reports(
            sunrise.cooperative,
            by=sunrise.operator,
            keys=[row.pk for row in rows],
            reason="The photo shows another field.",
        )
    message = OutboxMessage.objects.get()
    assert message.household == sunrise.households[0]
    assert message.text == (
        "Sunrise could not confirm your report: 1号田 no-till, 1号田 straw return. "
        "The photo shows another field."
    )
    rows[0].refresh_from_db()
    assert (rows[0].status, rows[0].decision_note) == (
        Status.REFUSED,
        "The photo shows another field.",
    )


def test_a_refusal_or_withdrawal_without_a_reason_is_refused(sunrise: Cast, season: Season) -> None:
    row = report(sunrise, season)
    with pytest.raises(NoReason):
        refuse_reports(sunrise.cooperative, by=sunrise.operator, keys=[row.pk], reason="  ")
    confirm_reports(sunrise.cooperative, by=sunrise.operator, keys=[row.pk])
    with pytest.raises(NoReason):
        withdraw_record(row, by=sunrise.operator, reason="")


def test_only_the_own_operator_decides(sunrise: Cast, riverbend: Cast, season: Season) -> None:
    row = report(sunrise, season)
    with pytest.raises(NotAllowed):
        confirm_reports(sunrise.cooperative, by=sunrise.approver, keys=[row.pk])
    with pytest.raises(NotYours):
        confirm_reports(sunrise.cooperative, by=riverbend.operator, keys=[row.pk])
    with pytest.raises(NotYours):
        confirm_reports(riverbend.cooperative, by=riverbend.operator, keys=[row.pk])
    row.refresh_from_db()
    assert row.status == Status.REPORTED


def test_a_refused_report_may_be_sent_again(sunrise: Cast, season: Season) -> None:
    row = report(sunrise, season)
    refuse_reports(sunrise.cooperative, by=sunrise.operator, keys=[row.pk], reason="no photo")
    again = report(sunrise, season)
    assert (again.pk, again.status, again.decision_note) == (row.pk, Status.REPORTED, "")


def test_the_queue_page_confirms_many_and_refuses_with_a_reason(
    sunrise: Cast, riverbend: Cast, season: Season, client: Client
) -> None:
    rows = [report(sunrise, season, number) for number in range(3)]
    client.force_login(sunrise.operator)
    page = client.get(
        "/admin/practices/reports/", headers={"Accept-Language": "en"}
    ).content.decode()
    assert "3 reports wait" in page
    assert all(field.code in page for field in sunrise.fields)
    both = {"report": [rows[0].pk, rows[1].pk], "confirm": "1"}
    client.post("/admin/practices/reports/", both)
    client.post("/admin/practices/reports/", {"report": rows[2].pk, "refuse": "1", "reason": "?"})
    assert sorted(PracticeRecord.objects.values_list("status", flat=True)) == [
        "confirmed",
        "confirmed",
        "refused",
    ]
    client.force_login(riverbend.operator)
    assert "青山" not in client.get("/admin/practices/reports/").content.decode()
    client.force_login(sunrise.viewer)
    assert client.get("/admin/practices/reports/").status_code == 403
