"""The door of the imports: choose a kind and a file, and read what came of one.

Everything between is in `farms.upload_views`; writes nothing itself.
"""

from __future__ import annotations

import io
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from aggregator import uploads
from aggregator.files import MEGABYTE, FileRefused, FileTooLarge
from aggregator.models import Cooperative, ImportRun, Upload, User
from farms import import_next, tasks
from farms.upload_kinds import KINDS, WORDS, known_columns

# What is drained of a body that is too large, so that the browser gets to see the answer.
_DRAINED_BYTES = 512 * MEGABYTE
_SHEET_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OPEN_SHOWN = 10


class ImportForm(forms.Form):
    """A file for one kind of import, and what goes with it."""

    # Our own reader says what is wrong with an empty file, and the run is recorded.
    file = forms.FileField(label=gettext_lazy("File"), allow_empty_file=True)
    evidence = forms.FileField(
        label=gettext_lazy("Evidence files"),
        required=False,
        help_text=gettext_lazy("A zip with the photos and papers that the rows name."),
        widget=forms.ClearableFileInput(attrs={"accept": ".zip"}),
    )
    cooperative = forms.ModelChoiceField(
        Cooperative.objects.all(), label=gettext_lazy("cooperative")
    )

    def __init__(self, *args: Any, kind: str, user: Any, **options: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **options})
        self.fields["file"].widget.attrs["accept"] = WORDS[kind].accept
        if user.cooperative_id is not None:
            del self.fields["cooperative"]
        if kind != "practices":
            del self.fields["evidence"]


@csrf_exempt
def import_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The upload page. An upload far too large is answered before anything parses it."""
    require_operator(request)
    if kind not in KINDS:
        raise Http404
    limit = settings.IMPORT_MAX_BYTES
    if kind == "practices":
        limit += settings.EVIDENCE_MAX_BYTES
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length > limit + MEGABYTE:
        _drain(request)
        refusal = FileTooLarge(size=-(-length // MEGABYTE), limit=limit // MEGABYTE)
        form = ImportForm(kind=kind, user=request.user)
        return _render_form(request, kind, form, refusal=str(refusal), status=413)
    response: HttpResponse = _take_file(request, kind)
    return response


@csrf_protect
def _take_file(request: HttpRequest, kind: str) -> HttpResponse:
    if request.method != "POST":
        return _render_form(request, kind, ImportForm(kind=kind, user=request.user))
    form = ImportForm(request.POST, request.FILES, kind=kind, user=request.user)
    if not form.is_valid():
        return _render_form(request, kind, form)
    user = staff_of(request)
    cleaned = form.cleaned_data
    try:
        owner: Any = cleaned.get("cooperative") or user.cooperative
        upload = uploads.start_upload(
            owner,
            kind=kind,
            file=cleaned["file"],
            evidence=cleaned.get("evidence"),
            by=user,
        )
    except FileRefused as refusal:
        return _render_form(request, kind, form, refusal=str(refusal))
    tasks.run_upload.delay_on_commit(upload.pk)
    return redirect("upload", upload.pk)


def show_run(request: HttpRequest, pk: int) -> HttpResponse:
    """What came of one import; for the staff of its cooperative."""
    run = get_object_or_404(
        ImportRun.objects.for_user(staff_of(request)).select_related("by", "cooperative"), pk=pk
    )
    total = run.counts.get("errors", len(run.errors))
    imported = run.status == ImportRun.Status.IMPORTED and run.kind in KINDS
    context = {
        "title": _("What came of the file"),
        "waiting": import_next.list_waiting(run) if imported else [],
        "next": import_next.next_file(run) if imported else None,
        "run": run,
        "kind": WORDS.get(run.kind),
        "error_count": total,
        "more_errors": total - len(run.errors),
        "more_notes": run.counts.get("notes", 0) - len(run.notes),
    }
    return render(request, "admin/import_run.html", admin.site.each_context(request) | context)


def download_template(request: HttpRequest, kind: str) -> HttpResponse:
    """An empty workbook with the headings, every column formatted as text to keep codes whole."""
    require_operator(request)
    if kind not in KINDS or not WORDS[kind].is_table:
        raise Http404
    workbook = Workbook()
    sheet = workbook.active
    for number, column in enumerate(known_columns(kind), start=1):
        sheet.cell(1, number, column.title)
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].number_format = "@"
        sheet.column_dimensions[letter].width = 18
        for row in range(2, 502):
            sheet.cell(row, number).number_format = "@"
    data = io.BytesIO()
    workbook.save(data)
    headers = {"Content-Disposition": f'attachment; filename="{kind}.xlsx"'}
    return HttpResponse(data.getvalue(), content_type=_SHEET_MIME, headers=headers)


def staff_of(request: HttpRequest) -> User:
    """The member of staff; the admin's door has let nobody else through."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user


def require_operator(request: HttpRequest) -> None:
    user = staff_of(request)
    if not (user.is_superuser or user.role == User.Role.OPERATOR):
        raise PermissionDenied


def _render_form(
    request: HttpRequest, kind: str, form: ImportForm, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    unfinished = Upload.objects.for_user(staff_of(request)).filter(status__in=Upload.OPEN)
    context = {
        "title": _("Bring in a file"),
        "kinds": WORDS,
        "kind_key": kind,
        "kind": WORDS[kind],
        "columns": [{"heading": c.title, "required": c.required} for c in known_columns(kind)],
        "form": form,
        "refusal": refusal,
        "limit": settings.IMPORT_MAX_BYTES // MEGABYTE,
        "kept_days": uploads.KEPT_DAYS,
        "unfinished": unfinished.select_related("by")[:_OPEN_SHOWN],
    }
    context = admin.site.each_context(request) | context
    return render(request, "admin/import_file.html", context, status=status)


def _drain(request: HttpRequest) -> None:
    left = _DRAINED_BYTES
    while left > 0 and (chunk := request.read(MEGABYTE)):
        left -= len(chunk)
