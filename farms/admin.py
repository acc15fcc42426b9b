"""Admin of the land: fields, boundaries and holders, seasons, practice records, evidence."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import (
    OPERATOR,
    ReadOnlyAdmin,
    ReadOnlyInline,
    TenantAdmin,
    TenantForm,
    TenantInline,
    TenantRelatedFilter,
    register_link,
)
from aggregator.admin_columns import area_column
from aggregator.models import Household
from farms.models import Boundary, Evidence, Field, Practice, PracticeRecord, Season, Tenure


class TenureInline(TenantInline):
    model = Tenure
    fields = ["household", "kind", "starts_on", "ends_on"]
    autocomplete_fields = ["household"]


class BoundaryInline(ReadOnlyInline):
    model = Boundary
    fields = ["version", "area", "source_crs", "recorded_at"]
    show_change_link = False
    area = area_column("area_m2", _("geodesic area"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("cooperative").defer("geometry_wkb")


@admin.register(Field)
class FieldAdmin(TenantAdmin):
    """Fields come from files, with a boundary; names and holders change here."""

    never_added = True
    list_display = ["code", "name", "village", "area", "contract_area", "land_class"]
    list_select_related = ["village", "cooperative"]
    list_filter = [("village", TenantRelatedFilter), "land_class"]
    search_fields = [
        "code",
        "name",
        "tenures__household__code",
        "tenures__household__persons__name",
    ]
    search_help_text = _("Field code or name, household's code or name")
    fields = ["code", "name", "village", "area", "contract_area_m2", "land_class"]
    readonly_fields = ["area"]
    fixed = ("code",)
    inlines = [TenureInline, BoundaryInline]
    area = area_column("area_m2", _("geodesic area"))
    contract_area = area_column("contract_area_m2", _("contract area"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).with_area()


@admin.register(Tenure)
class TenureAdmin(TenantAdmin):
    list_display = ["field", "household", "kind", "starts_on", "ends_on"]
    list_select_related = ["field", "household"]
    list_filter = ["kind"]
    search_fields = ["field__code", "household__code", "household__persons__name"]
    fields = ["field", "household", "kind", "starts_on", "ends_on"]
    autocomplete_fields = ["field", "household"]
    fixed = ("field",)


@admin.register(Season)
class SeasonAdmin(TenantAdmin):
    list_display = ["code", "name", "starts_on", "ends_on"]
    search_fields = ["code", "name"]
    fields = ["code", "name", "starts_on", "ends_on"]
    fixed = ("code",)


def evidence_link(row: Evidence) -> SafeString:
    address = reverse("admin:farms_evidence_file", args=[row.pk])
    return format_html('<a href="{}">{}</a>', address, row.file_name)


class EvidenceInline(ReadOnlyInline):
    model = Evidence
    fields = ["link", "sha256", "added_at"]
    show_change_link = False

    @admin.display(description=_("file"))
    def link(self, row: Evidence) -> SafeString:
        return evidence_link(row)


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


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    list_display = ["file_name", "record", "added_at"]
    list_select_related = ["record__field", "record__season"]
    search_fields = ["file_name", "record__field__code"]
    fields = ["link", "record", "sha256", "added_at"]

    @admin.display(description=_("file"))
    def link(self, row: Evidence) -> SafeString:
        return evidence_link(row)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.download)
        return [
            path("<int:object_id>/file/", view, name="farms_evidence_file"),
            *super().get_urls(),
        ]

    def download(self, request: HttpRequest, object_id: int) -> FileResponse:
        evidence = self.own_object(request, object_id)
        try:
            content = evidence.file.open("rb")
        except FileNotFoundError as error:
            raise Http404 from error
        # Never shown inside our own origin: what members hand in may be anything.
        return FileResponse(content, as_attachment=True, filename=evidence.file_name)


register_link(Household, _("Tenures"), "farms_tenure", "household__id__exact")
register_link(Field, _("Practice records"), "farms_practicerecord", "field__id__exact")
