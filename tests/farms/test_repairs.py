"""Repairs are proposed where little changes, and left to a person where much would."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Polygon, box

from farms.repairs import MAX_CHANGE, propose_repair, remove_spikes

SQUARE = box(0, 0, 10, 10)
BOW = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])


def test_a_small_loop_is_cut_away() -> None:
    crossing = Polygon([(0, 0), (10, 0), (10, 10), (0.5, 10), (0.5, 10.5), (0, 10), (1, 10.2)])
    assert not crossing.is_valid
    repair = propose_repair(crossing)
    assert repair is not None
    assert repair.code == "crossing_cut"
    assert repair.shape.is_valid
    assert abs(repair.change) <= MAX_CHANGE


def test_a_bow_tie_is_left_to_a_person() -> None:
    # Either half may be the field: 50% of the area would go.
    assert propose_repair(BOW) is None


def test_a_thorn_of_no_width_is_taken_off() -> None:
    thorn = Polygon([(0, 0), (10, 0), (10, 5), (14, 5), (10, 5), (10, 10), (0, 10)])
    assert not thorn.is_valid
    repair = propose_repair(thorn)
    assert repair is not None
    assert (repair.code, repair.area_before, repair.area_after) == ("spikes_removed", 100, 100)
    assert shapely.equals(repair.shape, SQUARE)


def test_a_thorn_of_a_hair_is_found_on_a_sound_outline() -> None:
    thorn = Polygon([(0, 0), (10, 0), (10, 5), (14, 5.001), (10, 5.002), (10, 10), (0, 10)])
    assert thorn.is_valid
    mended = remove_spikes(thorn)
    assert mended is not None
    assert shapely.equals(mended, SQUARE)
    assert remove_spikes(SQUARE) is None


def test_a_hole_over_the_edge_is_cut_along_it() -> None:
    holed = Polygon(SQUARE.exterior.coords, [box(9.8, 4, 10.2, 5).exterior.coords])
    repair = propose_repair(holed)
    assert repair is not None
    # The hole takes 0.2 x 1 off the square.
    assert (repair.code, repair.area_after) == ("hole_cut", pytest.approx(99.8))


def test_parts_that_touch_are_joined() -> None:
    repair = propose_repair(MultiPolygon([box(0, 0, 5, 10), box(5, 0, 10, 10)]))
    assert repair is not None
    assert (repair.code, repair.area_after) == ("parts_joined", 100)


def test_parts_that_lie_apart_are_left_to_a_person_but_for_crumbs() -> None:
    assert propose_repair(MultiPolygon([SQUARE, box(20, 0, 25, 10)])) is None
    repair = propose_repair(MultiPolygon([SQUARE, box(20, 0, 20.1, 0.1)]))
    assert repair is not None
    assert (repair.code, repair.area_after) == ("crumbs_dropped", 100)


def test_an_open_ring_is_closed() -> None:
    repair = propose_repair(SQUARE, unclosed=True)
    assert repair is not None
    assert (repair.code, repair.change) == ("ring_closed", 0)


@pytest.mark.parametrize(
    "shape",
    [
        None,
        Polygon(),
        LineString([(0, 0), (1, 1)]),
        SQUARE,
        Polygon([(0, 0), (1, 0), (2, 0)]),
        Polygon([(0, 0), (float("nan"), 0), (2, 2)]),
    ],
)
def test_nothing_is_proposed_where_nothing_can_be_done(shape: Any) -> None:
    assert propose_repair(shape) is None


corner = st.tuples(st.integers(0, 12), st.integers(0, 12))


@given(st.lists(corner, min_size=3, max_size=9), st.lists(corner, min_size=3, max_size=5))
def test_every_proposal_is_one_sound_polygon_of_nearly_the_same_area(
    outer: list[tuple[int, int]], hole: list[tuple[int, int]]
) -> None:
    for shape in (Polygon(outer), Polygon(outer, [hole]), MultiPolygon([(outer, []), (hole, [])])):
        repair = propose_repair(shape)
        if repair is not None:
            assert repair.shape.geom_type == "Polygon"
            assert repair.shape.is_valid
            assert abs(repair.change) <= MAX_CHANGE
            assert repair.area_after == pytest.approx(repair.shape.area)


# Eight metres of the edge of a strip, its two corners in the wrong order.
STRIP = [(0, 0), (30, 0), (37, 4), (90, 4), (90, 24), (0, 24)]


@pytest.mark.parametrize("at", range(len(STRIP) - 1))
def test_two_corners_swapped_leave_no_hole(at: int) -> None:
    corners = list(STRIP)
    corners[at], corners[at + 1] = corners[at + 1], corners[at]
    repair = propose_repair(Polygon(corners))
    if repair is not None:
        assert not repair.shape.interiors


def test_a_loop_that_lies_on_the_field_leaves_no_hole() -> None:
    # The line goes around the little loop twice: it is land of the field.
    looped = Polygon([(0, 0), (6, 0), (4, 1), (4, -0.0001), (10, 0), (10, 10), (0, 10)])
    assert not looped.is_valid
    repair = propose_repair(looped)
    assert repair is not None
    assert not repair.shape.interiors


def test_a_hole_that_was_drawn_stays_when_a_crossing_is_cut() -> None:
    crossing = Polygon(
        [(0, 0), (10, 0), (10, 10), (0.5, 10), (0.5, 10.5), (0, 10), (1, 10.2)],
        [box(4, 4, 6, 6).exterior.coords],
    )
    repair = propose_repair(crossing)
    assert repair is not None
    assert (repair.code, len(repair.shape.interiors)) == ("crossing_cut", 1)


@given(st.lists(corner, min_size=4, max_size=9))
def test_no_proposal_has_a_hole_that_was_not_drawn(outer: list[tuple[int, int]]) -> None:
    repair = propose_repair(Polygon(outer))
    assert repair is None or not repair.shape.interiors
