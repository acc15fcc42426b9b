"""Admin of verifications and the drawn sample."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import (
    ReadOnlyAdmin,
    ReadOnlyInline,
    TenantRelatedFilter,
    link_to,
    register_link,
)
from aggregator.admin_columns import state_column, tonnes_column
from credits.models import MonitoringPeriod, SampledField, Verification

VERIFICATION_TONES = {"prepared": "wait", "drawn": "wait", "positive": "good", "negative": "bad"}
FINDING_TONES = {"pending": "wait", "conforms": "good", "deviates": "bad"}


class SampleInline(ReadOnlyInline):
    model = SampledField
    fields = ["position", "field", "household", "state", "note", "recorded_by"]
    state = state_column("finding", _("finding"), FINDING_TONES)

    def get_queryset(self, request):  # type: ignore[no-untyped-def]
        rows = super().get_queryset(request)
        return rows.select_related("result__field", "result__household", "recorded_by")

    @admin.display(description=_("field"))
    def field(self, row: SampledField) -> str:
        return link_to(row.result.field)

    @admin.display(description=_("household"))
    def household(self, row: SampledField) -> str:
        return link_to(row.result.household)


@admin.register(Verification)
class VerificationAdmin(ReadOnlyAdmin):
    list_display = ["period", "body", "state", "population_size", "sample_size", "closed_at"]
    list_select_related = ["period__project"]
    list_filter = ["status", ("period", TenantRelatedFilter)]
    search_fields = ["body", "period__code"]
    fields = [
        "period",
        "run",
        "body",
        "state",
        "population_size",
        "population_sha256",
        "seed",
        "sample_size",
        "opinion",
        "closed_by",
        "closed_at",
    ]
    inlines = [SampleInline]
    state = state_column("status", _("status"), VERIFICATION_TONES)


@admin.register(SampledField)
class SampledFieldAdmin(ReadOnlyAdmin):
    list_display = ["position", "state", "field", "household", "verification", "note"]
    list_select_related = [
        "result__field",
        "result__household",
        "verification__period__project",
    ]
    list_filter = ["finding", ("verification", TenantRelatedFilter)]
    search_fields = ["^result__field__code", "^result__household__code"]
    fields = [
        "verification",
        "position",
        "field",
        "household",
        "tonnes",
        "state",
        "note",
        "recorded_by",
        "recorded_at",
    ]
    state = state_column("finding", _("finding"), FINDING_TONES)

    @admin.display(description=_("field"))
    def field(self, row: SampledField) -> str:
        return link_to(row.result.field)

    @admin.display(description=_("household"))
    def household(self, row: SampledField) -> str:
        return link_to(row.result.household)

    @admin.display(description=_("sellable"))
    def tonnes(self, row: SampledField) -> str:
        return tonnes_column("credited_kg", "")(self, row.result)


register_link(MonitoringPeriod, _("Verifications"), "credits_verification", "period__id__exact")
register_link(Verification, _("Sampled fields"), "credits_sampledfield", "verification__id__exact")
