"""Land enrolled twice: boundaries compared across all cooperatives, naming no owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import shapely
from django.conf import settings
from django.db.models import Max, Min, OuterRef, QuerySet, Subquery

from credits.models import Enrolment
from farms.geometry import find_overlaps
from farms.models import Boundary, Field
from farms.tenure import field_lives


def latest_boundaries() -> QuerySet[Boundary]:
    """The boundary in force of each field: its highest version."""
    newest = Boundary.objects.filter(field=OuterRef("field")).order_by("-version")
    return Boundary.objects.filter(version=Subquery(newest.values("version")[:1]))


class EnrolledLand:
    """Enrolled land around some candidates, to which they are added as they are accepted.

    All overlaps are found at once; a pair with another candidate counts only once that one is in.
    """

    def __init__(self, candidates: QuerySet[Field]) -> None:
        mine = latest_boundaries().filter(field__in=candidates.order_by().values("pk"))
        own = _read_shapes(mine)
        # Asked again, a candidate is judged afresh, in its turn.
        self.accepted = set(_enrolled_near(mine)) - own.keys()
        others = _read_shapes(latest_boundaries().filter(field__in=self.accepted))
        keys = [*own, *others]
        lives = field_lives(keys)
        self.pairs: dict[int, list[tuple[int, float]]] = defaultdict(list)
        tolerance = float(settings.FIELD_OVERLAP_TOLERANCE)
        for pair in find_overlaps([*own.values()], [*others.values()], tolerance=tolerance):
            first, second = keys[pair.first], keys[pair.second]
            if not _live_together(lives.get(first), lives.get(second)):
                continue
            self.pairs[first].append((second, pair.share))
            self.pairs[second].append((first, pair.share))

    def accept(self, field_id: int) -> None:
        self.accepted.add(field_id)

    def overlap_of(self, field_id: int) -> Decimal:
        """Percent of the smaller field that the worst overlap covers; 0 within the tolerance."""
        shares = [share for other, share in self.pairs[field_id] if other in self.accepted]
        return Decimal(str(max(shares, default=0))).scaleb(2).quantize(Decimal("0.1"))


def _live_together(
    one: tuple[date, date | None] | None, other: tuple[date, date | None] | None
) -> bool:
    """Whether two fields share a day: a part lies on its parent's land, but after it."""
    if one is None or other is None:
        return True
    return one[0] <= (other[1] or date.max) and other[0] <= (one[1] or date.max)


def _read_shapes(boundaries: QuerySet[Boundary]) -> dict[int, shapely.Polygon]:
    rows = boundaries.order_by("field_id").values_list("field_id", "geometry_wkb")
    return {field: shapely.from_wkb(bytes(wkb)) for field, wkb in rows}


def _enrolled_near(boundaries: QuerySet[Boundary]) -> Iterable[int]:
    """Enrolled fields of any cooperative within the box around the boundaries."""
    box = boundaries.aggregate(
        west=Min("min_x"), south=Min("min_y"), east=Max("max_x"), north=Max("max_y")
    )
    if box["west"] is None:
        return []
    # Tenancy is crossed here on purpose: land sold twice is sold to two cooperatives.
    return Boundary.objects.filter(
        field__enrolments__status=Enrolment.Status.ENROLLED,
        min_x__lte=box["east"],
        max_x__gte=box["west"],
        min_y__lte=box["north"],
        max_y__gte=box["south"],
    ).values_list("field_id", flat=True)
