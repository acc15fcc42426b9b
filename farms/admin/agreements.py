"""Admin of the agreements: the list, each with its text, its PDFs and its scan."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from aggregator.admin.agreements import agreement_state
from aggregator.admin_base import (
    NamedValuesFilter,
    ReadOnlyAdmin,
    ReadOnlyInline,
    TenantRelatedFilter,
    register_filter,
    register_link,
)
from aggregator.admin_export import register_format
from aggregator.agreement_wording import agreement_programs
from aggregator.agreements import households_without
from aggregator.models import Agreement, Household, Person, Village
from aggregator.scans import send_scan
from farms.agreement_book import BOOK
from farms.agreement_document import agreement_context, render_agreement, signature_of
from farms.models import AgreementField


def program_name(code: str) -> str:
    """The program's name; a dash for an agreement signed for any."""
    names = {program.id: str(program.name) for program in agreement_programs()}
    return names.get(code, code) or "—"


class AgreementStateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, _admin: Any) -> list[tuple[str, Any]]:
        state = Agreement.State
        shown = (state.DRAFT, state.VALID, state.RUNNING_OUT, state.OVER, state.REVOKED)
        return [(each.value, each.label) for each in shown]

    def queryset(self, request: HttpRequest, rows: Any) -> QuerySet[Any]:
        today, state = timezone.localdate(), Agreement.State
        if self.value() == state.DRAFT:
            return rows.drafts()
        if self.value() == state.VALID:
            return rows.valid_on(today)
        if self.value() == state.RUNNING_OUT:
            return rows.running_out(today)
        if self.value() == state.OVER:
            return rows.signed().filter(ends_on__lt=today)
        return rows.filter(revoked_on__isnull=False) if self.value() == state.REVOKED else rows


class ProgramFilter(NamedValuesFilter):
    names = staticmethod(program_name)


class HouseholdAgreementFilter(admin.SimpleListFilter):
    """Members by whether they have an agreement today."""

    title = _("agreement")
    parameter_name = "agreement"

    def lookups(self, request: HttpRequest, _admin: Any) -> list[tuple[str, Any]]:
        return [
            ("missing", _("none in force")),
            ("draft", _("waiting to be signed")),
            ("running_out", _("runs out soon")),
        ]

    def queryset(self, request: HttpRequest, rows: Any) -> QuerySet[Any]:
        today = timezone.localdate()
        if self.value() == "missing":
            return households_without(rows, on=today)
        chosen = {"draft": Agreement.objects.drafts, "running_out": _running_out}
        choose = chosen.get(self.value() or "")
        return rows.filter(pk__in=choose().values("household")) if choose else rows


def _running_out() -> QuerySet[Agreement]:
    return Agreement.objects.running_out(timezone.localdate())


register_filter(Household, HouseholdAgreementFilter)
register_format(Agreement, BOOK)
register_link(Village, _("Agreements"), "aggregator_agreement", "household__village__id__exact")


class AgreementFieldInline(ReadOnlyInline):
    model = AgreementField
    fields = ["field"]
    show_change_link = False


@admin.register(Agreement)
class AgreementAdmin(ReadOnlyAdmin):
    list_display = ["code", "household", "head", "village", "state", "starts_on", "ends_on"]
    list_select_related = ["household__village"]
    list_filter = [
        AgreementStateFilter,
        ("household__village", TenantRelatedFilter),
        "signed_how",
        ("program", ProgramFilter),
    ]
    search_fields = ["code", "^household__code", "^household__persons__name"]
    search_help_text = _("Agreement number, household's code or name")
    fields = [
        *("code", "state", "household", "head", "program_shown", "covers", "starts_on", "ends_on"),
        *("signature", "renews", "revoked_why", "template", "text_sha256", "scan_sha256"),
    ]
    inlines = [AgreementFieldInline]
    change_form_template = "admin/agreement.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        heads = Person.objects.filter(household=OuterRef("household"), is_head=True)
        rows = super().get_queryset(request).annotate(head_name=Subquery(heads.values("name")[:1]))
        return rows.select_related("household__village", "signed_by").defer("text")

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [] if obj is None or obj.whole_holding else self.inlines

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:object_id>/pdf/", view(self.show_pdf), name="aggregator_agreement_pdf"),
            path("<int:object_id>/scan/", view(self.show_scan), name="aggregator_agreement_scan"),
            *super().get_urls(),
        ]

    def page_links(self, row: Agreement) -> list[dict[str, Any]]:
        links = []
        if row.text:
            address = reverse("admin:aggregator_agreement_pdf", args=[row.pk])
            links = [
                {"label": _("PDF in Chinese"), "url": f"{address}?language=zh-hans"},
                {"label": _("PDF in English"), "url": f"{address}?language=en"},
            ]
        if row.scan:
            address = reverse("admin:aggregator_agreement_scan", args=[row.pk])
            links.append({"label": _("Scan"), "url": address})
        return links

    def page_context(self, request: HttpRequest, row: Agreement) -> dict[str, Any]:
        language = get_language() or "zh-hans"
        if not row.text:
            return {"agreement": None}
        return {"agreement": agreement_context(row.text, language=language, sha256=row.text_sha256)}

    def show_pdf(self, request: HttpRequest, object_id: int) -> HttpResponse:
        agreement = self.own_object(request, object_id)
        return send_pdf(agreement, language=request.GET.get("language", ""))

    def show_scan(self, request: HttpRequest, object_id: int) -> Any:
        return send_scan(self.own_object(request, object_id))

    @admin.display(description=_("head of household"), ordering="head_name")
    def head(self, row: Any) -> str:
        return row.head_name or "—"

    @admin.display(description=_("village"), ordering="household__village")
    def village(self, row: Agreement) -> str:
        return str(row.household.village)

    @admin.display(description=_("state"))
    def state(self, row: Agreement) -> Any:
        return agreement_state(row)

    @admin.display(description=_("program"))
    def program_shown(self, row: Agreement) -> str:
        return program_name(row.program)

    @admin.display(description=_("covers"))
    def covers(self, row: Agreement) -> str:
        if row.whole_holding:
            return str(_("every field the household holds"))
        return str(_("the fields named below"))

    @admin.display(description=_("signature"))
    def signature(self, row: Agreement) -> str:
        return signature_of(row, language=get_language() or "zh-hans") or "—"


def send_pdf(agreement: Agreement, *, language: str) -> HttpResponse:
    """The PDF in one of our languages, else in the household's; 404 where there is no text."""
    if not agreement.text:
        raise Http404
    spoken = language if language in agreement.text["words"] else ""
    response = HttpResponse(
        render_agreement(agreement, language=spoken), content_type="application/pdf"
    )
    name = f"{agreement.code}.pdf"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    response["Cache-Control"] = "private, no-store"
    return response
