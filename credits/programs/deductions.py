"""From what a methodology found to what may be sold: deductions in their order, exact to the end.

Imports no Django, reads no database and no clock. Nothing is rounded before the whole kilogram of
a field, nor tonnes before the whole tonne of a project.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from aggregator.units import KG_PER_TONNE

FLOOR, CEIL = "floor", "ceil"
NONE = Fraction(0)


@dataclass(frozen=True, slots=True)
class Deductions:
    """What is taken before the reserve, each a rate of 0–1 of what the ones before it left.

    `permanence` is taken of the same base as the reserve, beside it: the two add up.
    """

    uncertainty: Fraction = NONE
    leakage: Fraction = NONE
    first_hold: Fraction = NONE
    permanence: Fraction = NONE

    def __bool__(self) -> bool:
        return any((self.uncertainty, self.leakage, self.first_hold, self.permanence))

    def as_terms(self) -> dict[str, str]:
        """The rates by the names of a project's terms; none that takes nothing."""
        rates = {
            "uncertainty_rate": self.uncertainty,
            "leakage_rate": self.leakage,
            "first_hold_rate": self.first_hold,
            "permanence_rate": self.permanence,
        }
        return {name: str(rate) for name, rate in rates.items() if rate}


@dataclass(frozen=True, slots=True)
class Deducted:
    """Exact kilograms: `base_kg` is what permanence and reserve are taken of, `left_kg` what stays.

    `steps` has every deduction's kilograms by name, in order.
    """

    steps: dict[str, Fraction]
    base_kg: Fraction
    left_kg: Fraction


@dataclass(frozen=True, slots=True)
class Tonnes:
    """Whole tonnes of an issuance, and the kilograms of each kind that wait for the next."""

    sellable_t: int
    reserve_t: int
    carried_kg: int
    reserve_carried_kg: int


def read_deductions(terms: Mapping[str, Any], *, first_round: bool) -> Deductions:
    """A project's deductions; what is held in the first round is taken in no later one.

    Args:
        terms: of a project; those of before there were deductions have none.
        first_round: whether the period is the project's first.
    """
    return Deductions(
        uncertainty=Fraction(terms.get("uncertainty_rate") or "0"),
        leakage=Fraction(terms.get("leakage_rate", "0")),
        first_hold=Fraction(terms.get("first_hold_rate", "0")) if first_round else NONE,
        permanence=Fraction(terms.get("permanence_rate", "0")),
    )


def deduct(
    gross_kg: Fraction | int, deductions: Deductions, *, emissions_kg: Fraction | int = 0
) -> Deducted:
    """Take the deductions in their order.

    Args:
        gross_kg: what the methodology found, kilograms CO2e.
        deductions: the project's.
        emissions_kg: what the project itself emitted, kilograms CO2e, not negative.

    Returns:
        The exact kilograms of every step; nothing is left of less than nothing.

    Raises:
        ValueError: negative kilograms, or a rate outside 0–1.

    Source: DOMAIN.md, From evidence to tonnes: gross, uncertainty, project emissions, leakage,
        first-round hold, buffer and permanence; ACCU: the last two add (Clean Energy Regulator,
        2023-06).
    """
    rates = (
        deductions.uncertainty,
        deductions.leakage,
        deductions.first_hold,
        deductions.permanence,
    )
    if gross_kg < 0 or emissions_kg < 0 or not all(0 <= rate <= 1 for rate in rates):
        raise ValueError(f"{deductions} cannot be taken of {gross_kg} kg")
    gross = Fraction(gross_kg)
    uncertainty = gross * deductions.uncertainty
    emissions = min(gross - uncertainty, Fraction(emissions_kg))
    after_emissions = gross - uncertainty - emissions
    leakage = after_emissions * deductions.leakage
    hold = (after_emissions - leakage) * deductions.first_hold
    base = after_emissions - leakage - hold
    permanence = base * deductions.permanence
    steps = {
        "uncertainty_kg": uncertainty,
        "project_emissions_kg": emissions,
        "leakage_kg": leakage,
        "first_hold_kg": hold,
        "permanence_kg": permanence,
    }
    return Deducted(steps, base, base - permanence)


def round_tonnes(
    terms: Mapping[str, Any],
    *,
    sellable_kg: int,
    reserve_kg: int,
) -> Tonnes:
    """Whole tonnes out of the kilograms of all fields, carried ones among them.

    Args:
        terms: of the project; `reserve_rounding` is "floor" (each kind by itself, as CCX) or
            "ceil" (whole credits first; of them the reserve, rounded up).
        sellable_kg: kilograms that may be sold, not negative.
        reserve_kg: kilograms held back, not negative.

    Returns:
        Whole tonnes and what is left over of each kind, each below a tonne; together they are the
        kilograms that came in.

    Source: Regen Network / Ecometric v1.5.1: credits floor, buffer ceil(20%) of each issuance.
    """
    if terms.get("reserve_rounding", FLOOR) != CEIL:
        sellable_t, carried_kg = divmod(sellable_kg, KG_PER_TONNE)
        reserve_t, reserve_carried_kg = divmod(reserve_kg, KG_PER_TONNE)
        return Tonnes(sellable_t, reserve_t, carried_kg, reserve_carried_kg)
    credits_t, carried_kg = divmod(sellable_kg + reserve_kg, KG_PER_TONNE)
    # Of what is left after permanence the reserve is a greater part than of what was before.
    left = 1 - Fraction(terms.get("permanence_rate", "0"))
    part = Fraction(terms["reserve_rate"]) / left if left else NONE
    reserve_t = ceil(credits_t * part)
    return Tonnes(credits_t - reserve_t, reserve_t, carried_kg, 0)
