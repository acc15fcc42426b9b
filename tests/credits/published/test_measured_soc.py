"""Measured soil carbon on published layers, by mineral mass as von Haden et al. compare them."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import numpy as np
import pytest

from credits.methodologies.equivalent_mass import monotone_spline
from credits.methodologies.inputs import InputsRefused
from tests.credits.published.ask import ask

# Venterea et al. (2006), Soil Science Society of America Journal 70, conventional tillage, as in
# the data of Soil_Mass_Corrections (2023): depth to, % C, bulk density, % organic matter.
CT_2000 = [
    (5, 2.6, 1.07, 4.94),
    (10, 2.6, 1.20, 4.94),
    (20, 2.5, 1.33, 4.75),
    (30, 2.1, 1.40, 3.99),
    (45, 1.3, 1.40, 2.47),
    (60, 0.92, 1.43, 1.748),
]
CT_2005 = [
    (5, 2.5, 1.30, 4.75),
    (10, 2.4, 1.31, 4.56),
    (20, 2.5, 1.29, 4.75),
    (30, 2.2, 1.40, 4.18),
    (45, 1.7, 1.35, 3.23),
    (60, 1.1, 1.39, 2.09),
]


def core(layers: list[tuple[float, ...]]) -> dict[str, Any]:
    return {
        "layers": [
            {
                "bottom_cm": bottom,
                "carbon_percent": carbon,
                "bulk_density_g_per_cm3": density,
                "organic_matter_percent": matter,
            }
            for bottom, carbon, density, matter in layers
        ]
    }


def sums(layers: list[tuple[float, ...]]) -> tuple[list[float], list[float]]:
    """Mineral mass and carbon down to each layer's end, t/ha."""
    tops = [0.0, *(layer[0] for layer in layers[:-1])]
    masses = [(row[0] - top) * row[2] * 100 for top, row in zip(tops, layers, strict=True)]
    mineral = [mass * (1 - row[3] / 100) for mass, row in zip(masses, layers, strict=True)]
    carbon = [mass * row[1] / 100 for mass, row in zip(masses, layers, strict=True)]
    return [0, *accumulate(mineral)], [0, *accumulate(carbon)]


def compare(**choice: Any) -> Any:
    inputs = {
        "area_ha": 1,
        "rounds": [
            {"year": 2000, "cores": [core(CT_2000)]},
            {"year": 2005, "cores": [core(CT_2005)]},
        ],
        "mass_of": "mineral",
        "reference_depth_cm": 30,
    }
    return ask("measured-soc", inputs | choice)


def test_the_reference_is_the_mineral_mass_to_a_depth() -> None:
    # 535 x 0.9506 + 600 x 0.9506 + 1330 x 0.9525 + 1400 x 0.9601 = 3689.896 t/ha.
    found = compare()
    assert found["reference_mass_t_per_ha"] == pytest.approx(3689.896)
    assert found["round_1.mean_t_per_ha"] == pytest.approx(sums(CT_2000)[1][4])


def test_the_line_along_mineral_mass() -> None:
    masses, carbons = sums(CT_2005)
    found = compare(algorithm="linear")
    assert found["round_2.mean_t_per_ha"] == pytest.approx(np.interp(3689.896, masses, carbons))


def test_the_monotone_spline_along_mineral_mass() -> None:
    # Their script: spline(..., method="hyman") of cumulative carbon on cumulative mineral mass.
    masses, carbons = sums(CT_2005)
    found = compare(algorithm="monotone_spline")
    assert found["round_2.mean_t_per_ha"] == pytest.approx(
        monotone_spline(masses, carbons, 3689.896)
    )
    # At its own layers' ends the spline is the data.
    assert found["round_1.mean_t_per_ha"] == pytest.approx(sums(CT_2000)[1][4])


def test_without_its_organic_matter_a_layer_s_carbon_tells_it() -> None:
    layers = [{"thickness_cm": 30, "bulk_density_kg_per_m3": 1300, "carbon_g_per_kg": 20}]
    inputs = {
        "area_ha": 1,
        "rounds": [{"cores": [{"layers": layers}]}],
        "mass_of": "mineral",
    }
    # 3900 t/ha less 78 t C/ha x 1.724; or x 2.
    found = ask("measured-soc", inputs)
    assert found["round_1.core.1.soil_mass_t_per_ha"] == pytest.approx(3900 - 78 * 1.724)
    found = ask("measured-soc", inputs | {"organic_matter_per_carbon": 2})
    assert found["round_1.core.1.soil_mass_t_per_ha"] == pytest.approx(3744)


def test_more_organic_matter_than_soil_is_refused() -> None:
    layers = [{"thickness_cm": 10, "bulk_density_g_per_cm3": 0.2, "carbon_percent": 60}]
    with pytest.raises(InputsRefused) as refused:
        ask("measured-soc", {"rounds": [{"cores": [{"layers": layers}]}], "mass_of": "mineral"})
    assert [(each.place, each.code) for each in refused.value.problems] == [
        ("rounds[0].cores[0].layers[0].carbon_percent", "more_carbon_than_soil")
    ]


@pytest.mark.parametrize(
    ("choice", "place", "code"),
    [
        ({"reference_depth_cm": 90}, "rounds[0].cores[0]", "core_too_shallow"),
        ({"reference_mass_t_per_ha": 3000}, "reference_depth_cm", "give_one_of"),
    ],
)
def test_a_depth_no_core_reaches_and_two_references_are_refused(
    choice: dict[str, Any], place: str, code: str
) -> None:
    with pytest.raises(InputsRefused) as refused:
        compare(**choice)
    assert [(each.place, each.code) for each in refused.value.problems] == [(place, code)]


def test_other_units_of_a_layer() -> None:
    hectare = {"soil_mass_t_per_ha": 3900, "carbon_t_per_ha": 78}
    for layer in (
        {"soil_mass_kg_per_m2": 390, "carbon_kg_per_m2": 7.8},
        {"soil_mass_g_per_cm2": 39, "carbon_g_per_cm2": 0.78},
        {"soil_mass_kg_per_ha": 3_900_000, "carbon_percent": 2},
        {"thickness_mm": 300, "bulk_density_t_per_m3": 1.3, "carbon_g_per_kg": 20},
    ):
        told = [
            ask("measured-soc", {"rounds": [{"cores": [{"layers": [one]}]}]})["stock_t_c"]
            for one in (hectare, layer)
        ]
        assert told[1] == pytest.approx(told[0])
