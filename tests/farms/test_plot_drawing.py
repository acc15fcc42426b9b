"""Plots are traced in whole decimetres and drawn to one scale, north up."""

from __future__ import annotations

import re

import pytest
from shapely.geometry import MultiPolygon, Point, Polygon, box

from farms.plot_drawing import MAX_POINTS, PICTURE_HEIGHT, Outline, lay_out, trace_plots

# One thousandth of a degree at 30° north: 96.49 m east and 110.85 m north.
# Source: length of a degree on the WGS 84 ellipsoid, 96,486 m and 110,852 m.
EAST_DM, NORTH_DM = 965, 1109


def square(number: int, east: int, north: int, side: int) -> Outline:
    ring = [[east, north], [east + side, north], [east + side, north + side], [east, north + side]]
    return Outline(number, [ring], [east + side // 2, north + side // 2])


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", path)]


def test_a_square_of_a_thousandth_degree_is_traced_in_decimetres() -> None:
    (outline,) = trace_plots([(1, box(118, 30, 118.001, 30.001).wkb)])
    (ring,) = outline.rings
    assert len(ring) == 4
    assert {tuple(point) for point in ring} == {
        (0, 0),
        (EAST_DM, 0),
        (0, NORTH_DM),
        (EAST_DM, NORTH_DM),
    }


def test_two_plots_keep_their_places_to_each_other() -> None:
    west, east = trace_plots(
        [(1, box(118, 30, 118.001, 30.001).wkb), (2, box(118.002, 30, 118.003, 30.001).wkb)]
    )
    assert max(x for x, _ in west.rings[0]) == EAST_DM
    assert min(x for x, _ in east.rings[0]) == 2 * EAST_DM


def test_an_outline_of_a_thousand_points_is_thinned_but_keeps_its_size() -> None:
    round_plot = Point(118, 30).buffer(0.001, quad_segs=250)
    (outline,) = trace_plots([(1, round_plot.wkb)])
    assert len(outline.rings[0]) <= MAX_POINTS
    assert max(y for _, y in outline.rings[0]) == pytest.approx(2 * NORTH_DM, abs=10)


def test_a_hole_and_a_second_part_become_rings_of_the_same_plot() -> None:
    ring = Polygon(
        box(118, 30, 118.001, 30.001).exterior,
        [box(118.0003, 30.0003, 118.0006, 30.0006).exterior],
    )
    (outline,) = trace_plots([(1, MultiPolygon([ring, box(118.002, 30, 118.0021, 30.0001)]).wkb)])
    assert len(outline.rings) == 3


def test_the_number_of_a_bent_plot_stands_inside_it() -> None:
    bent = Polygon([(0, 0), (3, 0), (3, 1), (1, 1), (1, 3), (0, 3)])
    scaled = Polygon([(118 + x / 1000, 30 + y / 1000) for x, y in bent.exterior.coords])
    (outline,) = trace_plots([(1, scaled.wkb)])
    assert Polygon(outline.rings[0]).contains(Point(outline.label))


def test_north_is_up() -> None:
    drawing = lay_out([square(1, 0, 0, 100), square(2, 0, 200, 100)])
    assert drawing is not None
    south, north = drawing.plots
    assert float(north.label_y) < float(south.label_y)


def test_both_directions_and_the_bar_have_one_scale() -> None:
    drawing = lay_out([square(1, 0, 0, 1000)])  # 100 m by 100 m
    assert drawing is not None
    corners = points(drawing.plots[0].path)
    wide = max(x for x, _ in corners) - min(x for x, _ in corners)
    tall = max(y for _, y in corners) - min(y for _, y in corners)
    assert wide == pytest.approx(tall, abs=0.2)
    assert float(drawing.bar_width) == pytest.approx(wide * drawing.bar_metres / 100, abs=0.1)


def test_plots_kilometres_apart_are_set_side_by_side_at_one_scale() -> None:
    drawing = lay_out([square(1, 0, 0, 500), square(2, 100_000, 50_000, 1000)])
    assert drawing is not None
    assert not drawing.is_map
    small, large = (points(plot.path) for plot in drawing.plots)
    widths = [max(x for x, _ in shape) - min(x for x, _ in shape) for shape in (small, large)]
    assert widths[1] == pytest.approx(2 * widths[0], abs=0.3)
    assert min(x for x, _ in large) > max(x for x, _ in small)


def test_forty_scattered_plots_still_fit_the_picture() -> None:
    drawing = lay_out([square(n, n * 50_000, 0, 300 + 20 * n) for n in range(1, 41)])
    assert drawing is not None
    assert float(drawing.height) <= PICTURE_HEIGHT + 0.5
    for plot in drawing.plots:
        for x, y in points(plot.path):
            assert 0 <= x <= 320
            assert 0 <= y <= float(drawing.height)


def test_without_plots_there_is_no_picture() -> None:
    assert trace_plots([]) == []
    assert lay_out([]) is None
