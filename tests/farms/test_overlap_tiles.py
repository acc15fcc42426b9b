"""Overlaps by tiles: the same pairs as comparing each with each, however the land is cut."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from shapely.geometry import Polygon, box

from benchmarks.overlap_plots import make_plots
from farms.geometry import find_overlaps
from farms.overlap_tiles import split_tiles, sweep_overlaps, to_equal_area
from farms.pair_comparison import MOST_EACH, Indices, Mask

# No share of small whole numbers is exactly this.
TOLERANCE = 0.012_345
STEP = 0.000_1


def sweep(shapes: list[Polygon], **options: object) -> dict[tuple[int, int], tuple[float, float]]:
    """Share and area by pair; a pair told twice fails."""
    every = np.array(shapes, dtype=object)
    found: dict[tuple[int, int], tuple[float, float]] = {}
    options.setdefault("tolerance", TOLERANCE)
    for tile in sweep_overlaps(shapely.bounds(every), lambda at: every[at], **options):  # type: ignore[arg-type]
        for row in zip(tile.first, tile.second, tile.share, tile.area_m2, strict=True):
            pair = int(row[0]), int(row[1])
            assert pair not in found
            found[pair] = float(row[2]), float(row[3])
    return found


def compare_each_with_each(shapes: list[Polygon]) -> dict[tuple[int, int], float]:
    flat = to_equal_area(np.array(shapes, dtype=object))
    shares = {
        (one, other): flat[one].intersection(flat[other]).area
        / min(flat[one].area, flat[other].area)
        for one, other in combinations(range(len(shapes)), 2)
    }
    return {pair: share for pair, share in shares.items() if share > TOLERANCE}


@st.composite
def plots(draw: st.DrawFn) -> Polygon:
    """Rectangles and skew triangles on a small lattice: many touch, nest and coincide."""
    x, y = draw(st.integers(0, 12)), draw(st.integers(0, 12))
    wide, high = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    corners = [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)]
    if draw(st.booleans()):
        del corners[draw(st.integers(0, 3))]
    return Polygon([(112 + a * STEP, 30 + b * STEP) for a, b in corners])


@settings(max_examples=150, deadline=None)
@given(
    shapes=st.lists(plots(), max_size=30), capacity=st.integers(1, 30), threads=st.integers(1, 3)
)
def test_tiles_of_any_size_find_what_comparing_each_with_each_finds(
    shapes: list[Polygon], capacity: int, threads: int
) -> None:
    expected = compare_each_with_each(shapes)
    found = sweep(shapes, capacity=capacity, threads=threads)
    assert found.keys() == expected.keys()
    for pair, (share, _area) in found.items():
        assert share == pytest.approx(expected[pair], rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(shapes=st.lists(plots(), max_size=20), seed=st.randoms(use_true_random=False))
def test_the_order_of_the_plots_changes_nothing(shapes: list[Polygon], seed: object) -> None:
    order = list(range(len(shapes)))
    seed.shuffle(order)  # type: ignore[attr-defined]
    shuffled = sweep([shapes[at] for at in order], capacity=4)
    renamed = {tuple(sorted((order[one], order[other]))) for one, other in shuffled}
    assert renamed == sweep(shapes, capacity=4).keys()


@settings(max_examples=60, deadline=None)
@given(shapes=st.lists(plots(), min_size=1, max_size=40), capacity=st.integers(1, 10))
def test_every_plot_is_in_a_tile_that_its_box_touches(shapes: list[Polygon], capacity: int) -> None:
    boxes = shapely.bounds(np.array(shapes, dtype=object))
    seen = set()
    for tile in split_tiles(boxes, capacity=capacity):
        west, south, east, north = tile.rectangle
        for at in tile.plots:
            assert (boxes[at][:2] < (east, north)).all()
            assert (boxes[at][2:] >= (west, south)).all()
            seen.add(int(at))
    assert seen == set(range(len(shapes)))


def test_the_plane_has_the_areas_of_projs_equal_area_projection() -> None:
    move = Transformer.from_crs(4326, "+proj=cea +ellps=WGS84", always_xy=True).transform
    degrees = np.array([[112.0, 30.0], [-75.5, -12.25], [87.6, 43.8], [0.0, 0.0], [126.6, 53.5]])
    ours = shapely.get_coordinates(to_equal_area(shapely.points(degrees)))
    assert ours == pytest.approx(np.column_stack(move(*degrees.T)), abs=1e-4)


def test_half_a_plot_shared_is_told_with_its_square_metres() -> None:
    # At the equator a degree of longitude is pi/180 of 6,378,137 m, of latitude 110,574 m:
    # half of 0.001° x 0.001° is 111.32 m x 110.57 m / 2 = 6,154 m².
    found = sweep([box(0, 0, 0.001, 0.001), box(0.0005, 0, 0.0015, 0.001)])
    [(share, area_m2)] = found.values()
    assert share == pytest.approx(0.5)
    assert area_m2 == pytest.approx(6_154, rel=1e-3)


def test_a_common_edge_is_no_overlap() -> None:
    assert sweep([box(0, 0, 1, 1), box(1, 0, 2, 1)], tolerance=0.0) == {}


def test_exactly_the_tolerance_still_passes() -> None:
    half = [box(0, 0, 2, 1), box(1, 0, 3, 1)]
    assert sweep(half, tolerance=0.5 + 1e-9) == {}
    assert len(sweep(half, tolerance=0.5 - 1e-9)) == 1


def test_a_plot_that_crosses_itself_counts_with_its_valid_parts() -> None:
    bow_tie = Polygon([(0, 0), (0.002, 0.002), (0.002, 0), (0, 0.002)])
    # The east lobe of the bow tie is a quarter of the square, and half of the bow tie.
    [(share, _area)] = sweep([bow_tie, box(0.001, 0, 0.002, 0.002)]).values()
    assert share == pytest.approx(0.5, rel=1e-4)


def test_plots_stacked_on_one_another_are_compared_though_no_cut_parts_them() -> None:
    assert len(sweep([box(112, 30, 112.001, 30.001)] * 20, capacity=3)) == 20 * 19 // 2


def stack(count: int) -> list[Polygon]:
    """Copies of one plot, each a hand's breadth further east."""
    return [box(112 + at * 1e-8, 30, 112.001 + at * 1e-8, 30.001) for at in range(count)]


def test_in_a_stack_of_near_copies_each_is_told_some_overlaps_and_not_all() -> None:
    every = np.array(stack(600), dtype=object)
    [tile] = sweep_overlaps(shapely.bounds(every), lambda at: every[at], tolerance=TOLERANCE)
    told = np.bincount(np.concatenate([tile.first, tile.second]), minlength=600)
    assert told.min() >= MOST_EACH
    assert tile.crowded.tolist() == list(range(600))
    # Each with each would be 179,700.
    assert len(tile) < 3 * MOST_EACH * 600


def test_one_plot_under_very_many_is_told_with_each_of_them() -> None:
    many = [box(112 + at * 1e-4, 30, 112 + at * 1e-4 + 9e-5, 30.001) for at in range(600)]
    found = sweep([box(112, 30, 112.06, 30.001), *many])
    assert found.keys() == {(0, at) for at in range(1, 601)}


def test_a_plot_beside_a_stack_is_told_its_own_overlap() -> None:
    aside = box(112.0009, 30.0005, 112.002, 30.0015)
    shapes = [*stack(600), box(112.0019, 30.0014, 112.003, 30.003), aside]
    found = sweep(shapes, tolerance=0.001)
    assert (600, 601) in found
    assert any(pair[1] == 601 for pair in found.keys() - {(600, 601)})


def test_a_file_of_near_copies_has_few_overlaps_a_row() -> None:
    found = find_overlaps(stack(600), tolerance=0.01)
    assert {pair.second for pair in found} == set(range(1, 600))
    assert len(found) < 3 * MOST_EACH * 600


def test_a_pair_that_is_not_asked_for_is_not_told() -> None:
    def with_the_last(first: Indices, second: Indices) -> Mask:
        return np.asarray(second == 2)

    found = sweep([box(0, 0, 1, 1)] * 3, comparable=with_the_last)
    assert found.keys() == {(0, 2), (1, 2)}


def test_no_plots_have_no_overlaps() -> None:
    assert sweep([]) == {}


def test_the_outlines_are_read_a_few_tiles_at_a_time() -> None:
    plots_ = make_plots(3_000, seed=7)
    asked: list[int] = []

    def read(at: Indices) -> np.ndarray:
        asked.append(len(at))
        return plots_.shapes[at]

    boxes = shapely.bounds(plots_.shapes)
    found = sweep_overlaps(boxes, read, tolerance=0.01, capacity=200)
    assert sum(map(len, found)) == plots_.planted
    assert max(asked) <= 200
    # Plots on the edge of a tile are read for both: less than half as many again.
    assert sum(asked) < 1.5 * len(plots_.shapes)
