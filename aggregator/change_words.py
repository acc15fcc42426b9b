"""Recorded changes in the reader's words: columns by their names, rows by theirs, units as shown.

Asks the database once for each kind of row that the lines name, however many lines there are.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.text import Truncator, capfirst
from django.utils.timezone import is_naive, localtime, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aggregator.formats import format_day
from aggregator.models import Cooperative, RecordChange
from aggregator.money import format_money
from aggregator.units import format_tonnes, m2_to
from aggregator.watched import list_watches

HIDDEN = "•••"
LONGEST = 160
# Columns that no form shows and that have no name of their own.
LABELS = {
    "geometry_wkb": gettext_lazy("Outline of the field"),
    "id": gettext_lazy("Number of the row"),
    "merged_into_id": gettext_lazy("Merged into"),
}
# A label's unit, in any language: what is shown beside it has the reader's own unit.
_UNIT = re.compile(r"\s*[(（][^()（）]*[)）]$")
_SAYINGS: dict[tuple[str, str], Callable[[Any], str]] = {}
Parts = Callable[[Any, Any], Iterable[tuple[str, str, str]]]
_PARTS: dict[tuple[str, str], Parts] = {}


@dataclass(frozen=True, slots=True)
class Difference:
    """One column's change as it is read: ``contract area: 14.20 mu → 15.00 mu``."""

    label: str
    before: str
    after: str


def register_saying(kind: str, column: str, say: Callable[[Any], str]) -> None:
    """Say what is kept in `column` of rows recorded as `kind` by `say`, not as it is stored."""
    _SAYINGS[kind, column] = say


def register_parts(kind: str, column: str, compare: Parts) -> None:
    """Say a column of many values part by part: name, before and after of what `compare` finds."""
    _PARTS[kind, column] = compare


def find_model(kind: str) -> type[models.Model] | None:
    """The watched model whose rows are recorded as `kind`."""
    return next((watch.model for watch in list_watches() if watch.kind == kind), None)


class Wording:
    """The words for a page of lines, with the names of all rows they speak of fetched at once.

    In `brief` a row that was added or removed goes by what the line itself says of it.
    """

    def __init__(self, lines: Iterable[RecordChange], *, brief: bool = False) -> None:
        changed = RecordChange.Action.CHANGED
        self._lines = [line for line in lines if not brief or line.action == changed]
        self._names = self._fetch_names()

    def subject(self, line: RecordChange) -> str:
        """What the line's own row is called; of one that is gone, by what stood in it."""
        model = find_model(line.object_type)
        name = self._names.get((model, line.object_id)) if model else None
        return name or _name_in(line.before or line.after or {}) or f"#{line.object_id}"

    def differences(self, line: RecordChange) -> list[Difference]:
        before, after = line.before or {}, line.after or {}
        fields = _fields(find_model(line.object_type))
        found = []
        for column in dict.fromkeys([*after, *before]):
            was, now_is = before.get(column), after.get(column)
            if _is_empty(was) and _is_empty(now_is):
                continue
            field = fields.get(column)
            if compare := _PARTS.get((line.object_type, column)):
                found += [Difference(*part) for part in compare(was, now_is)]
                continue
            said = [self._say(field, column, value, line) for value in (was, now_is)]
            found.append(Difference(_label(field, column), *said))
        return found

    def _say(self, field: Any, column: str, value: Any, line: RecordChange) -> str:
        if _is_empty(value):
            return "—"
        if value == HIDDEN:
            return _("kept, not shown")
        if saying := _SAYINGS.get((line.object_type, column)):
            return saying(value)
        if isinstance(field, models.ForeignKey):
            return self._names.get((field.related_model, value)) or f"#{value}"
        for ending, write in _UNITS.items():
            if column.endswith(ending):
                return write(value, line.cooperative)
        return _say_plainly(field, value)

    def _fetch_names(self) -> dict[tuple[Any, int], str]:
        wanted: defaultdict[type[models.Model], set[int]] = defaultdict(set)
        for line in self._lines:
            model = find_model(line.object_type)
            if model is None:
                continue
            wanted[model].add(line.object_id)
            fields = _fields(model)
            for told in (line.before or {}, line.after or {}):
                for column, value in told.items():
                    field = fields.get(column)
                    if isinstance(field, models.ForeignKey) and value is not None:
                        wanted[field.related_model].add(value)  # type: ignore[index]
        found = (row for model, keys in wanted.items() for row in _rows(model, keys))
        return {(type(row), row.pk): str(row) for row in found}


def _rows(model: type[models.Model], keys: set[int]) -> Iterable[models.Model]:
    rows = model._default_manager.filter(pk__in=keys)
    shown_by = admin.site._registry.get(model)
    related = shown_by.list_select_related if shown_by else ()
    if isinstance(related, list | tuple) and related:
        return rows.select_related(*related)
    # Names are often made of the parents' names.
    parents = [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and not field.null
    ]
    return rows.select_related(*parents) if parents else rows


def _fields(model: type[models.Model] | None) -> dict[str, Any]:
    """By column and by name: a hidden column is told of under its field's name."""
    if model is None:
        return {}
    fields: list[Any] = list(model._meta.concrete_fields)
    return {field.name: field for field in fields} | {field.column: field for field in fields}


def _label(field: Any, column: str) -> str:
    if column in LABELS:
        return str(LABELS[column])
    if field is None:
        return column
    label = str(capfirst(field.verbose_name))
    return _UNIT.sub("", label) if column.endswith(tuple(_UNITS)) else label


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _name_in(told: dict[str, Any]) -> str:
    names = (told.get(key) for key in ("code", "name", "username", "number"))
    return next((str(name) for name in names if name), "")


def _say_plainly(field: Any, value: Any) -> str:
    if choices := dict(getattr(field, "flatchoices", ())):
        return str(choices.get(value, value))
    for kind, write in _KINDS.items():
        if isinstance(field, kind):
            return write(value)
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return Truncator(text).chars(LONGEST)


def _say_instant(text: str) -> str:
    instant = parse_datetime(text)
    if instant is None:
        return text
    # SQLite keeps instants in UTC without saying so.
    aware = make_aware(instant, UTC) if is_naive(instant) else instant
    return f"{localtime(aware):%Y-%m-%d %H:%M}"


def _say_area(value: Any, cooperative: Cooperative) -> str:
    area = m2_to(Decimal(str(value)), cooperative.area_unit)
    return f"{area:,} {cooperative.get_area_unit_display()}"


def _say_tonnes(value: Any, _cooperative: Cooperative) -> str:
    return _("%(tonnes)s t") % {"tonnes": format_tonnes(int(value))}


def _say_money(value: Any, cooperative: Cooperative) -> str:
    return format_money(int(value), cooperative.currency)


# A DateTimeField is a DateField, too: the narrower one stands first.
_KINDS: dict[type[Any], Callable[[Any], str]] = {
    # Where the server keeps it is nobody's business; its fingerprint stands beside it.
    models.FileField: lambda _path: _("kept, not shown"),
    models.BooleanField: lambda value: _("yes") if value else _("no"),
    models.DateTimeField: lambda value: _say_instant(str(value)),
    models.DateField: lambda value: format_day(str(value)[:10]),
    models.DecimalField: lambda value: f"{Decimal(str(value)).normalize():,f}",
}
_UNITS: dict[str, Callable[[Any, Cooperative], str]] = {
    "_m2": _say_area,
    "_kg": _say_tonnes,
    "_minor": _say_money,
}
