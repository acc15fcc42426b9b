"""Admin of statements and village documents: shown and downloaded as they were frozen."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import ReadOnlyAdmin, TenantRelatedFilter, register_link
from aggregator.admin_columns import state_column
from aggregator.models import Household
from aggregator.money import format_money
from payouts.models import Statement, StatementPdf, VillageDocument
from payouts.models.statement import RenderStatus
from payouts.statement_view import statement_context

RENDER_TONES = {"pending": "wait", "ready": "good"}


def send_pdf(content: bytes | None, name: str) -> HttpResponse:
    """A stored PDF as a file, or 404 while it is still to be made."""
    if not content:
        raise Http404
    response = HttpResponse(bytes(content), content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


@admin.register(Statement)
class StatementAdmin(ReadOnlyAdmin):
    list_display = ["number", "revision", "household", "village", "net", "settlement", "pdf_state"]
    list_select_related = ["household", "village", "settlement__period", "pdf"]
    list_filter = [
        ("settlement", TenantRelatedFilter),
        ("village", TenantRelatedFilter),
        "pdf__status",
    ]
    search_fields = ["number", "^household__code", "^household__persons__name"]
    fields = [
        "number",
        "revision",
        "household",
        "village",
        "net",
        "settlement",
        "issued_at",
        "sha256",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("pdf__content")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:object_id>/page/", view(self.show), name="payouts_statement_page"),
            path("<int:object_id>/pdf/", view(self.download), name="payouts_statement_pdf"),
            *super().get_urls(),
        ]

    def page_links(self, row: Statement) -> list[dict[str, Any]]:
        links = [("payouts_statement_page", _("Open the statement"))]
        if hasattr(row, "pdf") and row.pdf.status == RenderStatus.READY:
            links.append(("payouts_statement_pdf", _("PDF")))
        return [
            {"label": label, "url": reverse(f"admin:{name}", args=[row.pk])}
            for name, label in links
        ]

    def show(self, request: HttpRequest, object_id: int) -> HttpResponse:
        statement = self.own_object(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": statement.number,
            "opts": self.opts,
            "statement": statement_context(
                statement.data,
                language=get_language() or "zh-hans",
                token=statement.token,
                sha256=statement.sha256,
            ),
        }
        return TemplateResponse(request, "admin/payouts/statement/page.html", context)

    def download(self, request: HttpRequest, object_id: int) -> HttpResponse:
        statement = self.own_object(request, object_id)
        pdf = StatementPdf.objects.filter(statement=statement).first()
        return send_pdf(pdf.content if pdf else None, f"{statement.number}.pdf")

    @admin.display(description=_("net"))
    def net(self, row: Statement) -> str:
        amount = format_money(row.data["totals"]["net_minor"], row.data["currency"])
        return format_html('<span class="num">{}</span>', amount)

    @admin.display(description="PDF")
    def pdf_state(self, row: Statement) -> Any:
        if not hasattr(row, "pdf"):
            return "—"
        if row.pdf.status != RenderStatus.READY:
            return row.pdf.get_status_display()
        address = reverse("admin:payouts_statement_pdf", args=[row.pk])
        return format_html('<a href="{}">PDF</a>', address)


@admin.register(VillageDocument)
class VillageDocumentAdmin(ReadOnlyAdmin):
    list_display = ["village", "kind", "settlement", "state", "file"]
    list_select_related = ["village", "settlement__period"]
    list_filter = ["kind", ("settlement", TenantRelatedFilter)]
    search_fields = ["village__code", "village__name", "village__name_en"]
    fields = ["village", "kind", "settlement", "state", "file", "sha256", "rendered_at"]
    state = state_column("status", _("status"), RENDER_TONES)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("content")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.download)
        return [
            path("<int:object_id>/file/", view, name="payouts_villagedocument_file"),
            *super().get_urls(),
        ]

    def download(self, request: HttpRequest, object_id: int) -> HttpResponse:
        row = self.own_object(request, object_id)
        return send_pdf(row.content, f"{row.settlement}-{row.village.code}-{row.kind}.pdf")

    @admin.display(description=_("file"))
    def file(self, row: VillageDocument) -> Any:
        if row.status != RenderStatus.READY:
            return "—"
        address = reverse("admin:payouts_villagedocument_file", args=[row.pk])
        return format_html('<a href="{}">PDF</a>', address)


register_link(Household, _("Statements"), "payouts_statement", "household__id__exact")
