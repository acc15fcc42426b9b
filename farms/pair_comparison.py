"""Outlines compared pair by pair, bounded where very many lie on one another.

Pure: imports no Django. A thousand copies of one plot make half a million pairs, and nobody mends
more than a few: a pair is left out once both of its plots are known to overlap enough others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]
Indices = NDArray[np.int64]
Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]
Wanted = Callable[[Indices, Indices], Mask]
Pairs = tuple[Indices, Indices]

# Overlaps of a plot that are told at any rate.
MOST_EACH = 10
# Plots whose neighbours are looked up at once: a stack of n makes this many times n pairs.
_ROWS = 256
# In a stack, plots that are compared before it is asked again who has enough.
_TURN = 4
_CROWDED_PAIRS = 50 * _ROWS


@dataclass(frozen=True, slots=True)
class SharedLand:
    """Pairs of plots by index, ``first < second``; `share` is of the smaller plot's area, 0-1.

    `crowded` plots are in at least `MOST_EACH` of the pairs, and may overlap one another further.
    """

    first: Indices
    second: Indices
    share: Numbers
    area_m2: Numbers
    crowded: Indices

    def __len__(self) -> int:
        return len(self.first)


def paired_places(boxes: Numbers, wanted: Wanted) -> Indices:
    """Places that are in any wanted pair whose boxes meet; arguments as for `near_pairs`."""
    rectangles = shapely.box(*boxes.T)
    tree = shapely.STRtree(rectangles)
    paired = np.zeros(len(rectangles), dtype=bool)
    for part in _parts(len(rectangles)):
        # A place that is in a pair already need not be asked: its partners are asked themselves.
        rows = part[~paired[part]]
        at, other = tree.query(rectangles[rows])
        one = rows[at]
        one, other = one[one != other], other[one != other]
        asked = wanted(np.minimum(one, other), np.maximum(one, other))
        paired[one[asked]] = paired[other[asked]] = True
    return np.flatnonzero(paired)


def near_pairs(boxes: Numbers, wanted: Wanted, *, done: Mask) -> Iterator[Pairs]:
    """Pairs of places whose boxes meet and that are wanted, in parts, ordered by the first.

    Args:
        boxes: West, south, east, north, one row a plot.
        wanted: Which of the pairs (first, second) to give.
        done: Places of which two make no pair any more; may change between two parts.
    """
    rectangles = shapely.box(*boxes.T)
    every = np.arange(len(rectangles))
    tree = open_tree = shapely.STRtree(rectangles)
    open_places = every
    for rows in _parts(len(rectangles)):
        left = np.flatnonzero(~done)
        if 2 * len(left) < len(open_places):
            open_places, open_tree = left, shapely.STRtree(rectangles[left])
        for asked, places, found in (
            (rows[~done[rows]], every, tree),
            (rows[done[rows]], open_places, open_tree),
        ):
            at, other = found.query(rectangles[asked])
            first, second = asked[at], places[other]
            first, second = first[first < second], second[first < second]
            kept = wanted(first, second)
            yield first[kept], second[kept]


def compare_pairs(
    flat: Shapes,
    boxes: Numbers,
    wanted: Wanted,
    *,
    tolerance: float,
    see: Callable[[int], None] = lambda _at: None,
) -> SharedLand:
    """Of the wanted pairs those that share more than `tolerance` of the smaller one.

    Args:
        flat: Valid outlines in a plane of true areas, in metres.
        boxes: Their boxes, in any plane.
        wanted: Which pairs of places to look at.
        tolerance: Share 0-1; exactly this much still passes.
        see: Told before each part at which place it begins; may raise to end the comparison.

    Returns:
        What was found, ordered by first and second.
    """
    areas = shapely.area(flat)
    told = np.zeros(len(flat), dtype=np.int64)
    done = np.zeros(len(flat), dtype=bool)
    found: list[tuple[Indices, Indices, Numbers, Numbers]] = []
    reached = 0
    for one, other in _in_turns(near_pairs(boxes, wanted, done=done)):
        reached = int(one[0]) if len(one) else reached
        see(reached)
        first, second = one[~(done[one] & done[other])], other[~(done[one] & done[other])]
        smaller = np.minimum(areas[first], areas[second])
        common = shapely.area(shapely.intersection(flat[first], flat[second]))
        hit = common > tolerance * smaller
        share = np.minimum(common[hit] / smaller[hit], 1.0)
        found.append((first[hit], second[hit], share, common[hit]))
        np.add.at(told, np.concatenate([first[hit], second[hit]]), 1)
        done[:] = told >= MOST_EACH
    return _in_order(found, np.flatnonzero(done))


def _parts(count: int) -> Iterator[Indices]:
    for start in range(0, count, _ROWS):
        yield np.arange(start, min(start + _ROWS, count))


def _in_turns(pairs: Iterable[Pairs]) -> Iterator[Pairs]:
    """Parts with very many pairs a few plots at a time."""
    for first, second in pairs:
        if len(first) <= _CROWDED_PAIRS:
            yield first, second
            continue
        starts = np.arange(first[0], first[-1] + 1, _TURN)
        edges = [*np.searchsorted(first, starts).tolist(), len(first)]
        for low, high in pairwise(edges):
            yield first[low:high], second[low:high]


def _in_order(
    found: list[tuple[Indices, Indices, Numbers, Numbers]], crowded: Indices
) -> SharedLand:
    if not found:
        nowhere, nothing = np.empty(0, dtype=np.int64), np.empty(0)
        return SharedLand(nowhere, nowhere, nothing, nothing, crowded)
    first, second, share, area_m2 = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.lexsort((second, first))
    return SharedLand(first[order], second[order], share[order], area_m2[order], crowded)
