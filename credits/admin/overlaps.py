"""Admin of overlaps: what the last check of the land found, and the button that asks for one."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import OPERATOR, ReadOnlyAdmin, link_to, register_link
from aggregator.admin_columns import area_column, state_column, state_tag
from aggregator.object_actions import ObjectAction, register_action
from credits import tasks
from farms.admin_layers import register_layer
from farms.models import Field, Overlap, OverlapScan
from farms.overlap_scan import ask_scan

SCAN_TONES = {"pending": "wait", "running": "wait", "done": "good"}


class ResolvedFilter(admin.SimpleListFilter):
    """Open overlaps first: they are the work; the others show what was mended."""

    title = _("status")
    parameter_name = "resolved"

    def lookups(self, request: HttpRequest, _admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("unresolved")), ("yes", _("resolved"))]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in {"yes", "no"}:
            return rows
        return rows.filter(resolved_at__isnull=self.value() == "no")


class WhoseFilter(admin.SimpleListFilter):
    title = _("other field")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, _admin: Any) -> list[tuple[str, Any]]:
        return [("own", _("our own")), ("elsewhere", _("land of another cooperative"))]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in {"own", "elsewhere"}:
            return rows
        return rows.filter(other__isnull=self.value() == "elsewhere")


@admin.register(Overlap)
class OverlapAdmin(ReadOnlyAdmin):
    list_display = ["percent", "first", "second", "shared", "state", "found_at"]
    list_select_related = ["field", "other", "cooperative"]
    list_filter = [ResolvedFilter, WhoseFilter]
    search_fields = ["^field__code", "^field__name", "^other__code", "^other__name"]
    search_help_text = _("Field code or name")
    fields = ["percent", "first", "second", "shared", "state", "found_at", "resolved_at"]
    shared = area_column("area_m2", _("shared area"))

    @admin.display(description=_("of the smaller field"), ordering="share")
    def percent(self, row: Overlap) -> str:
        return format_html('<span class="num">{}%</span>', f"{row.share * 100:.1f}")

    @admin.display(description=_("field"), ordering="field__code")
    def first(self, row: Overlap) -> str:
        return link_to(row.field)

    @admin.display(description=_("overlaps with"))
    def second(self, row: Overlap) -> str:
        return link_to(row.other) if row.other else str(_("land of another cooperative"))

    @admin.display(description=_("status"), ordering="resolved_at")
    def state(self, row: Overlap) -> str:
        if row.resolved_at is None:
            return state_tag("bad", _("unresolved"))
        return state_tag("good", _("resolved"))


@admin.register(OverlapScan)
class OverlapScanAdmin(ReadOnlyAdmin):
    list_display = ["asked_at", "state", "compared", "found", "crowded", "asked_by", "finished_at"]
    list_select_related = ["asked_by"]
    list_filter = ["status"]
    search_fields = ["asked_by__username", "asked_by__last_name"]
    fields = [
        *("asked_at", "asked_by", "state", "started_at", "finished_at"),
        *("compared", "found", "crowded"),
    ]
    state = state_column("status", _("status"), SCAN_TONES)


def _ask_and_wake(subject: Any, *, by: Any) -> OverlapScan:
    scan = ask_scan(subject, by=by)
    tasks.check_waiting_land.delay_on_commit()
    return scan


for _model in (Overlap, OverlapScan):
    register_action(
        _model,
        ObjectAction(
            name="check",
            label=_("Check all land"),
            roles=OPERATOR,
            rule=_ask_and_wake,
            explain=lambda _cooperative: [
                _("Every field is compared with all others, and with land enrolled elsewhere."),
                _("It runs in the background; overlaps that are gone are marked as resolved."),
                _("Of another cooperative's land you learn only that it overlaps and how much."),
            ],
            done=lambda _scan: _("The check waits and starts within a minute."),
            on_list=True,
        ),
    )

register_layer(Overlap, "field_id")
register_link(Field, _("Overlaps"), "farms_overlap", "field__id__exact")
