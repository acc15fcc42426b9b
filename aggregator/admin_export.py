"""Taking a list of the admin along as a file: the rows, order and columns of the screen, no more.

What a reader may not see on the list is not in the file; each file is written to the audit log.
"""

from __future__ import annotations

import html
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import display_for_field, label_for_field, lookup_field
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import models
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from aggregator.audit import record_event
from aggregator.list_files import Line, ListFormat, read_figure, write_csv, write_xlsx
from aggregator.models import Cooperative

_BATCH = 1_000
_EMPTY = "—"
_FORMATS = [
    ListFormat(
        "xlsx",
        "Excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        write_xlsx,
    ),
    ListFormat("csv", "CSV", "text/csv; charset=utf-8", write_csv),
]
_MORE_FORMATS: dict[type[models.Model], list[ListFormat]] = {}


def register_format(model: type[models.Model], file_format: ListFormat) -> None:
    """Let a floor add a file format to the list of `model`."""
    _MORE_FORMATS.setdefault(model, []).append(file_format)


def offered_files(model_admin: Any, request: HttpRequest) -> list[dict[str, Any]]:
    """Links that take along what this address shows."""
    name = f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_export"
    asked = request.GET.copy()
    asked.pop("p", None)
    query = f"?{asked.urlencode()}" if asked else ""
    return [
        {"label": each.label, "url": reverse(name, args=[each.name]) + query}
        for each in _formats_of(model_admin.model)
    ]


def export_list(model_admin: Any, request: HttpRequest, name: str) -> HttpResponse:
    """The list at the same address as a file."""
    file_format = next((f for f in _formats_of(model_admin.model) if f.name == name), None)
    if file_format is None:
        raise Http404
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    try:
        shown = model_admin.get_changelist_instance(request)
    except IncorrectLookupParameters:
        opts = model_admin.opts
        back = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
        return HttpResponseRedirect(f"{back}?e=1")
    headings = [
        str(capfirst(label_for_field(column, shown.model, model_admin=model_admin)))
        for column in shown.list_display
    ]
    # The file's name is gone before it is sent: nothing of it stays on the disk.
    with tempfile.TemporaryDirectory(prefix="list-") as folder:
        path = Path(folder) / f"list.{name}"
        count = file_format.write(path, headings, _batches(shown))
        content = path.open("rb")
    _record(model_admin, request, name, count)
    title = f"{capfirst(model_admin.opts.verbose_name_plural)} {timezone.localdate()}.{name}"
    response = FileResponse(
        content, as_attachment=True, filename=title, content_type=file_format.content_type
    )
    response["Cache-Control"] = "no-store"
    return response


def _formats_of(model: type[models.Model]) -> list[ListFormat]:
    return [*_FORMATS, *_MORE_FORMATS.get(model, [])]


def _batches(shown: Any) -> Iterator[list[Line]]:
    """All rows of the list in its order: keys are walked, rows read a batch at a time."""
    keys = shown.queryset.values_list("pk", flat=True).iterator(chunk_size=_BATCH)
    while part := list(islice(keys, _BATCH)):
        rows = {row.pk: row for row in shown.whole_rows().filter(pk__in=part)}
        # A row that went away in between is left out.
        yield [(rows[key], _cells(shown, rows[key])) for key in part if key in rows]


def _cells(shown: Any, row: models.Model) -> list[Any]:
    return [_cell(shown.model_admin, column, row) for column in shown.list_display]


def _cell(model_admin: Any, name: Any, row: models.Model) -> Any:
    """What a column shows of a row: days and numbers as such, the rest as its words."""
    try:
        field, attribute, value = lookup_field(name, row, model_admin)
    except ObjectDoesNotExist:
        return None
    if field is not None and field.remote_field:
        value = getattr(row, field.name)
    elif field is not None and field.flatchoices:
        value = display_for_field(value, field, _EMPTY)
    if getattr(attribute, "boolean", False) or isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, SafeString):
        text = " ".join(html.unescape(strip_tags(value)).split())
        return read_figure(text) if 'class="num"' in value else text
    if value is None or value == _EMPTY:
        return None
    return value if isinstance(value, int | float) or hasattr(value, "isoformat") else str(value)


def _record(model_admin: Any, request: HttpRequest, name: str, count: int) -> None:
    """What was searched for stays out of the log: it may be somebody's number."""
    told = {"list": model_admin.opts.model_name, "format": name, "rows": count}
    user: Any = request.user
    owners = [user.cooperative] if user.cooperative_id else Cooperative.objects.all()
    for owner in owners:
        record_event(owner, action="export_list", by=user, **told)
