"""Conservation tillage, put together from its parts; every figure is worked by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from credits.methodologies.conservation_tillage import ConservationTillage
from credits.methodologies.estimates import Estimate
from credits.methodologies.inputs import InputsRefused

# 81 × 0.70 × (1.09 − 0.92) = 9.639 t C in twenty years: 1,767.15 kg CO2 a hectare and year.
SOIL: dict[str, Any] = {
    "climate": "cool_temperate_moist",
    "soil": "hac",
    "before": {"tillage": "full", "residue_input": "low"},
    "changes": [{"year": 2025, "tillage": "no_till", "residue_input": "medium"}],
}
PLAIN: dict[str, Any] = {"area_ha": 1, "soil": SOIL, "uncertainty_share": 0, "leakage_share": 0}


def estimate(**inputs: Any) -> Estimate:
    return ConservationTillage().estimate(PLAIN | inputs)


def urea(kilograms: int) -> dict[str, Any]:
    return {"climate": "wet", "fertilisers": [{"kind": "urea", "n_kg_per_ha": kilograms}]}


def test_the_soil_alone() -> None:
    found = estimate()
    assert found.co2e_kg == Fraction("-1767.15")
    assert found.credited_kg == 1767


def test_less_fertiliser_counts_for_the_project() -> None:
    # 200 kg urea-N: 6.518286 kg N2O; 100 kg are half of it: 3.259143 × 265 = 863.6729 kg.
    found = estimate(nitrogen_baseline=urea(200), nitrogen_project=urea(100))
    assert float(found.gases_kg["n2o"]) == pytest.approx(-3.259143, abs=5e-7)
    assert found.credited_kg == 2630  # 1,767.15 + 863.67


def test_more_fertiliser_counts_against_it() -> None:
    found = estimate(nitrogen_baseline=urea(100), nitrogen_project=urea(200))
    assert found.credited_kg == 903  # 1,767.15 − 863.67


def test_saved_diesel() -> None:
    # 25 l × 2.886 = 72.15 kg CO2.
    found = estimate(diesel_baseline_l_per_ha=60, diesel_project_l_per_ha=35)
    assert found.co2e_kg == Fraction("-1839.3")


def test_straw_no_longer_burnt() -> None:
    # 5.5 t × 0.80 of rice: 11.88 kg CH4 and 0.308 kg N2O: 414.26 kg CO2e.
    found = estimate(burning_baseline={"crop": "rice", "fuel_t_per_ha": 5.5})
    assert found.co2e_kg == Fraction("-1767.15") - Fraction("414.26")
    assert found.gases_kg["ch4"] == Fraction("-11.88")


def test_the_soil_s_uncertainty_is_taken_off_a_gain_only() -> None:
    assert estimate(uncertainty_share="0.2").co2e_kg == Fraction("-1413.72")
    ploughed = SOIL | {
        "before": {"tillage": "no_till", "residue_input": "medium"},
        "changes": [{"year": 2025, "tillage": "full", "residue_input": "low"}],
    }
    lost = estimate(soil=ploughed, uncertainty_share="0.2", leakage_share="0.5")
    assert lost.co2e_kg == Fraction("1767.15")
    assert lost.credited_kg == 0


def test_leakage_is_taken_off_the_whole() -> None:
    found = estimate(leakage_share="0.1", diesel_baseline_l_per_ha=25)
    assert found.co2e_kg == Fraction("-1839.3") * Fraction("0.9")


def test_what_was_not_given_is_said() -> None:
    found = ConservationTillage().estimate(
        {"area_ha": 1, "soil": SOIL, "nitrogen_project": urea(100) | {"urea_kg_per_ha": 217}}
    )
    assert [caution.code for caution in found.cautions] == [
        "no_baseline",
        "uncertainty_share_not_given",
        "leakage_share_not_given",
    ]


def test_a_part_s_fault_is_named_with_the_part() -> None:
    with pytest.raises(InputsRefused) as refusal:
        estimate(soil=SOIL | {"climate": "polar"})
    assert refusal.value.problems[0].place.startswith("soil.")
