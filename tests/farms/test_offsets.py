"""GCJ-02 and BD-09 against published point pairs, and there and back to the millimetre."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farms.offsets import (
    MOVES_BACK,
    gcj02_to_bd09,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)

# Longitude, latitude. googollee/eviltransform, python/test.py: Shanghai, Shenzhen, Beijing.
GCJ_PAIRS = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    # wandergis/coordtransform, README.
    ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
]
FORWARD = {"gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}


@pytest.mark.parametrize(("wgs84", "gcj02"), GCJ_PAIRS)
def test_gcj02_agrees_with_published_pairs(
    wgs84: tuple[float, float], gcj02: tuple[float, float]
) -> None:
    # The pairs follow the same formulas, so they agree far below a millimetre (1e-8 degrees).
    assert wgs84_to_gcj02(np.array([wgs84]))[0] == pytest.approx(gcj02, abs=1e-9)
    assert MOVES_BACK["gcj02"](np.array([gcj02]))[0] == pytest.approx(wgs84, abs=1e-8)


def test_bd09_agrees_with_a_published_pair() -> None:
    # wandergis/coordtransform, README: gcj02tobd09(116.404, 39.915).
    shifted = gcj02_to_bd09(np.array([(116.404, 39.915)]))[0]
    assert shifted == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-12)


def test_bd09_comes_back_near_the_published_one_step_inverse() -> None:
    # wandergis/coordtransform, README: bd09togcj02(116.404, 39.915); one step, good to a metre.
    gcj02 = wgs84_to_gcj02(MOVES_BACK["bd09"](np.array([(116.404, 39.915)])))[0]
    assert gcj02 == pytest.approx((116.39762729119315, 39.90865673957631), abs=1e-5)


@given(
    longitude=st.floats(74, 134),
    latitude=st.floats(18, 53),
    system=st.sampled_from(sorted(FORWARD)),
)
def test_there_and_back_is_less_than_a_millimetre(
    longitude: float, latitude: float, system: str
) -> None:
    point = np.array([(longitude, latitude)])
    back = MOVES_BACK[system](FORWARD[system](point))
    # 1e-8 degrees of a meridian are 1.1 mm; half of that is asked for.
    assert np.abs(back - point).max() < 5e-9


@pytest.mark.parametrize("system", FORWARD)
def test_outside_of_china_nothing_is_shifted(system: str) -> None:
    points = np.array([(-3.7, 11.2), (141.3, 43.0), (2.35, 48.85)])
    assert (FORWARD[system](points) == points).all()
    assert (MOVES_BACK[system](points) == points).all()


@pytest.mark.parametrize("system", FORWARD)
def test_no_points_and_lost_points_pass_through(system: str) -> None:
    assert MOVES_BACK[system](np.empty((0, 2))).shape == (0, 2)
    lost = MOVES_BACK[system](np.array([(np.nan, 30.0), (118.0, 25.0)]))
    assert np.isnan(lost[0, 0])
    assert np.isfinite(lost[1]).all()
