"""A project's parameters as they are read: rates as a table, situations by the labels of inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aggregator.admin_columns import Column, table_column
from credits.estimating.input_problems import unit_text
from credits.methodologies.inputs import Choice, Input, Number, Rows, Schema
from credits.registry import BY_SITUATION
from credits.terms.names import TERM_NAMES

_LABEL = _("methodology's parameters")


def parameters_column() -> Column:
    """The parameters of a project, whatever its methodology asks for."""
    of_rates = table_column("parameters", _LABEL, words=TERM_NAMES)

    @admin.display(description=_LABEL)
    def column(page: Any, row: Any) -> Any:
        by_situation = BY_SITUATION.get(row.methodology)
        if by_situation is None:
            return of_rates(page, row)
        return draw_situations(by_situation.schema, row.parameters)

    return column


def draw_situations(schema: Schema, parameters: Mapping[str, Any]) -> SafeString:
    """A table for each situation under its name, then what holds for all of them."""
    situation = next(item.kind for item in schema.inputs if isinstance(item.kind, Rows))
    tables = [
        format_html("<h3>{}</h3>{}", row["name"], _table(_list_inputs(situation.schema, row)))
        for row in parameters["situations"]
    ]
    rest = _table(_list_inputs(schema.without("situations"), parameters))
    return format_html_join("", "{}", ((each,) for each in [*tables, rest]))


def _table(rows: Iterator[tuple[str, Any]]) -> SafeString:
    lines = format_html_join("", "<tr><th scope='row'>{}</th><td>{}</td></tr>", rows)
    return format_html('<table class="terms">{}</table>', lines)


def _list_inputs(
    schema: Schema, values: Mapping[str, Any], stem: str = ""
) -> Iterator[tuple[str, Any]]:
    """Labels, those of groups before them, and values with units; what is not given is left out."""
    for item in schema.inputs:
        value, label = values.get(item.name), f"{stem}{gettext(item.label)}"
        inner = getattr(item.kind, "schema", None)
        if value in (None, "", [], {}) or item.name == "name":
            continue
        if isinstance(item.kind, Rows):
            for number, row in enumerate(value, start=1):
                yield from _list_inputs(item.kind.schema, row, f"{label} {number} · ")
        elif inner is not None:
            # All figures are of one hectare: the heading's own label would stand in every line.
            yield from _list_inputs(inner, value, "" if item.name == "inputs" else f"{label} · ")
        else:
            yield label, _say(item, value)


def _say(item: Input, value: Any) -> Any:
    kind = item.kind
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(kind, Choice):
        # Another name of a code stays as it was given.
        return gettext(kind.options[value]) if value in kind.options else value
    return f"{value} {unit_text(kind.unit)}".strip() if isinstance(kind, Number) else value
