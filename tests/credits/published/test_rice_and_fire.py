"""Methane of rice and fires of residues: worked figures printed elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from tests.credits.published.ask import ask


def test_climateview_s_hectare_of_rice() -> None:
    # Parameter emission_factor_rice_cultivation_ha_to_co2e_gram: 3,630,690 g CO2e.
    found = ask(
        "ipcc-rice-ch4", {"area_ha": 1, "region": "world", "water": "continuous", "gwp": "AR6"}
    )
    assert found.co2e_t * 1e6 == pytest.approx(3_630_690)


def test_the_default_of_gold_standard_s_calculator() -> None:
    # A public calculator after the Gold Standard's rice methodology: South Asia, 112 days, its
    # baseline 5 t straw worked in long before. By hand 0.85 x 112 x 1.95^0.59 = 141.17 kg/ha.
    before: dict[str, Any] = {
        "region": "south_asia",
        "days": 112,
        "water": "continuous",
        "amendments": [{"kind": "straw_long_before", "amount_t_per_ha": 5}],
    }
    after = before | {"water": "multiple_drainage"}
    found = ask("ipcc-rice-ch4", before | {"area_ha": 1})
    assert found.kg("ch4") == pytest.approx(0.85 * 112 * 1.95**0.59)
    assert found.kg("ch4") == pytest.approx(141.17, abs=0.01)
    saved = ask(
        "rice-water",
        {
            "area_ha": 100,
            "seasons": [{"baseline": before, "project": after}],
            "baseline_proven": True,
            "uncertainty_share": 0.15,
        },
    )
    # 45% less, 15% of it taken off, AR5's 28.
    assert saved.co2e_t == pytest.approx(-100 * 141.171 * 0.45 * 28 / 1000 * 0.85, rel=1e-4)


# IPCC 2006 and its defaults as published examples state them: factors given, not looked up.
@pytest.mark.parametrize(
    ("inputs", "kg_per_ha"),
    [
        # Continuous flooding, 1.30 x 100 days.
        ({"water": "continuous"}, 130.0),
        # One aeration 0.60, multiple 0.52, rainfed 0.28.
        ({"water": "single_drainage", "sf_water": 0.60}, 78.0),
        ({"water": "multiple_drainage", "sf_water": 0.52}, 67.6),
        ({"water": "regular_rainfed", "sf_water": 0.28}, 36.4),
        # Dry for more than 180 days before, 0.68.
        (
            {"water": "continuous", "pre_season": "non_flooded_over_180", "sf_pre_season": 0.68},
            88.4,
        ),
        # 6 t/ha of farmyard manure at 0.14: 1.84 ^ 0.59 = 1.43295.
        (
            {
                "water": "continuous",
                "amendments": [{"kind": "farmyard_manure", "amount_t_per_ha": 6, "cfoa": 0.14}],
            },
            130 * 1.84**0.59,
        ),
    ],
)
def test_examples_by_the_edition_of_2006(inputs: dict[str, Any], kg_per_ha: float) -> None:
    found = ask("ipcc-rice-ch4", {"area_ha": 10, "ef_kg_per_ha_day": 1.30, "days": 100} | inputs)
    assert found.kg("ch4") == pytest.approx(10 * kg_per_ha)


def test_two_harvests_on_square_kilometres_with_kilograms_of_straw() -> None:
    once = ask(
        "ipcc-rice-ch4",
        {
            "area_ha": 200,
            "country": "vietnam",
            "water": "single_drainage",
            "amendments": [{"kind": "straw", "amount_t_per_ha": 3, "days_before_cultivation": 10}],
        },
    )
    twice = ask(
        "ipcc-rice-ch4",
        {
            "area_km2": 2,
            "country": "vietnam",
            "water": "single_drainage",
            "harvests": 2,
            "amendments": [{"kind": "straw_shortly_before", "amount_kg_per_ha": 3000}],
        },
    )
    # 1.13 x 102 days x 0.71 x 4 ^ 0.59 a hectare and harvest.
    assert once.kg("ch4") == pytest.approx(200 * 1.13 * 102 * 0.71 * 4**0.59)
    assert twice.kg("ch4") == pytest.approx(2 * once.kg("ch4"))


def test_a_thousand_tonnes_of_rice_straw_on_fire() -> None:
    # IPCC 2019, Vol. 4, equation 2.27, tables 2.5 and 2.6: 1000 t x 0.80 x 2.7, 0.07, 92, 2.5 g/kg.
    found = ask("ipcc-residue-burning", {"crop": "rice", "fuel_t": 1000})
    assert found.kg("ch4") == pytest.approx(2160)
    assert found.kg("n2o") == pytest.approx(56)
    assert found["co_kg"] == pytest.approx(73_600)
    assert found["nox_kg"] == pytest.approx(2000)


def test_a_quarter_of_a_country_s_straw_on_fire() -> None:
    # 200,000 ha x 3.2 t/ha x 0.25 x 0.9 (wheat) x 2.7 g/kg.
    found = ask(
        "ipcc-residue-burning",
        {"area_ha": 200_000, "crop": "wheat", "fuel_kg_per_ha": 3200, "burnt_share": 0.25},
    )
    assert found.kg("ch4") == pytest.approx(200_000 * 3.2 * 0.25 * 0.9 * 2.7)


def test_straw_with_the_factors_of_a_field_study() -> None:
    # Scientific Reports s41598-019-53072-x: 4.51 g CH4 and 0.069 g N2O a kilogram of rice straw.
    found = ask(
        "ipcc-residue-burning",
        {
            "area_ha": 1,
            "crop": "rice",
            "fuel_t_per_ha": 5,
            "combustion_factor": 1,
            "ch4_g_per_kg": 4.51,
            "n2o_g_per_kg": 0.069,
        },
    )
    assert (found.kg("ch4"), found.kg("n2o")) == (pytest.approx(22.55), pytest.approx(0.345))
