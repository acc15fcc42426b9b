"""What could be done about a broken outline; proposed, never done.

Pure. A proposal changes little of the area or is not made: the person who accepts it sees the
outline before and after.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from farms.outline_doubts import SPIKE_DEGREES, corner_angles

# More of the area than this is no slip of the hand: nobody but the clerk knows what is meant.
MAX_CHANGE = 0.05


@dataclass(frozen=True, slots=True)
class Repair:
    """One proposal. Areas are in the square of the shape's own unit, only their share counts.

    `code` says what was done: ``crossing_cut``, ``hole_cut``, ``parts_joined``, ``crumbs_dropped``,
    ``spikes_removed``, ``ring_closed``.
    """

    shape: Polygon
    code: str
    area_before: float
    area_after: float

    @property
    def change(self) -> float:
        """The share of the area that is won or lost, with its sign."""
        return (self.area_after - self.area_before) / self.area_before


def propose_repair(shape: Any, *, unclosed: bool = False) -> Repair | None:
    """A single sound polygon that comes near to what was drawn.

    Args:
        shape: What the file holds, in whatever coordinates.
        unclosed: The reader had to close its rings already.

    Returns:
        The proposal, or None: nothing is wrong, or it takes a person to say what is meant.
    """
    if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
        return None
    shape = shapely.force_2d(shape)
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        return None
    # Every point that the lines go around, however they cross: what the eye sees as the field.
    before = shapely.make_valid(shape, method="linework").area
    if before <= 0:
        return None
    for code, mended in _attempts(shape, unclosed=unclosed):
        if _is_plot(mended) and abs(mended.area - before) <= MAX_CHANGE * before:
            return Repair(mended, code, before, mended.area)
    return None


def remove_spikes(polygon: Polygon) -> Polygon | None:
    """The polygon without corners so sharp that their sides lie on one another; None if none is."""
    corners = shapely.get_coordinates(polygon.exterior)[:-1]
    kept = _without_spikes(corners)
    if len(kept) == len(corners) or len(kept) < 3:
        return None
    return Polygon(kept, [hole.coords for hole in polygon.interiors])


def _attempts(shape: Any, *, unclosed: bool) -> list[tuple[str, Any]]:
    """Proposals in the order of how little they take away."""
    parts = shapely.get_parts(shape)
    if len(parts) > 1:
        sound = shapely.make_valid(parts, method="structure")
        return [("parts_joined", shapely.union_all(sound)), ("crumbs_dropped", _largest(sound))]
    (polygon,) = parts
    if polygon.is_valid:
        if unclosed:
            return [("ring_closed", polygon)]
        return [("spikes_removed", remove_spikes(polygon))]
    attempts: list[tuple[str, Any]] = [("spikes_removed", remove_spikes(polygon))]
    if polygon.interiors and polygon.exterior.is_simple:
        holes = [shapely.make_valid(Polygon(hole)) for hole in polygon.interiors]
        cut = shapely.difference(Polygon(polygon.exterior), shapely.union_all(holes))
        attempts.append(("hole_cut", _largest(shapely.get_parts(cut))))
    attempts.append(("crossing_cut", _cut_crossing(polygon)))
    return attempts


def _cut_crossing(polygon: Polygon) -> Any:
    """The largest part without its loops: no holes but those that were drawn as holes."""
    # By the structure: what the line goes around twice is land, by the linework it were a hole.
    shell = _largest(shapely.make_valid(Polygon(polygon.exterior), method="structure"))
    if shell is None:
        return None
    holes = [shapely.make_valid(Polygon(hole)) for hole in polygon.interiors]
    cut = shapely.difference(Polygon(shell.exterior), shapely.union_all(holes))
    return _largest(shapely.get_parts(cut))


def _largest(parts: NDArray[np.object_]) -> Any:
    """The largest polygon, if all the others are crumbs beside it."""
    polygons = [p for p in shapely.get_parts(parts) if p.geom_type == "Polygon"]
    if not polygons:
        return None
    areas = np.array([p.area for p in polygons])
    if areas.sum() - areas.max() > MAX_CHANGE * areas.sum():
        return None
    return polygons[int(areas.argmax())]


def _is_plot(shape: Any) -> bool:
    return bool(shape is not None and shape.geom_type == "Polygon" and shape.is_valid) and (
        shape.area > 0
    )


def _without_spikes(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corners again and again rid of spikes: the foot of one may be doubled once it is gone."""
    while len(corners) >= 3:
        doubled = (np.roll(corners, 1, axis=0) == corners).all(axis=1)
        sharp = corner_angles(corners) < SPIKE_DEGREES
        if not (sharp | doubled).any():
            return corners
        # One at a time: with a spike gone its neighbours' angles are others.
        worst = int(np.flatnonzero(doubled if doubled.any() else sharp)[0])
        corners = np.delete(corners, worst, axis=0)
    return corners
