"""On which days land under fields was counted under another field, of any cooperative.

Tenancy is crossed here on purpose, as for enrolled land: a tonne sold by one cooperative is not
sold by the next. Of the other field nothing leaves this module but its share and its days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import Max, Min, Q, QuerySet

from aggregator.periods import Period
from credits.models import EnrolmentSpan, FieldResult, Project, QuantificationRun, Verification
from credits.pooling.agreement_days import Days
from credits.pooling.overlaps import latest_boundaries
from farms.models import Boundary, Field
from farms.overlap_tiles import Indices, Mask, sweep_overlaps
from farms.plot_boxes import PlotBoxes, join_boxes, read_boxes, read_versions

# By key of the outline that was counted, the days on which it was.
Counted = dict[int, list[tuple[date, date | None]]]


@dataclass(slots=True)
class CountedLand:
    """The days on which a field's land was counted elsewhere, and the worst share of it, 0-1."""

    days: Days = field(default_factory=list)
    share: float = 0.0

    @property
    def percent(self) -> Decimal:
        return Decimal(str(self.share)).scaleb(2).quantize(Decimal("0.1"))


def overlapped_days(
    fields: QuerySet[Field], *, period: Period, project: Project
) -> dict[int, CountedLand]:
    """Days of `period` that overlapping fields have earned, or keep from an ended enrolment.

    A field's own days, and those of its project's other fields that were verified with it, are not
    among them.
    """
    mine = Boundary.objects.filter(field__in=fields.order_by().values("pk"))
    box = mine.aggregate(
        west=Min("min_x"), south=Min("min_y"), east=Max("max_x"), north=Max("max_y")
    )
    if box["west"] is None:
        return {}
    counted: Counted = defaultdict(list)
    for boundary, starts_on, ends_on in (
        *_verified(_within(box, "boundary__"), period, project),
        *_kept(box, period),
    ):
        counted[boundary].append((starts_on, ends_on))
    return _compare(mine, counted) if counted else {}


def _within(box: dict[str, float], prefix: str = "") -> Q:
    edges = {
        "min_x__lte": box["east"],
        "max_x__gte": box["west"],
        "min_y__lte": box["north"],
        "max_y__gte": box["south"],
    }
    return Q(**{prefix + name: value for name, value in edges.items()})


def _verified(near: Q, period: Period, project: Project) -> Iterable[tuple[int, date, date]]:
    """The outlines with which other projects' results were counted, not those in force now."""
    live = Verification.objects.exclude(status=Verification.Status.NEGATIVE)
    runs = QuantificationRun.objects.filter(
        verifications__in=live,
        period__starts_on__lte=period.ends_on,
        period__ends_on__gte=period.starts_on,
    ).exclude(period__project=project)
    results = FieldResult.objects.filter(near, run__in=runs.order_by().values("pk"), gross_kg__gt=0)
    return results.order_by("pk").values_list("boundary_id", "starts_on", "ends_on")


def _kept(box: dict[str, float], period: Period) -> list[tuple[int, date, date]]:
    """The days that fields keep from ended enrolments, as far as the fields exist on them."""
    spans = EnrolmentSpan.objects.filter(
        starts_on__lte=period.ends_on,
        ends_on__gte=period.starts_on,
        field__in=Boundary.objects.filter(_within(box)).order_by().values("field"),
    )
    rows = spans.order_by("pk").values_list(
        "field_id", "starts_on", "ends_on", "field__starts_on", "field__ends_on"
    )
    alive = {
        (key, span)
        for key, starts_on, ends_on, begins, ends in rows
        if (span := Period(starts_on, ends_on).clip(begins or date.min, ends)) is not None
    }
    if not alive:
        return []
    outlines = latest_boundaries().filter(field__in=spans.order_by().values("field"))
    boundaries = dict(outlines.order_by().values_list("field_id", "pk"))
    return [(boundaries[key], span.starts_on, span.ends_on) for key, span in sorted(alive)]


def _compare(mine: QuerySet[Boundary], counted: Counted) -> dict[int, CountedLand]:
    own = read_boxes(mine)
    plots: PlotBoxes = join_boxes(own, read_versions(sorted(counted)))
    found: dict[int, CountedLand] = defaultdict(CountedLand)

    def asked(first: Indices, second: Indices) -> Mask:
        across = (first < len(own)) & (second >= len(own))
        return np.asarray(across & (plots.fields[first] != plots.fields[second]))

    for tile in sweep_overlaps(
        plots.boxes,
        plots.read_shapes,
        tolerance=float(settings.FIELD_OVERLAP_TOLERANCE),
        comparable=asked,
    ):
        pairs: Any = zip(tile.first.tolist(), tile.second.tolist(), tile.share, strict=True)
        for first, second, share in pairs:
            land = found[int(plots.fields[first])]
            land.days += counted[int(plots.boundaries[second])]
            land.share = max(land.share, float(share))
    return dict(found)
