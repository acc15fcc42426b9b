"""A project's own rates as rows of a form; one row is a practice, its watering, years and rate.

What is right is the methodology's to say: its problems are told beside the row they are in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from credits.methodologies.base import ParameterProblem
from credits.methodologies.ccx_soil import CcxSoil
from credits.pooling.projects import problem_text
from farms.models import Practice

MOST_ROWS = 60
COLUMNS = ("practice", "irrigated", "vintage_from", "vintage_to", "rate", "unit", "source")
# What a clerk types; the unit and the watering stand there from the beginning.
TYPED = ("practice", "vintage_from", "vintage_to", "rate", "source")
MU_PER_HECTARE = 15
_UNITS = [
    ("mu", _("t per mu and year")),
    ("ha", _("t per hectare and year")),
    ("acre", _("t per acre and year")),
]
_WATERED = [("", _("any field")), ("yes", _("irrigated fields")), ("no", _("dry fields"))]
_IRRIGATED = {"": None, "yes": True, "no": False}
_PLACE = re.compile(r"rates\[(\d+)\](?:\.(\w+))?")


def make_row(row: int, *, unit: str) -> dict[str, forms.Field]:
    """The fields of one row, by name; `unit` is the cooperative's own of area."""
    practices = [each for each in Practice.choices if each[0] in CcxSoil.practices]
    year = {"min_value": 1990, "max_value": 2200, "required": False}
    fields: dict[str, forms.Field] = {
        "practice": forms.ChoiceField(
            label=_("Practice"), choices=[("", "—"), *practices], required=False
        ),
        "irrigated": forms.ChoiceField(label=_("Holds for"), choices=_WATERED, required=False),
        "vintage_from": forms.IntegerField(label=_("From year"), **year),
        "vintage_to": forms.IntegerField(
            label=_("To year"), help_text=_("Empty: without end."), **year
        ),
        "rate": forms.DecimalField(
            label=_("Rate (CO2e)"), min_value=0, max_digits=12, decimal_places=6, required=False
        ),
        "unit": forms.ChoiceField(label=_("Unit"), choices=_UNITS, initial=unit, required=False),
        "source": forms.CharField(
            label=_("Source"),
            max_length=200,
            required=False,
            help_text=_("Document, year and page; whoever verifies looks it up."),
        ),
    }
    return {field_name(row, column): field for column, field in fields.items()}


def field_name(row: int, column: str) -> str:
    return f"rate-{row}-{column}"


def is_filled(row: int, typed: Mapping[str, Any]) -> bool:
    return any(str(typed.get(field_name(row, column)) or "").strip() for column in TYPED)


def read_row(row: int, typed: Mapping[str, Any], *, region: str) -> dict[str, Any]:
    """One row as a rate of the methodology's parameters; what was left empty is left out."""
    value = {column: typed.get(field_name(row, column)) for column in COLUMNS}
    rate: dict[str, Any] = {
        "practice": value["practice"] or "",
        "region": region,
        "irrigated": _IRRIGATED[value["irrigated"] or ""],
        "vintage_from": value["vintage_from"],
        "vintage_to": value["vintage_to"],
        "source": value["source"] or "",
    }
    if value["rate"] is not None:
        rate |= _rate_of(value["rate"], value["unit"] or "ha")
    return rate


def place_problem(problem: ParameterProblem, rows: Sequence[int]) -> tuple[str, str]:
    """The form's field that a methodology's problem belongs to, and what is said there."""
    found = _PLACE.fullmatch(problem.place)
    if found is None:
        return "region", problem_text(problem)
    row, part = rows[int(found[1])], found[2] or ""
    if part.startswith("t_per") or problem.code == "one_rate_needed":
        part = "rate"
    return field_name(row, part or "practice"), problem_text(problem)


def _rate_of(rate: Decimal, unit: str) -> dict[str, str]:
    if unit == "acre":
        return {"t_per_acre_year": f"{rate.normalize():f}"}
    in_hectares = rate * MU_PER_HECTARE if unit == "mu" else rate
    return {"t_per_hectare_year": f"{in_hectares.normalize():f}"}
