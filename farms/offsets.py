"""The shifted coordinates of Chinese map services: GCJ-02 and BD-09, to and from WGS 84.

Pure: numpy only. The shift is a smooth function of the place, some 100 to 700 m; the way back is
found by fixed-point iteration, since there is no closed form.

Source: the public formulas as in googollee/eviltransform and wandergis/coordtransform, whose test
points are ours. The ellipsoid is Krasovsky's (a = 6378245 m); outside of a box around China
the services do not shift at all.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Move = Callable[[Points], Points]

SYSTEMS = {"gcj02": "GCJ-02", "bd09": "BD-09"}

_A = 6378245.0
_EE = 0.00669342162296594323
_X_PI = np.pi * 3000.0 / 180.0
# West, south, east, north of what the services shift.
_CHINA = (72.004, 0.8293, 137.8347, 55.8271)
# About 0.1 mm; each round of the iteration gains some three digits.
_CLOSE_DEGREES = 1e-9
_MOST_ROUNDS = 30


def wgs84_to_gcj02(points: Points) -> Points:
    """Shift points as AutoNavi (高德), Tencent and Google's China maps do.

    Args:
        points: Longitude and latitude in degrees, one point a row.

    Returns:
        The shifted points; those outside of China as they were.
    """
    return points + _shift(points) * _in_china(points)[:, None]


def gcj02_to_bd09(points: Points) -> Points:
    """Shift GCJ-02 points further, as Baidu does; inside China only."""
    return np.where(_in_china(points)[:, None], _baidu(points), points)


def wgs84_to_bd09(points: Points) -> Points:
    """Both shifts one after the other."""
    return gcj02_to_bd09(wgs84_to_gcj02(points))


def gcj02_to_wgs84(points: Points) -> Points:
    """Undo `wgs84_to_gcj02`, to less than a millimetre."""
    inside = _in_china(points)[:, None]
    return np.where(inside, _solve(points, lambda guess: guess + _shift(guess)), points)


def bd09_to_wgs84(points: Points) -> Points:
    """Undo `wgs84_to_bd09`, to less than a millimetre."""
    inside = _in_china(points)[:, None]
    shifted = _solve(points, lambda guess: _baidu(guess + _shift(guess)))
    return np.where(inside, shifted, points)


MOVES_BACK = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}


def _solve(wanted: Points, forward: Move) -> Points:
    """The points that `forward` brings to the wanted ones."""
    guess = wanted.copy()
    for _round in range(_MOST_ROUNDS):
        missed = wanted - forward(guess)
        guess = guess + missed
        if not len(missed) or np.nanmax(np.abs(missed), initial=0.0) < _CLOSE_DEGREES:
            break
    return guess


def _in_china(points: Points) -> NDArray[np.bool_]:
    west, south, east, north = _CHINA
    x, y = points[:, 0], points[:, 1]
    return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))


def _shift(points: Points) -> Points:
    """Degrees that GCJ-02 adds."""
    x, y = points[:, 0] - 105.0, points[:, 1] - 35.0
    root = np.sqrt(np.abs(x))
    waves = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    return _metres_to_degrees(east, north, latitude=points[:, 1])


def _metres_to_degrees(east: Points, north: Points, *, latitude: Points) -> Points:
    """Along the meridian by its radius of curvature, along the parallel by that of the normal."""
    phi = np.radians(latitude)
    w2 = 1 - _EE * np.sin(phi) ** 2
    meridian = _A * (1 - _EE) / (w2 * np.sqrt(w2))
    parallel = _A / np.sqrt(w2) * np.cos(phi)
    return np.degrees(np.column_stack((east / parallel, north / meridian)))


def _baidu(points: Points) -> Points:
    x, y = points[:, 0], points[:, 1]
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _X_PI)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _X_PI)
    return np.column_stack((radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006))
