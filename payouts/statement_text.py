"""Words and figures of statements in the active language: days, areas, tonnes, amounts, names.

Reads frozen data only; knows neither rows nor templates.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import dateformat, translation
from django.utils.translation import gettext as _

from aggregator.money import format_money
from aggregator.units import format_tonnes, m2_to
from farms.models import Practice

Data = dict[str, Any]


def html_lang(language: str) -> str:
    """The language's tag in HTML, which also picks the Chinese form of a glyph."""
    return "zh-Hans" if language == "zh-hans" else language


def format_day(day: str | date) -> str:
    """A day in the active language, the month in words."""
    value = date.fromisoformat(day) if isinstance(day, str) else day
    # Translators: a day as Django's date format writes it, e.g. 15 July 2026.
    return dateformat.format(value, _("j F Y"))


def format_span(starts_on: str, ends_on: str) -> str:
    return _("%(start)s to %(end)s") % {"start": format_day(starts_on), "end": format_day(ends_on)}


def format_area(area_m2: Decimal, unit: str) -> str:
    """An area in the cooperative's unit with two decimals and the unit's word."""
    words = {"mu": _("mu"), "ha": _("ha"), "acre": _("acres"), "m2": "m²"}
    return f"{m2_to(area_m2, unit):,} {words[unit]}"


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


def format_percent(rate: str) -> str:
    return f"{(Decimal(rate) * 100).normalize():f}%"


def named(data: Data, key: str) -> str:
    """The name under `key`, or its English form for a reader of English where there is one."""
    english = data[f"{key}_en"] if translation.get_language() == "en" else ""
    return str(english or data[key])


def join_sentences(sentences: Iterable[str]) -> str:
    """Sentences one after the other; Chinese puts no space between them."""
    space = "" if translation.get_language() == "zh-hans" else " "
    return space.join(sentence for sentence in sentences if sentence)


def total_area(data: Data) -> Decimal:
    """The area of the statement's plots, each counted once however its days are split."""
    areas = {plot["number"]: Decimal(plot["area_m2"]) for plot in data["plots"]}
    return sum(areas.values(), Decimal(0))
