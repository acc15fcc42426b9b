"""Maps of sampling points as plain geometry: outlines and points in a picture, north up, to scale.

Reads no row; gives paths and places that a template writes as SVG.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians

import shapely
from shapely.affinity import affine_transform
from shapely.geometry.base import BaseGeometry

METRES_PER_DEGREE = 111_320
_BARS = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
_SHORTEST_M = 60.0
# Of its box, how much is seen around it.
_ROUND_ABOUT = 0.2
_DOT = 3.2


@dataclass(frozen=True, slots=True)
class Dot:
    """A point's place in the picture and what is written beside it; text turns left at the edge."""

    x: str
    y: str
    text: str
    text_x: str
    anchor: str


@dataclass(frozen=True, slots=True)
class SoilMap:
    """A finished picture: paths of fields, paler paths of neighbours, points, a bar of metres."""

    width: int
    height: int
    fields: list[str]
    neighbours: list[str]
    dots: list[Dot]
    bar_metres: int
    bar_path: str


Place = tuple[float, float]


def look_around(shapes: Sequence[BaseGeometry]) -> tuple[float, float, float, float]:
    """West, south, east, north of a window that shows the shapes and what lies around them."""
    west, south, east, north = shapely.total_bounds(list(shapes))
    per_metre = 1 / METRES_PER_DEGREE
    squeeze = cos(radians((south + north) / 2))
    wide = max((east - west) * (1 + 2 * _ROUND_ABOUT), _SHORTEST_M * per_metre / squeeze)
    tall = max((north - south) * (1 + 2 * _ROUND_ABOUT), _SHORTEST_M * per_metre)
    x, y = (west + east) / 2, (south + north) / 2
    return x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2


def draw_map(
    fields: Sequence[BaseGeometry],
    neighbours: Sequence[BaseGeometry],
    points: Sequence[tuple[Place, str]],
    *,
    size: tuple[int, int],
) -> SoilMap:
    """Lay out fields, their neighbours and points in a picture of `size`.

    Args:
        fields: outlines in longitude and latitude, at least one; all of them are seen.
        neighbours: outlines round about, cut off at the picture's edge.
        points: places as longitude and latitude, each with its words.
        size: width and height in units of the picture.
    """
    width, height = size
    west, south, east, north = look_around(fields)
    squeeze = cos(radians((south + north) / 2))
    scale = min(width / ((east - west) * squeeze), height / (north - south))
    x, y = (west + east) / 2, (south + north) / 2
    across, up = scale * squeeze, -scale
    matrix = [across, 0, 0, up, width / 2 - x * across, height / 2 - y * up]
    frame = shapely.box(0, 0, width, height)
    paths = [
        [text for shape in group if (text := _path(affine_transform(shape, matrix), frame))]
        for group in (fields, neighbours)
    ]
    bar = _bar(scale / METRES_PER_DEGREE, width)
    return SoilMap(
        width=width,
        height=height,
        fields=paths[0],
        neighbours=paths[1],
        dots=[_dot(place, text, matrix, width) for place, text in points],
        bar_metres=bar,
        bar_path=f"M1 0V5H{1 + bar * scale / METRES_PER_DEGREE:.1f}V0",
    )


def _bar(units_per_metre: float, width: int) -> int:
    return max((bar for bar in _BARS if bar * units_per_metre <= width / 3), default=_BARS[0])


def _dot(place: Place, text: str, matrix: list[float], width: int) -> Dot:
    x, y = place[0] * matrix[0] + matrix[4], place[1] * matrix[3] + matrix[5]
    left = x > width * 0.75
    return Dot(
        x=f"{x:.1f}",
        y=f"{y:.1f}",
        text=text,
        text_x=f"{x - 2 * _DOT if left else x + 2 * _DOT:.1f}",
        anchor="end" if left else "start",
    )


def _path(shape: BaseGeometry, frame: BaseGeometry) -> str:
    seen = shapely.intersection(shape, frame)
    rings = [
        ring
        for part in shapely.get_parts(seen)
        if part.geom_type == "Polygon"
        for ring in (part.exterior, *part.interiors)
    ]
    return " ".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring.coords[:-1]) + "Z" for ring in rings
    )
