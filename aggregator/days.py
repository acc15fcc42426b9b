"""The day it is at the cooperative's desk, and what has not happened yet by it.

One clock for all: the calendar of the installation's `TIME_ZONE`. The server's own zone and UTC
do not count, so a payment of this morning in Shandong is not refused as tomorrow's.
"""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator.errors import BadInput


class DayInFuture(BadInput):
    code = "day_in_future"
    message = _(
        "The day %(day)s is still to come; today is %(today)s. Give the day on which it happened."
    )


def refuse_future(day: date) -> None:
    """Let only a day pass that has begun at the cooperative.

    Raises:
        DayInFuture: the day is still to come.
    """
    today = timezone.localdate()
    if day > today:
        raise DayInFuture(day=day.isoformat(), today=today.isoformat())
