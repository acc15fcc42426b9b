"""Invents terraced hillsides: plots that follow contours, share their edges and never overlap.

Imports no Django and reads no file; the same seed gives the same land. Coordinates are metres of
the CGCS2000 3-degree Gauss-Kruger zone with central meridian 117°E.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import rotate, scale
from shapely.geometry import Polygon

CRS = "EPSG:4548"
M2_MIN, M2_MAX = 215.0, 2600.0  # about 0.32 to 3.9 mu
STEP_M = 3.0  # between two surveyed points along a terrace wall

Line = NDArray[np.float64]


@dataclass(frozen=True)
class Site:
    """Where a village's slope lies and how it is bent: `bend_m` is the radius of its hollow,
    negative for a spur, and `facing` the compass bearing (degrees) it falls towards."""

    name: str
    east_m: float
    north_m: float
    facing: float
    bend_m: float
    length_m: float = 760.0
    height_m: float = 440.0


@dataclass(frozen=True)
class Plot:
    """One terrace plot; `terrace` counts from the valley floor, `place` says what it lies by."""

    shape: Polygon
    terrace: int
    place: str

    @property
    def area_m2(self) -> float:
        return float(self.shape.area)


@dataclass(frozen=True)
class Slope:
    """A hillside's terrace walls as lines with one point per column, lowest first."""

    walls: list[Line]
    stream: list[int]
    track: list[int]
    woods: list[tuple[int, int]]
    hamlet: Polygon


SITES = (
    Site("hollow", 531_000.0, 2_781_900.0, facing=165.0, bend_m=620.0),
    Site("spur", 531_900.0, 2_781_830.0, facing=200.0, bend_m=-640.0),
    Site("valley", 531_420.0, 2_781_150.0, facing=20.0, bend_m=1500.0),
)


def make_plots(site: Site, *, seed: int) -> list[Plot]:
    """Cut a site's hillside into terrace plots.

    Args:
        site: the place; its size decides how many plots come out (about 300).
        seed: any whole number.
    Returns:
        Plots from the valley floor up, each wall from end to end. Areas lie within
        `M2_MIN`..`M2_MAX`; two plots meet along shared points or not at all.
    """
    random = Random(f"{seed}-{site.name}")  # noqa: S311 - land, not a secret
    slope = _shape_slope(site, random)
    plots = []
    for terrace in range(len(slope.walls) - 1):
        pieces = _cut_terrace(slope, terrace, random)
        plots += [
            Plot(shape, terrace, _describe_place(shape, terrace, slope))
            for shape in pieces
            if _is_field(shape, slope.hamlet)
        ]
    return plots


def _shape_slope(site: Site, random: Random) -> Slope:
    """Lay walls, stream, track, woods and the hamlet beside the track, a third of the way up."""
    across = np.arange(0.0, site.length_m + STEP_M, STEP_M)
    up = np.arange(-120.0, site.height_m + 160.0, 1.0)
    stream_at, track_at = site.length_m * random.uniform(0.28, 0.4), site.length_m * 0.68
    elevation = _make_elevation(across, up, stream_at, random)
    walls = [_trace_contour(elevation, up, level) for level in _choose_levels(site, random)]
    stream = [_column_of(wall, across, stream_at, sway=14.0) for wall in walls]
    track = [_column_of(wall, across, track_at, sway=26.0) for wall in walls]
    lines = [_place_on_map(site, across, wall) for wall in walls]
    third = len(lines) // 3
    heart = shapely.Point(*lines[third][track[third]])
    hamlet = rotate(scale(heart.buffer(1.0), 46.0, 30.0), -site.facing)
    return Slope(lines, stream, track, _grow_woods(len(lines), random), hamlet)


def _make_elevation(across: Line, up: Line, stream_at: float, random: Random) -> Line:
    """Height above the valley floor on the grid up × across: steeper above, furrowed by spurs."""
    x, y = np.meshgrid(across, up)
    height = 0.30 * y + 0.00032 * np.maximum(y, 0.0) ** 2
    for wave_m, rise_m in ((340.0, 9.0), (165.0, 5.0), (74.0, 1.3), (31.0, 0.3)):
        phase, lean = random.uniform(0, math.tau), random.uniform(-0.35, 0.35)
        height += rise_m * np.sin(math.tau * (x + lean * y) / wave_m + phase)
    # Knolls and shelves: the slope, and so the depth of a terrace, changes along it.
    for wave_m, rise_m in ((260.0, 3.2), (140.0, 1.5)):
        there, high = random.uniform(0, math.tau), random.uniform(0, math.tau)
        height += (
            rise_m * np.sin(math.tau * x / wave_m + there) * np.sin(math.tau * y / wave_m + high)
        )
    gully = (x - stream_at - 14.0 * np.sin(y / 70.0)) / 34.0
    height -= (5.0 + 0.012 * y) * np.exp(-(gully**2))
    # Rising everywhere, or a contour would cross a column twice.
    return np.maximum.accumulate(height + 1e-6 * y, axis=0)


def _choose_levels(site: Site, random: Random) -> Iterator[float]:
    """Heights of the walls, so spaced that a terrace is some 8 to 15 metres deep."""
    y = 0.0
    while y < site.height_m:
        yield 0.30 * y + 0.00032 * y**2
        y += random.choice((8.5, 10.0, 11.0, 12.5, 15.0))


def _trace_contour(elevation: Line, up: Line, level: float) -> Line:
    return np.array([np.interp(level, column, up) for column in elevation.T])


def _column_of(wall: Line, across: Line, at_m: float, *, sway: float) -> int:
    """The column where a winding line up the slope (stream, track) crosses a wall."""
    return int(np.argmin(np.abs(across - at_m - sway * np.sin(wall / 70.0))))


def _grow_woods(terraces: int, random: Random) -> list[tuple[int, int]]:
    """Columns of wood west and east of each terrace: a ragged rim, wider at the top and foot."""
    wide, fine = ([random.uniform(0, math.tau) for _ in range(2)] for _ in range(2))

    def rim(height: float, side: int) -> int:
        ends = 101 * max(0.0, height - 0.55) ** 1.6 + 300 * max(0.0, 0.16 - height) ** 1.2
        waves = 13 * math.sin(5.2 * height + wide[side]) + 4 * math.sin(17 * height + fine[side])
        return int(17 + ends + waves + random.uniform(0, 5))

    heights = [terrace / terraces for terrace in range(terraces)]
    return [(rim(height, 0), rim(height, 1)) for height in heights]


def _place_on_map(site: Site, across: Line, wall: Line) -> Line:
    """Bend a wall round the hollow or spur, turn it to its bearing, set it on the map (to 1 cm)."""
    angle = (across - site.length_m / 2) / site.bend_m
    radius = site.bend_m - (site.height_m / 2 - wall)
    x, y = radius * np.sin(angle), radius * np.cos(angle) - site.bend_m
    turn = math.radians(180.0 - site.facing)
    east = x * math.cos(turn) - y * math.sin(turn) + site.east_m
    north = x * math.sin(turn) + y * math.cos(turn) + site.north_m
    placed: Line = np.column_stack([east, north]).round(2)
    return placed


def _cut_terrace(slope: Slope, terrace: int, random: Random) -> Iterator[Polygon]:
    """The pieces between two walls, divided across at irregular lengths, the stream left out."""
    lower, upper = slope.walls[terrace], slope.walls[terrace + 1]
    stream = slope.stream[terrace], slope.stream[terrace + 1]
    track = slope.track[terrace], slope.track[terrace + 1]
    last = len(lower) - 1
    west, east = slope.woods[terrace]
    runs = (
        ((west, west), (stream[0] - 1, stream[1] - 1)),
        ((stream[0] + 1, stream[1] + 1), track),
        (track, (last - east, last - east)),
    )
    for start, end in runs:
        yield from _cut_run(lower, upper, (start, end), random)


def _cut_run(
    lower: Line, upper: Line, ends: tuple[tuple[int, int], tuple[int, int]], random: Random
) -> Iterator[Polygon]:
    left, end = ends
    while left < end:
        right = _next_cut(lower, upper, left, random)
        if right[0] > end[0] - 7 or right[1] > end[1] - 7:
            right = end
        yield _polygon_between(lower, upper, left, right)
        left = right


def _next_cut(lower: Line, upper: Line, left: tuple[int, int], random: Random) -> tuple[int, int]:
    """Where the next wall across stands: as far on as a plot of a likely size reaches."""
    wanted = min(max(random.lognormvariate(math.log(820.0), 0.55), 320.0), 2100.0)
    gained, column = 0.0, max(left)
    while gained < wanted and column < len(lower) - 1 and column - max(left) < 45:
        depth = math.dist(lower[column], upper[column])
        gained += depth * STEP_M * 0.95
        column += 1
    return _square_up(lower, upper, max(column, max(left) + 4))


def _square_up(lower: Line, upper: Line, column: int) -> tuple[int, int]:
    """Lean the cut so that it meets both walls as squarely as the points allow."""
    last = len(lower) - 1
    leans = [lean for lean in range(-3, 4) if 0 <= column - lean <= last >= column + lean >= 0]
    best = min(leans, key=lambda lean: math.dist(lower[column - lean], upper[column + lean]))
    return column - best, column + best


def _polygon_between(
    lower: Line, upper: Line, left: tuple[int, int], right: tuple[int, int]
) -> Polygon:
    bottom = lower[left[0] : right[0] + 1]
    top = upper[left[1] : right[1] + 1][::-1]
    return Polygon(np.concatenate([bottom, top]))


def _is_field(shape: Polygon, hamlet: Polygon) -> bool:
    if not shape.is_valid or not M2_MIN <= shape.area <= M2_MAX:
        return False
    # Half the perimeter is about the length: thinner than 3.5 m is a bank, not a field.
    if shape.area / (shape.length / 2) < 3.5:
        return False
    return bool(shape.intersection(hamlet).area < 0.3 * shape.area)


def _describe_place(shape: Polygon, terrace: int, slope: Slope) -> str:
    beside = slope.walls[terrace][slope.stream[terrace]]
    if shape.distance(shapely.Point(*beside)) < 7:
        return "stream"
    if shape.distance(slope.hamlet) < 12:
        return "hamlet"
    if terrace < 3:
        return "floor"
    if terrace > len(slope.walls) * 0.8:
        return "ridge"
    if shape.area > 1500:
        return "large"
    return "long" if shape.length**2 / shape.area > 38 else "slope"
