"""Admin of what was brought in from files."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import NamedValuesFilter, ReadOnlyAdmin
from aggregator.admin_columns import state_column
from aggregator.event_names import count_text, import_kind_name
from aggregator.history_views import change_list_address
from aggregator.models import ImportRun


class ImportKindFilter(NamedValuesFilter):
    names = staticmethod(import_kind_name)


IMPORT_TONES = {"imported": "good", "checked": "none", "refused": "bad"}


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = ["at", "kind_name", "file_name", "state", "counted", "by"]
    list_select_related = ["by"]
    list_filter = ["status", ("kind", ImportKindFilter)]
    search_fields = ["file_name"]
    fields = [
        *("at", "kind_name", "file_name", "state", "counted", "written", "by", "sha256"),
        "error_table",
    ]
    state = state_column("status", _("status"), IMPORT_TONES)

    @admin.display(description=_("rows"))
    def counted(self, row: ImportRun) -> str:
        return count_text(row.counts) or "—"

    @admin.display(description=_("written together"))
    def written(self, row: ImportRun) -> str:
        if row.change_set is None:
            return "—"
        address = change_list_address(row.change_set)
        return format_html('<a href="{}">{}</a>', address, _("all of these"))

    @admin.display(description=_("kind"), ordering="kind")
    def kind_name(self, row: ImportRun) -> str:
        return import_kind_name(row.kind)

    @admin.display(description=_("errors"))
    def error_table(self, row: ImportRun) -> Any:
        lines = (
            (e.get("row"), e.get("column"), e.get("reason"), e.get("text")) for e in row.errors
        )
        return format_html_join("", "<p>{} · {} · {} · {}</p>", lines) or "—"
