"""Admin of soil sampling: rounds with their strata, the points drawn, what the laboratory found."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import ReadOnlyAdmin, TenantRelatedFilter, link_to, register_link
from aggregator.admin_columns import state_column, state_tag
from aggregator.empty_hints import EmptyHint, register_empty_hint
from aggregator.formats import format_area
from credits.admin.phone_lists import PhoneList
from credits.models import (
    MonitoringPeriod,
    Project,
    SoilCampaign,
    SoilLayer,
    SoilPoint,
    SoilReport,
)
from credits.soil.estimate import RULE_NAMES
from credits.soil.names import stratum_name
from farms.admin_layers import register_layer

ROUND_TONES = {"planned": "wait", "drawn": "wait", "closed": "good"}
POINT_TONES = {"planned": "wait", "unreached": "bad"}


@admin.register(SoilCampaign)
class SoilCampaignAdmin(PhoneList, ReadOnlyAdmin):
    list_display = ["name", "state", "population_size", "progress", "planned_at"]
    list_select_related = ["project"]
    list_filter = ["status", ("project", TenantRelatedFilter)]
    search_fields = ["project__code", "project__name"]
    fields = [
        *("project", "period", "number", "state", "stratify_by", "strata_table", "progress"),
        *("follows", "revisits", "depths", "probe_diameter_mm", "cores_per_sample"),
        *("density_of", "rule_name", "population_size", "population_sha256"),
        *("seed", "planned_at", "drawn_at"),
    ]
    state = state_column("status", _("status"), ROUND_TONES)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        standing = Q(points__status=SoilPoint.Status.PLANNED)
        return (
            super()
            .get_queryset(request)
            .annotate(
                standing=Count("points", filter=standing, distinct=True),
                measured=Count(
                    "points__layers__point",
                    filter=Q(points__layers__withdrawn=False),
                    distinct=True,
                ),
            )
        )

    @admin.display(description=_("round"), ordering="project__code")
    def name(self, row: SoilCampaign) -> str:
        return str(row)

    @admin.display(description=_("points with results"))
    def progress(self, row: Any) -> str:
        return f"{row.measured} / {row.standing}"

    @admin.display(description=_("layers (cm)"))
    def depths(self, row: SoilCampaign) -> str:
        upper = [0, *row.depths_cm]
        return ", ".join(f"{a}–{b}" for a, b in zip(upper, row.depths_cm, strict=False))

    @admin.display(description=_("rule of uncertainty"))
    def rule_name(self, row: SoilCampaign) -> str:
        return str(RULE_NAMES.get(row.rule, row.rule))

    @admin.display(description=_("strata"))
    def strata_table(self, row: SoilCampaign) -> str:
        unit = row.cooperative.area_unit
        lines = format_html_join(
            "",
            '<tr><td>{}</td><td class="number">{}</td><td class="number">{}</td>'
            '<td class="number">{}</td></tr>',
            (
                (
                    stratum_name(row, each["name"]),
                    each["fields"],
                    format_area(Decimal(each["area_m2"]), unit),
                    each["points"],
                )
                for each in row.strata
            ),
        )
        return format_html(
            "<table><thead><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr></thead>"
            "<tbody>{}</tbody></table>",
            *(_now("stratum"), _now("fields"), _now("area"), _now("Points"), lines),
        )

    def page_links(self, row: SoilCampaign) -> list[dict[str, Any]]:
        links = [{"label": _("Published list (JSON)"), "url": reverse("soil-list", args=[row.pk])}]
        if SoilLayer.objects.standing().filter(point__campaign=row).exists():
            carbon = {"label": _("Carbon of this round"), "url": _address("soil-answer", row)}
            inputs = {"label": _("Inputs of measured-soc"), "url": _address("soil-inputs", row)}
            links = [carbon, inputs, *links]
        return links


@admin.register(SoilPoint)
class SoilPointAdmin(PhoneList, ReadOnlyAdmin):
    list_display = ["code", "state", "in_stratum", "field", "place", "results", "reason"]
    list_select_related = ["field", "campaign"]
    list_filter = ["status", ("campaign", TenantRelatedFilter)]
    search_fields = ["^code", "^field__code"]
    fields = [
        *("campaign", "code", "state", "in_stratum", "position", "field", "place"),
        *("reason", "recorded_by", "replaces", "results"),
    ]
    state = state_column("status", _("status"), POINT_TONES)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return (
            super()
            .get_queryset(request)
            .annotate(layer_count=Count("layers", filter=Q(layers__withdrawn=False)))
        )

    @admin.display(description=_("stratum"), ordering="stratum")
    def in_stratum(self, row: SoilPoint) -> str:
        return stratum_name(row.campaign, row.stratum)

    @admin.display(description=_("latitude, longitude (WGS 84)"))
    def place(self, row: SoilPoint) -> str:
        return f"{row.latitude:.6f}, {row.longitude:.6f}"

    @admin.display(description=_("layers measured"))
    def results(self, row: Any) -> str:
        return str(row.layer_count or "—")


@admin.register(SoilReport)
class SoilReportAdmin(PhoneList, ReadOnlyAdmin):
    list_display = ["name", "state", "laboratory", "layer_count", "taken_by", "taken_at"]
    list_select_related = ["campaign__project", "taken_by", "withdrawn_by"]
    list_filter = [("campaign", TenantRelatedFilter)]
    search_fields = ["laboratory", "file_name", "^sha256"]
    fields = [
        *("campaign", "number", "state", "file_name", "sha256", "laboratory", "layer_count"),
        *("taken_by", "taken_at", "withdrawn_by", "withdrawn_at", "reason"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(layer_count=Count("layers"))

    @admin.display(description=_("laboratory's report"), ordering="campaign")
    def name(self, row: SoilReport) -> str:
        return str(row)

    @admin.display(description=_("status"), ordering="withdrawn_at")
    def state(self, row: SoilReport) -> str:
        if row.withdrawn_at:
            return state_tag("bad", _now("withdrawn"))
        return state_tag("good", _now("counts"))

    @admin.display(description=_("layers"))
    def layer_count(self, row: Any) -> str:
        return str(row.layer_count)

    def page_links(self, row: SoilReport) -> list[dict[str, Any]]:
        return [{"label": _("The sheet as it came"), "url": reverse("soil-report", args=[row.pk])}]


@admin.register(SoilLayer)
class SoilLayerAdmin(PhoneList, ReadOnlyAdmin):
    list_display = ["bag", "layer", "carbon", "bulk_density_g_per_cm3", "mass_g", "state"]
    list_select_related = ["point__campaign"]
    list_filter = ["withdrawn", ("point__campaign", TenantRelatedFilter)]
    search_fields = ["^point__code", "^lab_number"]
    fields = [
        *("bag", "layer", "carbon", "bulk_density_g_per_cm3", "mass_g", "coarse_percent"),
        *("lab_number", "laboratory", "method", "sampled_on", "unusual", "state", "report"),
        "file_sha256",
    ]

    @admin.display(description=_("status"), ordering="withdrawn")
    def state(self, row: SoilLayer) -> str:
        if row.withdrawn:
            return state_tag("bad", _now("withdrawn"))
        return state_tag("good", _now("counts"))

    @admin.display(description=_("code on the bag"), ordering="point__code")
    def bag(self, row: SoilLayer) -> str:
        return link_to(row.point)

    @admin.display(description=_("layer (cm)"))
    def layer(self, row: SoilLayer) -> str:
        return f"{row.top_cm.normalize():f}–{row.bottom_cm.normalize():f}"

    @admin.display(description=_("organic carbon (g/kg)"), ordering="carbon_g_per_kg")
    def carbon(self, row: SoilLayer) -> str:
        mark = " !" if row.flagged else ""
        return f"{row.carbon_g_per_kg.normalize():f}{mark}"

    @admin.display(description=_("confirmed although unusual"))
    def unusual(self, row: SoilLayer) -> str:
        words = {
            "outlier": _now("far from the others of its stratum"),
            "core_too_short": _now("the core ends above the planned depth"),
        }
        return ", ".join(words.get(code, code) for code in row.flagged) or "—"


def _address(name: str, row: SoilCampaign) -> str:
    return reverse(name, args=[row.pk])


register_link(Project, _("Soil sampling"), "credits_soilcampaign", "project__id__exact")
register_link(MonitoringPeriod, _("Soil sampling"), "credits_soilcampaign", "period__id__exact")
register_link(SoilCampaign, _("Laboratory's reports"), "credits_soilreport", "campaign__id__exact")
register_link(SoilReport, _("Layers"), "credits_soillayer", "report__id__exact")
register_link(SoilCampaign, _("Points"), "credits_soilpoint", "campaign__id__exact")
register_link(SoilPoint, _("Layers"), "credits_soillayer", "point__id__exact")
register_link(SoilCampaign, _("Layers"), "credits_soillayer", "point__campaign__id__exact")
register_layer(SoilPoint, "field_id")
register_empty_hint(
    "credits.SoilReport",
    EmptyHint(
        _("A laboratory's sheet is taken on the page of its round of soil sampling."),
        "admin:credits_soilcampaign_changelist",
        _("To the soil sampling"),
    ),
)
register_empty_hint(
    "credits.SoilCampaign",
    EmptyHint(
        _("A round of soil sampling is planned on the page of its project."),
        "admin:credits_project_changelist",
        _("To the projects"),
    ),
)
