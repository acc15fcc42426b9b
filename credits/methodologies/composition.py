"""A methodology made of others: each part is asked, and its terms stand under the part's name.

Imports no Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from credits.methodologies.estimates import Estimate, Estimator, Term
from credits.methodologies.inputs import InputProblem, InputsRefused

# What the whole brings for all its parts.
SHARED = ("area_ha", "gwp")


def estimate_part(
    estimator: Estimator, values: Mapping[str, Any], *, area_ha: Fraction, gwp: str, place: str
) -> Estimate:
    """Ask a part.

    Args:
        estimator: whose schema without `SHARED` has read `values`.
        values: the part's inputs, as read.
        area_ha: the whole's area.
        gwp: the whole's set.
        place: where the part's inputs stand, for the places of problems.

    Raises:
        InputsRefused: the part refuses, its places after `place`.
    """
    try:
        return estimator.estimate({**values, "area_ha": area_ha, "gwp": gwp})
    except InputsRefused as refusal:
        raise InputsRefused(
            [
                InputProblem(f"{place}.{problem.place}", problem.code, problem.values)
                for problem in refusal.problems
            ]
        ) from refusal


def terms_of(estimate: Estimate, part: str) -> tuple[Term, ...]:
    """A part's own terms, named after it; the weights and the area are the whole's."""
    return tuple(
        replace(term, name=f"{part}.{term.name}")
        for term in estimate.terms
        if term.name != "area_ha" and not term.name.startswith("gwp_")
    )


def sum_gases(*parts: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Gases of all parts together, kilograms."""
    total: dict[str, Fraction] = {}
    for gases in parts:
        for gas, mass in gases.items():
            total[gas] = total.get(gas, Fraction(0)) + mass
    return total


def scale_gases(gases: Mapping[str, Fraction], factor: Fraction) -> dict[str, Fraction]:
    """Every gas times a factor; −1 turns a baseline into what it no longer emits."""
    return {gas: mass * factor for gas, mass in gases.items()}
