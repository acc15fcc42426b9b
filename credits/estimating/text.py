"""An answer as a table for the shell: widths in columns of a terminal, Chinese two a character."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

_GAS_NAMES = {"co2": "CO2", "ch4": "CH4", "n2o": "N2O"}


def write_text(answer: Mapping[str, Any]) -> str:
    """The answer of `estimation.describe_answer`, line by line."""
    head = answer["methodology"]
    weight = _("CO2e, weighed by %(gwp)s") % {"gwp": answer["gwp"]}
    masses = [
        *((_GAS_NAMES[gas], f"{mass:,}", "kg") for gas, mass in answer["gases_kg"].items()),
        (weight, f"{answer['co2e_kg']:,}", "kg"),
    ]
    if answer["credited_kg"] is not None:
        masses.append((_("Can be claimed"), f"{answer['credited_kg']:,}", "kg CO2e"))
    terms = [
        (each["name"], str(each["value"]), each["unit"], each["formula"], each["source"])
        for each in answer["terms"]
    ]
    headings = (_("Term"), _("Value"), _("Unit"), _("Formula"), _("Source"))
    parts = [
        f"{head['title']} ({head['id']} {head['version']})",
        _columns(masses),
        _columns([headings, *terms]),
    ]
    if answer["cautions"]:
        parts.append("\n".join(f"! {each['text']}" for each in answer["cautions"]))
    parts.append("\n".join(head["sources"]))
    return "\n\n".join(parts)


def _columns(rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell; figures, the second, to the right."""
    widths = [max(_width(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            _pad(cell, width, right=number == 1)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(mark) in "WF" else 1 for mark in text)


def _pad(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space
