"""The invented land is land: plots meet along shared points, never overlap, and have real sizes."""

from itertools import pairwise

import numpy as np
import pytest
import shapely

from payouts.demo.land import SITES, Plot, make_plots

MU_M2 = 10_000 / 15


@pytest.fixture(scope="module")
def plots() -> list[Plot]:
    return [plot for site in SITES for plot in make_plots(site, seed=2024)]


def test_the_three_slopes_hold_about_nine_hundred_plots(plots: list[Plot]) -> None:
    assert 850 <= len(plots) <= 950


def test_no_two_plots_overlap(plots: list[Plot]) -> None:
    shapes = [plot.shape for plot in plots]
    pairs = shapely.STRtree(shapes).query(shapes, predicate="intersects").T
    overlaps = [shapes[a].intersection(shapes[b]).area for a, b in pairs if a < b]
    assert max(overlaps) < 1e-6


def test_every_plot_is_one_valid_piece_of_believable_size(plots: list[Plot]) -> None:
    sizes = [plot.area_m2 / MU_M2 for plot in plots]
    assert all(plot.shape.is_valid for plot in plots)
    assert min(sizes) >= 0.3
    assert max(sizes) <= 4
    assert 0.8 <= float(np.median(sizes)) <= 1.6
    assert sum(size < 0.6 for size in sizes) > 40, "small plots are part of terraced land"


def test_neighbours_share_whole_edges(plots: list[Plot]) -> None:
    """Most of the land's edges are walls between two plots, with the very same end points."""
    walls: dict[frozenset[tuple[float, float]], int] = {}
    for plot in plots:
        for edge in pairwise(plot.shape.exterior.coords):
            walls[frozenset(edge)] = walls.get(frozenset(edge), 0) + 1
    assert max(walls.values()) == 2
    assert sum(count == 2 for count in walls.values()) > 0.6 * len(walls)


def test_plots_lie_along_the_slope_and_not_in_a_grid(plots: list[Plot]) -> None:
    """Terraces are long and bent: the box turned to fit a plot is seldom filled by it."""
    filled = [plot.area_m2 / plot.shape.minimum_rotated_rectangle.area for plot in plots]
    assert float(np.median(filled)) < 0.85
    bearings = {round(_bearing(plot) / 10) for plot in plots}
    assert len(bearings) > 12


def test_the_same_seed_gives_the_same_land_and_another_gives_other_land() -> None:
    first, again, other = (make_plots(SITES[0], seed=seed) for seed in (7, 7, 8))
    assert [plot.shape.wkb for plot in first] == [plot.shape.wkb for plot in again]
    assert [plot.shape.wkb for plot in first] != [plot.shape.wkb for plot in other]


def _bearing(plot: Plot) -> float:
    corners = np.array(plot.shape.minimum_rotated_rectangle.exterior.coords)
    sides = np.diff(corners, axis=0)
    longest = sides[int(np.argmax(np.hypot(*sides.T)))]
    return float(np.degrees(np.arctan2(longest[1], longest[0])) % 180)
