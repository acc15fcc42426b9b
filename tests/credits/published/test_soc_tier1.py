"""Tier 1 soil carbon: the worked examples printed in the IPCC's guidelines themselves."""

from __future__ import annotations

from typing import Any

import pytest

from credits.methodologies.inputs import InputsRefused
from tests.credits.published.ask import ask

MOLLISOLS = {"edition": "2006", "climate": "warm_temperate_moist", "soil": "hac"}
VOLCANIC = {"edition": "2006", "climate": "tropical_moist", "soil": "volcanic", "area_ha": 1}
PLOUGHED_BARE = {"tillage": "full", "residue_input": "low"}


def row(area_ha: float, tillage: str, residue_input: str) -> dict[str, Any]:
    return {"area_ha": area_ha, "tillage": tillage, "residue_input": residue_input}


def test_a_million_hectares_of_cropland_by_class() -> None:
    # IPCC 2006 Guidelines, Vol. 4, 5.2.3.4: 58.78 and 64.06 million t C, 264,000 t C a year.
    found = ask(
        "ipcc-soc-tier1",
        {
            **MOLLISOLS,
            "land_before": [row(400_000, "full", "low"), row(600_000, "full", "medium")],
            "land_after": [
                row(200_000, "full", "low"),
                row(700_000, "reduced", "medium"),
                row(100_000, "no_till", "medium"),
            ],
        },
    )
    assert found["SOCref"] == 88
    assert found["land_before_t_c"] / 1e6 == pytest.approx(58.78, abs=0.005)
    assert found["land_after_t_c"] / 1e6 == pytest.approx(64.06, abs=0.005)
    assert found["change_t_c"] == pytest.approx(264_000, abs=500)
    assert found.kg("co2") == pytest.approx(-264_000 * 44 / 12 * 1000, rel=1e-3)


def test_twenty_years_of_the_same_land() -> None:
    inputs = {
        **MOLLISOLS,
        "years": 20,
        "land_before": [row(400_000, "full", "low"), row(600_000, "full", "medium")],
        "land_after": [
            row(200_000, "full", "low"),
            row(700_000, "reduced", "medium"),
            row(100_000, "no_till", "medium"),
        ],
    }
    assert ask("ipcc-soc-tier1", inputs)["change_t_c"] / 1e6 == pytest.approx(5.28, abs=0.005)
    # And no more after that.
    assert ask("ipcc-soc-tier1", inputs | {"years": 30})["change_t_c"] / 1e6 == pytest.approx(
        5.28, abs=0.005
    )


def test_a_million_hectares_of_grassland_by_class() -> None:
    # IPCC 2006 Guidelines, Vol. 4, 6.2.3.4: 45.026 and 45.960 million t C, 46,695 t C a year; its
    # 0.97 for moderate degradation is given as it is printed there.
    degraded = {"land_use": "grassland", "grassland": "moderately_degraded", "fmg": 0.97}
    bare = {"land_use": "grassland", "grassland": "severely_degraded"}
    found = ask(
        "ipcc-soc-tier1",
        {
            "edition": "2006",
            "climate": "tropical_moist",
            "soil": "lac",
            "land_before": [
                {"area_ha": 500_000, "land_use": "native"},
                {"area_ha": 400_000, **degraded},
                {"area_ha": 100_000, **bare},
            ],
            "land_after": [
                {"area_ha": 300_000, "land_use": "native"},
                {"area_ha": 300_000, **degraded},
                {"area_ha": 200_000, **bare},
                {"area_ha": 100_000, "land_use": "grassland", "grassland": "improved"},
                {"area_ha": 100_000, "land_use": "grassland", "grassland": "improved_high"},
            ],
        },
    )
    assert found["SOCref"] == 47
    assert found["land_before_t_c"] / 1e6 == pytest.approx(45.026, abs=5e-4)
    assert found["land_after_t_c"] / 1e6 == pytest.approx(45.960, abs=5e-4)
    assert found["change_t_c"] == pytest.approx(46_695, abs=1)


def test_forest_turned_into_cropland() -> None:
    # IPCC 2006 Guidelines, Vol. 4, 5.3.3.4: 70 to 30.9 t C/ha, 1.96 t C/ha lost a year,
    # from the rounded 30.9; unrounded 1.9544.
    found = ask(
        "ipcc-soc-tier1", {**VOLCANIC, "before": {"land_use": "native"}, "after": PLOUGHED_BARE}
    )
    assert found["soc_start"] == 70
    assert found["equilibrium_1"] == pytest.approx(30.9, abs=0.05)
    assert found["change_t_per_ha"] == pytest.approx(-1.96, abs=0.006)
    assert found.kg("co2") == pytest.approx(1.9544 * 44 / 12 * 1000)
    assert found.told["credited_kg"] == 0


def test_cropland_turned_into_improved_pasture() -> None:
    # IPCC 2006 Guidelines, Vol. 4, 6.3.3.4: 30.9 to 81.9 t C/ha, 2.5 t C/ha gained a year.
    found = ask(
        "ipcc-soc-tier1",
        {
            **VOLCANIC,
            "before": PLOUGHED_BARE,
            "after": {"land_use": "grassland", "grassland": "improved"},
        },
    )
    assert found["equilibrium_1"] == pytest.approx(81.9, abs=0.05)
    assert found["change_t_per_ha"] == pytest.approx(2.5, abs=0.06)


def test_cropland_turned_into_forest() -> None:
    # IPCC 2006 Guidelines, Vol. 4, 4.3.3.4: 30.9 to 70 t C/ha, 1.96 t C/ha gained a year.
    found = ask(
        "ipcc-soc-tier1", {**VOLCANIC, "before": PLOUGHED_BARE, "after": {"land_use": "native"}}
    )
    assert found["change_t_per_ha"] == pytest.approx(1.96, abs=0.006)


def test_factors_of_an_example_stand_without_climate_and_soil() -> None:
    # The same forest, with only the numbers of the example.
    found = ask(
        "ipcc-soc-tier1",
        {
            "area_ha": 1,
            "soc_reference_t_per_ha": 70,
            "before": {"flu": 1, "fmg": 1, "fi": 1},
            "after": {"flu": 0.48, "fmg": 1, "fi": 0.92},
        },
    )
    assert found["change_t_per_ha"] == pytest.approx(-1.9544)


# IPCC 2019 Refinement, Vol. 4, table 6.2, as the models of HESTIA have it (organicCarbonPerHa).
@pytest.mark.parametrize(
    ("state", "climate", "fmg", "fi"),
    [
        ("nominal", "tropical_dry", 1, 1),
        ("high_intensity", "cool_temperate_dry", 0.9, 1),
        ("severely_degraded", "boreal_moist", 0.7, 1),
        ("improved", "warm_temperate_dry", 1.14, 1),
        ("improved", "tropical_wet", 1.17, 1),
        ("improved_high", "tropical_montane", 1.16, 1.11),
    ],
)
def test_grassland_of_2019(state: str, climate: str, fmg: float, fi: float) -> None:
    found = ask(
        "ipcc-soc-tier1",
        {
            "area_ha": 1,
            "climate": climate,
            "soil": "wetland",
            "before": {"land_use": "native"},
            "after": {"land_use": "grassland", "grassland": state},
        },
    )
    assert (found["FLU_1"], found["FMG_1"], found["FI_1"]) == (1, fmg, fi)


@pytest.mark.parametrize(
    ("changes", "place", "code"),
    [
        ({"after": {"land_use": "annual"}}, "after.tillage", "missing"),
        ({"after": None}, "changes", "give_one_of"),
        ({"climate": None}, "climate", "missing"),
        ({"area_ha": None}, "area_ha", "missing"),
        ({"years": 5, "to_year": 2030}, "years", "give_one_of"),
        ({"land_before": [row(1, "full", "low")]}, "land_after", "missing"),
        (
            {"after": {"land_use": "grassland", "grassland": "moderately_degraded"}},
            "after.fmg",
            "no_default",
        ),
    ],
)
def test_what_is_missing_is_named(changes: dict[str, Any], place: str, code: str) -> None:
    inputs = {**VOLCANIC, "before": {"land_use": "native"}, "after": PLOUGHED_BARE} | changes
    inputs = {name: value for name, value in inputs.items() if value is not None}
    with pytest.raises(InputsRefused) as refused:
        ask("ipcc-soc-tier1", inputs)
    assert (place, code) in [(each.place, each.code) for each in refused.value.problems]


def test_land_that_grows_on_the_way_is_refused() -> None:
    with pytest.raises(InputsRefused) as refused:
        ask(
            "ipcc-soc-tier1",
            {
                **MOLLISOLS,
                "land_before": [row(100, "full", "low")],
                "land_after": [row(120, "full", "low")],
            },
        )
    assert [(each.place, each.code) for each in refused.value.problems] == [
        ("land_after", "areas_differ")
    ]
