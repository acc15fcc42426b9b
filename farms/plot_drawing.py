"""Plots as outlines in whole decimetres, and those outlines laid out as one picture to scale.

Imports no Django. Tracing needs shapely and happens when a statement is frozen; laying out needs
only the frozen whole numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from shapely.affinity import affine_transform
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

# A ring is a list of [east, north] pairs in decimetres; holes are rings too (even-odd fill).
Ring = list[list[int]]

DECIMETRES_PER_METRE = 10
MAX_POINTS = 40

PICTURE_WIDTH = 320.0
PICTURE_HEIGHT = 190.0
MARGIN = 8.0
GAP = 14.0
# Below this many picture units a plot cannot be told from its neighbour's outline.
SMALLEST_PLOT = 26.0
_BAR_METRES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)


@dataclass(frozen=True, slots=True)
class Outline:
    """One plot: its rings, and the point where its number stands, in decimetres."""

    number: int
    rings: list[Ring]
    label: list[int]


@dataclass(frozen=True, slots=True)
class PlacedPlot:
    """One plot in picture units, y downwards: an SVG path and the place of its number."""

    number: int
    path: str
    label_x: str
    label_y: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished picture. `is_map` is false when far-apart plots were set side by side."""

    width: str
    height: str
    plots: list[PlacedPlot]
    bar_metres: int
    bar_width: str
    is_map: bool


def trace_plots(numbered_wkb: Sequence[tuple[int, bytes]]) -> list[Outline]:
    """Project plots to a common plane and simplify their outlines.

    Args:
        numbered_wkb: the number of each plot and its polygon as WKB, longitude and latitude.

    Returns:
        outlines in decimetres east and north of the plots' common south-west corner.

    Source: metres a degree by the series of the WGS 84 ellipsoid, NGA TR 8350.2, to 0.01%.
    """
    shapes = [shapely.from_wkb(bytes(wkb)) for _, wkb in numbered_wkb]
    if not shapes:
        return []
    bounds = shapely.bounds(shapes)
    west, south = min(bounds[:, 0]), min(bounds[:, 1])
    metres_east, metres_north = _metres_a_degree((south + max(bounds[:, 3])) / 2)
    east = metres_east * DECIMETRES_PER_METRE
    north = metres_north * DECIMETRES_PER_METRE
    matrix = [east, 0, 0, north, -west * east, -south * north]
    return [
        _outline(number, affine_transform(shape, matrix))
        for (number, _), shape in zip(numbered_wkb, shapes, strict=True)
    ]


def lay_out(outlines: Sequence[Outline]) -> Drawing | None:
    """Arrange outlines in one picture, north up, all at one scale; None without outlines.

    Plots near one another keep their places; plots so far apart that they would shrink to dots
    are set side by side instead.
    """
    if not outlines:
        return None
    boxes = [_box(outline) for outline in outlines]
    scale, height = _map_scale(boxes)
    smallest = min(max(right - left, top - bottom) for left, bottom, right, top in boxes)
    if len(outlines) == 1 or smallest * scale >= SMALLEST_PLOT:
        left = min(box[0] for box in boxes)
        top = max(box[3] for box in boxes)
        spread = (max(box[2] for box in boxes) - left) * scale
        offset = (PICTURE_WIDTH - spread) / 2
        corners = [(offset - left * scale, MARGIN + top * scale)] * len(outlines)
        return _drawing(outlines, corners, (scale, height), is_map=True)
    scale, height, corners = _shelves(boxes)
    return _drawing(outlines, corners, (scale, height), is_map=False)


def _metres_a_degree(latitude: float) -> tuple[float, float]:
    phi = math.radians(latitude)
    east = 111_412.84 * math.cos(phi) - 93.5 * math.cos(3 * phi) + 0.118 * math.cos(5 * phi)
    north = 111_132.954 - 559.822 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi)
    return east, north


def _outline(number: int, shape: BaseGeometry) -> Outline:
    tolerance = 0.5 * DECIMETRES_PER_METRE
    simple = shape.simplify(tolerance)
    while shapely.get_num_coordinates(simple) > MAX_POINTS and tolerance < 10_000:
        tolerance *= 1.5
        simple = shape.simplify(tolerance)
    polygons = [part for part in _polygons(simple) if part.area > 0] or _polygons(shape)
    largest = max(polygons, key=lambda part: part.area)
    centre = shapely.maximum_inscribed_circle(largest, tolerance=10).coords[0]
    rings = [
        [[round(x), round(y)] for x, y in ring.coords[:-1]]
        for part in polygons
        for ring in (part.exterior, *part.interiors)
    ]
    return Outline(number, rings, [round(centre[0]), round(centre[1])])


def _polygons(shape: BaseGeometry) -> list[Polygon]:
    return list(shape.geoms) if isinstance(shape, MultiPolygon) else [shape]


def _box(outline: Outline) -> tuple[int, int, int, int]:
    east = [point[0] for ring in outline.rings for point in ring]
    north = [point[1] for ring in outline.rings for point in ring]
    return min(east), min(north), max(east), max(north)


def _map_scale(boxes: Sequence[tuple[int, int, int, int]]) -> tuple[float, float]:
    """Picture units a decimetre, and the picture's height, with every plot in its place."""
    wide = max(box[2] for box in boxes) - min(box[0] for box in boxes)
    tall = max(box[3] for box in boxes) - min(box[1] for box in boxes)
    scale = min(
        (PICTURE_WIDTH - 2 * MARGIN) / max(wide, 1), (PICTURE_HEIGHT - 2 * MARGIN) / max(tall, 1)
    )
    return scale, tall * scale + 2 * MARGIN


def _shelves(
    boxes: Sequence[tuple[int, int, int, int]],
) -> tuple[float, float, list[tuple[float, float]]]:
    """Set boxes on shelves from the left, shrinking until they fit; the origin of each in units."""
    largest = max(max(right - left, top - bottom) for left, bottom, right, top in boxes)
    scale = (PICTURE_HEIGHT - 2 * MARGIN) / max(largest, 1)
    while True:
        corners: list[tuple[float, float]] = []
        x, shelf, shelf_height = MARGIN, MARGIN, 0.0
        for left, bottom, right, top in boxes:
            wide, tall = (right - left) * scale, (top - bottom) * scale
            if x + wide > PICTURE_WIDTH - MARGIN and x > MARGIN:
                x, shelf, shelf_height = MARGIN, shelf + shelf_height + GAP, 0.0
            corners.append((x - left * scale, shelf + top * scale))
            x += wide + GAP
            shelf_height = max(shelf_height, tall)
        height = shelf + shelf_height + MARGIN
        if height <= PICTURE_HEIGHT + 1e-6:
            return scale, height, corners
        scale *= 0.92


def _drawing(
    outlines: Sequence[Outline],
    corners: Sequence[tuple[float, float]],
    scale_and_height: tuple[float, float],
    *,
    is_map: bool,
) -> Drawing:
    scale, height = scale_and_height
    metre = scale * DECIMETRES_PER_METRE
    bar_metres = max(
        (metres for metres in _BAR_METRES if metres * metre <= PICTURE_WIDTH / 4), default=1
    )
    placed = [
        PlacedPlot(
            outline.number,
            " ".join(_path(ring, corner, scale) for ring in outline.rings),
            f"{corner[0] + outline.label[0] * scale:.1f}",
            f"{corner[1] - outline.label[1] * scale:.1f}",
        )
        for outline, corner in zip(outlines, corners, strict=True)
    ]
    return Drawing(
        width=f"{PICTURE_WIDTH:.0f}",
        height=f"{height:.0f}",
        plots=placed,
        bar_metres=bar_metres,
        bar_width=f"{bar_metres * metre:.1f}",
        is_map=is_map,
    )


def _path(ring: Ring, corner: tuple[float, float], scale: float) -> str:
    points = [f"{corner[0] + x * scale:.1f} {corner[1] - y * scale:.1f}" for x, y in ring]
    return f"M{'L'.join(points)}Z"
