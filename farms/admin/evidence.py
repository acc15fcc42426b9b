"""Admin of the evidence: listed, and handed out as downloads."""

from __future__ import annotations

from django.contrib import admin
from django.http import FileResponse, Http404, HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import ReadOnlyAdmin, ReadOnlyInline
from farms.models import Evidence


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
