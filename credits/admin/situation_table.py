"""A project's parameters as they are read: rates as a table, situations by the labels of inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aggregator.admin_columns import Column, table_column
from credits.input_problems import unit_text
from credits.methodologies.inputs import Choice, Input, Number, Rows, Schema
from credits.registry import BY_SITUATION
from credits.term_names import TERM_NAMES

_LABEL = _("methodology's parameters")


def parameters_column() -> Column:
    """The parameters of a project, whatever its methodology asks for."""
    of_rates = table_column("parameters", _LABEL, words=TERM_NAMES)

    @admin.display(description=_LABEL)
    def column(page: Any, row: Any) -> Any:
        by_situation = BY_SITUATION.get(row.methodology)
        if by_situation is None:
            return of_rates(page, row)
        return draw_inputs(by_situation.schema, row.parameters)

    return column


def draw_inputs(schema: Schema, values: Mapping[str, Any]) -> SafeString:
    """Inputs by their labels, with units; what was not given is left out."""
    given = (
        (gettext(item.label), _cell(item, values[item.name]))
        for item in schema.inputs
        if values.get(item.name) not in (None, "", [], {})
    )
    rows = format_html_join("", "<tr><th scope='row'>{}</th><td>{}</td></tr>", given)
    return format_html('<table class="terms">{}</table>', rows)


def _cell(item: Input, value: Any) -> Any:
    kind = item.kind
    inner = getattr(kind, "schema", None)
    if isinstance(kind, Rows):
        return format_html_join("", "{}", ((draw_inputs(kind.schema, row),) for row in value))
    if inner is not None:
        return draw_inputs(inner, value)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(kind, Choice):
        # Another name of a code stays as it was given.
        return gettext(kind.options[value]) if value in kind.options else value
    return f"{value} {unit_text(kind.unit)}".strip() if isinstance(kind, Number) else value
