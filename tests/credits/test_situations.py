"""Which situation a field is in, what it counts of a period, and that an estimate is linear."""

from __future__ import annotations

import copy
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from aggregator.periods import Period, year_period
from credits.methodologies.base import Activity
from credits.methodologies.gwp import co2e_of
from credits.methodologies.per_hectare import harvests_in, moment_of
from credits.registry import BY_SITUATION, ESTIMATORS
from tests.credits.methodology_cases import (
    PROJECTS,
    RICE_INPUTS,
    SOIL_INPUTS,
    TILLAGE_INPUTS,
    measured_inputs,
    one_situation,
)

HECTARE = Decimal("10000.00")
RATE = {"table": "own", "rate_source": "county station"}


def rated(rate: str, name: str, practice: str = "", irrigated: Any = None) -> dict[str, Any]:
    """A situation that earns `rate` t on a hectare in a year."""
    facts = {"name": name, "practice": practice, "irrigated": irrigated}
    return facts | {"inputs": RATE | {"rate": rate}}


def earn(
    id: str,
    parameters: dict[str, Any],
    *practices: str,
    irrigated: bool = False,
    period: Period | None = None,
) -> int:
    period = period or year_period(2025)
    methodology = BY_SITUATION[id]
    assert methodology.check_parameters(parameters) == []
    facts = Activity(HECTARE, practices, irrigated, period, period)
    return methodology.quantify(facts, parameters).gross_kg


MANY = {
    "situations": [
        rated("1", "any"),
        rated("2", "any, irrigated", irrigated=True),
        rated("3", "no-till", "no_till"),
        rated("4", "straw", "straw_return"),
        rated("5", "no-till, dry", "no_till", irrigated=False),
    ]
}


@pytest.mark.parametrize(
    ("practices", "irrigated", "gross_kg"),
    [
        (("fallow",), False, 1_000),
        (("fallow",), True, 2_000),
        (("no_till",), True, 3_000),
        (("no_till",), False, 5_000),
        # Of two practices, the watering decides, then the order of the list.
        (("no_till", "straw_return"), False, 5_000),
        (("no_till", "straw_return"), True, 3_000),
        (("straw_return", "conventional"), True, 4_000),
        (("conventional",), False, 0),
        ((), False, 0),
    ],
)
def test_a_field_is_in_the_situation_that_fits_it_best(
    practices: tuple[str, ...], irrigated: bool, gross_kg: int
) -> None:
    assert earn("practice-rate", MANY, *practices, irrigated=irrigated) == gross_kg


def test_situations_that_leave_open_which_holds_are_refused() -> None:
    rows = [rated("1", "one", "no_till"), rated("2", "one", "no_till"), rated("3", "two")]
    found = BY_SITUATION["practice-rate"].check_parameters({"situations": rows})
    assert [(each.place, each.code) for each in found] == [
        ("situations[1].name", "twice"),
        ("situations[1].practice", "same_fields"),
    ]


def test_a_methodology_s_refusal_is_placed_in_its_situation() -> None:
    # Table 2.3 of 2019 has no cell for spodic soils in the warm temperate dry climate.
    soil = SOIL_INPUTS | {"climate": "warm_temperate_dry", "soil": "spodic"}
    rows = [
        {"name": "one", "practice": "no_till", "inputs": TILLAGE_INPUTS},
        {"name": "two", "inputs": TILLAGE_INPUTS | {"soil": soil}},
    ]
    found = BY_SITUATION["conservation-tillage"].check_parameters({"situations": rows})
    assert [(each.place, each.code) for each in found] == [
        ("situations[1].inputs.soil.soc_reference_t_per_ha", "no_default")
    ]


def test_soil_counts_the_days_of_the_period_and_no_twenty_years() -> None:
    """1,767.15 kg a year from 2025 to 2044, half of 2025 by its days, nothing before or after."""
    parameters = PROJECTS["ipcc-soc-tier1"]
    first_half = Period(date(2025, 1, 1), date(2025, 6, 30))
    assert [
        earn("ipcc-soc-tier1", parameters, "no_till", period=period)
        for period in (
            year_period(2024),
            year_period(2025),
            year_period(2044),
            year_period(2045),
            first_half,
            Period(date(2024, 7, 1), date(2026, 6, 30)),
        )
    ] == [0, 1_767, 1_767, 0, 1_767_150 * 181 // 365_000, 1_767_150 * (365 + 181) // 365_000]


def test_tillage_counts_nitrogen_and_diesel_by_the_year() -> None:
    """Two years are twice one: soil, 20 kg of nitrogen and 25 l of diesel less each year."""
    two = Period(date(2025, 1, 1), date(2026, 12, 31))
    year = Fraction(9, 10) * Fraction("1767.15") + Fraction("72.15")
    year += 20 * Fraction("0.02074") * Fraction(44, 28) * 265
    parameters = PROJECTS["conservation-tillage"]
    assert earn("conservation-tillage", parameters, "no_till") == int(year)
    assert earn("conservation-tillage", parameters, "no_till", period=two) == int(2 * year)


def test_rice_counts_the_seasons_harvested_in_the_period() -> None:
    """Early rice of July and late rice of October, 1,583.3664 kg each of methane given off less."""
    early, late = (copy.deepcopy(RICE_INPUTS["seasons"][0]) for _season in range(2))
    early |= {"harvest_month": "7", "applied_n_kg_per_ha": "0"}
    late |= {"harvest_month": "10", "applied_n_kg_per_ha": "0"}
    parameters = one_situation(RICE_INPUTS | {"seasons": [early, late]})
    spans = [
        (Period(date(2025, 1, 1), date(2025, 6, 30)), 0),
        (Period(date(2025, 7, 1), date(2025, 7, 30)), 0),
        (Period(date(2025, 7, 1), date(2025, 7, 31)), 1),
        (year_period(2025), 2),
        (Period(date(2025, 8, 1), date(2026, 7, 31)), 2),
        (Period(date(2024, 8, 1), date(2026, 7, 31)), 4),
    ]
    for period, seasons in spans:
        found = earn("rice-water", parameters, "no_till", period=period)
        assert found == int(seasons * Fraction("1583.3664"))


def test_a_season_without_its_month_counts_by_the_part_of_the_year() -> None:
    quarter = Period(date(2025, 1, 1), date(2025, 3, 31))
    found = earn("rice-water", PROJECTS["rice-water"], "no_till", period=quarter)
    assert found == int(Fraction("1583.3664") * 90 / 365)
    assert harvests_in(year_period(2024), None) == 1
    assert harvests_in(Period(date(2024, 2, 1), date(2024, 2, 28)), Fraction(2)) == 0
    assert harvests_in(Period(date(2024, 2, 1), date(2024, 2, 29)), Fraction(2)) == 1


def test_what_was_measured_is_shared_by_days_and_never_counted_twice() -> None:
    """1,098.660431 t on 120 ha in 730 days, as the worked example of exceedance has it."""
    parameters = PROJECTS["measured-soc"]
    claim = 1_098_660.431 / 120
    years = [
        earn("measured-soc", parameters, "no_till", period=year_period(year))
        for year in (2024, 2025, 2026, 2027)
    ]
    assert years == [0, int(claim / 2), int(claim / 2), 0]
    whole = Period(date(2024, 1, 1), date(2027, 12, 31))
    assert earn("measured-soc", parameters, "no_till", period=whole) == int(claim)


@pytest.mark.parametrize(
    ("change", "place", "code"),
    [
        ({"area_ha": None}, "area_ha", "missing"),
        ({"measured_to": "2024-12-31"}, "measured_to", "ends_before_start"),
        ({"rounds": measured_inputs()["rounds"][:1]}, "rounds", "two_rounds"),
        ({"buffer_share": "0.2"}, "buffer_share", "unknown_input"),
        ({"first_round_hold_share": "0.5"}, "first_round_hold_share", "unknown_input"),
    ],
)
def test_what_a_measured_claim_needs_is_asked(
    change: dict[str, Any], place: str, code: str
) -> None:
    parameters = one_situation(measured_inputs() | change)
    found = BY_SITUATION["measured-soc"].check_parameters(parameters)
    assert [(each.place, each.code) for each in found] == [(f"situations[0].inputs.{place}", code)]


def test_a_published_rate_holds_in_its_years_only() -> None:
    parameters = one_situation({"table": "ccx", "region": "indiana"})
    assert earn("practice-rate", parameters, "no_till", period=year_period(2008)) == 1_482
    assert earn("practice-rate", parameters, "no_till", period=year_period(2025)) == 0


@pytest.mark.parametrize(
    ("facts", "code"), [({"practice": ""}, "missing"), ({"practice": "fallow"}, "no_rate")]
)
def test_a_table_s_rate_needs_a_practice_of_the_table(facts: dict[str, Any], code: str) -> None:
    parameters = one_situation({"table": "ccx", "region": "indiana"}, **facts)
    [problem] = BY_SITUATION["practice-rate"].check_parameters(parameters)
    assert (problem.place, problem.code) == ("situations[0].practice", code)


def test_deductions_are_named_that_a_methodology_takes_itself() -> None:
    taken = {id: set(methodology.deducts(PROJECTS[id])) for id, methodology in BY_SITUATION.items()}
    assert taken == {
        "practice-rate": set(),
        "ipcc-soc-tier1": set(),
        "conservation-tillage": {"uncertainty_rate"},
        "rice-water": {"uncertainty_rate"},
        "measured-soc": {"uncertainty_rate"},
    }
    without = one_situation(TILLAGE_INPUTS | {"uncertainty_share": "0"})
    assert not BY_SITUATION["conservation-tillage"].deducts(without)
    leaking = one_situation(measured_inputs() | {"rule": "none", "leakage_t_co2e": "3"})
    assert set(BY_SITUATION["measured-soc"].deducts(leaking)) == {"leakage_rate"}


@pytest.mark.parametrize("id", ["ipcc-soc-tier1", "conservation-tillage", "rice-water"])
@pytest.mark.parametrize("area_ha", [Fraction("0.0001"), Fraction(7, 3), Fraction(98_765)])
def test_an_estimate_at_one_hectare_times_an_area_is_that_at_the_area(
    id: str, area_ha: Fraction
) -> None:
    inputs = PROJECTS[id]["situations"][0]["inputs"]
    one, many = (ESTIMATORS[id].estimate(inputs | {"area_ha": ha}) for ha in (1, area_ha))
    assert {gas: mass * area_ha for gas, mass in one.gases_kg.items()} == many.gases_kg
    assert one.co2e_kg * area_ha == many.co2e_kg == co2e_of(many.gases_kg, gwp=many.gwp)


def test_moments_are_exact_in_leap_years_too() -> None:
    assert moment_of(date(2025, 1, 1)) == 2025
    assert moment_of(date(2025, 7, 1)) == 2025 + Fraction(181, 365)
    assert moment_of(date(2024, 12, 31)) == 2024 + Fraction(365, 366)
