"""A period is closed when its days have come: those left could still change what it earns."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from credits.counting.monitoring import PeriodNotOver, close_period, open_period, quantify_period
from credits.models import MonitoringPeriod, QuantificationRun
from tests.cast import Cast, make_season
from tests.credits.line import make_enrolled_pool


def running_period(cast: Cast, *, ends_on: date) -> MonitoringPeriod:
    year = ends_on.year
    make_season(cast, year)
    dates = {"starts_on": date(year - 4, 1, 1), "ends_on": date(year, 12, 31)}
    project = make_enrolled_pool(cast, **dates)
    # The new year begins on New Year's Day itself, too.
    starts_on = min(date(year, 1, 1), ends_on)
    return open_period(project, code="now", starts_on=starts_on, ends_on=ends_on, by=cast.operator)


@pytest.mark.usefixtures("in_english")
def test_before_its_last_day_a_period_stays_open(sunrise: Cast) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    period = running_period(sunrise, ends_on=tomorrow)
    with pytest.raises(PeriodNotOver) as refused:
        close_period(period, by=sunrise.operator)
    assert str(refused.value) == (
        f"Period now runs to {tomorrow}: its days up to then still count. Close it on that day or"
        " later."
    )
    period.refresh_from_db()
    assert period.status == MonitoringPeriod.Status.OPEN
    assert not QuantificationRun.objects.exists()


def test_on_its_last_day_it_is_closed(sunrise: Cast) -> None:
    period = running_period(sunrise, ends_on=timezone.localdate())
    close_period(period, by=sunrise.operator)
    assert period.status == MonitoringPeriod.Status.CLOSED


def test_a_period_that_still_runs_can_be_counted_as_a_preview(sunrise: Cast) -> None:
    period = running_period(sunrise, ends_on=timezone.localdate() + timedelta(days=1))
    assert quantify_period(period, by=sunrise.operator).results.count() == 3
