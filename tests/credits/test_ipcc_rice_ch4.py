"""Methane of rice by the 2019 Refinement; every expected figure is worked by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from credits.methodologies.estimates import Estimate
from credits.methodologies.inputs import InputsRefused
from credits.methodologies.ipcc_rice_ch4 import (
    AMENDMENTS,
    COUNTRIES,
    PRE_SEASON,
    REGION_OF,
    REGIONS,
    SEASON_DAYS,
    WATER,
    IpccRiceCh4,
    amendment_factor,
)

FLOODED: dict[str, Any] = {"area_ha": 1, "region": "world", "water": "continuous"}


def estimate(**inputs: Any) -> Estimate:
    return IpccRiceCh4().estimate(FLOODED | inputs)


def methane(**inputs: Any) -> float:
    return float(estimate(**inputs).gases_kg["ch4"])


def straw(**row: Any) -> list[dict[str, Any]]:
    return [{"kind": "straw", "amount_t_per_ha": 5} | row]


def refusal(**inputs: Any) -> list[tuple[str, str]]:
    with pytest.raises(InputsRefused) as refused:
        estimate(**inputs)
    return [(problem.place, problem.code) for problem in refused.value.problems]


def test_a_world_hectare_flooded_throughout() -> None:
    # 1.19 × 113 × 27 = 3,630.69 kg CO2e: ClimateView, parameter emission_factor_rice_cultivation.
    assert estimate(gwp="AR6").co2e_kg == Fraction("3630.69")
    assert estimate(gwp="AR5").co2e_kg == Fraction("3765.16")  # 134.47 × 28


def test_east_asian_rice_on_fresh_straw() -> None:
    # 1.32 × 112 × (1 + 5 × 1.00) ^ 0.59 = 147.84 × 2.878122 = 425.5016 kg.
    found = methane(region="east_asia", amendments=straw(days_before_cultivation=10))
    assert found == pytest.approx(425.5016, abs=5e-5)


@pytest.mark.parametrize(
    ("days", "factor"), [(0, 2.878), (29, 2.878), (30, 2.878), (31, 1.483), (200, 1.483)]
)
def test_straw_counts_by_its_days(days: int, factor: float) -> None:
    terms = estimate(amendments=straw(days_before_cultivation=days))
    assert float(terms.term("SFo")) == pytest.approx(factor, abs=5e-4)  # type: ignore[arg-type]


def test_straw_s_days_are_found_from_its_dates() -> None:
    dated = {
        "amendments": straw(incorporated_on="2025-04-01"),
        "cultivation_starts_on": "2025-05-02",  # 31 days later
    }
    assert methane(**dated) == methane(amendments=straw(days_before_cultivation=31))
    dated["cultivation_starts_on"] = "2025-04-30"
    assert methane(**dated) == methane(amendments=straw(days_before_cultivation=29))


def test_amendments_add_up_under_one_power() -> None:
    # 1 + 2 × 0.17 + 3 × 0.21 + 4 × 0.45 + 5 × 0.19 = 4.72; 4.72 ^ 0.59 = 2.498192
    rows = [
        {"kind": "compost", "amount_t_per_ha": 2},
        {"kind": "farmyard_manure", "amount_t_per_ha": 3},
        {"kind": "green_manure", "amount_t_per_ha": 4},
        {"kind": "straw_long_before", "amount_t_per_ha": 5},
    ]
    found = estimate(amendments=rows).term("SFo")
    assert float(found) == pytest.approx(2.498192, abs=5e-7)  # type: ignore[arg-type]


def test_every_factor_multiplies() -> None:
    # 2 ha × 100 d × 1.30 × 0.55 × 0.89 × 1.1 = 139.9970 kg.
    found = estimate(
        area_ha=2,
        region=None,
        country="china",
        days=100,
        water="multiple_drainage",
        pre_season="non_flooded_over_180",
        sf_soil_cultivar="1.1",
    )
    assert found.gases_kg["ch4"] == Fraction("139.997")
    assert found.credited_kg is None


def test_own_factors_go_before_the_tables() -> None:
    # 10 d × 2 × 0.5 × 1.5 × (1 + 2 × 0.5)^0.59 = 15 × 1.505247 = 22.578701
    found = methane(
        days=10,
        ef_kg_per_ha_day=2,
        sf_water="0.5",
        sf_pre_season="1.5",
        amendments=[{"kind": "compost", "amount_t_per_ha": 2, "cfoa": "0.5"}],
    )
    assert found == pytest.approx(22.578701, abs=5e-7)


def test_the_exponent_may_be_taken_from_its_range() -> None:
    assert float(amendment_factor([(Fraction(5), Fraction(1))], Fraction("0.64"))) == (
        pytest.approx(3.147870, abs=5e-7)  # 6 ^ 0.64 = exp(0.64 × 1.791759)
    )
    assert refusal(amendment_exponent="0.65") == [("amendment_exponent", "too_high")]


def test_a_country_takes_the_days_of_its_region() -> None:
    assert estimate(region=None, country="vietnam").term("days") == 102
    assert set(REGION_OF) == set(COUNTRIES)
    assert set(REGION_OF.values()) <= set(SEASON_DAYS)


@pytest.mark.parametrize("nothing", [{"area_ha": 0}, {"days": 0}, {"water": "upland"}])
def test_no_rice_no_methane(nothing: dict[str, Any]) -> None:
    assert estimate(**nothing).co2e_kg == 0


def test_what_is_not_known_is_refused_not_guessed() -> None:
    assert refusal(region=None) == [("region", "missing")]
    assert refusal(region="africa") == [("days", "no_default")]
    assert refusal(region=None, ef_kg_per_ha_day=1) == [("days", "missing")]
    assert refusal(amendments=straw()) == [
        ("amendments[0].days_before_cultivation", "straw_undated")
    ]
    after = {"amendments": straw(incorporated_on="2025-06-01")}
    assert refusal(**after, cultivation_starts_on="2025-05-01") == [
        ("amendments[0].incorporated_on", "after_cultivation")
    ]


def test_a_coarse_class_says_so() -> None:
    codes = [caution.code for caution in estimate(water="irrigated", pre_season="unknown").cautions]
    assert codes == ["water_not_known", "pre_season_not_known"]


# IPCC 2019 Refinement, Vol. 4, tables 5.11 to 5.14, and Wang et al. (2018) for countries.
PRINTED = {
    "regions": "world 1.19 africa 1.19 east_asia 1.32 southeast_asia 1.22 south_asia 0.85"
    " europe 1.56 north_america 0.65 south_america 1.27",
    "days": "world 113 east_asia 112 southeast_asia 102 south_asia 112 europe 123"
    " north_america 139 south_america 124",
    "countries": "china 1.30 india 0.85 bangladesh 0.97 indonesia 1.18 vietnam 1.13"
    " philippines 0.60 japan 1.06 korea 1.83 brazil 1.62 italy 1.66 spain 1.13 uruguay 0.80"
    " usa 0.65",
    "water": "continuous 1.00 single_drainage 0.71 multiple_drainage 0.55 irrigated 0.60"
    " regular_rainfed 0.54 drought_prone 0.16 deep_water 0.06 rainfed_or_deep 0.45 upland 0",
    "pre_season": "non_flooded_under_180 1.00 non_flooded_over_180 0.89 flooded_over_30 2.41"
    " non_flooded_over_365 0.59 unknown 1.22",
    "amendments": "straw 1.00 straw_shortly_before 1.00 straw_long_before 0.19 compost 0.17"
    " farmyard_manure 0.21 green_manure 0.45",
}


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("regions", REGIONS),
        ("countries", COUNTRIES),
        ("water", WATER),
        ("pre_season", PRE_SEASON),
        ("amendments", AMENDMENTS),
    ],
)
def test_the_tables_are_as_printed(name: str, table: Any) -> None:
    words = PRINTED[name].split()
    printed = {code: Fraction(value) for code, value in zip(words[::2], words[1::2], strict=True)}
    assert {code: factor.value for code, factor in table.items()} == printed


def test_the_days_are_as_printed() -> None:
    words = PRINTED["days"].split()
    assert {code: int(value) for code, value in zip(words[::2], words[1::2], strict=True)} == (
        SEASON_DAYS
    )
