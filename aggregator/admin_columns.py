"""Columns of the admin in people's units: money, tonnes, area, and states in a word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from django.contrib import admin
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from aggregator.money import format_money
from aggregator.units import format_tonnes, m2_to

Column = Callable[[Any, Any], Any]

# Colour never stands alone: each tone has its sign, and the word follows.
TONE_SIGNS = {"good": "✓", "wait": "◷", "bad": "✕", "none": "–"}


def in_tonnes(mass_kg: int) -> str:
    return gettext("%(tonnes)s t") % {"tonnes": format_tonnes(mass_kg)}


def state_tag(tone: str, word: Any) -> SafeString:
    return format_html(
        '<span class="state state-{}"><span aria-hidden="true">{}</span> {}</span>',
        tone,
        TONE_SIGNS[tone],
        word,
    )


def state_column(name: str, label: str | Promise, tones: Mapping[str, str]) -> Column:
    """A status as a word with its tone; `tones` gives status → good, wait, bad (else none)."""

    @admin.display(description=label, ordering=name)
    def column(_admin: Any, row: Any) -> SafeString:
        tone = tones.get(getattr(row, name), "none")
        return state_tag(tone, getattr(row, f"get_{name}_display")())

    return column


def money_column(
    name: str, label: str | Promise, *, currency: str = "currency", sortable: bool = True
) -> Column:
    """An amount in minor units, with the sign of the currency found at the path `currency`."""
    find_currency = attrgetter(currency)

    @admin.display(description=label, ordering=name if sortable else None)
    def column(_admin: Any, row: Any) -> Any:
        amount = getattr(row, name)
        if amount is None:
            return "—"
        return format_html('<span class="num">{}</span>', format_money(amount, find_currency(row)))

    return column


def tonnes_column(name: str, label: str | Promise) -> Column:
    """Kilograms shown as tonnes."""

    @admin.display(description=label, ordering=name)
    def column(_admin: Any, row: Any) -> SafeString:
        return format_html('<span class="num">{}</span>', in_tonnes(getattr(row, name)))

    return column


def area_column(name: str, label: str | Promise) -> Column:
    """Square metres shown in the cooperative's unit."""

    @admin.display(description=label, ordering=name)
    def column(_admin: Any, row: Any) -> Any:
        area = getattr(row, name, None)
        if area is None:
            return "—"
        unit = row.cooperative.area_unit
        return format_html(
            '<span class="num">{} {}</span>',
            f"{m2_to(area, unit):,}",
            row.cooperative.get_area_unit_display(),
        )

    return column


def table_column(
    name: str, label: str | Promise, *, words: Mapping[str, str | Promise] | None = None
) -> Column:
    """A JSON object as a two-column table, a list of objects in it as a table of its own.

    `words` says what the object's keys and codes mean; what it does not know stays as it is.
    """

    @admin.display(description=label)
    def column(_admin: Any, row: Any) -> Any:
        values = getattr(row, name)
        if not values:
            return "—"
        return _table(values, words or {})

    return column


def _table(values: Mapping[str, Any], words: Mapping[str, Any]) -> SafeString:
    rows = format_html_join(
        "",
        "<tr><th scope='row'>{}</th><td>{}</td></tr>",
        ((words.get(key, key), _cell(value, words)) for key, value in values.items()),
    )
    return format_html('<table class="terms">{}</table>', rows)


def _cell(value: Any, words: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        return _table(value, words)
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        return _list_table(value, words)
    if isinstance(value, list):
        return gettext(", ").join(str(_cell(each, words)) for each in value) or "—"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return "—" if value in (None, "") else words.get(str(value), value)


def _list_table(items: list[dict[str, Any]], words: Mapping[str, Any]) -> SafeString:
    keys = list(dict.fromkeys(key for each in items for key in each))
    head = format_html_join("", "<th scope='col'>{}</th>", ((words.get(k, k),) for k in keys))
    lines = (
        (format_html_join("", "<td>{}</td>", ((_cell(each.get(k), words),) for k in keys)),)
        for each in items
    )
    body = format_html_join("", "<tr>{}</tr>", lines)
    return format_html('<table class="terms"><tr>{}</tr>{}</table>', head, body)
