"""Two small drawings of one outline, as the file has it and as a repair would leave it.

Gives SVG paths on a square of 100 units, y downwards; both drawings have the same scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from aggregator.models import UploadRow

_SIDE = 100.0
_MARGIN = 8.0
# How many times as far as the field is large its crumbs may lie and still be drawn to scale.
_FAR = 4.0


@dataclass(frozen=True, slots=True)
class Picture:
    """Paths before and after; `change` is the share of the area won or lost, as shown."""

    before: str
    after: str
    change: str


def draw_repair(row: UploadRow) -> Picture | None:
    """The outline and its proposed repair, or None where none is proposed."""
    if row.shape is None or row.repaired_shape is None:
        return None
    before = shapely.from_wkb(bytes(row.shape), on_invalid="ignore")
    after = shapely.from_wkb(bytes(row.repaired_shape))
    if before is None or not np.isfinite(shapely.get_coordinates(before)).all():
        return None
    west, south, east, north = _frame(before, after)
    scale = (_SIDE - 2 * _MARGIN) / (max(east - west, north - south) or 1.0)
    whole = shapely.make_valid(before, method="linework").area
    change = (after.area - whole) / whole if whole else 0.0
    return Picture(
        _path(before, west=west, north=north, scale=scale),
        _path(after, west=west, north=north, scale=scale),
        f"{change * 100:+.2f}%",
    )


def _frame(before: shapely.Geometry, after: shapely.Geometry) -> tuple[float, ...]:
    """The box of both drawings; of a crumb that lies far off only the direction can be shown."""
    whole = shapely.total_bounds(np.array([before, after], dtype=object))
    west, south, east, north = after.bounds
    room = max(east - west, north - south)
    if max(whole[2] - whole[0], whole[3] - whole[1]) <= _FAR * room:
        return tuple(whole)
    return west - room / 2, south - room / 2, east + room / 2, north + room / 2


def _path(shape: shapely.Geometry, *, west: float, north: float, scale: float) -> str:
    rings = []
    for part in shapely.get_parts(shape):
        for ring in (part.exterior, *part.interiors):
            points = shapely.get_coordinates(ring)
            x = _MARGIN + (points[:, 0] - west) * scale
            y = _MARGIN + (north - points[:, 1]) * scale
            pairs = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
            rings.append(f"M{pairs}Z")
    return "".join(rings)
