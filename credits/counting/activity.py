"""What a period's methodology is given: enrolled fields, their operators' days, their practices.

A season counts in the period in which it ends, so that none counts twice; its practices stand for
the whole period. A field counts as irrigated only if every record of it says so. A field that was
split or merged counts to its last day and its successors from their first, on the same records.
Reads, never writes.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import QuerySet

from aggregator.canonical import sha256_of_rows
from aggregator.key_lists import key_list
from aggregator.models import Cooperative, Household
from aggregator.periods import Period
from credits.methodologies.base import Activity
from credits.models import MonitoringPeriod
from credits.pooling.crop_rules import CropYears, crops_as_no_till
from credits.pooling.ended_enrolments import PoolDays, fields_of_pool
from credits.pooling.rights import CountedElsewhere, Rights
from credits.programs.deductions import Deductions, read_deductions
from credits.registry import METHODOLOGIES
from credits.terms.period_uncertainty import period_terms
from farms.descent import Kin, recorded_deeds
from farms.models import Boundary, Field, Season

_SEASON = ("pk", "starts_on", "ends_on")
# Few enough fields for a list of keys in a query, and for all about them to be small in memory.
STRETCH = 5_000


class Span(NamedTuple):
    """Some fields of a pool by their place in the order of codes, up to and with `last_code`."""

    first: int
    last: int
    last_code: str


class ActivityRow(NamedTuple):
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
    pool = PoolActivity(period)
    return [row for span in pool.spans() for row in pool.gather(span)]


class PoolActivity:
    """The activity of a pool, gathered a stretch of fields at a time, by field code.

    Held in memory are the fields' codes and keys and what concerns few of them: descent, days that
    ended enrolments keep, days counted elsewhere. The rest is read for the fields of a stretch.
    """

    def __init__(self, period: MonitoringPeriod) -> None:
        self._period = period
        self._span = Period(period.starts_on, period.ends_on)
        fields = fields_of_pool(period.project, self._span)
        found = sorted(fields.order_by().values_list("code", "pk").iterator(chunk_size=STRETCH))
        self._codes = [code for code, _key in found]
        self._keys = array("q", (key for _code, key in found))
        self._in_pool = PoolDays(period.project)
        self._kin = Kin(period.cooperative)
        self._elsewhere = CountedElsewhere(fields, period=self._span, project=period.project)
        seasons = Season.objects.for_cooperative(period.cooperative).filter(
            ends_on__gte=period.starts_on, ends_on__lte=period.ends_on
        )
        self._seasons = {key: (first, last) for key, first, last in seasons.values_list(*_SEASON)}

    def __len__(self) -> int:
        return len(self._keys)

    def spans(self, *, ends: Iterable[str] = (), size: int = STRETCH) -> Iterator[Span]:
        """The pool cut after each of these codes, and what is left of it every `size` fields."""
        first = 0
        for code in ends:
            last = bisect_right(self._codes, code)
            yield Span(first, last, code)
            first = last
        for start in range(first, len(self), size):
            last = min(start + size, len(self))
            yield Span(start, last, self._codes[last - 1])

    def gather(self, span: Span) -> list[ActivityRow]:
        """The activity of some fields, by field code and day."""
        keys = self._keys[span.first : span.last].tolist()
        fields = Field.objects.filter(pk__in=key_list(keys))
        period = self._period
        rights = Rights(
            fields,
            cooperative=period.cooperative,
            period=self._span,
            project=period.project,
            elsewhere=self._elsewhere,
        )
        practices = self._practices(fields)
        crops = CropYears(period.project, fields, until=period.ends_on)
        boundaries = _boundaries(period.cooperative, fields)
        operated = {
            key: sorted(self._in_pool.cut(key, rights.stretches(key)), key=itemgetter(1))
            for key in keys
            if key in boundaries
        }
        households = _codes_of({each.household_id for cut in operated.values() for each, _ in cut})
        rows = []
        for key, code in zip(keys, self._codes[span.first : span.last], strict=True):
            codes, irrigated = practices.get(key, ((), False))
            too_often = _beyond_limit(period, crops, key) if crops else ""
            for stretch, days in operated.get(key, ()):
                boundary, version, area_m2 = boundaries[key]
                rows.append(
                    ActivityRow(
                        field_id=key,
                        field_code=code,
                        boundary_id=boundary,
                        boundary_version=version,
                        household_id=stretch.household_id,
                        household_code=households[stretch.household_id],
                        withheld=stretch.lacking or too_often,
                        activity=Activity(area_m2, codes, irrigated, days, self._span),
                    )
                )
        return rows

    def _practices(self, fields: QuerySet[Field]) -> dict[int, tuple[tuple[str, ...], bool]]:
        kin, days = self._kin.field_ids, self._seasons
        recorded = recorded_deeds(fields, days)
        if not kin and not self._period.project.terms.get("no_till_crops"):
            return {
                field: _joined([deeds for deeds in seasons.values() if deeds])
                for field, seasons in recorded.items()
            }
        if kin:
            recorded |= recorded_deeds(Field.objects.filter(pk__in=kin), days)
        for field, season, practice, irrigated in crops_as_no_till(
            self._period.project, fields, kin=kin, seasons=days
        ):
            recorded[field][season].setdefault(practice, irrigated)
        return {
            field: _joined(self._kin.deeds_of(field, recorded, days)) for field in {*recorded, *kin}
        }


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
    terms = period_terms(period)
    earlier = period.project.periods.filter(starts_on__lt=period.starts_on)
    held = Fraction(terms.get("first_hold_rate", "0")) > 0
    return read_deductions(terms, first_round=held and not earlier.exists())


def _beyond_limit(period: MonitoringPeriod, crops: CropYears, field: int) -> str:
    """The limit of crops that the field's year in this period went beyond; empty where none."""
    beyond = crops.beyond(field)
    first, last = crops.year_of(period.starts_on), crops.year_of(period.ends_on)
    return next((beyond[year] for year in sorted(beyond) if first <= year <= last), "")


def _boundaries(
    cooperative: Cooperative, fields: QuerySet[Field]
) -> dict[int, tuple[int, int, Decimal]]:
    """Key, version and area of the boundary in force, by field."""
    versions = Boundary.objects.for_cooperative(cooperative).filter(field__in=fields)
    rows = versions.order_by("version").values_list("field_id", "pk", "version", "area_m2")
    return {field: (key, version, area_m2) for field, key, version, area_m2 in rows}


def _codes_of(households: set[int]) -> dict[int, str]:
    rows = Household.objects.filter(pk__in=key_list(households)).order_by()
    return dict(rows.values_list("pk", "code"))


def _joined(deeds: list[dict[str, bool]]) -> tuple[tuple[str, ...], bool]:
    codes = tuple(sorted({practice for season in deeds for practice in season}))
    return codes, bool(codes) and all(wet for season in deeds for wet in season.values())
