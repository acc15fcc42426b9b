"""What a methodology answers: every term with its source, the gases apart, and what they weigh.

Imports no Django, reads no file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any, Protocol

from credits.methodologies.gwp import GWP_SETS, co2e_of
from credits.methodologies.inputs import Schema

Value = Fraction | float | int | str | bool | date


@dataclass(frozen=True, slots=True)
class Term:
    """One value of the calculation, in the order of the arithmetic.

    `name` is a stable word with its unit in it where that helps (``soc_after_t_per_ha``);
    `formula` shows it from other terms (``"EFc × SFw × SFp × SFo"``); `source` names document,
    table and row of a factor, empty for what was computed or given.
    """

    name: str
    value: Value
    unit: str = "1"
    formula: str = ""
    source: str = ""

    @property
    def exact(self) -> Fraction:
        """The value for further arithmetic.

        Raises:
            TypeError: it is no number.
        """
        if isinstance(self.value, bool | str | date):
            raise TypeError(f"{self.name} is no number")
        return Fraction(self.value)


@dataclass(frozen=True, slots=True)
class Caution:
    """Something a reader should know before relying on the figure: a code and what it names."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Estimate:
    """The answer. Gases in kilograms, positive for an emission and negative for a removal.

    `credited_kg` is what a project could claim before its program's reserve: whole kilograms,
    rounded down, never negative; None for a methodology that only draws up emissions.
    """

    gases_kg: Mapping[str, Fraction]
    gwp: str
    terms: tuple[Term, ...]
    credited_kg: int | None = None
    cautions: tuple[Caution, ...] = ()

    @property
    def co2e_kg(self) -> Fraction:
        return co2e_of(self.gases_kg, gwp=self.gwp)

    def term(self, name: str) -> Value:
        """The value of the first term of that name."""
        return next(term.value for term in self.terms if term.name == name)


class Estimator(Protocol):
    """A methodology anyone can ask: an id and a version name the arithmetic for good."""

    @property
    def id(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def title(self) -> str:
        """A few words, marked for translation."""
        ...

    @property
    def sources(self) -> tuple[str, ...]:
        """The documents it follows, in full."""
        ...

    @property
    def schema(self) -> Schema: ...

    @property
    def example(self) -> Mapping[str, Any]:
        """Inputs of a published or hand-worked example."""
        ...

    def estimate(self, data: Mapping[str, Any]) -> Estimate:
        """Read `data` by the schema and calculate.

        Raises:
            InputsRefused: it cannot be used; every problem names its place.
        """
        ...


def credit_reduction(co2e_kg: Fraction) -> int:
    """Whole kilograms a net removal or reduction can claim: rounded down, an increase is zero."""
    return max(0, floor(-co2e_kg))


def gwp_terms(gwp: str, gases: tuple[str, ...]) -> tuple[Term, ...]:
    """The weights used, as terms; CO2's 1 is left out."""
    return tuple(
        Term(f"gwp_{gas}", GWP_SETS[gwp][gas], "kg CO2e/kg", source=f"IPCC {gwp}, 100 years")
        for gas in gases
        if gas != "co2"
    )


def describe_estimate(estimate: Estimate) -> dict[str, Any]:
    """The answer as JSON-able values; numbers to twelve significant digits."""
    return {
        "gwp": estimate.gwp,
        "gases_kg": {gas: plain_number(mass) for gas, mass in estimate.gases_kg.items()},
        "co2e_kg": plain_number(estimate.co2e_kg),
        "credited_kg": estimate.credited_kg,
        "terms": [
            {
                "name": term.name,
                "value": plain_number(term.value),
                "unit": term.unit,
                "formula": term.formula,
                "source": term.source,
            }
            for term in estimate.terms
        ],
        "cautions": [
            {"code": caution.code, "values": dict(caution.values)} for caution in estimate.cautions
        ],
    }


def plain_number(value: Value) -> Any:
    """A value as JSON has it: fractions and floats to twelve significant digits."""
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return float(f"{float(value):.12g}")
