"""Burning of residues by the IPCC; every expected figure is worked by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from credits.methodologies.estimates import Estimate
from credits.methodologies.inputs import InputsRefused
from credits.methodologies.ipcc_residue_burning import (
    BURNT_FUEL,
    COMBUSTION,
    EMISSION_FACTORS,
    IpccResidueBurning,
    combustion_factor,
)


def estimate(**inputs: Any) -> Estimate:
    return IpccResidueBurning().estimate({"area_ha": 1, "crop": "rice"} | inputs)


def test_a_hectare_of_rice_straw() -> None:
    # 5.5 × 0.80 = 4.4 t; × 2.7 = 11.88 kg CH4, × 0.07 = 0.308 kg N2O; 332.64 + 81.62 kg CO2e.
    found = estimate(fuel_t_per_ha=5.5)
    assert found.gases_kg == {"ch4": Fraction("11.88"), "n2o": Fraction("0.308")}
    assert found.co2e_kg == Fraction("414.26")


def test_the_printed_product_is_not_multiplied_by_combustion_again() -> None:
    # Table 2.4 gives rice 5.5 t/ha that burns: 5.5 × 2.7 = 14.85 kg CH4.
    found = estimate(area_ha=2)
    assert found.gases_kg["ch4"] == Fraction("29.7")
    assert found.cautions == ()
    said = estimate(combustion_factor="0.5")
    assert said.gases_kg["ch4"] == Fraction("14.85")
    assert [caution.code for caution in said.cautions] == ["combustion_in_fuel"]


def test_another_crop_needs_its_fuel() -> None:
    with pytest.raises(InputsRefused) as refusal:
        estimate(crop="wheat")
    assert [(found.place, found.code) for found in refusal.value.problems] == [
        ("fuel_t_per_ha", "no_default")
    ]
    assert estimate(crop="wheat", fuel_t_per_ha=4).gases_kg["ch4"] == Fraction("9.72")


def test_factors_of_one_s_own() -> None:
    # Rice straw measured at 4.51 g CH4 and 0.069 g N2O (Scientific Reports, s41598-019-53072-x).
    found = estimate(
        fuel_t_per_ha=1, combustion_factor=1, ch4_g_per_kg="4.51", n2o_g_per_kg="0.069"
    )
    assert found.gases_kg == {"ch4": Fraction("4.51"), "n2o": Fraction("0.069")}


def test_the_tables_are_as_printed() -> None:
    assert {gas: float(value) for gas, value in EMISSION_FACTORS.items()} == {
        "ch4": 2.7,
        "n2o": 0.07,
    }
    assert {crop: float(value) for crop, value in COMBUSTION.items()} == {
        "wheat": 0.9,
        "maize": 0.8,
        "rice": 0.8,
        "sugarcane": 0.8,
        "other": 0.85,
    }
    assert {crop: float(value) for crop, value in BURNT_FUEL.items()} == {"rice": 5.5}


def test_every_wheat_burns_as_wheat_and_the_rest_as_others() -> None:
    assert combustion_factor("winter_wheat") == Fraction("0.9")
    assert combustion_factor("soybean") == Fraction("0.85")
