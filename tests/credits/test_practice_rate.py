"""Rates by practice and area: the published examples of Purdue, Iowa, Kansas and Alberta."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from credits.methodologies.estimates import Estimate
from credits.methodologies.inputs import InputsRefused
from credits.methodologies.practice_rate import TABLES, PracticeRate


def estimate(**inputs: Any) -> Estimate:
    return PracticeRate().estimate({"area": 1, "area_unit": "acre"} | inputs)


def tonnes(**inputs: Any) -> Fraction:
    return -estimate(**inputs).gases_kg["co2"] / 1000


def refusal(**inputs: Any) -> list[tuple[str, str]]:
    with pytest.raises(InputsRefused) as refused:
        estimate(**inputs)
    return [(problem.place, problem.code) for problem in refused.value.problems]


def test_purdue_s_fifty_acres() -> None:
    # Purdue Extension: 50 acres × 0.6 t × 7 USD = 210 USD.
    assert tonnes(area=50, table="ccx", region="indiana", year=2007) * 7 == 210


def test_iowa_s_pilot() -> None:
    # Iowa Farm Bureau 2005 at 2 USD a tonne: 1.00 USD an acre of no-till, 1.50 of grass.
    iowa = {"table": "ccx", "region": "iowa", "year": 2005}
    assert tonnes(**iowa) * 2 == 1
    assert tonnes(**iowa, practice="grass") * 2 == Fraction("1.5")


def test_alberta_s_thousand_acres_of_parkland() -> None:
    assert tonnes(area=1000, table="alberta", region="parkland", year=2020) == 113


@pytest.mark.parametrize(
    ("table", "region", "irrigated", "rate"),
    [
        ("ccx", "kansas-east", False, "0.6"),
        ("ccx", "kansas-central", False, "0.4"),
        ("ccx", "kansas-central", True, "0.6"),
        ("ccx", "kansas-west", False, "0.2"),
        ("ccx", "kansas-west", True, "0.6"),
        ("ccx", "iowa", False, "0.6"),
        ("alberta", "parkland", False, "0.113"),
        ("alberta", "parkland", True, "0.113"),
        ("alberta", "dry-prairie", False, "0.057"),
        ("alberta", "dry-prairie", True, "0.113"),
    ],
)
def test_the_published_rates_an_acre(table: str, region: str, irrigated: bool, rate: str) -> None:
    year = 2010 if table == "ccx" else 2015
    found = tonnes(table=table, region=region, irrigated=irrigated, year=year)
    assert found == Fraction(rate)


@pytest.mark.parametrize(
    "asked",
    [
        {"table": "ccx", "region": "kansas-east", "year": 2013},
        {"table": "ccx", "region": "iowa", "year": 2011},
        {"table": "ccx", "region": "iowa", "year": 2008, "practice": "grass"},
        {"table": "ccx", "region": "parkland", "year": 2010},
        {"table": "alberta", "region": "parkland", "year": 2022},
        {"table": "alberta", "region": "parkland", "year": 2011},
    ],
)
def test_outside_its_years_and_places_there_is_no_rate(asked: dict[str, Any]) -> None:
    assert refusal(**asked) == [("region", "no_rate")]


def test_an_own_rate_needs_its_source() -> None:
    # 15 mu are a hectare: 30 mu × 0.5 t/ha × 3 years = 3 t.
    own = {"table": "own", "rate": "0.5", "area": 30, "area_unit": "mu", "years": 3}
    assert tonnes(**own, rate_source="County trial, 2024") == 3
    assert refusal(**own) == [("rate_source", "missing")]
    assert refusal(table="own") == [("rate", "missing"), ("rate_source", "missing")]


def test_more_than_a_tenth_tilled_is_no_conservation_cropping() -> None:
    alberta = {"area": 1000, "table": "alberta", "region": "parkland", "year": 2020}
    assert tonnes(**alberta, tilled_share="0.10") == 113
    found = estimate(**alberta, tilled_share="0.11")
    assert found.credited_kg == 0
    assert [caution.code for caution in found.cautions] == ["tilled_too_much"]


def test_what_a_table_asks_for_is_named() -> None:
    assert refusal(table="ccx") == [("region", "missing"), ("year", "missing")]


def test_every_published_rate_has_a_source_and_its_years() -> None:
    for rates in TABLES.values():
        for rate in rates:
            assert rate.source
            assert rate.vintage_to is not None
