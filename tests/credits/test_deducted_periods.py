"""A period is counted less what its program deducts; the first round's hold is taken once."""

from __future__ import annotations

from typing import Any

from credits.counting.monitoring import close_period
from credits.models import FieldResult, MonitoringPeriod
from tests.cast import Cast, make_season
from tests.credits.line import make_enrolled_pool, open_year


def count(cast: Cast, *years: int, **terms: Any) -> list[list[int]]:
    """Gross, reserve and sellable kilograms of each field of one tonne, by years."""
    project = make_enrolled_pool(cast, terms={"minimum_lot_t": 1} | terms)
    found = []
    for year in years:
        make_season(cast, year)
        run = close_period(open_year(project, year, cast), by=cast.operator)
        first = FieldResult.objects.filter(run=run).order_by("field__code").first()
        assert first is not None
        found.append([first.gross_kg, first.reserve_kg, first.credited_kg])
    return found


def test_permanence_and_reserve_are_taken_of_the_same_tonne(sunrise: Cast) -> None:
    assert count(sunrise, 2024, permanence_rate="0.20", reserve_rate="0.05") == [[800, 50, 750]]


def test_the_hold_of_the_first_round_is_not_taken_again(sunrise: Cast) -> None:
    held = count(sunrise, 2024, 2025, first_hold_rate="0.50", reserve_rate="0.05")
    assert held == [[500, 25, 475], [1_000, 50, 950]]


def test_deductions_are_among_what_a_run_is_found_by(sunrise: Cast) -> None:
    count(sunrise, 2024)
    period = MonitoringPeriod.objects.get()
    run = period.runs.get()
    period.project.terms["uncertainty_rate"] = "0.10"
    period.project.save(update_fields=["terms"])
    MonitoringPeriod.objects.update(status=MonitoringPeriod.Status.OPEN)
    again = close_period(MonitoringPeriod.objects.get(), by=sunrise.operator)
    assert again.inputs_sha256 != run.inputs_sha256
    assert run.gross_kg > 0
    assert again.gross_kg * 10 == run.gross_kg * 9
