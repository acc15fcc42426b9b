"""The upload pages of the admin: choose a kind and a file, read what came of it.

Calls the same import functions as the commands; writes nothing itself.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied, SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.text import get_valid_filename
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from aggregator import household_rows
from aggregator.files import MEGABYTE, FileRefused, FileTooLarge, check_size, unpack_zip
from aggregator.household_import import import_households
from aggregator.importing import ImportReport
from aggregator.models import Cooperative, ImportRun, User
from aggregator.tabular import Column
from farms import field_rows, practice_rows
from farms.field_import import import_fields
from farms.practice_import import import_practices

# What is drained of a body that is too large, so that the browser gets to see the answer.
_DRAINED_BYTES = 512 * MEGABYTE
_SHEET_MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class ImportKind:
    """One kind of file that the page takes."""

    title: str | Promise
    hint: str | Promise
    accept: str
    columns: Sequence[Column]
    bring_in: Callable[..., ImportReport]

    @property
    def is_table(self) -> bool:
        return ".xlsx" in self.accept


KINDS = {
    "households": ImportKind(
        gettext_lazy("Households"),
        gettext_lazy("An Excel workbook (.xlsx) or a CSV file, one household a row."),
        ".xlsx,.csv,.txt",
        household_rows.COLUMNS,
        import_households,
    ),
    "fields": ImportKind(
        gettext_lazy("Fields"),
        gettext_lazy(
            "A map layer, one field a feature: GeoPackage, GeoJSON, GeoParquet, "
            "or a zip with one shapefile."
        ),
        ".gpkg,.geojson,.json,.zip,.parquet",
        field_rows.COLUMNS,
        import_fields,
    ),
    "practices": ImportKind(
        gettext_lazy("Practices"),
        gettext_lazy("An Excel workbook (.xlsx) or a CSV file, one field and practice a row."),
        ".xlsx,.csv,.txt",
        practice_rows.COLUMNS,
        import_practices,
    ),
}


class PairsField(forms.CharField):
    """Lines of ``key=value`` as a dict."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        super().__init__(required=False, **options)

    def clean(self, value: Any) -> Any:
        pairs: dict[str, str] = {}
        for line in filter(str.strip, super().clean(value).splitlines()):
            key, sign, text = (part.strip() for part in line.partition("="))
            if not (key and sign and text):
                raise forms.ValidationError(
                    _("Write each line as name=value; this one is not: %(line)s"),
                    params={"line": line},
                )
            pairs[key] = text
        return pairs


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
    columns = PairsField(
        label=gettext_lazy("Columns under other names"),
        help_text=gettext_lazy("One a line, such as field_code=ID."),
    )
    constants = PairsField(
        label=gettext_lazy("The same for all fields"),
        help_text=gettext_lazy("One a line, such as village_code=V1."),
    )
    cooperative = forms.ModelChoiceField(
        Cooperative.objects.all(), label=gettext_lazy("cooperative")
    )
    check_only = forms.BooleanField(label=gettext_lazy("Check only, write nothing"), required=False)

    def __init__(self, *args: Any, kind: str, user: Any, **options: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **options})
        self.fields["file"].widget.attrs["accept"] = KINDS[kind].accept
        if user.cooperative_id is not None:
            del self.fields["cooperative"]
        if kind != "practices":
            del self.fields["evidence"]
        if kind != "fields":
            del self.fields["columns"], self.fields["constants"]


@csrf_exempt
def import_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The upload page. An upload far too large is answered before anything parses it."""
    _require_operator(request)
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
    try:
        report = _bring_in(kind, form.cleaned_data, request.user)
    except FileRefused as refusal:
        return _render_form(request, kind, form, refusal=str(refusal))
    return redirect("import-run", report.run_id)


def _bring_in(kind: str, cleaned: dict[str, Any], user: Any) -> ImportReport:
    options: dict[str, Any] = {
        "cooperative": cleaned.get("cooperative") or user.cooperative,
        "by": user,
        "dry_run": cleaned["check_only"],
    }
    with tempfile.TemporaryDirectory(prefix="import-") as folder:
        path = _keep_upload(cleaned["file"], Path(folder) / "file")
        if kind == "fields":
            options |= {"columns": cleaned["columns"], "constants": cleaned["constants"]}
        if cleaned.get("evidence"):
            archive = _keep_upload(cleaned["evidence"], Path(folder) / "zip")
            check_size(archive, limit=settings.EVIDENCE_MAX_BYTES)
            options["evidence_dir"] = Path(folder) / "evidence"
            options["evidence_dir"].mkdir()
            unpack_zip(archive, options["evidence_dir"])
        return KINDS[kind].bring_in(path, **options)


def _keep_upload(upload: Any, folder: Path) -> Path:
    folder.mkdir()
    # Names of 255 bytes are the most a file system takes; a Chinese character has three.
    try:
        path = folder / get_valid_filename(upload.name or "file")[-60:]
    except SuspiciousFileOperation:
        # Nothing but signs in the name, such as "()".
        path = folder / "file"
    with path.open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
    return path


def show_run(request: HttpRequest, pk: int) -> HttpResponse:
    """What came of one import; for the staff of its cooperative."""
    run = get_object_or_404(
        ImportRun.objects.for_user(_staff_of(request)).select_related("by", "cooperative"), pk=pk
    )
    total = run.counts.get("errors", len(run.errors))
    context = {
        "title": _("What came of the file"),
        "run": run,
        "kind": KINDS.get(run.kind),
        "error_count": total,
        "more_errors": total - len(run.errors),
    }
    return render(request, "admin/import_run.html", admin.site.each_context(request) | context)


def download_template(request: HttpRequest, kind: str) -> HttpResponse:
    """An empty workbook with the headings, every column formatted as text to keep codes whole."""
    _require_operator(request)
    if kind not in KINDS or not KINDS[kind].is_table:
        raise Http404
    workbook = Workbook()
    sheet = workbook.active
    for number, column in enumerate(KINDS[kind].columns, start=1):
        sheet.cell(1, number, _heading(column))
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].number_format = "@"
        sheet.column_dimensions[letter].width = 18
        for row in range(2, 502):
            sheet.cell(row, number).number_format = "@"
    data = io.BytesIO()
    workbook.save(data)
    headers = {"Content-Disposition": f'attachment; filename="{kind}.xlsx"'}
    return HttpResponse(data.getvalue(), content_type=_SHEET_MIME, headers=headers)


def _heading(column: Column) -> str:
    in_chinese = (get_language() or "").startswith("zh")
    return column.headings[0] if in_chinese and column.headings else column.key


def _render_form(
    request: HttpRequest, kind: str, form: ImportForm, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "title": _("Bring in a file"),
        "kinds": KINDS,
        "kind_key": kind,
        "kind": KINDS[kind],
        "columns": [
            {"heading": _heading(c), "key": c.key, "required": c.required}
            for c in KINDS[kind].columns
        ],
        "form": form,
        "refusal": refusal,
        "limit": settings.IMPORT_MAX_BYTES // MEGABYTE,
    }
    context = admin.site.each_context(request) | context
    return render(request, "admin/import_file.html", context, status=status)


def _staff_of(request: HttpRequest) -> User:
    """The member of staff; the admin's door has let nobody else through."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user


def _require_operator(request: HttpRequest) -> None:
    user = _staff_of(request)
    if not (user.is_superuser or user.role == User.Role.OPERATOR):
        raise PermissionDenied


def _drain(request: HttpRequest) -> None:
    left = _DRAINED_BYTES
    while left > 0 and (chunk := request.read(MEGABYTE)):
        left -= len(chunk)
