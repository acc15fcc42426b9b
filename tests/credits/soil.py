"""Shortcuts of the tests of measured soil carbon."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import pytest

from credits.methodologies.estimates import Estimate
from credits.methodologies.inputs import InputsRefused
from credits.methodologies.measured_soc import MeasuredSoc

Inputs = dict[str, Any]


EXCEEDANCE: Inputs = copy.deepcopy(dict(MeasuredSoc.example))


# Strata's means only: 100 ha, 40 → 43 t C/ha, variances of the means 0.6 and 0.4, ten samples each.
TWO_MEANS: Inputs = {
    "area_ha": 100,
    "rounds": [
        {"strata": [{"mean_t_per_ha": 40, "variance_of_mean": 0.6, "n": 10}]},
        {"strata": [{"mean_t_per_ha": 43, "variance": 4, "n": 10}]},
    ],
}


UPPER: Inputs = {"top_cm": 0, "bottom_cm": 15, "bulk_density_g_per_cm3": 1, "carbon_g_per_kg": 20}


LOWER: Inputs = {"thickness_cm": 15, "bulk_density_g_per_cm3": 1, "carbon_percent": 1}


def estimate(inputs: Inputs, **changes: Any) -> Estimate:
    return MeasuredSoc().estimate(inputs | changes)


def number(found: Estimate, name: str) -> float:
    value = found.term(name)
    assert isinstance(value, Fraction | float | int)
    return float(value)


def refusal(inputs: Inputs, **changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(InputsRefused) as refused:
        estimate(inputs, **changes)
    return [(problem.place, problem.code) for problem in refused.value.problems]


def codes(found: Estimate) -> list[str]:
    return [caution.code for caution in found.cautions]


def cores_of(stocks: Mapping[str, Sequence[float]]) -> list[Inputs]:
    return [
        {"stratum": stratum, "name": f"{stratum}{n}", "stock_t_per_ha": stock}
        for stratum, values in stocks.items()
        for n, stock in enumerate(values)
    ]


def layered(*layers: Inputs, **inputs: Any) -> Inputs:
    return {"rounds": [{"cores": [{"name": "A7", "layers": list(layers)}]}]} | inputs
