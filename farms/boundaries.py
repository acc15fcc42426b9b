"""Boundaries on record: the one in force for each field, and which a new outline would overlap."""

from __future__ import annotations

from collections.abc import Collection

import shapely
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy
from shapely.geometry import Polygon

from aggregator.models import Cooperative
from farms.geometry import Outline, joint_bounds
from farms.models import Boundary, Field

ORIGINS = {
    "import": gettext_lazy("from a file"),
    "repair": gettext_lazy("repaired on import"),
    "back_conversion": gettext_lazy("moved back from a shifted map"),
    "drawing": gettext_lazy("drawn by hand"),
    "split": gettext_lazy("from a split"),
    "merger": gettext_lazy("from a merger"),
}


def origin_name(code: str) -> str:
    """How a version of a boundary came about, in the reader's words."""
    return str(ORIGINS.get(code, code))


def latest_boundaries(cooperative: Cooperative) -> QuerySet[Boundary]:
    """The highest version of each field's boundary."""
    newest = Boundary.objects.filter(field=OuterRef("field")).order_by("-version")
    return Boundary.objects.for_cooperative(cooperative).filter(
        version=Subquery(newest.values("version")[:1])
    )


def boundaries_near(
    cooperative: Cooperative, polygons: Collection[Polygon], *, without: Collection[int]
) -> list[tuple[str, Polygon]]:
    """Codes and outlines of fields in the box around `polygons`, but for the fields `without`."""
    if not polygons:
        return []
    west, south, east, north = joint_bounds(polygons)
    # Land of a field that was split or merged is its successors' land.
    near = latest_boundaries(cooperative).filter(
        field__ends_on__isnull=True,
        min_x__lte=east,
        max_x__gte=west,
        min_y__lte=north,
        max_y__gte=south,
    )
    found = [
        (code, bytes(wkb))
        for field_id, code, wkb in near.order_by("field__code").values_list(
            "field_id", "field__code", "geometry_wkb"
        )
        if field_id not in without
    ]
    shapes = shapely.from_wkb([wkb for _, wkb in found])
    return [(code, shape) for (code, _), shape in zip(found, shapes, strict=True)]


def make_boundary(field: Field, outline: Outline, *, version: int, source_crs: str) -> Boundary:
    """An unsaved version of a field's boundary."""
    west, south, east, north = outline.polygon.bounds
    return Boundary(
        cooperative_id=field.cooperative_id,
        field=field,
        version=version,
        geometry_wkb=shapely.to_wkb(outline.polygon),
        area_m2=outline.area_m2,
        min_x=west,
        min_y=south,
        max_x=east,
        max_y=north,
        source_crs=source_crs,
    )
