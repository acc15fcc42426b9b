"""Admin of the seasons and of what was done on the fields in them."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import (
    OPERATOR,
    TenantAdmin,
    TenantForm,
    TenantRelatedFilter,
    register_link,
)
from farms.admin.evidence import EvidenceInline
from farms.models import Field, Practice, PracticeRecord, Season


@admin.register(Season)
class SeasonAdmin(TenantAdmin):
    list_display = ["code", "name", "starts_on", "ends_on"]
    search_fields = ["code", "name"]
    fields = ["code", "name", "starts_on", "ends_on"]
    fixed = ("code",)


class PracticeRecordForm(TenantForm):
    practice = forms.ChoiceField(label=_("practice"), choices=Practice.choices)


@admin.register(PracticeRecord)
class PracticeRecordAdmin(TenantAdmin):
    form = PracticeRecordForm
    deleted_by = OPERATOR
    list_display = ["field", "season", "practice_name", "crop", "irrigated", "done_on"]
    list_select_related = ["field", "season"]
    list_filter = [("season", TenantRelatedFilter), "irrigated"]
    search_fields = ["field__code", "field__name", "crop"]
    fields = ["field", "season", "practice", "crop", "irrigated", "done_on", "note"]
    autocomplete_fields = ["field"]
    fixed = ("field", "season")
    inlines = [EvidenceInline]

    @admin.display(description=_("practice"), ordering="practice")
    def practice_name(self, row: PracticeRecord) -> str:
        return row.practice_label


register_link(Field, _("Practice records"), "farms_practicerecord", "field__id__exact")
