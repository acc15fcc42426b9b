"""What a succession means for tonnes: how the days of running periods divide. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.utils.translation import gettext as _

from aggregator.models import Household
from credits.models import MonitoringPeriod
from credits.pooling.pool import pool_tenures


def say_periods(household: Household, on: date) -> Iterator[str]:
    """For each open period that holds the day: the days before it and the days from it on."""
    periods = MonitoringPeriod.objects.for_cooperative(household.cooperative).filter(
        status=MonitoringPeriod.Status.OPEN, starts_on__lte=on, ends_on__gte=on
    )
    for period in periods.select_related("project"):
        held = pool_tenures(period.project_id, starts_on=period.starts_on, ends_on=period.ends_on)
        if not held.filter(household=household).exists():
            continue
        yield _(
            "Period %(period)s: tonnes of its first %(before)d days are this household's, those of "
            "the %(after)d days from %(day)s on the successor's."
        ) % {
            "period": period.code,
            "before": (on - period.starts_on).days,
            "after": (period.ends_on + timedelta(days=1) - on).days,
            "day": on.isoformat(),
        }
