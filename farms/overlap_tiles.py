"""Pairs of plots that cover the same land, found tile by tile among any number of plots.

Pure: imports no Django and no database. Keeps the boxes of all plots in memory, and the outlines
of a few tiles at a time.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import shapely

from farms.pair_comparison import (
    Indices,
    Mask,
    Numbers,
    Shapes,
    SharedLand,
    Wanted,
    compare_pairs,
    paired_places,
)

Rectangle = tuple[float, float, float, float]

# Plots a tile holds at most, unless they lie on one another; some 40 MB of outlines.
TILE_CAPACITY = 20_000
THREADS = min(4, os.cpu_count() or 1)
_NOWHERE = float("inf")
# WGS 84: half the long axis in metres, and the eccentricity.
_AXIS_M = 6_378_137.0
_ECCENTRICITY = 0.081_819_190_842_621_5


@dataclass(frozen=True, slots=True)
class Tile:
    """A rectangle, west and south edge included, and the plots whose boxes touch it."""

    plots: Indices
    rectangle: Rectangle


def sweep_overlaps(
    boxes: Numbers,
    read: Callable[[Indices], Shapes],
    *,
    tolerance: float,
    comparable: Wanted | None = None,
    capacity: int = TILE_CAPACITY,
    threads: int = THREADS,
) -> Iterator[SharedLand]:
    """Find all pairs that share more than `tolerance` of the smaller plot, each pair once.

    Where very many plots lie on one another, only so many of each: see `SharedLand`.

    Args:
        boxes: West, south, east, north of each plot in degrees, one row a plot.
        read: Gives the outlines (EPSG:4326) of plots by index; called from this thread only.
            An outline that crosses itself is made valid.
        tolerance: Share 0-1; exactly this much still passes, and so does a common edge.
        comparable: Which of the pairs (first, second) to look at; all of them if not given.
        capacity: Plots a tile may hold. What is found does not depend on it, but in crowds.
        threads: How many tiles are compared at once; GEOS releases the interpreter.

    Yields:
        The pairs of one tile, ordered, in the order of the tiles.
    """
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[SharedLand]] = deque()
        for tile in split_tiles(boxes, capacity=capacity):
            wanted = _wanted_of(boxes, tile, comparable)
            plots = tile.plots[paired_places(boxes[tile.plots], wanted)]
            if not len(plots):
                continue
            part = Tile(plots, tile.rectangle)
            waiting.append(
                pool.submit(_compare, part, boxes, read(plots), comparable, tolerance=tolerance)
            )
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def split_tiles(boxes: Numbers, *, capacity: int) -> Iterator[Tile]:
    """Cut the plane at medians until each tile holds at most `capacity` plots.

    Dense villages get small tiles, empty land none. Plots that lie on one another cannot be
    parted; such a tile holds more.

    Args:
        boxes: West, south, east, north of each plot, one row a plot.
        capacity: Plots a tile may hold, at least 1.

    Yields:
        Tiles that cover all plots and do not overlap; a plot on an edge is in both.
    """
    stack = [Tile(np.arange(len(boxes)), (-_NOWHERE, -_NOWHERE, _NOWHERE, _NOWHERE))]
    while stack:
        tile = stack.pop()
        halves = _halve(tile, boxes) if len(tile.plots) > capacity else None
        if halves is not None:
            stack += halves
        elif len(tile.plots):
            yield tile


def to_equal_area(shapes: Shapes) -> Shapes:
    """Longitude and latitude as metres of a plane in which areas are true on the ellipsoid.

    Unsound shapes are made valid: intersections with them would stop or be wrong.

    Source: Snyder, "Map Projections - A Working Manual", USGS Professional Paper 1395 (1987),
    equations 3-12, 10-15 and 10-17 (Lambert's cylindrical equal-area, standard parallel 0).
    """
    flat = np.asarray(shapely.transform(shapes, _flatten), dtype=object)
    unsound = ~shapely.is_valid(flat)
    if unsound.any():
        flat[unsound] = shapely.make_valid(flat[unsound])
    return flat


def _flatten(points: Numbers) -> Numbers:
    sine = np.sin(np.radians(points[:, 1]))
    scaled = _ECCENTRICITY * sine
    narrow = 1 - _ECCENTRICITY**2
    authalic = narrow * (sine / (1 - scaled**2) + np.arctanh(scaled) / _ECCENTRICITY)
    return np.column_stack([_AXIS_M * np.radians(points[:, 0]), _AXIS_M * authalic / 2])


def _halve(tile: Tile, boxes: Numbers) -> list[Tile] | None:
    """The tile in two, cut across its wider side, or None where that would part next to nothing."""
    own = boxes[tile.plots]
    spread = own[:, :2].max(axis=0) - own[:, :2].min(axis=0)
    for side in np.argsort(-spread):
        cut = float(np.median(own[:, side]))
        low, high = own[:, side] < cut, own[:, side + 2] >= cut
        if low.all() or high.all() or low.sum() + high.sum() > 1.5 * len(own):
            continue
        edges, near = list(tile.rectangle), list(tile.rectangle)
        near[side + 2] = edges[side] = cut
        return [
            Tile(tile.plots[low], (near[0], near[1], near[2], near[3])),
            Tile(tile.plots[high], (edges[0], edges[1], edges[2], edges[3])),
        ]
    return None


def _wanted_of(boxes: Numbers, tile: Tile, comparable: Wanted | None) -> Wanted:
    """Which pairs of places in a tile it is to judge: their boxes share an area."""
    west, south, east, north = tile.rectangle

    def wanted(first: Indices, second: Indices) -> Mask:
        one, other = tile.plots[first], tile.plots[second]
        # The near corner of what two boxes share lies in one tile only: that one counts the pair.
        near = np.maximum(boxes[one, :2], boxes[other, :2])
        far = np.minimum(boxes[one, 2:], boxes[other, 2:])
        kept: Mask = np.asarray((near < far).all(axis=1))
        kept &= (near >= (west, south)).all(axis=1)
        kept &= (near < (east, north)).all(axis=1)
        if comparable is not None:
            kept[kept] = comparable(one[kept], other[kept])
        return kept

    return wanted


def _compare(
    tile: Tile, boxes: Numbers, shapes: Shapes, comparable: Wanted | None, *, tolerance: float
) -> SharedLand:
    wanted = _wanted_of(boxes, tile, comparable)
    flat, own = to_equal_area(shapes), boxes[tile.plots]
    found = compare_pairs(flat, own, wanted, tolerance=tolerance)
    return replace(
        found,
        first=tile.plots[found.first],
        second=tile.plots[found.second],
        crowded=tile.plots[found.crowded],
    )
