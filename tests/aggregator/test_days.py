"""Which day it is at the cooperative, and that what has happened lies no later."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from aggregator.days import DayInFuture, refuse_future


def test_today_passes_and_tomorrow_does_not() -> None:
    today = timezone.localdate()
    refuse_future(today)
    with pytest.raises(DayInFuture):
        refuse_future(today + timedelta(days=1))


@pytest.mark.usefixtures("in_english")
def test_the_refusal_names_the_day_and_todays() -> None:
    today = timezone.localdate()
    with pytest.raises(DayInFuture) as refused:
        refuse_future(date(2999, 1, 2))
    assert str(refused.value) == (
        f"The day 2999-01-02 is still to come; today is {today.isoformat()}."
        " Give the day on which it happened."
    )


def test_the_day_is_the_cooperatives_and_not_that_of_utc() -> None:
    """East of Greenwich the day begins earlier: the line of dates is a day ahead of UTC-12."""
    with timezone.override("Etc/GMT+12"):
        west = timezone.localdate()
    with timezone.override("Etc/GMT-14"):
        east = timezone.localdate()
        refuse_future(east)
    # 26 hours apart, so it is always a later day.
    assert east > west
    with timezone.override("Etc/GMT+12"), pytest.raises(DayInFuture):
        refuse_future(east)
