"""Admin of monitoring periods, runs and what each field earned."""

from __future__ import annotations

from functools import partial

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import ReadOnlyAdmin, TenantRelatedFilter, register_link
from aggregator.admin_columns import area_column, state_column, table_column, tonnes_column
from credits.admin.counting import describe_job, show_count, show_count_progress
from credits.admin.workspace import show_workspace
from credits.models import (
    FieldResult,
    MonitoringPeriod,
    Project,
    QuantificationJob,
    QuantificationRun,
)
from credits.pooling.reasons import zero_text
from credits.terms.names import TERM_NAMES

PERIOD_TONES = {"open": "wait", "closed": "wait", "verified": "good", "issued": "good"}


@admin.register(MonitoringPeriod)
class MonitoringPeriodAdmin(ReadOnlyAdmin):
    """Opened from its project; every later step is an action."""

    list_display = ["code", "project", "starts_on", "ends_on", "state", "work"]
    list_display_links = ["code", "project"]
    list_select_related = ["project"]
    list_filter = ["status", ("project", TenantRelatedFilter)]
    search_fields = ["code", "project__name", "project__code"]
    fields = ["project", "code", "starts_on", "ends_on", "state", "work", "last_count"]
    state = state_column("status", _("status"), PERIOD_TONES)

    def get_queryset(self, request: HttpRequest) -> QuerySet[MonitoringPeriod]:
        at_work = QuantificationJob.objects.filter(
            period=OuterRef("pk"), status__in=QuantificationJob.AT_WORK
        )
        return super().get_queryset(request).annotate(is_counted_now=Exists(at_work))

    def get_urls(self) -> list[URLPattern]:
        pages = [
            ("workspace/", "work", show_workspace),
            ("count/", "count", show_count),
            ("count/progress/", "count_progress", show_count_progress),
        ]
        own = [
            path(
                f"<int:object_id>/{address}",
                self.admin_site.admin_view(partial(view, self)),
                name=f"credits_monitoringperiod_{name}",
            )
            for address, name, view in pages
        ]
        return [*own, *super().get_urls()]

    @admin.display(description=_("work of the period"))
    def work(self, row: MonitoringPeriod) -> str:
        address = reverse("admin:credits_monitoringperiod_work", args=[row.pk])
        link = format_html('<a href="{}">{}</a>', address, _("What is missing"))
        if not row.is_counted_now:  # type: ignore[attr-defined]  # annotated above
            return link
        counting = reverse("admin:credits_monitoringperiod_count", args=[row.pk])
        return format_html(
            '{} · <a href="{}">{}</a>', link, counting, _("The fields are being counted.")
        )

    @admin.display(description=_("last count by a worker"))
    def last_count(self, row: MonitoringPeriod) -> str:
        job = row.jobs.first()
        if job is None:
            return "—"
        address = reverse("admin:credits_monitoringperiod_count", args=[row.pk])
        if job.status == QuantificationJob.Status.DONE:
            return job.get_status_display()
        return format_html('<a href="{}">{}</a> {}', address, describe_job(job), job.reason)


@admin.register(QuantificationRun)
class QuantificationRunAdmin(ReadOnlyAdmin):
    list_display = ["period", "methodology", "methodology_version", "gross", "reserve", "sellable"]
    list_select_related = ["period__project"]
    list_filter = [("period", TenantRelatedFilter)]
    search_fields = ["period__code", "period__project__code", "period__project__name"]
    fields = [
        "period",
        "methodology",
        "methodology_version",
        "gross",
        "reserve",
        "sellable",
        "inputs_sha256",
        "results_sha256",
        "ran_at",
    ]
    gross = tonnes_column("gross_kg", _("earned"))
    reserve = tonnes_column("reserve_kg", _("reserve"))
    sellable = tonnes_column("credited_kg", _("sellable"))


@admin.register(FieldResult)
class FieldResultAdmin(ReadOnlyAdmin):
    list_display = [
        "field",
        "household",
        "starts_on",
        "ends_on",
        "area",
        "practice_name",
        "sellable",
    ]
    list_select_related = ["field", "household", "cooperative", "run__period__project"]
    list_filter = [("run", TenantRelatedFilter)]
    search_fields = [
        "^field__code",
        "^field__name",
        "^household__code",
        "^household__persons__name",
    ]
    fields = [
        "run",
        "field",
        "household",
        "starts_on",
        "ends_on",
        "area",
        "practice_name",
        "gross",
        "reserve",
        "sellable",
        "why_nothing",
        "terms_table",
    ]
    area = area_column("area_m2", _("area"))
    gross = tonnes_column("gross_kg", _("earned"))
    reserve = tonnes_column("reserve_kg", _("reserve"))
    sellable = tonnes_column("credited_kg", _("sellable"))
    terms_table = table_column("terms", _("terms of the computation"), words=TERM_NAMES)

    @admin.display(description=_("practice"), ordering="practice")
    def practice_name(self, row: FieldResult) -> str:
        return str(TERM_NAMES.get(row.practice, row.practice)) or "—"

    @admin.display(description=_("why nothing"))
    def why_nothing(self, row: FieldResult) -> str:
        return zero_text(row.terms) or "—"


register_link(Project, _("Monitoring periods"), "credits_monitoringperiod", "project__id__exact")
register_link(MonitoringPeriod, _("Runs"), "credits_quantificationrun", "period__id__exact")
register_link(QuantificationRun, _("Field results"), "credits_fieldresult", "run__id__exact")
