"""Admin of what was seen on fields, and of what the grain guard makes of it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import (
    NOBODY,
    OPERATOR,
    VERIFIER,
    ReadOnlyInline,
    TenantAdmin,
    register_link,
)
from aggregator.admin_columns import state_tag
from farms.field_actions import FieldAction, register_field_action
from farms.grain_guard import advice_text, flag_text, refresh_flags, rule_name
from farms.models import Field, GrainFlag, Observation


@admin.register(Observation)
class ObservationAdmin(TenantAdmin):
    """An observation is never edited: a later one says how things are now."""

    change_list_template = "admin/observation_list.html"
    list_display = ["field", "seen_on", "seen", "source", "recorded_by"]
    list_select_related = ["field", "recorded_by"]
    list_filter = ["seen"]
    search_fields = ["^field__code", "^field__name"]
    date_hierarchy = None
    fields = ["field", "seen_on", "seen", "source", "note"]
    autocomplete_fields = ["field"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        user = request.user
        # A verifier of no cooperative has no desk to enter rows at.
        at_desk = user.is_superuser or user.cooperative_id is not None
        return at_desk and self._may(request, OPERATOR | VERIFIER, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, NOBODY, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.recorded_by = request.user
        super().save_model(request, obj, form, change)
        refresh_flags(obj.cooperative, [obj.field_id])


class GrainFlagInline(ReadOnlyInline):
    """What the guard finds on a field, in words."""

    model = GrainFlag
    fields = ["weight", "text", "advice"]
    show_change_link = False
    verbose_name_plural = _("grain guard")

    @admin.display(description=_("rule"))
    def weight(self, row: GrainFlag) -> Any:
        tone = "bad" if row.severity == GrainFlag.Severity.REFUSE else "wait"
        return state_tag(tone, rule_name(row.rule))

    @admin.display(description=_("what was found"))
    def text(self, row: GrainFlag) -> str:
        return flag_text(row.rule, row.facts, row.since)

    @admin.display(description=_("what to do"))
    def advice(self, row: GrainFlag) -> str:
        return advice_text(row.rule)


register_link(Field, _("Observations"), "farms_observation", "field__id__exact")
register_field_action(
    FieldAction(
        name="enter_practice",
        label=_("Enter a practice"),
        explain=_("One practice, crop and day for all of them."),
        url_name="practice-entry",
        roles=OPERATOR,
    )
)
register_field_action(
    FieldAction(
        name="enter_observation",
        label=_("Enter what was seen"),
        explain=_("Cultivated, abandoned, trees, pond or built, on a day."),
        url_name="observation-entry",
        roles=OPERATOR | VERIFIER,
    )
)
