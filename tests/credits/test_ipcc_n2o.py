"""Nitrous oxide of soils by the IPCC; every expected figure is worked by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from credits.methodologies.estimates import Estimate
from credits.methodologies.inputs import InputsRefused
from credits.methodologies.ipcc_n2o import IpccN2o
from credits.methodologies.ipcc_n2o_tables import CROPS, EDITIONS

BARE: dict[str, Any] = {"area_ha": 1, "climate": "wet"}


def estimate(**inputs: Any) -> Estimate:
    return IpccN2o().estimate(BARE | inputs)


def value(found: Estimate, name: str) -> float:
    return float(found.term(name))  # type: ignore[arg-type]


def mineral(kilograms: float, kind: str = "other") -> list[dict[str, Any]]:
    return [{"kind": kind, "n_kg_per_ha": kilograms}]


def refusal(**inputs: Any) -> list[tuple[str, str]]:
    with pytest.raises(InputsRefused) as refused:
        estimate(**inputs)
    return [(problem.place, problem.code) for problem in refused.value.problems]


def test_a_tonne_of_nitrogen_at_one_per_cent() -> None:
    # 1000 × 0.01 × 44/28 = 15.714286 kg N2O; × 265 = 4,164.286 kg CO2e.
    found = estimate(climate="unknown", fertilisers=mineral(1000))
    assert value(found, "direct_n2o_kg_per_ha") == pytest.approx(15.714286, abs=5e-7)
    assert value(found, "direct_n2o_kg_per_ha") * 265 == pytest.approx(4164.286, abs=5e-4)


def test_urea_in_a_wet_climate() -> None:
    found = estimate(fertilisers=mineral(200, "urea"))
    # 200 × 0.016 × 44/28; 200 × 0.15 × 0.014 × 44/28; 200 × 0.24 × 0.011 × 44/28.
    assert value(found, "direct_n2o_kg_per_ha") == pytest.approx(5.028571, abs=5e-7)
    assert found.term("volatilised_n2o_kg_per_ha") == Fraction("0.66")
    assert value(found, "leached_n2o_kg_per_ha") == pytest.approx(0.829714, abs=5e-7)
    assert float(found.gases_kg["n2o"]) == pytest.approx(6.518286, abs=1e-6)


def test_the_edition_of_2006_knows_neither_wet_nor_kind() -> None:
    # 100 kg: direct 0.01; volatilised 0.10 × 0.010; leached 0.30 × 0.0075: 0.01325 × 44/28 × 100.
    for climate in ("wet", "unknown"):
        found = estimate(edition="2006", climate=climate, fertilisers=mineral(100, "urea"))
        assert float(found.gases_kg["n2o"]) == pytest.approx(2.082143, abs=5e-7)


def test_organic_nitrogen_has_factors_of_its_own() -> None:
    # 100 × (0.006 + 0.21 × 0.014 + 0.24 × 0.011) × 44/28 = 100 × 0.01158 × 44/28.
    found = estimate(organic_n_kg_per_ha=100)
    assert float(found.gases_kg["n2o"]) == pytest.approx(1.819714, abs=5e-7)


def test_nothing_leaches_from_dry_land_unless_it_is_irrigated() -> None:
    dry = estimate(climate="dry", fertilisers=mineral(100, "nitrate"))
    watered = estimate(climate="dry", irrigated=True, fertilisers=mineral(100, "nitrate"))
    # 100 × (0.005 + 0.01 × 0.005) × 44/28, and 100 × 0.24 × 0.011 × 44/28 more.
    assert float(dry.gases_kg["n2o"]) == pytest.approx(0.793571, abs=5e-7)
    assert float(watered.gases_kg["n2o"]) == pytest.approx(0.793571 + 0.414857, abs=1e-6)


@pytest.mark.parametrize(
    ("water", "factor"), [("continuous", 0.003), ("drained", 0.005), ("flooded", 0.004)]
)
def test_flooded_rice_has_factors_by_its_water(water: str, factor: float) -> None:
    found = estimate(rice_water=water, fertilisers=mineral(100))
    assert value(found, "direct_n2o_kg_per_ha") == pytest.approx(factor * 100 * 44 / 28)


def test_dung_on_the_field() -> None:
    # 50 × 0.006 × 44/28 = 0.471429 direct; 50 × 0.21 × 0.014 and 50 × 0.24 × 0.011, × 44/28.
    found = estimate(grazing=[{"animals": "cattle_poultry_pigs", "n_kg_per_ha": 50}])
    assert value(found, "direct_n2o_kg_per_ha") == pytest.approx(0.471429, abs=5e-7)
    assert float(found.gases_kg["n2o"]) == pytest.approx(0.471429 + 0.231 + 0.207429, abs=1e-6)
    assert refusal(
        edition="2006", grazing=[{"animals": "cattle_poultry_pigs", "n_kg_per_ha": 50}]
    ) == [("grazing[0].animals", "no_default")]


def rice(**row: Any) -> list[dict[str, Any]]:
    return [{"crop": "rice", "yield_t_per_ha": 6} | row]


def test_rice_straw_left_on_the_field() -> None:
    # 6 × 0.89 × 1.4 × 0.007 = 52.332 kg N; the table has no nitrogen below ground for rice.
    found = estimate(residues=rice())
    assert found.term("F_CR_above_1") == Fraction("52.332")
    assert found.term("F_CR") == Fraction("52.332")
    assert [caution.code for caution in found.cautions] == ["no_default_below_ground"]


def test_rice_straw_by_slope_and_intercept() -> None:
    # (5.34 × 0.95 + 2.46) × 0.007 × 1000 = 7.533 × 7 = 52.731 kg N.
    found = estimate(residues=rice(above_ground_by="regression"))
    assert found.term("F_CR_above_1") == Fraction("52.731")


def test_straw_taken_off_and_burnt_leaves_less() -> None:
    # 52.332 × (1 − 0.5 − 0.25 × 0.80) = 15.6996 kg N.
    found = estimate(residues=rice(removed_share="0.5", burnt_share="0.25"))
    assert found.term("F_CR_above_1") == Fraction("15.6996")
    assert refusal(residues=rice(removed_share="0.8", burnt_share="0.3")) == [
        ("residues[0].burnt_share", "more_than_all")
    ]


def test_roots_count_where_the_table_has_them() -> None:
    # Maize, 10 t: dry 8.7; straw 8.7; above 8.7 × 6 = 52.2; below 17.4 × 0.22 × 7 = 26.796 kg N.
    found = estimate(residues=[{"crop": "maize", "yield_t_per_ha": 10}])
    assert found.term("F_CR_above_1") == Fraction("52.2")
    assert found.term("F_CR_below_1") == Fraction("26.796")
    # 78.996 × (0.006 + 0.24 × 0.011) × 44/28 = 0.682525 × 44/28
    assert float(found.gases_kg["n2o"]) == pytest.approx(1.072540, abs=5e-7)


def test_own_values_go_before_the_table_of_crops() -> None:
    own = {"dry_share": "0.9", "residue_ratio": 1, "root_ratio": "0.1", "n_above": "0.01"}
    found = estimate(residues=rice(**own, n_below="0.02"))
    assert found.term("F_CR_above_1") == 54  # 5.4 × 0.01 × 1000
    assert found.term("F_CR_below_1") == Fraction("21.6")  # 10.8 × 0.1 × 0.02 × 1000
    assert found.cautions == ()


def test_forage_has_no_ratio_to_a_yield() -> None:
    assert refusal(residues=[{"crop": "alfalfa", "yield_t_per_ha": 8}]) == [
        ("residues[0].residue_ratio", "no_default")
    ]


def test_no_harvest_leaves_no_straw_by_either_way() -> None:
    for way in ("ratio", "regression"):
        found = estimate(residues=rice(yield_t_per_ha=0, above_ground_by=way))
        assert found.term("F_CR") == 0


def test_carbon_lost_from_the_soil_frees_nitrogen() -> None:
    found = estimate(soil_carbon_loss_t_per_ha=1, soil_c_to_n=10)
    assert found.term("F_SOM") == 100
    assert refusal(soil_carbon_loss_t_per_ha=1) == [("soil_c_to_n", "no_default")]


def test_carbon_dioxide_of_urea_and_lime() -> None:
    # 0.733333 t of each t of urea; limestone 0.44, dolomite 0.476667.
    found = estimate(urea_kg_per_ha=1000, limestone_kg_per_ha=1000, dolomite_kg_per_ha=1000)
    assert value(found, "urea_co2_kg_per_ha") == pytest.approx(733.3333, abs=5e-5)
    assert found.term("limestone_co2_kg_per_ha") == 440
    assert float(found.gases_kg["co2"]) == pytest.approx(733.3333 + 440 + 476.6667, abs=1e-4)


def test_every_factor_can_be_one_s_own() -> None:
    found = estimate(
        fertilisers=mineral(100),
        organic_n_kg_per_ha=100,
        ef1="0.02",
        ef4="0.1",
        ef5="0.05",
        frac_gasf="0.2",
        frac_gasm="0.3",
        frac_leach="0.4",
    )
    # 200 × 0.02 + (20 + 30) × 0.1 + 200 × 0.4 × 0.05 = 4 + 5 + 4 = 13 kg N2O-N.
    assert found.gases_kg["n2o"] == 13 * Fraction(44, 28)


def test_cautions_say_what_was_left_open() -> None:
    found = estimate(climate="unknown", fertilisers=mineral(10, "urea"))
    assert [caution.code for caution in found.cautions] == [
        "climate_not_known",
        "urea_co2_not_counted",
    ]
    assert estimate(fertilisers=mineral(10, "urea"), urea_kg_per_ha=22).cautions == ()


# Tables 11.1A and 11.2: N above, N below, residue ratio, root ratio, dry share; slope, intercept.
PRINTED = """
generic .008 .009 1.0 .22 .85 - -
grains .006 .009 1.3 .22 .88 1.09 .88
wheat .006 .009 1.3 .23 .89 1.51 .52
winter_wheat .006 .009 1.3 .23 .89 1.61 .40
spring_wheat .006 .009 1.3 .28 .89 1.29 .75
barley .007 .014 1.2 .22 .89 .98 .59
oats .007 .008 1.3 .25 .89 .91 .89
maize .006 .007 1.0 .22 .87 1.03 .61
rye .005 .011 1.6 - .88 1.09 .88
rice .007 - 1.4 .16 .89 .95 2.46
millet .007 - 1.4 - .90 1.43 .14
sorghum .007 .006 1.4 - .89 .88 1.33
beans .008 .008 2.1 .19 .91 1.13 .85
soybean .008 .008 2.1 .19 .91 .93 1.35
potato .019 .014 .4 .20 .22 .10 1.06
peanut .016 - 1.0 - .94 1.07 1.54
alfalfa .027 .019 - .40 .90 .29 0
hay .015 .012 - .54 .90 .18 0
nitrogen_fixing_forage .027 .022 .3 .40 .90 .3 0
other_forage .015 .012 .3 .54 .90 .3 0
perennial_grass .015 .012 .3 .80 .90 .3 0
grass_clover .025 .016 .3 .80 .90 .3 0
"""


def test_the_table_of_crops_is_as_printed() -> None:
    names = ["n_above", "n_below", "residue_ratio", "root_ratio", "dry_share"]
    names += ["slope", "intercept_t_per_ha"]
    printed = {
        row.split()[0]: [None if cell == "-" else Fraction(cell) for cell in row.split()[1:]]
        for row in PRINTED.strip().splitlines()
    }
    assert {
        code: [getattr(crop, name) for name in names] for code, crop in CROPS.items()
    } == printed


def test_the_editions_are_as_printed() -> None:
    new, old = EDITIONS["2019"], EDITIONS["2006"]
    texts = {key: str(float(value)) for key, value in new.ef1.items()}
    assert texts == {
        ("synthetic", "wet"): "0.016",
        ("synthetic", "dry"): "0.005",
        ("synthetic", "unknown"): "0.01",
        ("other", "wet"): "0.006",
        ("other", "dry"): "0.005",
        ("other", "unknown"): "0.01",
    }
    assert {key: float(value) for key, value in new.gasf.items()} == {
        "urea": 0.15,
        "ammonium": 0.08,
        "nitrate": 0.01,
        "ammonium_nitrate": 0.05,
        "other": 0.11,
    }
    assert {key: float(value) for key, value in new.ef4.items()} == {
        "wet": 0.014,
        "dry": 0.005,
        "unknown": 0.01,
    }
    assert {float(value) for (kind, _), value in new.ef3.items() if kind[0] == "s"} == {0.003}
    assert [
        float(new.ef3["cattle_poultry_pigs", climate]) for climate in ("wet", "dry", "unknown")
    ] == [0.006, 0.002, 0.004]
    assert (float(new.gasm), float(new.leach), float(new.ef5)) == (0.21, 0.24, 0.011)
    assert {float(value) for value in old.ef1.values()} == {0.01}
    assert {float(value) for value in old.ef1_rice.values()} == {0.003}
    assert (float(old.gasm), float(old.leach), float(old.ef5)) == (0.2, 0.3, 0.0075)
