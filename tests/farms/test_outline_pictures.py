"""The drawings of a repair show where it changes something, however small that is."""

from __future__ import annotations

import re

import pytest
from shapely.geometry import MultiPolygon, Polygon, box

from farms.outline_pictures import draw_change
from farms.repairs import propose_repair

# A hundred metres square with a corner cut off, and the two ends of the cut swapped.
TWISTED = Polygon([(0, 0), (100, 8), (92, 0), (100, 100), (0, 100)])


def test_a_small_fault_is_ringed_and_drawn_once_more_magnified() -> None:
    repair = propose_repair(TWISTED)
    assert repair is not None
    picture = draw_change(TWISTED, repair.shape)
    (ring,) = picture.whole.rings
    # The twist lies in the lower right corner: 8 of margin and 84 for the field.
    assert ring.x == pytest.approx(8 + 84 * 0.96, abs=3)
    assert ring.y == pytest.approx(8 + 84 * 0.96, abs=3)
    assert ring.radius < 15
    assert picture.inset is not None
    assert picture.times >= 3
    assert picture.inset.before != picture.inset.after


def test_what_differs_lies_within_the_magnified_square() -> None:
    repair = propose_repair(TWISTED)
    assert repair is not None
    inset = draw_change(TWISTED, repair.shape).inset
    assert inset is not None
    corners = {
        tuple(map(float, pair)) for pair in re.findall(r"(-?[\d.]+),(-?[\d.]+)", inset.before)
    }
    kept = {tuple(map(float, pair)) for pair in re.findall(r"(-?[\d.]+),(-?[\d.]+)", inset.after)}
    gone = corners - kept
    assert gone
    assert all(0 <= x <= 100 and 0 <= y <= 100 for x, y in gone)


def test_a_fault_that_can_be_seen_is_not_drawn_twice() -> None:
    large = Polygon(
        [(0, 0), (100, 0), (100, 100), (0, 100)], [box(90, 20, 110, 60).exterior.coords]
    )
    picture = draw_change(large, Polygon([(0, 0), (100, 0), (100, 100), (0, 100)]))
    assert picture.inset is None
    assert len(picture.whole.rings) == 1


def test_an_outline_that_stays_has_no_ring() -> None:
    square = box(0, 0, 10, 10)
    picture = draw_change(square, square)
    assert (picture.whole.rings, picture.inset, picture.change) == ([], None, "+0.00%")


def test_each_of_several_crumbs_has_a_ring_of_its_own() -> None:
    crumbs = [box(100 + 20 * n, 0, 100.1 + 20 * n, 0.1) for n in range(2, 4)]
    whole = MultiPolygon([box(0, 0, 100, 100), *crumbs])
    assert len(draw_change(whole, box(0, 0, 100, 100)).whole.rings) == 2
