"""Comparing outlines, the longest step of a check, shows life and can be stopped."""

from __future__ import annotations

from pathlib import Path

import pytest
from shapely.geometry import box

from aggregator.upload_jobs import Stopped
from farms.field_import import FieldPlan
from farms.field_rows import read_field_rows
from farms.geometry import find_overlaps
from farms.layers import read_layer
from tests.cast import Cast
from tests.farms.layer_files import field, square, write_geojson

# Side by side: every one meets its neighbours, none overlaps.
PLOTS = [square(at) for at in range(1000)]


def test_the_comparison_tells_where_it_is() -> None:
    told: list[int] = []
    assert find_overlaps(PLOTS, tolerance=0.02, see=told.append) == []
    # A thousand outlines in parts of 256.
    assert sorted(set(told)) == [0, 256, 512, 768]
    assert told == sorted(told)


def test_a_stack_of_outlines_tells_in_between() -> None:
    told: list[int] = []
    stack = [box(118, 30, 118.001 + at / 1e7, 30.001) for at in range(400)]
    find_overlaps(stack, tolerance=0.02, see=told.append)
    # 256 of 400 make more pairs than are taken at once: four plots at a time.
    assert len(told) > 256 // 4


def test_the_comparison_ends_where_nobody_waits_for_it() -> None:
    def stop(_at: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        find_overlaps(PLOTS, tolerance=0.02, see=stop)


def test_a_plan_of_fields_tells_of_its_comparison(sunrise: Cast, tmp_path: Path) -> None:
    features = [(field(f"Q{at}"), square(at)) for at in range(2)]
    layer = read_layer(write_geojson(tmp_path / "a.geojson", features))
    told: list[tuple[int, int]] = []
    sheet = read_field_rows(layer, columns={}, constants={})
    plan = FieldPlan(
        sheet, sunrise.cooperative, on_progress=lambda done, total: told.append((done, total))
    )
    # Two rows are too few to be told of one by one.
    assert (plan.errors, set(told)) == ([], {(0, 2)})
