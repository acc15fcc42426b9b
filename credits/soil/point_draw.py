"""Draws points at random inside plots, so that anyone with the list and the seed finds the same.

Imports no Django; standard library only. Works on a grid of 10⁻⁷ degrees (1 cm) with outlines in
whole 10⁻⁹ degrees, so that no rounding of any machine decides whether a point lies inside.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians

# A ring is a list of [longitude, latitude] in whole 10⁻⁹ degrees; holes are rings too.
Ring = Sequence[Sequence[int]]

GRID = 100
OUTLINE_UNITS = 1_000_000_000
# A plot so thin in its box that this many tries all miss it has an outline to be looked at.
MAX_TRIES = 200_000
_PART_BITS = 80


class DrawError(ValueError):
    """A point that cannot be drawn."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot of a stratum: its weight in the draw, a whole number, and its rings."""

    code: str
    weight: int
    rings: Sequence[Ring]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn point in whole 10⁻⁷ degrees, and the place of its plot in the list."""

    plot: int
    longitude_e7: int
    latitude_e7: int


def draw_point(plots: Sequence[Plot], *, key: str, stratum: str, position: int) -> Drawn:
    """The point of one position in a stratum: a plot by its weight, a point in it by area.

    Each position is drawn by itself and with replacement, so points never depend on how many
    others are drawn.

    Args:
        plots: the stratum's plots in the order of the published list; weights of 0 or more.
        key: the published list's hash and the seed, as `draw_key` joins them.
        stratum: its name in the list.
        position: counted from 1.

    Returns:
        The point, on the grid and strictly decided to lie inside its plot (even-odd rule).

    Raises:
        DrawError: no plot has any weight, or no try of `MAX_TRIES` falls into the plot.

    Source: rejection sampling on a plane of equal area: a place at latitude φ is kept with
        probability cos φ / (the box's largest cos φ).
    """
    whole = sum(plot.weight for plot in plots)
    if whole <= 0:
        raise DrawError(f"stratum {stratum} has no area")
    named = f"{key}\n{stratum}\n{position}"
    mark = _number(f"{named}\nplot") % whole
    place = 0
    while mark >= plots[place].weight:
        mark -= plots[place].weight
        place += 1
    box = _Box(plots[place])
    for attempt in range(1, MAX_TRIES + 1):
        found = box.try_point(_number(f"{named}\n{attempt}"))
        if found is not None:
            return Drawn(place, *found)
    raise DrawError(f"no point was found in plot {plots[place].code}")


def draw_key(population_sha256: str, seed: str) -> str:
    """The seed bound to the list: the same seed on another list draws other points."""
    return f"{population_sha256}\n{seed}"


def is_inside(rings: Sequence[Ring], x: int, y: int) -> bool:
    """Whether a place lies inside rings by the even-odd rule; all in whole 10⁻⁹ degrees."""
    inside = False
    for ring in rings:
        last_x, last_y = ring[-1]
        for this_x, this_y in ring:
            if (this_y > y) != (last_y > y):
                # Where the edge crosses the place's latitude, without a division.
                side = (last_x - this_x) * (y - this_y) - (x - this_x) * (last_y - this_y)
                if (side > 0) == (last_y > this_y) and side != 0:
                    inside = not inside
            last_x, last_y = this_x, this_y
    return inside


class _Box:
    """The grid's part that holds a plot."""

    def __init__(self, plot: Plot) -> None:
        self.rings = plot.rings
        east = [point[0] for ring in plot.rings for point in ring]
        north = [point[1] for ring in plot.rings for point in ring]
        self.west, self.south = -(-min(east) // GRID), -(-min(north) // GRID)
        self.columns = max(east) // GRID - self.west + 1
        self.rows = max(north) // GRID - self.south + 1
        if self.columns < 1 or self.rows < 1:
            raise DrawError(f"plot {plot.code} is smaller than the grid")
        self.widest = max(cos(_angle(self.south)), cos(_angle(self.south + self.rows - 1)))
        if self.south < 0 < self.south + self.rows:
            self.widest = 1.0

    def try_point(self, number: int) -> tuple[int, int] | None:
        """The place that a number stands for, or None where it is rejected."""
        mask = (1 << _PART_BITS) - 1
        parts = [(number >> shift) & mask for shift in (0, _PART_BITS, 2 * _PART_BITS)]
        x = self.west + (parts[0] * self.columns >> _PART_BITS)
        y = self.south + (parts[1] * self.rows >> _PART_BITS)
        if parts[2] >= cos(_angle(y)) / self.widest * (1 << _PART_BITS):
            return None
        return (x, y) if is_inside(self.rings, x * GRID, y * GRID) else None


def _angle(latitude_e7: int) -> float:
    return radians(latitude_e7 / 10_000_000)


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
