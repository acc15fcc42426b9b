"""Outlines read from text, cut along lines, joined, and compared with what they came from.

Imports no Django. Polygons are in longitude and latitude; tolerances are in square metres.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import shapely
from shapely.geometry import LineString, Polygon, shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import split

from farms.geometry import geodesic_area_m2
from farms.nested_shapes import wkt_too_deep

# What two drawings of one edge may differ by: this much of the land, or a square metre.
_TOLERANCE_RATE = Decimal("0.001")
_TOLERANCE_M2 = Decimal(1)
# Edges nearer than this, about a centimetre, are one edge.
_SAME_EDGE_DEGREES = 1e-7
_CENT = Decimal("0.01")
# The last is of brackets within brackets without end.
_NOT_READ: tuple[type[Exception], ...] = (ValueError, TypeError, KeyError, AttributeError)
_NOT_READ += (shapely.errors.ShapelyError, RecursionError)
_NUMBERS = re.compile(r"^\s*(-?\d+(?:\.\d+)?)[\s,;，；]+(-?\d+(?:\.\d+)?)\s*$")


class CuttingError(ValueError):
    """Shapes that cannot be used; `code` says why, `values` fill the sentence."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def read_shape(text: str, *, kind: str) -> BaseGeometry:
    """Understand GeoJSON, WKT or lines of "longitude latitude".

    Args:
        text: What was typed or drawn.
        kind: ``"Polygon"`` or ``"LineString"``; lines of numbers become one of it.

    Returns:
        The shape as it was given; polygons are not judged here.

    Raises:
        CuttingError: ``shape_missing``, ``shape_not_read`` or ``shape_of_other_kind``.
    """
    text = text.strip()
    if not text:
        raise CuttingError("shape_missing")
    try:
        found = _parse(text, kind)
    except _NOT_READ as error:
        raise CuttingError("shape_not_read") from error
    if found.geom_type == f"Multi{kind}" and shapely.get_num_geometries(found) == 1:
        found = shapely.get_geometry(found, 0)
    if found.geom_type != kind:
        raise CuttingError("shape_of_other_kind")
    return found


def split_polygon(polygon: Polygon, line: LineString) -> list[Polygon]:
    """Cut a polygon along a line that crosses the whole of it.

    Returns:
        The parts from west to east, then south to north.

    Raises:
        CuttingError: ``line_does_not_cross``.
    """
    try:
        parts = [part for part in split(polygon, line).geoms if part.geom_type == "Polygon"]
    except ValueError as error:
        # An edge of the plot itself was drawn over.
        raise CuttingError("line_does_not_cross") from error
    if len(parts) < 2:
        raise CuttingError("line_does_not_cross")
    return sorted(parts, key=lambda part: (part.centroid.x, part.centroid.y))


def check_parts(whole: Polygon, parts: Sequence[Polygon]) -> None:
    """Judge whether parts make up the whole: no gap, nothing outside, nothing twice.

    Raises:
        CuttingError: ``parts_overlap``, ``parts_leave_gap`` or ``parts_stick_out``.
    """
    allowed = max(_TOLERANCE_M2, geodesic_area_m2(whole) * _TOLERANCE_RATE)
    union = shapely.union_all(list(parts))
    twice = sum(map(_area_m2, parts)) - _area_m2(union)
    _refuse_more("parts_overlap", twice, allowed)
    _refuse_more("parts_leave_gap", _area_m2(whole.difference(union)), allowed)
    _refuse_more("parts_stick_out", _area_m2(union.difference(whole)), allowed)


def join_polygons(polygons: Sequence[Polygon]) -> Polygon:
    """One polygon of several that share edges, be these drawn a centimetre apart.

    Raises:
        CuttingError: ``fields_do_not_touch``.
    """
    union, *rest = polygons
    while rest:
        # The nearest first: it touches what is joined so far, if any of them does.
        nearest = rest.pop(int(shapely.distance(rest, union).argmin()))
        union = _join_two(union, nearest)
    if union.geom_type != "Polygon":
        raise CuttingError("fields_do_not_touch")
    return union


def share_out(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Divide an area so that the parts add up to it to the hundredth.

    Args:
        total: Area in m², two decimals.
        weights: Areas the parts were measured to have, each above 0.

    Returns:
        Parts in proportion, rounded down, the hundredths left over to the largest remainders.
    """
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [share.quantize(_CENT, rounding=ROUND_FLOOR) for share in exact]
    left = int((total - sum(parts)) / _CENT)
    by_remainder = sorted(range(len(parts)), key=lambda at: (parts[at] - exact[at], at))
    for at in by_remainder[:left]:
        parts[at] += _CENT
    return parts


def _parse(text: str, kind: str) -> BaseGeometry:
    if text.startswith("{"):
        value = json.loads(text)
        if value.get("type") == "FeatureCollection":
            (value,) = value["features"]
        return shapely.force_2d(shape(value.get("geometry", value)))
    lines = [_NUMBERS.match(line) for line in text.splitlines() if line.strip()]
    if all(lines):
        corners = [(float(found[1]), float(found[2])) for found in lines if found]
        return Polygon(corners) if kind == "Polygon" else LineString(corners)
    if wkt_too_deep(text):
        raise ValueError("too deep")
    return shapely.force_2d(shapely.from_wkt(text))


def _join_two(one: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """Their union, with edges brought together first: a rounded corner would leave a crack."""
    drawn_to = shapely.snap(one, other, _SAME_EDGE_DEGREES)
    other_drawn_to = shapely.snap(other, drawn_to, _SAME_EDGE_DEGREES)
    if drawn_to.is_valid and other_drawn_to.is_valid:
        one, other = drawn_to, other_drawn_to
    return shapely.union(one, other)


def _area_m2(found: BaseGeometry) -> Decimal:
    """Geodesic area of all polygons in a shape; lines and points have none."""
    parts = shapely.get_parts(found)
    return sum(
        (geodesic_area_m2(part) for part in parts if part.geom_type == "Polygon"), Decimal(0)
    )


def _refuse_more(code: str, area_m2: Decimal, allowed: Decimal) -> None:
    if area_m2 > allowed:
        raise CuttingError(code, area_m2=area_m2)
