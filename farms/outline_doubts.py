"""What is odd about a sound outline: strips, spikes, doubled corners, holes.

Pure. None of it makes an outline wrong; a person should look.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

# A strip narrower than this is more likely a gap between two drawn fields than a field.
NARROW_M = 1.0
SMALL_M2 = 20.0
# Corners this sharp stick out of an outline like a thorn.
SPIKE_DEGREES = 1.0
_METRES_A_DEGREE = 111_320.0
# Corners nearer than this (in degrees: a millimetre) are one corner drawn twice.
_SAME_DEGREES = 1e-8


class Doubt(NamedTuple):
    """`amount` is what the code counts: metres of width, corners, holes, or the share of holes."""

    code: str
    amount: float
    place: str = ""


def find_doubts(polygons: Sequence[Polygon]) -> list[list[Doubt]]:
    """What is odd about each outline.

    Args:
        polygons: Sound outlines in EPSG:4326.

    Returns:
        For each its doubts: ``sliver`` (width in metres), ``spike`` (how many, and the place of the
        first), ``repeated_corners`` (how many), ``holes`` (how many).
    """
    if not len(polygons):
        return []
    plots = np.array(polygons, dtype=object)
    flat = _to_metres(plots)
    areas, lengths = shapely.area(flat), shapely.length(flat)
    widths = 2 * areas / np.maximum(lengths, 1e-9)
    doubts: list[list[Doubt]] = [[] for _ in polygons]
    for at in np.flatnonzero((widths < NARROW_M) | (areas < SMALL_M2)).tolist():
        doubts[at].append(Doubt("sliver", float(widths[at])))
    _find_corners(plots, flat, doubts)
    holes = shapely.get_num_interior_rings(plots)
    for at in np.flatnonzero(holes).tolist():
        doubts[at].append(Doubt("holes", float(holes[at])))
    return doubts


def corner_angles(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """The angle in degrees at each corner of a closed ring, without its closing corner.

    Args:
        corners: x and y, one corner a row, in a plane.
    """
    back, ahead = np.roll(corners, 1, axis=0) - corners, np.roll(corners, -1, axis=0) - corners
    cross = back[:, 0] * ahead[:, 1] - back[:, 1] * ahead[:, 0]
    return np.degrees(np.arctan2(np.abs(cross), (back * ahead).sum(axis=1)))


def _find_corners(
    plots: NDArray[np.object_], flat: NDArray[np.object_], doubts: list[list[Doubt]]
) -> None:
    """Note the spikes and the doubled corners of the outer rings."""
    places, owners = shapely.get_coordinates(shapely.get_exterior_ring(plots), return_index=True)
    corners = shapely.get_coordinates(shapely.get_exterior_ring(flat))
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    steps = np.abs(np.diff(places, axis=0, prepend=np.inf)).max(axis=1)
    steps[starts] = np.inf
    doubled = np.bincount(owners[steps < _SAME_DEGREES], minlength=len(plots))
    for at, (first, last) in enumerate(zip(starts, [*starts[1:], len(owners)], strict=True)):
        if doubled[at]:
            doubts[at].append(Doubt("repeated_corners", float(doubled[at])))
        keep = np.flatnonzero(steps[first : last - 1] >= _SAME_DEGREES) + first
        sharp = keep[corner_angles(corners[keep]) < SPIKE_DEGREES]
        if len(sharp) and len(keep) > 3:
            place = ", ".join(format(part, ".10g") for part in places[sharp[0]])
            doubts[at].append(Doubt("spike", float(len(sharp)), place))


def _to_metres(plots: NDArray[np.object_]) -> NDArray[np.object_]:
    """Near enough for a width: longitudes shortened by the latitude of each plot."""
    _corners, owners = shapely.get_coordinates(plots, return_index=True)
    bounds = shapely.bounds(plots)
    shrink = np.cos(np.radians((bounds[:, 1] + bounds[:, 3]) / 2))[owners]

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack((points[:, 0] * shrink, points[:, 1])) * _METRES_A_DEGREE

    return np.asarray(shapely.transform(plots, move), dtype=object)
