"""Plots with their true areas for the tests of redrawing, and lines through them."""

from __future__ import annotations

from datetime import date
from typing import Any

import shapely
from shapely.geometry import LineString, Polygon, box

from farms.geometry import geodesic_area_m2
from farms.models import Boundary, Field
from tests.cast import Cast

# The cast's first field: 0.001° of longitude by 0.001° of latitude.
WEST, EAST, SOUTH, NORTH = 118.002, 118.003, 30.0, 30.001
MIDDLE = LineString([(118.0025, 29.999), (118.0025, 30.002)])
MIDSUMMER = date(2025, 7, 1)


def measure(cast: Cast) -> None:
    """Give the cast's fields the areas of their outlines instead of round figures."""
    for boundary in Boundary.objects.filter(cooperative=cast.cooperative):
        boundary.area_m2 = geodesic_area_m2(outline(boundary.field))
        boundary.save()


def outline(field: Field) -> Polygon:
    return shapely.from_wkb(bytes(field.boundaries.order_by("-version").first().geometry_wkb))


def area(field: Field) -> Any:
    return field.boundaries.order_by("-version").first().area_m2


def half(side: str) -> Polygon:
    middle = (WEST + EAST) / 2
    return box(WEST, SOUTH, middle, NORTH) if side == "west" else box(middle, SOUTH, EAST, NORTH)
