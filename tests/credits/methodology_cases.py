"""A project's parameters for every registered methodology, with figures worked by hand."""

from __future__ import annotations

import copy
from typing import Any

from credits.methodologies.measured_soc import MeasuredSoc
from tests.credits.line import PARAMETERS

RICE_INPUTS: dict[str, Any] = {
    "seasons": [
        {
            "baseline": {"region": "east_asia", "water": "continuous", "days": "112"},
            "project": {"region": "east_asia", "water": "multiple_drainage", "days": "112"},
            "applied_n_kg_per_ha": "150",
        }
    ],
    "baseline_proven": True,
}
SOIL_INPUTS: dict[str, Any] = {
    "climate": "cool_temperate_moist",
    "soil": "hac",
    "before": {"tillage": "full", "residue_input": "low"},
    "changes": [{"year": 2025, "tillage": "no_till", "residue_input": "medium"}],
}
TILLAGE_INPUTS: dict[str, Any] = {
    "soil": SOIL_INPUTS,
    "nitrogen_baseline": {
        "climate": "wet",
        "fertilisers": [{"kind": "urea", "n_kg_per_ha": "200"}],
    },
    "nitrogen_project": {
        "climate": "wet",
        "fertilisers": [{"kind": "urea", "n_kg_per_ha": "180"}],
    },
    "diesel_baseline_l_per_ha": "60",
    "diesel_project_l_per_ha": "35",
    "uncertainty_share": "0.1",
}


def measured_inputs() -> dict[str, Any]:
    """120 ha in two strata, worked example 9 of the rule of exceedance: 1,098.660431 t CO2e."""
    inputs: dict[str, Any] = copy.deepcopy(dict(MeasuredSoc.example))
    inputs = {name: inputs[name] for name in ("area_ha", "strata", "rounds", "rule")}
    for stratum in inputs["strata"]:
        stratum["share"] = str(stratum["share"])
    layers = [core["layers"][0] for one in inputs["rounds"] for core in one["cores"]]
    for layer in layers:
        layer["carbon_percent"] = str(layer["carbon_percent"])
    return inputs | {"measured_from": "2025-01-01", "measured_to": "2026-12-31"}


def one_situation(inputs: dict[str, Any], **facts: Any) -> dict[str, Any]:
    situation = {"name": "slope", "practice": "no_till", "inputs": copy.deepcopy(inputs)}
    return {"gwp": "AR5", "situations": [situation | facts]}


PROJECTS: dict[str, dict[str, Any]] = {
    "ccx-soil": PARAMETERS,
    "practice-rate": one_situation(
        {"table": "own", "rate": "1.25", "rate_unit": "ha", "rate_source": "county station, 2024"}
    ),
    "ipcc-soc-tier1": one_situation(SOIL_INPUTS),
    "conservation-tillage": one_situation(TILLAGE_INPUTS),
    "rice-water": one_situation(RICE_INPUTS),
    "measured-soc": one_situation(measured_inputs()),
}
# kg CO2e one hectare earns in 2025, and what it gives off more, as exact as it prints:
# soil: 1.767150 t/ha (worked example 4), the first of twenty equal years;
# tillage: 90% of that; 20 kg N less; 25 l of diesel less at 2.886 kg;
#   N2O of 20 kg urea N in wet climate: direct .016, volatilised .15 × .014, leached .24 × .011,
#   together .02074 kg N × 20 × 44/28 × 265;
# rice: 1.32 × 112 × (1 − 0.55) × 28 × 0.85, and 150 × 0.00314 × 0.85 × 265 given off more;
# measured: 1,098.660431 t / 120 ha, half of its two years.
SOIL_KG = 1767.15
HECTARE_KG: dict[str, tuple[float, float]] = {
    "ccx-soil": (1_000, 0),
    "practice-rate": (1_250, 0),
    "ipcc-soc-tier1": (SOIL_KG, 0),
    "conservation-tillage": (
        0.9 * SOIL_KG + 25 * 2.886 + 20 * 0.02074 * 44 / 28 * 265,
        0,
    ),
    "rice-water": (1.32 * 112 * 0.45 * 28 * 0.85, 150 * 0.00314 * 0.85 * 265),
    "measured-soc": (1_098_660.431 / 120 / 2, 0),
}
