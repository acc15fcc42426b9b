"""Admin of verifications and the drawn sample."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import (
    ReadOnlyAdmin,
    ReadOnlyInline,
    TenantRelatedFilter,
    link_to,
    register_link,
)
from aggregator.admin_columns import state_column, tonnes_column
from credits.admin.phone_lists import PhoneList
from credits.models import (
    MonitoringPeriod,
    Project,
    SampledField,
    Verification,
    VerifierAssignment,
)
from credits.verifying.sample_words import rule_name

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
class VerificationAdmin(PhoneList, ReadOnlyAdmin):
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
        "list_sha256",
        "rule_words",
        "seed",
        "sample_size",
        "opinion",
        "correction",
        "overstatement",
        "closed_by",
        "closed_at",
    ]
    inlines = [SampleInline]
    state = state_column("status", _("status"), VERIFICATION_TONES)

    @admin.display(description=_("rule of the sample"))
    def rule_words(self, row: Verification) -> str:
        return rule_name(row.rule)

    def page_links(self, row: Verification) -> list[dict[str, Any]]:
        links = [
            {
                "label": _("Sample and requests"),
                "url": reverse("verifier-sample", args=[row.pk]),
            }
        ]
        if row.public_code:
            public = reverse("sample-page", args=[row.public_code])
            links.append({"label": _("Public page of the draw"), "url": public})
        return links


@admin.register(VerifierAssignment)
class VerifierAssignmentAdmin(ReadOnlyAdmin):
    list_display = ["project", "verifier", "assigned_by", "assigned_at", "ended_at"]
    list_select_related = ["project", "verifier", "assigned_by"]
    list_filter = [("project", TenantRelatedFilter)]
    search_fields = ["^project__code", "^verifier__username"]
    fields = ["project", "verifier", "assigned_by", "assigned_at", "ended_by", "ended_at"]


@admin.register(SampledField)
class SampledFieldAdmin(PhoneList, ReadOnlyAdmin):
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
        "chosen",
        "place",
        "state",
        "overclaimed_kg",
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
register_link(Project, _("Verifiers"), "credits_verifierassignment", "project__id__exact")
