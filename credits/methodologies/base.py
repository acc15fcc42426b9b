"""What every methodology takes and gives, and how a program's reserve is held back from it.

Imports no Django, reads no database and no clock: the same rows always give the same kilograms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor
from typing import Any, Protocol

from aggregator.periods import Period
from credits.programs.deductions import Deducted, Deductions, deduct

NO_DEDUCTIONS = Deductions()


@dataclass(frozen=True, slots=True)
class Activity:
    """One field in the hands of one operator for a span of days of a monitoring period.

    `area_m2` is the geodesic area; `practices` are the codes recorded, in any order; `irrigated`
    says how the field was watered; `span` lies within `period`.
    """

    area_m2: Decimal
    practices: tuple[str, ...]
    irrigated: bool
    span: Period
    period: Period

    @property
    def vintage(self) -> int:
        """The year the credits bear: that of the period's last day."""
        return self.period.ends_on.year


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a methodology found for one activity: whole kilograms CO2e, rounded down.

    `practice` is the code that earned, empty if none did; `terms` is every intermediate value as
    text, and names the reason of a zero under ``"reason"``.
    """

    gross_kg: int
    practice: str
    terms: dict[str, str]
    # What the project itself emitted on the field, exact; taken after the uncertainty.
    emissions_kg: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Credit:
    """A quantity after the program's deductions: ``gross_kg == reserve_kg + credited_kg``."""

    gross_kg: int
    reserve_kg: int
    credited_kg: int
    practice: str
    terms: dict[str, str]


@dataclass(frozen=True, slots=True)
class ParameterProblem:
    """A parameter that cannot be used: where it stands, a code, and what its sentence names."""

    place: str
    code: str
    values: Mapping[str, str] = field(default_factory=dict)


class Methodology(Protocol):
    """How tonnes are computed; an id and a version name the arithmetic for good."""

    @property
    def id(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def practices(self) -> frozenset[str]:
        """Codes of the practices it can credit."""
        ...

    def check_parameters(self, parameters: Mapping[str, Any]) -> list[ParameterProblem]:
        """All that is wrong with a project's parameters; empty when they can be used."""
        ...

    def quantify(self, activity: Activity, parameters: Mapping[str, Any]) -> Quantity:
        """The kilograms of one activity under checked parameters."""
        ...


def credit_quantity(
    quantity: Quantity,
    *,
    reserve_rate: Fraction,
    withheld: str = "",
    deductions: Deductions = NO_DEDUCTIONS,
) -> Credit:
    """Take the program's deductions and hold its reserve back, or withhold the whole of it.

    Args:
        quantity: what the methodology found, whole kilograms.
        reserve_rate: part of the tonnes held in reserve, 0 to 1.
        withheld: code of the reason why nothing is credited (no right, voided); empty if none.
        deductions: what is taken before the reserve; its kilograms stand in the terms.

    Returns:
        The credit, its gross after deductions rounded down to a kilogram; the reserve is rounded up
        to one, so the sellable part is never too high.

    Raises:
        ValueError: the rate is not between 0 and 1.
    """
    part, whole = reserve_rate.numerator, reserve_rate.denominator
    if not 0 <= part <= whole:
        raise ValueError(f"{reserve_rate} is not a rate between 0 and 1")
    gross_kg = 0 if withheld else quantity.gross_kg
    exact = Fraction(gross_kg * part, whole)
    deduction_terms: dict[str, str] = {}
    if not withheld and (deductions or quantity.emissions_kg):
        deducted = deduct(gross_kg, deductions, emissions_kg=quantity.emissions_kg)
        deduction_terms = _deduction_terms(gross_kg, deductions, deducted)
        gross_kg = floor(deducted.left_kg)
        exact = deducted.base_kg * reserve_rate
    # Deductions may leave a fraction of a kilogram less than the reserve rounded up.
    reserve_kg = min(ceil(exact), gross_kg)
    terms = quantity.terms | {
        **deduction_terms,
        "reserve_rate": _ratio_text(part, whole),
        "reserve_exact_kg": str(exact),
    }
    if withheld:
        terms |= {"withheld": withheld, "withheld_kg": str(quantity.gross_kg)}
    practice = "" if withheld else quantity.practice
    return Credit(gross_kg, reserve_kg, gross_kg - reserve_kg, practice, terms)


@lru_cache(maxsize=64)
def _ratio_text(part: int, whole: int) -> str:
    return decimal_text(Fraction(part, whole), 6)


def _deduction_terms(found_kg: int, deductions: Deductions, deducted: Deducted) -> dict[str, str]:
    taken = {name: str(kg) for name, kg in deducted.steps.items() if kg}
    left = {"net_exact_kg": str(deducted.left_kg)}
    return {"found_kg": str(found_kg)} | deductions.as_terms() | taken | left


@lru_cache(maxsize=256)
def years_of(period: Period) -> Fraction:
    """Length of a period in years: whole years counted by anniversaries, then days of the next one.

    Twelve months are exactly 1, in a leap year too; a quarter of 2025 is 90/365.
    """
    years = 0
    start = period.starts_on
    after = period.ends_on + timedelta(days=1)
    while anniversary(start, years + 1) <= after:
        years += 1
    year_start = anniversary(start, years)
    year_days = (anniversary(start, years + 1) - year_start).days
    return years + Fraction((after - year_start).days, year_days)


def anniversary(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 1 March in a common year."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def decimal_text(value: Fraction, places: int) -> str:
    """An exact value as a decimal string, cut off (not rounded) after `places`, no end zeros."""
    # In whole numbers alone: a count of a million fields writes three million of these.
    scaled = value.numerator * 10**places // value.denominator
    whole, rest = divmod(abs(scaled), 10**places)
    sign = "-" if scaled < 0 else ""
    decimals = str(rest).rjust(places, "0").rstrip("0") if rest else ""
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"
