"""A statement's lines come out on a calculator, whatever counted the plot and was taken off."""

from __future__ import annotations

from typing import Any

import pytest

from credits.models import FieldResult
from payouts.models import Statement
from payouts.statement_formula import explain_plot
from payouts.statement_view import statement_context
from payouts.statements import issue_statements
from tests.cast import Cast
from tests.credits.line import make_enrolled_pool
from tests.credits.methodology_cases import PROJECTS
from tests.whole_line import add_rules, settled, sold_year

pytestmark = pytest.mark.usefixtures("in_english")
TERMS = {"minimum_lot_t": 1}


def lines_of(cast: Cast, methodology: str, **terms: str) -> list[str]:
    """The first plot's lines on its statement, after the whole line of a year."""
    facts: dict[str, Any] = {"methodology": methodology, "parameters": PROJECTS[methodology]}
    project = make_enrolled_pool(cast, terms=TERMS | terms, **facts)
    add_rules(project)
    lot = sold_year(cast, project, 2025)
    _receipt, settlement = settled(cast, lot)
    issue_statements(settlement)
    statement = Statement.objects.filter(settlement=settlement).order_by("number")[0]
    [plot] = statement.data["plots"]
    earned = FieldResult.objects.filter(run=settlement.run).order_by("field__code")[0]
    assert plot["credited_kg"] == earned.credited_kg
    [shown] = statement_context(statement.data, language="en")["plots"]
    lines: list[str] = shown["how"]
    return lines


def test_rice_by_its_water(sunrise: Cast) -> None:
    """1.32 × 112 × 0.45 × 28 × 0.85 = 1,583.3664; 150 × 0.00314 × 0.85 × 265 = 106.09275."""
    assert lines_of(sunrise, "rice-water") == [
        "Counted as no-till: 1 ha × 1,583.3664 kg a hectare = 1,583 kg, rounded down",
        "− given off by the project itself: 1 ha × 106.09275 kg a hectare = 106.092… kg",
        "Left: 1,476.907… kg, rounded down 1,476 kg",
        "Reserve: 20% of 1,476.907… kg, rounded up 296 kg",
    ]


def test_conservation_tillage(sunrise: Cast) -> None:
    """1,590.435 of soil, 72.15 of diesel, 20 × 0.02074 × 44/28 × 265 = 172.7346 of nitrogen."""
    assert lines_of(sunrise, "conservation-tillage") == [
        "Counted as no-till: 1 ha × 1,835.319571… kg a hectare = 1,835 kg, rounded down",
        "Reserve: 20% of 1,835 kg, rounded up 367 kg",
    ]


def test_every_deduction_of_a_program(sunrise: Cast) -> None:
    """1,583 − 106.09275 = 1,476.90725; less 5%: 1,403.0618875; half; permanence 25% of that."""
    lines = lines_of(
        sunrise, "rice-water", leakage_rate="0.05", first_hold_rate="0.5", permanence_rate="0.25"
    )
    assert lines[1:] == [
        "− given off by the project itself: 1 ha × 106.09275 kg a hectare = 106.092… kg",
        "− 5% of 1,476.907… kg for leakage: 73.845… kg",
        "− 50% of 1,403.061… kg held back in the first period: 701.530… kg",
        "− 25% of 701.530… kg for permanence: 175.382… kg",
        "Left: 526.148… kg, rounded down 526 kg",
        "Reserve: 20% of 701.530… kg, rounded up 141 kg",
    ]


def test_a_rate_with_a_deduction_of_the_program(sunrise: Cast) -> None:
    """A tonne a hectare, less 10% for uncertainty."""
    assert lines_of(sunrise, "ccx-soil", uncertainty_rate="0.1") == [
        "Counted as no-till: 1 ha × 1 t a year = 1,000 kg, rounded down",
        "− 10% of 1,000 kg for uncertainty: 100 kg",
        "Left: 900 kg, rounded down 900 kg",
        "Reserve: 20% of 900 kg, rounded up 180 kg",
    ]


def test_what_a_verifier_took_off_is_told() -> None:
    terms = {"practice": "no_till", "area": "1", "area_unit": "ha", "rate": "1", "years": "1"}
    terms |= {"reserve_rate": "0.2", "reserve_exact_kg": "200"}
    terms |= {"claimed_kg": "1000", "corrected_kg": "333"}
    plot = {"terms": terms, "gross_kg": 667, "reserve_kg": 134, "whole_period": True}
    assert explain_plot(plot) == [
        "Counted as no-till: 1 ha × 1 t a year = 1,000 kg, rounded down",
        "Reserve: 20% of 1,000 kg, rounded up 200 kg",
        "− taken off after verification: 333 kg of 1,000 kg, left 667 kg; the reserve in "
        "proportion, rounded up 134 kg",
    ]


def test_a_part_of_the_period_is_told_by_its_days() -> None:
    terms = {"practice": "no_till", "area_ha": "2.5", "kg_per_ha": "1000/3", "days": "181"}
    terms |= {"period_days": "365", "reserve_rate": "0", "reserve_exact_kg": "0"}
    plot = {"terms": terms, "gross_kg": 413, "reserve_kg": 0, "whole_period": False}
    assert explain_plot(plot) == [
        "Counted as no-till: 2.5 ha × 333.333333… kg a hectare × 181/365 = 413 kg, rounded down"
    ]


def test_a_plot_that_earned_nothing_has_no_sum() -> None:
    terms = {"practice": "no_till", "area_ha": "1", "kg_per_ha": "1000", "reserve_rate": "0.2"}
    plot = {"terms": terms, "gross_kg": 0, "reserve_kg": 0, "whole_period": True}
    assert explain_plot(plot) == []
