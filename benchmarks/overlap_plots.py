"""The plots of the overlap benchmark: villages of jittered strips, with overlaps planted in them.

Made from a seed with numpy alone, so that two runs compare the same land.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

ROWS, COLUMNS = 20, 50
# Metres: strips as they are contracted, some two mu each.
WIDTH_M, LENGTH_M = 22.0, 60.0
JITTER = 0.08
VILLAGE_M = 2_400.0
_M_A_DEGREE = 111_320.0
_WEST, _SOUTH = 112.0, 30.0


@dataclass(frozen=True)
class Plots:
    """Outlines in EPSG:4326 and how many pairs among them overlap by more than 1%."""

    shapes: NDArray[np.object_]
    planted: int


def make_plots(count: int, *, seed: int = 20_260_101) -> Plots:
    """About `count` plots: neighbours share edges exactly, one in a hundred is drawn twice."""
    draw = np.random.default_rng(seed)
    villages = -(-count // (ROWS * COLUMNS))
    corners = np.concatenate([_village(number, villages, draw) for number in range(villages)])
    corners = corners[:count]
    twice = draw.choice(len(corners), size=len(corners) // 100, replace=False)
    inside = _shrink(corners[twice], 0.7)
    # A strip of the edge between two neighbours: it covers both, half of itself on each.
    astride = _astride(corners, draw)
    every = np.concatenate([corners, inside, astride])
    draw.shuffle(every)
    ring = np.concatenate([every, every[:, :1]], axis=1)
    shapes = shapely.polygons(_to_degrees(ring))
    return Plots(np.asarray(shapes, dtype=object), len(inside) + 2 * len(astride))


def _village(number: int, villages: int, draw: np.random.Generator) -> NDArray[np.float64]:
    """Quadrilaterals (n, 4, 2) in metres, turned by the village's own angle."""
    across = int(np.ceil(np.sqrt(villages)))
    x, y = np.meshgrid(np.arange(COLUMNS + 1) * WIDTH_M, np.arange(ROWS + 1) * LENGTH_M)
    x = x + draw.uniform(-JITTER, JITTER, x.shape) * WIDTH_M
    y = y + draw.uniform(-JITTER, JITTER, y.shape) * LENGTH_M
    angle = draw.uniform(0, np.pi / 2)
    knots = np.stack(
        [x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)], axis=-1
    )
    knots += (VILLAGE_M * (number % across), VILLAGE_M * (number // across))
    strips = [knots[:-1, :-1], knots[:-1, 1:], knots[1:, 1:], knots[1:, :-1]]
    return np.stack(strips, axis=2).reshape(-1, 4, 2)


def _shrink(corners: NDArray[np.float64], factor: float) -> NDArray[np.float64]:
    middle = corners.mean(axis=1, keepdims=True)
    return middle + (corners - middle) * factor


def _astride(corners: NDArray[np.float64], draw: np.random.Generator) -> NDArray[np.float64]:
    """Strips along the right edge of some plots that have a neighbour there, as wide as a path."""
    places = np.arange(len(corners))
    inner = places[(places % COLUMNS != COLUMNS - 1) & (places + 1 < len(corners))]
    chosen = corners[draw.choice(inner, size=len(inner) // 200, replace=False)]
    low, high = chosen[:, 1], chosen[:, 2]
    along = high - low
    aside = np.stack([-along[:, 1], along[:, 0]], axis=-1)
    aside *= 1.5 / np.linalg.norm(aside, axis=1, keepdims=True)
    near, far = low + 0.2 * along, low + 0.8 * along
    return np.stack([near - aside, near + aside, far + aside, far - aside], axis=1)


def _to_degrees(metres: NDArray[np.float64]) -> NDArray[np.float64]:
    north = _SOUTH + metres[..., 1] / _M_A_DEGREE
    east = _WEST + metres[..., 0] / (_M_A_DEGREE * np.cos(np.radians(_SOUTH)))
    return np.stack([east, north], axis=-1)
