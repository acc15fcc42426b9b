"""Soil carbon by the IPCC's tier 1; every expected figure is worked by hand."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt
from typing import Any

import pytest

from credits.methodologies.estimates import Estimate
from credits.methodologies.inputs import InputsRefused
from credits.methodologies.ipcc_soc_tables import SOC_EDITIONS, SOILS
from credits.methodologies.ipcc_soc_tier1 import IpccSocTier1

PLOUGHED = {"tillage": "full", "residue_input": "low"}
SPARED = {"tillage": "no_till", "residue_input": "medium"}
CASE: dict[str, Any] = {
    "area_ha": 1,
    "climate": "cool_temperate_moist",
    "soil": "hac",
    "before": PLOUGHED,
    "changes": [{"year": 2000} | SPARED],
}


def estimate(**inputs: Any) -> Estimate:
    return IpccSocTier1().estimate(CASE | inputs)


def value(found: Estimate, name: str) -> float:
    return float(found.term(name))  # type: ignore[arg-type]


def refusal(**inputs: Any) -> list[tuple[str, str]]:
    with pytest.raises(InputsRefused) as refused:
        estimate(**inputs)
    return [(problem.place, problem.code) for problem in refused.value.problems]


def test_the_refinement_of_2019() -> None:
    # 81 × 0.70 × 1 × 0.92 = 52.164; 81 × 0.70 × 1.09 × 1 = 61.803; 9.639 / 20 × 44/12 = 1.767150.
    found = estimate()
    assert found.term("equilibrium_0") == Fraction("52.164")
    assert found.term("equilibrium_1") == Fraction("61.803")
    assert found.term("co2_t_per_ha_year") == Fraction("1.76715")
    assert found.gases_kg == {"co2": Fraction("-1767.15")}
    assert found.credited_kg == 1767


def test_the_guidelines_of_2006() -> None:
    # 88 × 0.69 × 0.92 = 55.8624; 88 × 0.69 × 1.15 = 69.828; 13.9656 / 20 × 44/12 = 2.560360.
    found = estimate(edition="2006", climate="warm_temperate_moist")
    assert found.term("equilibrium_0") == Fraction("55.8624")
    assert found.term("equilibrium_1") == Fraction("69.828")
    assert found.term("co2_t_per_ha_year") == Fraction("2.56036")


def test_the_stock_stands_still_after_twenty_years() -> None:
    assert estimate(from_year=2019, to_year=2020).gases_kg["co2"] == Fraction("-1767.15")
    assert estimate(from_year=2020, to_year=2021).gases_kg["co2"] == 0
    # Half the year before the twentieth, half after it.
    half = estimate(from_year="2019.5", to_year="2020.5")
    assert half.gases_kg["co2"] == Fraction("-1767.15") / 2


def test_over_longer_than_the_line_the_average_is_by_the_years_counted() -> None:
    found = estimate(from_year=2000, to_year=2040)
    assert found.term("change_t_per_ha") == Fraction("9.639")
    assert value(found, "co2_t_per_ha_year") == pytest.approx(1.767150 / 2)


def test_nothing_changes_before_the_change() -> None:
    assert estimate(from_year=1998, to_year=2000).gases_kg["co2"] == 0


def test_a_second_change_starts_from_where_the_first_has_come() -> None:
    # After 10 of 20 years: 52.164 + 9.639 / 2 = 56.9835. Back to the plough: a new line of twenty
    # years down to 52.164: −4.8195 / 20 = −0.240975 t C/ha a year.
    changes = [{"year": 2000} | SPARED, {"year": 2010} | PLOUGHED]
    found = estimate(changes=changes, from_year=2010, to_year=2011)
    assert found.term("soc_start") == Fraction("56.9835")
    assert found.term("change_t_per_ha") == Fraction("-0.240975")
    assert found.gases_kg["co2"] == Fraction("883.575")  # × 44/12 × 1000, an emission
    assert found.credited_kg == 0
    whole = estimate(changes=changes, from_year=2010, to_year=2050)
    assert whole.term("soc_end") == Fraction("52.164")


def test_own_factors_and_stocks_go_before_the_tables() -> None:
    before = {"tillage": "full", "residue_input": "low", "flu": "0.5", "fmg": 1, "fi": 1}
    after = {"year": 2000, "tillage": "full", "residue_input": "low", "flu": "0.5", "fi": "1.2"}
    found = estimate(soc_reference_t_per_ha=100, before=before, changes=[after])
    assert found.term("equilibrium_0") == 50
    assert found.term("equilibrium_1") == 60
    assert found.gases_kg["co2"] == Fraction(-500) * Fraction(44, 12)  # 10 / 20 t C


def test_the_years_to_equilibrium_can_be_given() -> None:
    assert estimate(years_to_equilibrium=10).gases_kg["co2"] == Fraction("-3534.3")


def test_an_error_of_tillage_alone() -> None:
    # Full to no-till on the same input: 81 × 0.70 × 0.09 = 5.103 t C/ha over twenty years. The
    # deviations: 81 × 5%/1.96, 0.70 × 12%/2, 1.09 × 4%/2; full tillage has none.
    found = estimate(
        before={"tillage": "full", "residue_input": "medium"}, from_year=2000, to_year=2020
    )
    assert found.term("change_t_per_ha") == Fraction("5.103")
    squares = (81**2 + (4.05 / 1.96) ** 2) * (0.70**2 + 0.042**2) * (0.09**2 + 0.0218**2)
    deviation = sqrt(squares - 5.103**2)
    assert deviation == pytest.approx(1.2825, abs=5e-4)
    assert value(found, "change_sd_t_per_ha") == pytest.approx(deviation, rel=1e-9)
    assert value(found, "change_low_t_per_ha") == pytest.approx(5.103 - 1.96 * deviation)
    assert found.cautions == ()


def test_a_change_within_its_error_is_said_to_be() -> None:
    # Reduced tillage in the tropics: 1.04 ± 7% against full tillage.
    found = estimate(
        climate="tropical_moist",
        before={"tillage": "full", "residue_input": "medium"},
        changes=[{"year": 2000, "tillage": "reduced", "residue_input": "medium"}],
    )
    assert [caution.code for caution in found.cautions] == ["change_within_error"]


def test_own_values_carry_no_error() -> None:
    row = {"flu": 1, "fmg": 1, "fi": 1} | PLOUGHED
    after = [{"year": 2000} | row | {"fi": 2}]
    assert (
        estimate(soc_reference_t_per_ha=50, before=row, changes=after).term("change_sd_t_per_ha")
        == 0
    )


def test_what_the_edition_does_not_print_is_refused() -> None:
    assert refusal(soil="spodic", climate="warm_temperate_dry") == [
        ("soc_reference_t_per_ha", "no_default")
    ]
    assert refusal(climate="polar") == [
        (f"{place}.{own}", "no_default")
        for place in ("before", "changes[0]")
        for own in ("flu", "fmg", "fi")
    ]
    assert refusal(edition="2006", climate="polar", soc_reference_t_per_ha=1)[0] == (
        "before.flu",
        "no_default",
    )


def test_years_out_of_order_are_refused() -> None:
    twice = [{"year": 2000} | SPARED, {"year": 2000} | PLOUGHED]
    assert refusal(changes=twice) == [("changes[1].year", "not_after_the_last")]
    assert refusal(from_year=2005, to_year=2005) == [("to_year", "ends_before_start")]


# Table 2.3, t C/ha to 30 cm, clay soils of high activity first. 2019: with its 95% interval.
STOCKS_2019 = {
    "warm_temperate_moist": "64 55 36 143 138 135",
    "warm_temperate_dry": "24 19 10 - 84 74",
    "cool_temperate_moist": "81 76 51 128 136 128",
    "cool_temperate_dry": "43 33 13 - 20 87",
    "polar": "59 - 27 - - -",
    "boreal_dry": "63 - 10 117 20 116",
    "boreal_moist": "63 - 10 117 20 116",
    "tropical_montane": "51 44 52 - 96 82",
    "tropical_wet": "60 52 46 - 77 49",
    "tropical_moist": "40 38 27 - 70 68",
    "tropical_dry": "21 19 9 - 50 22",
}
STOCKS_2006 = {
    "boreal_dry": "68 - 10 117 20 146",
    "boreal_moist": "68 - 10 117 20 146",
    "cool_temperate_dry": "50 33 34 - 20 87",
    "cool_temperate_moist": "95 85 71 115 130 87",
    "warm_temperate_dry": "38 24 19 - 70 88",
    "warm_temperate_moist": "88 63 34 - 80 88",
    "tropical_dry": "38 35 31 - 50 86",
    "tropical_moist": "65 47 39 - 70 86",
    "tropical_wet": "44 60 66 - 130 86",
    "tropical_montane": "88 63 34 - 80 86",
}


@pytest.mark.parametrize(("edition", "printed"), [("2019", STOCKS_2019), ("2006", STOCKS_2006)])
def test_the_reference_stocks_are_as_printed(edition: str, printed: dict[str, str]) -> None:
    expected = {
        (soil, climate): Fraction(cell)
        for climate, row in printed.items()
        for soil, cell in zip(SOILS, row.split(), strict=True)
        if cell != "-"
    }
    found = SOC_EDITIONS[edition].reference
    assert {key: cell.mean for key, cell in found.items()} == expected


# Table 5.5: temperate or boreal dry, cool moist, warm dry, warm moist, tropical dry, tropical wet,
# montane.
CLIMATES = [
    *("cool_temperate_dry", "cool_temperate_moist", "warm_temperate_dry", "warm_temperate_moist"),
    *("tropical_dry", "tropical_wet", "tropical_montane"),
]
FACTORS = {
    "2019": {
        ("FLU", "annual"): ".77 .70 .76 .69 .92 .83 .86",
        ("FLU", "paddy"): "1.35 1.35 1.35 1.35 1.35 1.35 1.35",
        ("FLU", "perennial"): ".72 .72 .72 .72 1.01 1.01 1.01",
        ("FLU", "set_aside"): ".93 .82 .93 .82 .93 .82 .88",
        ("FMG", "full"): "1 1 1 1 1 1 1",
        ("FMG", "reduced"): ".98 1.04 .99 1.05 .99 1.04 1.02",
        ("FMG", "no_till"): "1.03 1.09 1.04 1.10 1.04 1.10 1.08",
        ("FI", "low"): ".95 .92 .95 .92 .95 .92 .94",
        ("FI", "medium"): "1 1 1 1 1 1 1",
        ("FI", "high"): "1.04 1.11 1.04 1.11 1.04 1.11 1.08",
        ("FI", "high_manure"): "1.37 1.44 1.37 1.44 1.37 1.44 1.41",
        ("FLU", "native"): "1 1 1 1 1 1 1",
        ("FLU", "grassland"): "1 1 1 1 1 1 1",
        ("FMG", "nominal"): "1 1 1 1 1 1 1",
        ("FMG", "high_intensity"): ".9 .9 .9 .9 .9 .9 .9",
        ("FMG", "severely_degraded"): ".7 .7 .7 .7 .7 .7 .7",
        ("FMG", "improved"): "1.14 1.14 1.14 1.14 1.17 1.17 1.16",
        ("FMG", "improved_high"): "1.14 1.14 1.14 1.14 1.17 1.17 1.16",
        ("FI", "improved_high"): "1.11 1.11 1.11 1.11 1.11 1.11 1.11",
    },
    "2006": {
        ("FLU", "annual"): ".80 .69 .80 .69 .58 .48 .64",
        ("FLU", "paddy"): "1.10 1.10 1.10 1.10 1.10 1.10 1.10",
        ("FLU", "perennial"): "1 1 1 1 1 1 1",
        ("FLU", "set_aside"): ".93 .82 .93 .82 .93 .82 .88",
        ("FMG", "full"): "1 1 1 1 1 1 1",
        ("FMG", "reduced"): "1.02 1.08 1.02 1.08 1.09 1.15 1.09",
        ("FMG", "no_till"): "1.10 1.15 1.10 1.15 1.17 1.22 1.16",
        ("FI", "low"): ".95 .92 .95 .92 .95 .92 .94",
        ("FI", "medium"): "1 1 1 1 1 1 1",
        ("FI", "high"): "1.04 1.11 1.04 1.11 1.04 1.11 1.08",
        ("FI", "high_manure"): "1.37 1.44 1.37 1.44 1.37 1.44 1.41",
        ("FLU", "native"): "1 1 1 1 1 1 1",
        ("FLU", "grassland"): "1 1 1 1 1 1 1",
        ("FMG", "nominal"): "1 1 1 1 1 1 1",
        ("FMG", "severely_degraded"): ".7 .7 .7 .7 .7 .7 .7",
        ("FMG", "improved"): "1.14 1.14 1.14 1.14 1.17 1.17 1.16",
        ("FMG", "improved_high"): "1.14 1.14 1.14 1.14 1.17 1.17 1.16",
        ("FI", "improved_high"): "1.11 1.11 1.11 1.11 1.11 1.11 1.11",
    },
}


@pytest.mark.parametrize("edition", ["2019", "2006"])
def test_the_factors_are_as_printed(edition: str) -> None:
    found = SOC_EDITIONS[edition].factors
    for (factor, kind), row in FACTORS[edition].items():
        for climate, cell in zip(CLIMATES, row.split(), strict=True):
            assert found[factor, kind, climate].mean == Fraction(cell), (factor, kind, climate)
        assert found[factor, kind, "boreal_dry"] == found[factor, kind, "cool_temperate_dry"]
        assert found[factor, kind, "tropical_moist"] == found[factor, kind, "tropical_wet"]
    assert {key[:2] for key in found} == set(FACTORS[edition])


@pytest.mark.parametrize(
    ("edition", "table", "key", "per_cent_of_mean"),
    [
        ("2019", "reference", ("hac", "cool_temperate_moist"), "5/1.96"),
        ("2019", "reference", ("lac", "cool_temperate_dry"), "90/1.96"),
        ("2019", "reference", ("wetland", "warm_temperate_dry"), "17/1.96"),
        ("2019", "reference", ("sandy", "tropical_wet"), "20/1.96"),
        ("2006", "reference", ("hac", "boreal_dry"), "90/2"),
        ("2019", "factors", ("FLU", "annual", "warm_temperate_moist"), "16/2"),
        ("2019", "factors", ("FLU", "paddy", "tropical_dry"), "4/2"),
        ("2019", "factors", ("FLU", "perennial", "tropical_dry"), "25/2"),
        ("2019", "factors", ("FMG", "reduced", "warm_temperate_dry"), "3/2"),
        ("2019", "factors", ("FMG", "no_till", "tropical_wet"), "5/2"),
        ("2019", "factors", ("FI", "high_manure", "warm_temperate_moist"), "13/2"),
        ("2006", "factors", ("FLU", "annual", "tropical_dry"), "61/2"),
        ("2006", "factors", ("FMG", "no_till", "tropical_dry"), "8/2"),
        ("2006", "factors", ("FLU", "paddy", "boreal_moist"), "50/2"),
    ],
)
def test_the_errors_are_as_printed(
    edition: str, table: str, key: tuple[str, ...], per_cent_of_mean: str
) -> None:
    cell = getattr(SOC_EDITIONS[edition], table)[key]
    error, divisor = per_cent_of_mean.split("/")
    assert cell.deviation == cell.mean * Fraction(error) / 100 / Fraction(divisor)
