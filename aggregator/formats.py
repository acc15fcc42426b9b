"""Words and figures in the active language for pages and print: days, areas, rates, names.

Reads plain values only; knows neither rows nor templates.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import dateformat, translation
from django.utils.translation import gettext as _

from aggregator.units import m2_to


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


def format_percent(rate: str) -> str:
    return f"{(Decimal(rate) * 100).normalize():f}%"


def named(data: Mapping[str, Any], key: str) -> str:
    """The name under `key`, or its English form for a reader of English where there is one."""
    english = data[f"{key}_en"] if translation.get_language() == "en" else ""
    return str(english or data[key])
