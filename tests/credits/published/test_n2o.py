"""Nitrous oxide, urea and lime: worked figures printed elsewhere, by the inputs printed there."""

from __future__ import annotations

from typing import Any

import pytest

from credits.methodologies.inputs import InputsRefused
from tests.credits.published.ask import ask

# The factors that the package cowfootR prints beside its results (vignettes of January 2026).
COWFOOT: dict[str, Any] = {
    "edition": "2006",
    "gwp": "AR6",
    "ef1": 0.01,
    "ef4": 0.01,
    "ef5": 0.0075,
    "frac_gasf": 0.1,
    "frac_gasm": 0.2,
    "frac_leach": 0.3,
}


def grazed(n_kg: float) -> list[dict[str, Any]]:
    return [{"animals": "cattle_poultry_pigs", "n_kg": n_kg, "ef3": 0.01}]


def test_a_dairy_farm_of_120_hectares() -> None:
    # cowfootR, "Get started with cowfootR", step 2, soil emissions.
    found = ask(
        "ipcc-n2o",
        {
            **COWFOOT,
            "area_ha": 120,
            "fertilisers": [{"kind": "other", "n_kg": 1500}],
            "grazing": grazed(5000),
        },
    )
    assert found["direct_n2o_kg"] == pytest.approx(102.143, abs=5e-4)
    assert found["volatilised_n2o_kg"] == pytest.approx(18.071, abs=5e-4)
    assert found["leached_n2o_kg"] == pytest.approx(22.982, abs=5e-4)
    assert found.kg("n2o") == pytest.approx(143.196, abs=5e-4)
    assert found.told["co2e_kg"] == pytest.approx(39092.62, abs=0.1)


def test_a_dairy_farm_of_200_hectares_with_every_kind_of_nitrogen() -> None:
    # cowfootR, "Single farm analysis", soil N2O emissions.
    found = ask(
        "ipcc-n2o",
        {
            **COWFOOT,
            "area_ha": 200,
            "fertilisers": [{"kind": "other", "n_kg": 2400}],
            "organic_n_kg": 500,
            "grazing": grazed(15_000),
            "residue_n_kg": 800,
        },
    )
    assert found["direct_n2o_kg"] == pytest.approx(293.857, abs=5e-4)
    assert found["volatilised_n2o_kg"] == pytest.approx(52.486, abs=5e-4)
    assert found["leached_n2o_kg"] == pytest.approx(66.118, abs=5e-4)
    assert found.told["co2e_kg"] == pytest.approx(112_601.8, abs=0.1)


def test_a_project_of_18200_hectares_by_vm0042() -> None:
    # A public script after VM0042 v2.1, equations 17-24: 100 kg urea (46% N) and 200 kg NPK
    # 15-15-15 a hectare, wet climate, 0.15 volatilised of both, AR6. By hand: 76 kg N/ha x 0.016,
    # x 0.15 x 0.014, x 0.24 x 0.011, each x 44/28 x 273.
    found = ask(
        "ipcc-n2o",
        {
            "area_ha": 18_200,
            "climate": "wet",
            "gwp": "AR6",
            "frac_gasf": 0.15,
            "fertilisers": [
                {"kind": "urea", "product_kg_per_ha": 100, "n_percent": 46},
                {"kind": "other", "product_kg_per_ha": 200, "n_percent": 15},
            ],
        },
    )
    assert found["F_SN"] == 76
    per_ha = 76 * 44 / 28 * 273 / 1000
    assert found["direct_n2o_kg"] * 0.273 == pytest.approx(18_200 * per_ha * 0.016)
    assert found.co2e_t == pytest.approx(18_200 * per_ha * (0.016 + 0.0021 + 0.00264))
    assert found.co2e_t == pytest.approx(12_307.1, abs=1)


# ClimateView, transition element framework, parameters "emission_factor_...", g CO2e a tonne.
@pytest.mark.parametrize(
    ("inputs", "grams"),
    [
        (
            {"fertilisers": [{"kind": "other", "n_t": 1}], "rice_water": "flooded"},
            1_716_000,
        ),  # flooded rice, synthetic fertilisation
        ({"residue_n_t": 1}, 4_290_000),  # crop residue incorporation
        ({"limestone_t": 1}, 440_000),  # limestone liming
    ],
)
def test_climateview_s_factors(inputs: dict[str, Any], grams: int) -> None:
    # Each is of the direct emission alone.
    alone = {"gwp": "AR6", "frac_gasf": 0, "frac_leach": 0}
    assert ask("ipcc-n2o", inputs | alone).co2e_t * 1e6 == pytest.approx(grams)


def test_the_guidelines_urea_and_lime() -> None:
    # IPCC 2006, Vol. 4, 11.3 and 11.4: 0.12 and 0.13 t C a tonne of lime, 0.20 of urea.
    found = ask("ipcc-n2o", {"urea_t": 1000, "limestone_t": 2000, "dolomite_t": 500})
    assert found.kg("co2") == pytest.approx((200 + 240 + 65) * 44 / 12 * 1000)


def test_a_country_s_nitrogen_by_the_edition_of_2006() -> None:
    # IPCC 2006, Vol. 4, equations 11.1, 11.9, 11.10 for 100,000 t N of fertiliser and 50,000 t N
    # of manure: 150,000 x 0.01; (10,000 + 10,000) x 0.01; 150,000 x 0.3 x 0.0075 t N2O-N.
    found = ask(
        "ipcc-n2o",
        {
            "edition": "2006",
            "fertilisers": [{"kind": "other", "n_t": 100_000}],
            "organic_n_t": 50_000,
        },
    )
    assert found["direct_n2o_kg"] == pytest.approx(1_500_000 * 44 / 28)
    assert found["volatilised_n2o_kg"] == pytest.approx(200_000 * 44 / 28)
    assert found["leached_n2o_kg"] == pytest.approx(337_500 * 44 / 28)


def test_drained_organic_soils_of_a_country() -> None:
    # IPCC 2006, Vol. 4, table 11.1: 8 kg N2O-N a hectare of temperate, 16 of tropical organic soil.
    found = ask(
        "ipcc-n2o",
        {
            "organic_soils": [
                {"area_ha": 1000, "ef2_kg_per_ha": 8},
                {"area_km2": 5, "ef2_kg_per_ha": 16},
            ]
        },
    )
    assert found.kg("n2o") == pytest.approx((8000 + 8000) * 44 / 28)


def test_residues_of_two_crops_on_areas_of_their_own() -> None:
    # IPCC 2019, Vol. 4, equation 11.6 with tables 11.1A and 11.2, by hand: maize 10 t/ha x 0.87 =
    # 8.7 t, straw 1.03 x 8.7 + 0.61 = 9.571 t, 0.006 above; (8.7 + 9.571) x 0.22 x 0.007 below.
    maize = (1.03 * 8.7 + 0.61) * 6 + (8.7 + 1.03 * 8.7 + 0.61) * 0.22 * 7
    # Soybean 3 t/ha x 0.91, straw by ratio 2.1, all of it left.
    soy = 2.73 * 2.1 * 8 + (2.73 + 2.73 * 2.1) * 0.19 * 8
    found = ask(
        "ipcc-n2o",
        {
            "residues": [
                {
                    "crop": "maize",
                    "yield_kg_per_ha": 10_000,
                    "area_ha": 300,
                    "above_ground_by": "regression",
                },
                {"crop": "soybean", "yield_t_per_ha": 3, "area_ha": 200},
            ]
        },
    )
    assert found["F_CR"] == pytest.approx(300 * maize + 200 * soy)
    assert found["direct_n2o_kg"] == pytest.approx((300 * maize + 200 * soy) * 0.01 * 44 / 28)


def test_straw_known_by_its_dry_matter() -> None:
    found = ask(
        "ipcc-n2o",
        {
            "area_ha": 1,
            "residues": [
                {
                    "crop": "wheat",
                    "yield_t_per_ha": 0,
                    "above_ground_kg_per_ha": 4000,
                    "n_above": 0.006,
                    "root_ratio": 0,
                }
            ],
        },
    )
    assert found["F_CR"] == pytest.approx(24)


def test_acres_and_pounds_are_hectares_and_kilograms() -> None:
    american = {
        "area_acre": 100,
        "fertilisers": [{"kind": "other", "n_lb_per_acre": 150}],
        "edition": "2006",
    }
    # 100 acres x 150 lb = 15,000 lb = 6,803.88555 kg N.
    found = ask("ipcc-n2o", american)
    assert found["direct_n2o_kg"] == pytest.approx(6803.88555 * 0.01 * 44 / 28)
    assert found["area_ha"] == pytest.approx(40.468564224)


@pytest.mark.parametrize(
    ("inputs", "place", "code"),
    [
        ({}, "area_ha", "missing"),
        ({"organic_n_kg_per_ha": 5}, "area_ha", "missing"),
        (
            {"area_ha": 1, "organic_n_kg_per_ha": 5, "organic_n_kg": 5},
            "organic_n_kg",
            "give_one_of",
        ),
        (
            {"area_ha": 1, "fertilisers": [{"kind": "urea"}]},
            "fertilisers[0].n_kg_per_ha",
            "missing",
        ),
        (
            {"area_ha": 1, "fertilisers": [{"kind": "urea", "product_kg_per_ha": 5}]},
            "fertilisers[0].n_percent",
            "missing",
        ),
        (
            {"area_ha": 1, "soil_n_kg": 5, "soil_carbon_loss_t_per_ha": 1},
            "soil_carbon_loss_t_per_ha",
            "give_one_of",
        ),
    ],
)
def test_what_is_missing_or_twice_is_named(inputs: dict[str, Any], place: str, code: str) -> None:
    with pytest.raises(InputsRefused) as refused:
        ask("ipcc-n2o", inputs)
    assert (place, code) in [(each.place, each.code) for each in refused.value.problems]
