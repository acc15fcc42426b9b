"""Rules, fates and steps of a draw in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from credits.terms.names import SAMPLE_RULE_NAMES
from credits.verifying.sample_rules import AREA, OUTLIERS

_FATES: dict[str, Promise] = {
    "drawn": gettext_lazy("drawn"),
    "certain": gettext_lazy("certain by its size"),
    "outlier": gettext_lazy("outlier"),
    "rejected": gettext_lazy("rejected: in the sample already"),
}


def fate_name(fate: str) -> str:
    return str(_FATES.get(fate, fate))


def rule_name(rule: Mapping[str, Any]) -> str:
    """The rule with its figures: a part of the fields (5%, at least 10)."""
    name = str(rule.get("name", "rate"))
    words = str(SAMPLE_RULE_NAMES.get(name, name))
    if name not in ("rate", OUTLIERS, AREA) or "rate" not in rule:
        return words
    percent = float(Fraction(rule["rate"]) * 100)
    return _("%(rule)s (%(percent)s%%, at least %(minimum)s)") % {
        "rule": words,
        "percent": f"{percent:g}",
        "minimum": rule["minimum"],
    }


def explain_rule(rule: Mapping[str, Any]) -> list[str]:
    """How to draw the sample again, step by step."""
    name = rule.get("name")
    steps = [
        _("Download the list and work out its SHA-256: it must be the one above."),
        _(
            "In each round put the round's number, from 0 on, as two bytes with the high one "
            "first, before and after the seed, and work out the MD5 of the whole (RFC 3797)."
        ),
        _(
            "Read it as a whole number and divide it by how many places are left: the remainder "
            "says how many of them to pass over. The next place is drawn and taken off the list."
        ),
    ]
    if name == OUTLIERS:
        steps += [
            _(
                "Outliers are in the sample always: fields whose kilograms differ from the median "
                "per area of their practice, times their area, by more than 3 times the median "
                "absolute deviation, times their area, and 2 kg for rounding."
            ),
            _(
                "The rule counts on the fields that are no outliers. A draw that falls on an "
                "outlier is rejected and kept below; drawing goes on until there are enough."
            ),
        ]
    if name == AREA:
        steps += [
            _(
                "A field whose area times the sample's size reaches the whole area is certain. It "
                "is taken off, with its area, and the others are asked again."
            ),
            _(
                "The others are put in the order in which they are drawn, all of them. The next "
                "round's number, divided by their whole area in cm², leaves the start."
            ),
            _(
                "Add up the areas in that order, each times the number still to draw: the field "
                "that reaches beyond the start is drawn; then add the whole area to the start, "
                "and so on."
            ),
        ]
    return steps
