"""Land enrolled twice: boundaries compared across all cooperatives, naming no owner."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import numpy as np
import shapely
from django.conf import settings
from django.db.models import Max, Min, OuterRef, QuerySet, Subquery

from credits.models import Enrolment
from farms.models import Boundary, Field
from farms.overlap_tiles import Indices, Mask, sweep_overlaps, to_equal_area
from farms.plot_boxes import PlotBoxes, read_boxes


def latest_boundaries() -> QuerySet[Boundary]:
    """The boundary in force of each field: its highest version."""
    newest = Boundary.objects.filter(field=OuterRef("field")).order_by("-version")
    return Boundary.objects.filter(version=Subquery(newest.values("version")[:1]))


class EnrolledLand:
    """Enrolled land around some candidates, to which they are added as they are accepted.

    All overlaps are found at once, tile by tile; a pair with another candidate counts only once
    that one is in. Fields that never exist on the same day do not overlap. Of land where very many
    lie on one another not all pairs are known: there a candidate is compared as it comes, with
    those that are in, which are few because they do not overlap.
    """

    def __init__(self, candidates: QuerySet[Field]) -> None:
        mine = Boundary.objects.filter(field__in=candidates.order_by().values("pk"))
        plots = read_boxes(mine | enrolled_near(mine))
        own = set(candidates.order_by().values_list("pk", flat=True))
        is_own = np.fromiter((field in own for field in plots.fields.tolist()), bool, len(plots))
        # Asked again, a candidate is judged afresh, in its turn.
        self.accepted = set(plots.fields[~is_own].tolist())
        self.pairs: dict[int, list[tuple[int, float]]] = defaultdict(list)
        self._crowd = _Crowd(plots)

        def asked(first: Indices, second: Indices) -> Mask:
            return (is_own[first] | is_own[second]) & plots.exist_together(first, second)

        for tile in sweep_overlaps(
            plots.boxes,
            plots.read_shapes,
            tolerance=float(settings.FIELD_OVERLAP_TOLERANCE),
            comparable=asked,
        ):
            firsts, seconds = plots.fields[tile.first].tolist(), plots.fields[tile.second].tolist()
            for first, second, share in zip(firsts, seconds, tile.share.tolist(), strict=True):
                self.pairs[first].append((second, share))
                self.pairs[second].append((first, share))
            self._crowd.gather(tile.crowded)

    def accept(self, field_id: int) -> None:
        self.accepted.add(field_id)

    def overlap_of(self, field_id: int) -> Decimal:
        """Percent of the smaller field that the worst overlap covers; 0 within the tolerance."""
        shares = [share for other, share in self.pairs[field_id] if other in self.accepted]
        shares = shares or self._crowd.compare(field_id, self.accepted)
        return Decimal(str(max(shares, default=0))).scaleb(2).quantize(Decimal("0.1"))


class _Crowd:
    """Fields of which not all overlaps are known, with their outlines."""

    def __init__(self, plots: PlotBoxes) -> None:
        self.plots = plots
        self.rows: dict[int, int] = {}
        self.flat: dict[int, Any] = {}

    def gather(self, rows: Indices) -> None:
        flat: Any = to_equal_area(self.plots.read_shapes(rows)) if len(rows) else []
        for row, field, shape in zip(rows.tolist(), self.plots.fields[rows], flat, strict=True):
            self.rows[int(field)], self.flat[int(field)] = row, shape

    def compare(self, field_id: int, accepted: set[int]) -> list[float]:
        """The shares above the tolerance with those of the crowd that are in already."""
        others = [each for each in self.rows.keys() & accepted if each != field_id]
        if field_id not in self.rows or not others:
            return []
        own = np.full(len(others), self.rows[field_id])
        together = self.plots.exist_together(own, np.array([self.rows[each] for each in others]))
        there = np.array([self.flat[each] for each in others], dtype=object)[together]
        shape = self.flat[field_id]
        shares = shapely.area(shapely.intersection(shape, there)) / np.minimum(
            shape.area, shapely.area(there)
        )
        found: list[float] = shares[shares > float(settings.FIELD_OVERLAP_TOLERANCE)].tolist()
        return found


def enrolled_near(boundaries: QuerySet[Boundary]) -> QuerySet[Boundary]:
    """Boundaries of enrolled fields of any cooperative within the box around `boundaries`.

    Tenancy is crossed here on purpose: land sold twice is sold to two cooperatives.
    """
    box = boundaries.aggregate(
        west=Min("min_x"), south=Min("min_y"), east=Max("max_x"), north=Max("max_y")
    )
    if box["west"] is None:
        return Boundary.objects.none()
    enrolled = Enrolment.objects.filter(status=Enrolment.Status.ENROLLED)
    near = Boundary.objects.filter(
        min_x__lte=box["east"],
        max_x__gte=box["west"],
        min_y__lte=box["north"],
        max_y__gte=box["south"],
    )
    return Boundary.objects.filter(
        field__in=near.filter(field__in=enrolled.order_by().values("field")).values("field")
    )
