"""From what the methodology found to what may be sold, line by line with its formula, for paper.

Adds up the terms that each result keeps; works out no tonne anew. A line that takes nothing is
left out, so that the lines shown add up to the kilogram.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from aggregator.units import format_tonnes
from credits.methodologies.base import decimal_text
from credits.models import FieldResult, QuantificationRun
from credits.terms.names import TERM_NAMES

VOIDED = "voided_by_verification"
# A step of the deductions -> the term that holds its rate; the project's own emissions have none.
_STEPS = {
    "uncertainty_kg": "uncertainty_rate",
    "project_emissions_kg": "",
    "leakage_kg": "leakage_rate",
    "first_hold_kg": "first_hold_rate",
    "permanence_kg": "permanence_rate",
}


class Chain:
    """The kilograms of all results of a run, step by step."""

    def __init__(self) -> None:
        self.found_kg = 0
        self.claimed_kg = 0
        self.voided_kg = 0
        self.as_found_kg = 0
        self.extrapolated_kg = 0
        self.steps: dict[str, Fraction] = defaultdict(Fraction)

    def add(self, row: FieldResult) -> None:
        """A result that earned, or would have if the verifier had not voided it."""
        terms: Mapping[str, str] = row.terms
        voided = terms.get("withheld") == VOIDED
        if not row.gross_kg and not voided:
            return
        claimed = int(terms["withheld_kg"]) if voided else row.gross_kg
        if "claimed_kg" in terms and not voided:
            claimed = int(terms["claimed_kg"])
        self.found_kg += int(terms.get("found_kg", claimed))
        self.claimed_kg += claimed
        for step in _STEPS:
            self.steps[step] += Fraction(terms.get(step, "0"))
        if voided:
            self.voided_kg += claimed
        elif terms.get("correction") == "extrapolated":
            self.extrapolated_kg += claimed - row.gross_kg
        else:
            self.as_found_kg += claimed - row.gross_kg

    def lines(
        self, run: QuantificationRun, *, rates: Mapping[str, str], overstatement: str
    ) -> list[dict[str, Any]]:
        """Name, formula and tonnes of each line; what is taken is negative."""
        taken = {step: round(kg) for step, kg in self.steps.items() if kg}
        lines = [_line(_("found by the methodology"), _("sum of all fields"), self.found_kg)]
        lines += [_step(step, kg, rates) for step, kg in taken.items()]
        rounded = self.found_kg - sum(taken.values()) - self.claimed_kg
        said = _("each field down to a whole kilogram")
        lines += _taken(_("rounding"), said, rounded)
        said = _("all that the fields claimed in which the verifier found a deviation")
        lines += _taken(_("voided by the verifier"), said, self.voided_kg)
        said = _("what the verifier found too much on the fields of the sample")
        lines += _taken(_("corrected as found"), said, self.as_found_kg)
        said = _("overstatement of the sample × what the other fields claimed: %(ratio)s") % {
            "ratio": _percent(overstatement)
        }
        lines += _taken(_("corrected by extrapolation"), said, self.extrapolated_kg)
        return [*lines, _line(_("earned"), _("what is left"), run.gross_kg)]

    def reserve_formula(self, reserve_rate: str) -> str:
        """Permanence and reserve are parts of the same kilograms: the two add up."""
        percent = _percent(reserve_rate)
        if self.steps.get("permanence_kg"):
            return _(
                "what was there before the permanence deduction × %(rate)s, up to a kilogram on "
                "each field"
            ) % {"rate": percent}
        return _("earned × %(rate)s, up to a kilogram on each field") % {"rate": percent}


def _step(step: str, kg: int, rates: Mapping[str, str]) -> dict[str, Any]:
    name = _STEPS[step]
    if not name:
        said = _("what the project itself emitted, as the methodology found it")
    elif step == "permanence_kg":
        said = _("what is left × %(rate)s, beside the reserve") % {"rate": _percent(rates[name])}
    else:
        said = _("what is left × %(rate)s") % {"rate": _percent(rates[name])}
    return _line(str(TERM_NAMES[name or step]), said, -kg)


def _taken(name: str, formula: str, kg: int) -> list[dict[str, Any]]:
    return [_line(name, formula, -kg)] if kg else []


def _line(name: str, formula: str, kg: int) -> dict[str, Any]:
    tonnes = format_tonnes(abs(kg))
    return {"name": name, "formula": formula, "tonnes": f"−{tonnes}" if kg < 0 else tonnes}


def _percent(rate: str) -> str:
    return f"{decimal_text(Fraction(rate or 0) * 100, 4)}%"
