"""The pages of a count by a worker: the button, the progress, how it ended; large pools wait."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from aggregator.models import User
from credits.counting.monitoring import PeriodNotOver
from credits.counting.quantification_jobs import AT_ONCE, request_count, run_job
from credits.models import Enrolment, MonitoringPeriod, QuantificationJob
from farms.models import Field
from tests.cast import Cast, make_season
from tests.credits.line import make_enrolled_pool, open_year

pytestmark = pytest.mark.usefixtures("in_english")
Purpose = QuantificationJob.Purpose


@pytest.fixture
def period(sunrise: Cast) -> MonitoringPeriod:
    make_season(sunrise, 2025)
    return open_year(make_enrolled_pool(sunrise), 2025, sunrise)


def signed_in(user: User) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


def address(period: MonitoringPeriod, page: str = "count") -> str:
    return reverse(f"admin:credits_monitoringperiod_{page}", args=[period.pk])


def press(period: MonitoringPeriod, action: str) -> str:
    return reverse("admin:credits_monitoringperiod_do", args=[period.pk, action])


def fill_pool(period: MonitoringPeriod, cast: Cast, count: int) -> None:
    """Fields that nobody farms: they are many, and earn nothing."""
    fields = Field.objects.bulk_create(
        Field(cooperative=cast.cooperative, village=cast.village, code=f"G{number:05d}")
        for number in range(count)
    )
    Enrolment.objects.bulk_create(
        Enrolment(
            cooperative=cast.cooperative,
            project=period.project,
            field=field,
            status=Enrolment.Status.ENROLLED,
            checked_at=period.project.enrolments.first().checked_at,
        )
        for field in fields
    )


def test_a_small_pool_is_closed_at_once(sunrise: Cast, period: MonitoringPeriod) -> None:
    answer = signed_in(sunrise.operator).post(press(period, "close"), follow=True)
    assert "2.400 t sellable" in answer.content.decode()
    period.refresh_from_db()
    assert period.status == MonitoringPeriod.Status.CLOSED
    assert not QuantificationJob.objects.exists()


@pytest.mark.parametrize("action", ["close", "repeat"])
def test_a_large_pool_waits_for_a_worker_on_a_page_of_its_own(
    sunrise: Cast, period: MonitoringPeriod, action: str
) -> None:
    fill_pool(period, sunrise, AT_ONCE)
    client = signed_in(sunrise.operator)
    answer = client.post(press(period, action))
    assert answer["Location"] == address(period)
    page = client.get(address(period)).content.decode()
    assert "The count waits for a worker." in page
    assert press(period, "cancel-count") in page
    job = QuantificationJob.objects.get()
    state = client.get(address(period, "count_progress")).json()
    assert state == {
        "at_work": True,
        "words": "The count waits for a worker.",
        "done": 0,
        "total": AT_ONCE + 3,
    }
    assert (
        address(period)
        in client.get(reverse("admin:credits_monitoringperiod_changelist")).content.decode()
    )
    refused = client.post(press(period, "repeat"))
    assert (refused.status_code, QuantificationJob.objects.count()) == (409, 1)
    run_job(job.pk)
    assert client.get(address(period, "count_progress")).json()["at_work"] is False
    ended = client.get(address(period), follow=True)
    assert "2.400 t sellable" in ended.content.decode()
    period.refresh_from_db()
    assert (period.status == MonitoringPeriod.Status.CLOSED) == (action == "close")


def test_a_count_is_broken_off_by_an_operator_alone(
    sunrise: Cast, riverbend: Cast, period: MonitoringPeriod
) -> None:
    job = request_count(period, purpose=Purpose.CLOSE, by=sunrise.operator)
    assert press(period, "cancel-count") not in (
        signed_in(sunrise.viewer).get(address(period)).content.decode()
    )
    assert signed_in(sunrise.viewer).post(press(period, "cancel-count")).status_code == 403
    assert signed_in(riverbend.operator).post(press(period, "cancel-count")).status_code == 404
    client = signed_in(sunrise.operator)
    client.post(press(period, "cancel-count"))
    job.refresh_from_db()
    assert job.status == QuantificationJob.Status.CANCELLED
    assert "The count was broken off." in client.get(address(period)).content.decode()


def test_why_a_count_failed_stands_on_its_page_and_the_periods(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    job = request_count(period, purpose=Purpose.CLOSE, by=sunrise.operator)
    Enrolment.objects.all().delete()
    run_job(job.pk)
    client = signed_in(sunrise.operator)
    for page in ("count", "change"):
        shown = client.get(address(period, page)).content.decode()
        assert "No enrolled field was farmed by anyone in this period." in shown


def test_a_period_without_a_count_has_no_page_of_one(
    sunrise: Cast, riverbend: Cast, period: MonitoringPeriod
) -> None:
    answer = signed_in(sunrise.operator).get(address(period))
    assert answer["Location"] == address(period, "change")
    for page in ("count", "count_progress"):
        assert signed_in(riverbend.operator).get(address(period, page)).status_code == 404


def test_a_large_pool_is_not_closed_before_its_last_day(sunrise: Cast) -> None:
    year = open_year(make_enrolled_pool(sunrise), 2027, sunrise)
    fill_pool(year, sunrise, AT_ONCE)
    answer = signed_in(sunrise.operator).post(press(year, "close"))
    sentence = str(PeriodNotOver(code="2027", ends_on=date(2027, 12, 31)))
    assert sentence in answer.content.decode()
    assert not QuantificationJob.objects.exists()
