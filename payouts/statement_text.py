"""Words and figures of statements in the active language: tonnes, amounts, practices.

Reads frozen data only; knows neither rows nor templates.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from aggregator.money import format_money
from aggregator.units import format_tonnes
from farms.models import Practice

Data = dict[str, Any]


def format_mass(mass_kg: int) -> str:
    return _("%(tonnes)s t") % {"tonnes": format_tonnes(mass_kg)}


def format_amount(data: Data, amount_minor: int) -> str:
    """An amount in the statement's currency, on one line."""
    # A line must not break between the sign and the figure.
    return format_money(amount_minor, data["currency"]).replace(" ", "\u00a0")


def full_number(data: Data) -> str:
    if data["revision"] == 1:
        return str(data["number"])
    return _("%(number)s, revision %(revision)s") % data


def format_practices(codes: Iterable[str]) -> str:
    labels = [str(Practice(code).label) if code in Practice.values else code for code in codes]
    return " + ".join(labels)


def join_sentences(sentences: Iterable[str]) -> str:
    """Sentences one after the other; Chinese puts no space between them."""
    space = "" if translation.get_language() == "zh-hans" else " "
    return space.join(sentence for sentence in sentences if sentence)


def total_area(data: Data) -> Decimal:
    """The area of the statement's plots, each counted once however its days are split."""
    areas = {plot["number"]: Decimal(plot["area_m2"]) for plot in data["plots"]}
    return sum(areas.values(), Decimal(0))
