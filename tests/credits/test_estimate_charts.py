"""Charts of an estimate: the line is the methodology's own, the bars are the gases it gives."""

from __future__ import annotations

import pytest

from credits.estimating.charts import BOTTOM, LEFT, RIGHT, TOP, draw_gases, draw_sides, draw_soil
from credits.registry import ESTIMATORS

pytestmark = pytest.mark.usefixtures("in_english")
SOIL = ESTIMATORS["ipcc-soc-tier1"]
# IPCC 2019, table 2.3 and 5.5: cool temperate moist, high activity clay 81; FLU 0.70; full till
# and low input 0.92 before; no-till 1.09 and medium input 1 after.
BEFORE, AFTER = 81 * 0.70 * 1.00 * 0.92, 81 * 0.70 * 1.09 * 1.00


def test_the_soil_climbs_in_a_line_for_twenty_years_and_then_stands() -> None:
    chart = draw_soil(SOIL, SOIL.example)
    assert chart is not None
    assert chart.summary == (
        f"From {BEFORE:.1f} to {AFTER:.1f} t of carbon a hectare, 2025 to 2045."
    )
    points = [tuple(map(float, each.split(","))) for each in chart.points.split()]
    heights = dict(points)
    assert points[0] == (LEFT, chart.stays_at)
    assert points[-1][0] == RIGHT
    assert points[-1][1] == points[-2][1] == min(heights.values())
    # 24 years between 44 and 348: 2035 lies at 44 + 12/24 × 304 = 196, half way up.
    assert heights[196.0] == pytest.approx((points[0][1] + points[-1][1]) / 2, abs=0.11)
    assert all(TOP <= y <= BOTTOM for _x, y in points)
    assert [tick.text for tick in chart.years] == ["2025", "2030", "2035", "2040", "2045"]


def test_a_second_change_bends_the_line() -> None:
    changes = [
        {"year": 2025, "tillage": "no_till", "residue_input": "medium"},
        {"year": 2035, "tillage": "full", "residue_input": "low"},
    ]
    chart = draw_soil(SOIL, {**SOIL.example, "changes": changes})
    assert chart is not None
    points = [tuple(map(float, each.split(","))) for each in chart.points.split()]
    highest = min(points, key=lambda point: point[1])
    # 34 years from 2023 to 2057: the turn of 2035 lies at 44 + 12/34 × 304.
    assert highest[0] == pytest.approx(44 + 12 / 34 * 304, abs=0.06)
    assert points[-1][1] == pytest.approx(chart.stays_at, abs=0.11)


def test_soil_without_any_change_of_carbon_is_still_drawn() -> None:
    same = {"year": 2025, "tillage": "full", "residue_input": "low"}
    chart = draw_soil(SOIL, {**SOIL.example, "changes": [same]})
    assert chart is not None
    assert {float(each.split(",")[1]) for each in chart.points.split()} == {chart.stays_at}


def test_baseline_and_project_stand_side_by_side_where_both_are_counted() -> None:
    rice = ESTIMATORS["rice-water"]
    chart = draw_sides(rice.estimate(rice.example))
    assert chart is not None
    # 10 ha × 112 d × 1.32 kg × 28, and 0.55 of it with several drainages.
    assert [(bar.label, bar.side, bar.text) for bar in chart.bars] == [
        ("CH₄, before", "baseline", "41.395"),
        ("CH₄, project", "project", "22.767"),
    ]
    assert chart.bars[1].width == pytest.approx(chart.bars[0].width * 0.55, abs=0.11)


def test_removals_and_emissions_lie_on_two_sides_of_zero() -> None:
    rice = ESTIMATORS["rice-water"]
    estimate = rice.estimate(rice.example)
    methane, nitrous, *_rest, together = draw_gases(estimate).bars
    chart = draw_gases(estimate)
    assert (methane.side, nitrous.side) == ("less", "more")
    assert methane.x + methane.width == pytest.approx(chart.zero_x, abs=0.11)
    assert nitrous.x == pytest.approx(chart.zero_x, abs=0.11)
    assert together.text == "−14.773"


@pytest.mark.parametrize("id", sorted(ESTIMATORS))
def test_every_example_can_be_drawn_even_of_nothing(id: str) -> None:
    estimator = ESTIMATORS[id]
    area = "area" if "area" in estimator.example else "area_ha"
    for data in (estimator.example, {**estimator.example, area: 0}):
        chart = draw_gases(estimator.estimate(data))
        assert chart.bars
        assert all(bar.width >= 1 and 0 <= bar.x < 360 for bar in chart.bars)
