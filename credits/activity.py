"""What a period's methodology is given: enrolled fields, their operators' days, their practices.

A season counts in the period in which it ends, so that none counts twice; its practices stand for
the whole period. A field counts as irrigated only if every record of it says so. A field that was
split or merged counts to its last day and its successors from their first, on the same records.
Reads, never writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import QuerySet

from aggregator.canonical import sha256_of_rows
from aggregator.models import Household
from aggregator.periods import Period
from credits.crop_rules import CropYears, crops_as_no_till
from credits.ended_enrolments import PoolDays, fields_of_pool
from credits.methodologies.base import Activity
from credits.models import MonitoringPeriod
from credits.programs.deductions import Deductions, read_deductions
from credits.registry import METHODOLOGIES
from credits.rights import Rights
from farms.boundaries import latest_boundaries
from farms.descent import Kin, recorded_deeds
from farms.models import Field, Season

_SEASON = ("pk", "starts_on", "ends_on")


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """One activity with the rows it is about; `withheld` names the right missing on its days.

    Or the limit of crops that its year went beyond.
    """

    field_id: int
    field_code: str
    boundary_id: int
    boundary_version: int
    household_id: int
    household_code: str
    withheld: str
    activity: Activity

    def as_input(self) -> list[Any]:
        """The row as it enters the hash: codes and texts only, so a restored database agrees."""
        activity = self.activity
        return [
            self.field_code,
            self.boundary_version,
            str(activity.area_m2),
            self.household_code,
            activity.span.starts_on.isoformat(),
            activity.span.ends_on.isoformat(),
            sorted(activity.practices),
            activity.irrigated,
            self.withheld,
        ]


def gather_activity(period: MonitoringPeriod) -> list[ActivityRow]:
    """The activity of all fields of the pool, by field code and day."""
    span = Period(period.starts_on, period.ends_on)
    fields = fields_of_pool(period.project, span)
    in_pool = PoolDays(period.project)
    rights = Rights(fields, cooperative=period.cooperative, period=span, project=period.project)
    households = dict(
        Household.objects.for_cooperative(period.cooperative).values_list("pk", "code")
    )
    practices = _practices(period, fields)
    crops = CropYears(period.project, fields, until=period.ends_on)
    rows = []
    for boundary, version, area_m2, field, code in _boundaries(period, fields):
        codes, irrigated = practices.get(field, ((), False))
        too_often = _beyond_limit(period, crops, field)
        for stretch, days in in_pool.cut(field, rights.stretches(field)):
            activity = Activity(area_m2, codes, irrigated, days, span)
            operator = stretch.household_id
            rows.append(
                ActivityRow(
                    field_id=field,
                    field_code=code,
                    boundary_id=boundary,
                    boundary_version=version,
                    household_id=operator,
                    household_code=households[operator],
                    withheld=stretch.lacking or too_often,
                    activity=activity,
                )
            )
    rows.sort(key=lambda row: (row.field_code, row.activity.span))
    return rows


def hash_inputs(period: MonitoringPeriod, rows: Iterable[ActivityRow]) -> str:
    """The fingerprint of all that decides the result; the same facts always give the same."""
    described = (row.as_input() for row in rows)
    return sha256_of_rows(described, header=describe_header(period), name="rows")


def describe_header(period: MonitoringPeriod) -> dict[str, Any]:
    """All that decides the result beside the rows."""
    project = period.project
    deductions = deductions_of(period).as_terms()
    return {
        "methodology": project.methodology,
        "version": METHODOLOGIES[project.methodology].version,
        "parameters": project.parameters,
        "reserve_rate": project.terms["reserve_rate"],
        "starts_on": period.starts_on.isoformat(),
        "ends_on": period.ends_on.isoformat(),
        # Left out where nothing is deducted: hashes of before there were deductions still hold.
        **({"deductions": deductions} if deductions else {}),
    }


def deductions_of(period: MonitoringPeriod) -> Deductions:
    """What the project's program takes off in this period, before the reserve."""
    terms = period.project.terms
    earlier = period.project.periods.filter(starts_on__lt=period.starts_on)
    held = Fraction(terms.get("first_hold_rate", "0")) > 0
    return read_deductions(terms, first_round=held and not earlier.exists())


def _beyond_limit(period: MonitoringPeriod, crops: CropYears, field: int) -> str:
    """The limit of crops that the field's year in this period went beyond; empty where none."""
    beyond = crops.beyond(field)
    first, last = crops.year_of(period.starts_on), crops.year_of(period.ends_on)
    return next((beyond[year] for year in sorted(beyond) if first <= year <= last), "")


def _boundaries(
    period: MonitoringPeriod, fields: QuerySet[Any]
) -> QuerySet[Any, tuple[int, int, Decimal, int, str]]:
    return (
        latest_boundaries(period.cooperative)
        .filter(field__in=fields.order_by().values("pk"))
        .order_by("field__code")
        .values_list("pk", "version", "area_m2", "field_id", "field__code")
    )


def _practices(
    period: MonitoringPeriod, fields: QuerySet[Any]
) -> dict[int, tuple[tuple[str, ...], bool]]:
    kin = Kin(period.cooperative)
    seasons = Season.objects.for_cooperative(period.cooperative).filter(
        ends_on__gte=period.starts_on, ends_on__lte=period.ends_on
    )
    days = {season: (first, last) for season, first, last in seasons.values_list(*_SEASON)}
    recorded = recorded_deeds(fields, days)
    if kin.field_ids:
        recorded |= recorded_deeds(Field.objects.filter(pk__in=kin.field_ids), days)
    for field, season, practice, irrigated in crops_as_no_till(
        period.project, fields, kin=kin.field_ids, seasons=days
    ):
        recorded[field][season].setdefault(practice, irrigated)
    return {
        field: _joined(kin.deeds_of(field, recorded, days)) for field in {*recorded, *kin.field_ids}
    }


def _joined(deeds: list[dict[str, bool]]) -> tuple[tuple[str, ...], bool]:
    codes = tuple(sorted({practice for season in deeds for practice in season}))
    return codes, bool(codes) and all(wet for season in deeds for wet in season.values())
