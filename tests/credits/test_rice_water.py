"""Methane avoided by the water of rice; every expected figure is worked by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from credits.methodologies.estimates import Estimate
from credits.methodologies.inputs import InputsRefused
from credits.methodologies.rice_water import RiceWater


def season(
    before: str = "continuous", after: str = "multiple_drainage", **more: Any
) -> dict[str, Any]:
    rice = {"region": "east_asia", "days": 100}
    return {"baseline": rice | {"water": before}, "project": rice | {"water": after}} | more


def estimate(*seasons: dict[str, Any], **inputs: Any) -> Estimate:
    plain = {"area_ha": 10, "baseline_proven": True, "uncertainty_share": 0}
    return RiceWater().estimate(plain | {"seasons": list(seasons)} | inputs)


def test_drained_often_instead_of_flooded_throughout() -> None:
    # 10 ha × 100 d × 1.32 × (1.00 − 0.55) = 594 kg CH4; × 28 = 16,632 kg CO2e.
    found = estimate(season())
    assert found.gases_kg == {"ch4": Fraction(-594), "n2o": 0, "co2": 0}
    assert found.credited_kg == 16_632


def test_drained_soil_gives_off_more_nitrous_oxide() -> None:
    # 10 ha × 150 kg × 0.00314 = 4.71 kg N2O; × 265 = 1,248.15; 16,632 − 1,248.15 = 15,383.85.
    found = estimate(season(applied_n_kg_per_ha=150))
    assert found.gases_kg["n2o"] == Fraction("4.71")
    assert found.credited_kg == 15_383


def test_a_field_that_was_drained_before_adds_no_nitrous_oxide() -> None:
    found = estimate(season(before="single_drainage", applied_n_kg_per_ha=150))
    assert found.gases_kg["n2o"] == 0
    assert found.gases_kg["ch4"] == Fraction("-211.2")  # 1320 × (0.71 − 0.55)


def test_without_proof_one_drainage_is_the_baseline() -> None:
    found = estimate(season(), baseline_proven=False)
    assert found.gases_kg["ch4"] == Fraction("-211.2")
    assert [caution.code for caution in found.cautions] == ["baseline_not_proven"]
    # The nitrous oxide of drainage is still counted: the baseline may have been flooded.
    penalised = estimate(season(applied_n_kg_per_ha=100), baseline_proven=False)
    assert penalised.gases_kg["n2o"] == Fraction("3.14")


def test_the_deduction_falls_on_the_soil_s_gases_only() -> None:
    # 15,383.85 × 0.85 = 13,076.2725; less 1,000.5 of fuel.
    found = estimate(
        season(applied_n_kg_per_ha=150),
        uncertainty_share="0.15",
        other_emissions_co2e_kg="1000.5",
    )
    assert found.co2e_kg == -Fraction("13076.2725") + Fraction("1000.5")
    assert found.credited_kg == 12_075


def test_the_deduction_is_fifteen_per_cent_unless_another_is_given() -> None:
    found = RiceWater().estimate({"area_ha": 10, "baseline_proven": True, "seasons": [season()]})
    assert found.credited_kg == 14_137  # 16,632 × 0.85 = 14,137.2


def test_seasons_add_up_and_a_worse_one_counts_against() -> None:
    better, worse = season(), season(before="multiple_drainage", after="continuous")
    assert estimate(better, better).gases_kg["ch4"] == -1188
    assert estimate(better, worse).co2e_kg == 0
    assert estimate(worse).credited_kg == 0


def test_a_fault_in_a_season_is_named_with_its_place() -> None:
    bad = season()
    bad["project"] = {"water": "continuous"}
    with pytest.raises(InputsRefused) as refusal:
        estimate(season(), bad)
    assert [problem.place for problem in refusal.value.problems] == ["seasons[1].project.region"]


def test_the_limit_of_the_simple_route_is_said() -> None:
    found = estimate(season(), area_ha=100_000)
    assert [caution.code for caution in found.cautions] == ["tier_1_limit"]


def test_the_terms_of_both_sides_can_be_read() -> None:
    found = estimate(season())
    assert found.term("season_1.baseline.SFw") == 1
    assert found.term("season_1.project.SFw") == Fraction("0.55")
