"""Admin of the evidence: our own reduced copies are shown, originals are only handed out."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import OPERATOR, ReadOnlyInline, TenantAdmin
from aggregator.admin_columns import state_tag
from farms.evidence_checks import DOUBTS, MILD, doubt_text, examine_evidence, with_doubts
from farms.models import Evidence


def evidence_link(row: Evidence) -> SafeString:
    address = reverse("admin:farms_evidence_file", args=[row.pk])
    return format_html('<a href="{}">{}</a>', address, row.file_name)


def picture_of(row: Evidence, css_class: str) -> SafeString | str:
    if not row.view:
        return "—"
    address = reverse("admin:farms_evidence_view", args=[row.pk])
    tag = '<img class="{}" src="{}" alt="{}" loading="lazy">'
    return format_html(tag, css_class, address, row.file_name)


def doubts_of(row: Evidence) -> SafeString:
    """The doubts in words; none is a word too."""
    if not row.examined:
        return state_tag("none", _("not looked into yet"))
    if not row.doubts and not row.view and row.taken_at is None:
        return state_tag("none", _("nothing to compare"))
    if not row.doubts:
        return state_tag("good", _("no doubt"))
    tags = (
        (state_tag("none" if code in MILD else "wait", doubt_text(code)),) for code in row.doubts
    )
    return format_html('<ul class="doubts">{}</ul>', format_html_join("", "<li>{}</li>", tags))


class EvidenceInline(ReadOnlyInline):
    model = Evidence
    fields = ["thumb", "link", "kind", "taken_at", "doubt_words", "added_at"]
    show_change_link = True

    @admin.display(description=_("picture"))
    def thumb(self, row: Evidence) -> Any:
        return picture_of(row, "evidence-thumb")

    @admin.display(description=_("file"))
    def link(self, row: Evidence) -> SafeString:
        return evidence_link(row)

    @admin.display(description=_("doubts"))
    def doubt_words(self, row: Evidence) -> SafeString:
        return doubts_of(row)


class DoubtFilter(admin.SimpleListFilter):
    title = _("doubts")
    parameter_name = "doubt"

    def lookups(self, _request: HttpRequest, _admin: Any) -> list[tuple[str, Any]]:
        return list(DOUBTS.items())

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        code = self.value()
        return with_doubts(rows, [code]) if code in DOUBTS else rows


@admin.register(Evidence)
class EvidenceAdmin(TenantAdmin):
    """Files come with an import or on a record's page; what kind each is can be corrected."""

    never_added = True
    changed_by = OPERATOR
    list_display = ["file_name", "record", "kind", "doubt_words", "added_at"]
    list_select_related = ["record__field", "record__season"]
    list_filter = ["kind", DoubtFilter]
    ordering = ["-added_at", "-pk"]
    # What has an index; the rest is filtered by.
    sortable_by = ["added_at"]
    search_fields = ["^file_name", "^record__field__code"]
    fields = [
        *("picture", "link", "record", "kind", "taken_at", "place", "doubt_words"),
        *("sha256", "added_at"),
    ]
    readonly_fields = [
        *("picture", "link", "record", "taken_at", "place", "doubt_words", "sha256", "added_at"),
    ]

    class Media:
        css = {"all": ["tianhui/practices.css"]}

    @admin.display(description=_("picture"))
    def picture(self, row: Evidence) -> Any:
        return picture_of(row, "evidence-whole")

    @admin.display(description=_("file"))
    def link(self, row: Evidence) -> SafeString:
        return evidence_link(row)

    @admin.display(description=_("place"))
    def place(self, row: Evidence) -> str:
        if row.longitude is None or row.latitude is None:
            return "—"
        return f"{row.longitude:.6f}, {row.latitude:.6f}"

    @admin.display(description=_("doubts"))
    def doubt_words(self, row: Evidence) -> SafeString:
        return doubts_of(row)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        # Another kind is looked at with other eyes: an invoice is not photographed on the field.
        examine_evidence(obj)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:object_id>/file/", view(self.download), name="farms_evidence_file"),
            path("<int:object_id>/view/", view(self.show_view), name="farms_evidence_view"),
            *super().get_urls(),
        ]

    def download(self, request: HttpRequest, object_id: int) -> FileResponse:
        evidence = self.own_object(request, object_id)
        # Never shown inside our own origin: what members hand in may be anything.
        return FileResponse(_open(evidence.file), as_attachment=True, filename=evidence.file_name)

    def show_view(self, request: HttpRequest, object_id: int) -> FileResponse:
        """The reduced copy, which we encoded ourselves from the pixels alone."""
        response = FileResponse(
            _open(self.own_object(request, object_id).view), content_type="image/jpeg"
        )
        response["Cache-Control"] = "private, max-age=86400"
        return response


def _open(file: Any) -> Any:
    try:
        return file.open("rb")
    except (FileNotFoundError, ValueError) as error:
        raise Http404 from error
