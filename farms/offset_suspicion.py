"""Whether a file lies as a whole beside the fields on record, as shifted coordinates do.

Pure. What can be known: fields of the same code tell the shift itself; new fields tell it only
where, moved back, their corners come to lie on the outlines of neighbours and they themselves not
on the neighbours' land, which no accident does.
New fields among no neighbours tell nothing, and None is the honest answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from farms.offsets import MOVES_BACK

# Fields of one code that must agree before anything is said.
FEWEST_FIELDS = 3
# Below this a survey may simply be better than the one before; GCJ-02 moves 100 to 700 m, BD-09
# up to 1.5 km.
LEAST_M, MOST_M = 50.0, 2000.0
# What may be left of the distance once a shift is undone: plots are redrawn a little as well.
LEFT_OVER = 0.2
# Corners this near to a neighbour's outline lie on it, and so many of the fields must touch one.
TOUCH_M = 2.0
TOUCHING = 0.1
# An accident touches too, now and then: the way back must touch so many times as often.
TIMES_AS_OFTEN = 4.0
# Land has one plot: where so many come to lie on others, the way back is not theirs. Each counts
# from so much of it on; neighbours drawn by others overlap a little.
MOST_COVERED = 0.1
COVERED_FROM = 0.2
# Plots that share so much of the larger one are one plot under two codes.
SAME_LAND = 0.9
_SAMPLE = 2000
_METRES_A_DEGREE = 111_320.0

Points = NDArray[np.float64]


class Suspicion(NamedTuple):
    """`system` is ``gcj02``, ``bd09`` or empty; metres and bearing (degrees from north) of the file
    as seen from the record; `compared` fields said so, by their code or by touching neighbours."""

    system: str
    metres: float
    bearing: float
    compared: int
    by_code: bool


def suspect_offset(
    outlines: Mapping[str, Polygon], known: Mapping[str, Polygon]
) -> Suspicion | None:
    """Suspect a shift common to all outlines.

    Args:
        outlines: The file's fields by code, in EPSG:4326.
        known: The cooperative's fields on record by code, in EPSG:4326.

    Returns:
        The suspicion, or None: they lie where they should, or it cannot be known.
    """
    both = [code for code in outlines if code in known]
    if len(both) >= FEWEST_FIELDS:
        here = _centres([outlines[code] for code in both])
        there = _centres([known[code] for code in both])
        return _suspect_by_code(here, there)
    new = [outline for code, outline in outlines.items() if code not in known]
    return _suspect_by_place(new[:_SAMPLE], list(known.values()))


def _suspect_by_code(here: Points, there: Points) -> Suspicion | None:
    apart = _metres(there, here)
    metres = float(np.median(np.hypot(*apart.T)))
    if not LEAST_M <= metres <= MOST_M:
        return None
    left = {
        system: float(np.median(np.hypot(*_metres(there, back(here)).T)))
        for system, back in MOVES_BACK.items()
    }
    system = min(left, key=lambda name: left[name])
    if left[system] > LEFT_OVER * metres:
        system = ""
        spread = np.median(np.hypot(*(apart - np.median(apart, axis=0)).T))
        # Fields that were moved each in its own way are no shift of the file.
        if spread > LEFT_OVER * metres:
            return None
    return Suspicion(system, metres, _bearing(apart), len(here), by_code=True)


def _suspect_by_place(new: list[Polygon], known: list[Polygon]) -> Suspicion | None:
    if len(new) < FEWEST_FIELDS or not known:
        return None
    plots = np.array(new, dtype=object)
    edges = shapely.STRtree(shapely.boundary(np.array(known, dtype=object)))
    plain = _share_touching(plots, edges)
    moved = {
        system: np.asarray(shapely.transform(plots, back), dtype=object)
        for system, back in MOVES_BACK.items()
    }
    touching = {system: _share_touching(shapes, edges) for system, shapes in moved.items()}
    system = max(touching, key=lambda name: touching[name])
    if touching[system] < TOUCHING or touching[system] < TIMES_AS_OFTEN * plain:
        return None
    if _share_covered(moved[system], np.array(known, dtype=object)) > MOST_COVERED:
        return None
    apart = _metres(_centres(moved[system]), _centres(plots))
    metres = float(np.median(np.hypot(*apart.T)))
    if metres < LEAST_M:
        return None
    return Suspicion(system, metres, _bearing(apart), len(new), by_code=False)


def _share_touching(plots: NDArray[np.object_], edges: shapely.STRtree) -> float:
    """The share of plots with two corners or more on the outline of a field on record."""
    corners, owners = shapely.get_coordinates(plots, return_index=True)
    near, _edge = edges.query(
        shapely.points(corners), predicate="dwithin", distance=TOUCH_M / _METRES_A_DEGREE
    )
    # Each corner once, and not the one that closes the ring.
    found = {(owners[at], *corners[at]) for at in near.tolist()}
    counts = np.bincount([int(owner) for owner, _x, _y in found], minlength=len(plots))
    return float((counts >= 2).mean())


def _share_covered(plots: NDArray[np.object_], known: NDArray[np.object_]) -> float:
    """The share of plots that lie on fields on record, but for those that are one of them."""
    at, other = shapely.STRtree(known).query(plots, predicate="intersects")
    common = shapely.area(shapely.intersection(plots[at], known[other]))
    larger = np.maximum(shapely.area(plots[at]), shapely.area(known[other]))
    strange = np.where(common < SAME_LAND * larger, common, 0.0)
    covered = np.bincount(at, weights=strange, minlength=len(plots))
    return float((covered > COVERED_FROM * shapely.area(plots)).mean())


def _centres(polygons: object) -> Points:
    return np.asarray(shapely.get_coordinates(shapely.centroid(np.asarray(polygons, object))))


def _metres(origin: Points, points: Points) -> Points:
    """East and north in metres from each origin to its point, over short distances."""
    degrees = points - origin
    degrees[:, 0] *= np.cos(np.radians(origin[:, 1]))
    return degrees * _METRES_A_DEGREE


def _bearing(apart: Points) -> float:
    east, north = np.median(apart, axis=0)
    return float(np.degrees(np.arctan2(east, north)) % 360)
