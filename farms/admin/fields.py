"""Admin of the fields, with their boundaries and holders."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import ReadOnlyInline, TenantAdmin, TenantRelatedFilter
from aggregator.admin_columns import area_column
from farms.admin.observations import GrainFlagInline
from farms.admin.tenures import TenureInline, tell_frozen_periods
from farms.grain_guard import refresh_flags
from farms.models import Boundary, Field, Tenure


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
    # What has an index; the rest is filtered by.
    sortable_by = ["code", "name", "village", "contract_area"]
    search_fields = [
        "^code",
        "^name",
        "^tenures__household__code",
        "^tenures__household__persons__name",
    ]
    search_help_text = _("Field code or name, household's code or name")
    fields = ["code", "name", "village", "area", "contract_area_m2", "land_class"]
    readonly_fields = ["area"]
    help_texts = {
        "name": _("As the farmers call it; it stands on their statements."),
        "contract_area_m2": _(
            "As in the contract, in square metres: 1 mu is 666.67. Tonnes go by the measured area."
        ),
        "land_class": _("As in the land register. Some programs and grain rules ask for it."),
    }
    fixed = ("code",)
    inlines = [GrainFlagInline, TenureInline, BoundaryInline]
    area = area_column("area_m2", _("geodesic area"))
    contract_area = area_column("contract_area_m2", _("contract area"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).with_area()

    def get_inlines(self, request: HttpRequest, obj: Field | None) -> list[Any]:
        """The grain guard only speaks where it has something to say."""
        flagged = obj is not None and obj.grain_flags.exists()
        return [each for each in self.inlines if flagged or each is not GrainFlagInline]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        if formset.model is Tenure and formset.has_changed():
            tell_frozen_periods(request, form.instance)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if form.has_changed() or any(formset.has_changed() for formset in formsets):
            refresh_flags(form.instance.cooperative, [form.instance.pk])

    def page_links(self, row: Any) -> list[dict[str, Any]]:
        on_map = f"{reverse('land-map')}?field={quote(row.code)}"
        links = [{"label": _("Boundaries: redraw, split, history"), "url": _boundaries(row)}]
        return links if row.ends_on else [{"label": _("Show on the map"), "url": on_map}, *links]


def _boundaries(row: Any) -> str:
    return reverse("field-boundaries", args=[row.pk])
