"""Small drawings of one outline, as the file has it and as a repair would leave it.

Gives SVG paths on squares of 100 units, y downwards; what is drawn before and after has the same
scale. Where the repair changes so little that nobody would see it, the place is drawn once more,
magnified.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely

from aggregator.models import UploadRow

_SIDE = 100.0
_MARGIN = 8.0
# How many times as far as the field is large its crumbs may lie and still be drawn to scale.
_FAR = 4.0
# Shares of the frame: corners nearer than this are the same, faults nearer than this are one.
_SAME = 1e-5
_ONE_PLACE = 0.04
# A fault smaller than this is drawn once more, with so much of its surroundings.
_SMALL = 0.2
_SURROUNDINGS = 3.0
_LEAST_RING = 4.0
_MOST_RINGS = 9


class Ring(NamedTuple):
    """A circle around a faulty place."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class View:
    """The outline before and after in one frame, and where they differ."""

    before: str
    after: str
    rings: list[Ring]


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole outline, and its worst place `times` as large where that is small against it.

    `change` is the share of the area won or lost, as shown.
    """

    whole: View
    change: str
    inset: View | None = None
    times: int = 1


@dataclass(frozen=True, slots=True)
class _Frame:
    """The square that is drawn, in the file's own coordinates."""

    west: float
    north: float
    side: float

    @classmethod
    def around(cls, bounds: Any, *, times: float = 1.0, least: float = 0.0) -> _Frame:
        west, south, east, north = (float(bound) for bound in bounds)
        side = max((east - west) * times, (north - south) * times, least) or 1.0
        return cls((west + east - side) / 2, (south + north + side) / 2, side)

    def place(self, points: Any) -> Any:
        """Corners on the square of the drawing."""
        scale = (_SIDE - 2 * _MARGIN) / self.side
        return np.column_stack(
            (
                _MARGIN + (points[:, 0] - self.west) * scale,
                _MARGIN + (self.north - points[:, 1]) * scale,
            )
        )


def draw_repair(row: UploadRow) -> Picture | None:
    """The outline and its proposed repair, or None where none is proposed."""
    if row.shape is None or row.repaired_shape is None:
        return None
    before = shapely.from_wkb(bytes(row.shape), on_invalid="ignore")
    after = shapely.from_wkb(bytes(row.repaired_shape))
    if before is None or not np.isfinite(shapely.get_coordinates(before)).all():
        return None
    return draw_change(shapely.force_2d(before), after)


def draw_change(before: Any, after: Any) -> Picture:
    """Both outlines, with a ring around each place where they differ."""
    frame = _choose_frame(before, after)
    faults = _find_faults(before, after, frame)
    land = shapely.make_valid(before, method="linework").area
    change = f"{(after.area - land) / land if land else 0.0:+.2%}"
    whole = _view(before, after, frame, faults)
    inset = _choose_inset(faults, frame)
    if inset is None:
        return Picture(whole, change)
    times = round(frame.side / inset.side)
    return Picture(whole, change, _view(before, after, inset, []), times)


def _choose_frame(before: Any, after: Any) -> _Frame:
    """The box of both drawings; of a crumb that lies far off only the direction can be shown."""
    whole = shapely.total_bounds(np.array([before, after], dtype=object))
    west, south, east, north = after.bounds
    room = max(east - west, north - south)
    if max(whole[2] - whole[0], whole[3] - whole[1]) <= _FAR * room:
        return _Frame.around(whole)
    return _Frame.around(after.bounds, times=2)


def _find_faults(before: Any, after: Any, frame: _Frame) -> list[Any]:
    """Where a line of one drawing has none of the other beside it: a shape each, largest first."""
    same = frame.side * _SAME
    one, other = (shapely.union_all(_rings(shape)) for shape in (before, after))
    apart = [
        shapely.difference(one, shapely.buffer(other, same)),
        shapely.difference(other, shapely.buffer(one, same)),
    ]
    near = shapely.buffer(shapely.union_all(apart), frame.side * _ONE_PLACE / 2)
    places = sorted(shapely.get_parts(near), key=lambda place: -place.area)
    return [place for place in places[:_MOST_RINGS] if not place.is_empty]


def _choose_inset(faults: list[Any], frame: _Frame) -> _Frame | None:
    """The largest fault with its surroundings, unless it can be seen as it is."""
    if not faults:
        return None
    inset = _Frame.around(shapely.buffer(faults[0], -frame.side * _ONE_PLACE / 2.1).bounds)
    if inset.side >= _SMALL * frame.side:
        return None
    return _Frame.around(
        faults[0].centroid.bounds, least=max(inset.side * _SURROUNDINGS, frame.side / 50)
    )


def _view(before: Any, after: Any, frame: _Frame, faults: list[Any]) -> View:
    rings = []
    for fault in faults:
        west, south, east, north = fault.bounds
        ((x, y),) = frame.place(np.array([[(west + east) / 2, (south + north) / 2]]))
        span = max(east - west, north - south) / frame.side
        radius = max(span * (_SIDE - 2 * _MARGIN) * 0.6, _LEAST_RING)
        if 0 < x < _SIDE and 0 < y < _SIDE:
            rings.append(Ring(round(float(x), 1), round(float(y), 1), round(radius, 1)))
    return View(_path(before, frame), _path(after, frame), rings)


def _path(shape: Any, frame: _Frame) -> str:
    drawn = []
    for ring in _rings(shape):
        points = frame.place(shapely.get_coordinates(ring))
        drawn.append("M" + " ".join(f"{x:.2f},{y:.2f}" for x, y in points) + "Z")
    return "".join(drawn)


def _rings(shape: Any) -> list[Any]:
    return [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
