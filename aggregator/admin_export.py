"""Taking a list of the admin along as a file: the rows, order and columns of the screen, no more.

What a reader may not see on the list is not in the file; each file is written to the audit log.
"""

from __future__ import annotations

import html
import tempfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import display_for_field, label_for_field, lookup_field
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import models
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponseRedirect,
    QueryDict,
)
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from aggregator.audit import record_event
from aggregator.list_files import Line, ListFormat, read_figure, write_csv, write_xlsx
from aggregator.list_orders import order_list, use_writer
from aggregator.models import Cooperative, ListFile
from aggregator.tasks import write_list_file

_BATCH = 1_000
# A second or three: what a person waits for, and far below what ends a web worker.
ROWS_AT_ONCE = 5_000
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


def export_list(model_admin: Any, request: HttpRequest, name: str) -> HttpResponseBase:
    """The list at the same address as a file; a long one is written by a worker meanwhile."""
    file_format = _find_format(model_admin.model, name)
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
    pages = shown.paginator
    if pages.is_capped or pages.count > (file_format.rows_at_once or ROWS_AT_ONCE):
        return redirect("list-file", _order(model_admin, request, name).pk)
    # The file's name is gone before it is sent: nothing of it stays on the disk.
    with tempfile.TemporaryDirectory(prefix="list-") as folder:
        path = Path(folder) / f"list.{name}"
        _record(model_admin, request, name, _write(shown, file_format, path))
        return send_file(path.open("rb"), model_admin.model, name)


def send_file(content: Any, model: type[models.Model], name: str) -> FileResponse:
    """A list's file as the reader keeps it: named for the list and the day."""
    file_format = _find_format(model, name)
    title = f"{capfirst(model._meta.verbose_name_plural or '')} {timezone.localdate()}.{name}"
    response = FileResponse(
        content,
        as_attachment=True,
        filename=title,
        content_type=file_format.content_type if file_format else None,
    )
    response["Cache-Control"] = "no-store"
    return response


def write_order(order: ListFile, path: Path, see: Callable[[int], None]) -> None:
    """What the one who asked would see at the order's address now, as a file.

    Raises:
        PermissionDenied: they may not see the list any more.
    """
    model = apps.get_model(order.list_name)
    model_admin: Any = admin.site.get_model_admin(model)
    file_format = _find_format(model, order.file_format)
    request = HttpRequest()
    request.method, request.GET = "GET", QueryDict(order.query)
    request.user = order.by
    if file_format is None or not model_admin.has_view_permission(request):
        raise PermissionDenied
    with translation.override(order.language):
        shown = model_admin.get_changelist_instance(request)
        _record(model_admin, request, order.file_format, _write(shown, file_format, path, see))


def _order(model_admin: Any, request: HttpRequest, name: str) -> ListFile:
    asked = request.GET.copy()
    asked.pop("p", None)
    user: Any = request.user
    order = order_list(
        user,
        list_name=model_admin.opts.label_lower,
        file_format=name,
        query=asked.urlencode(),
        language=translation.get_language() or settings.LANGUAGE_CODE,
    )
    write_list_file.delay_on_commit(order.pk)
    return order


def _write(
    shown: Any, file_format: ListFormat, path: Path, see: Callable[[int], None] | None = None
) -> int:
    labels: list[Any] = [
        label_for_field(column, shown.model, model_admin=shown.model_admin)
        for column in shown.list_display
    ]
    headings = [str(capfirst(label)) for label in labels]
    batches = _batches(shown, file_format.batch or _BATCH, see or (lambda _count: None))
    return file_format.write(path, headings, batches)


def _find_format(model: type[models.Model], name: str) -> ListFormat | None:
    return next((each for each in _formats_of(model) if each.name == name), None)


def _formats_of(model: type[models.Model]) -> list[ListFormat]:
    return [*_FORMATS, *_MORE_FORMATS.get(model, [])]


def _batches(shown: Any, size: int, see: Callable[[int], None]) -> Iterator[list[Line]]:
    """All rows of the list in its order: keys are walked, rows read a batch at a time."""
    keys = shown.queryset.values_list("pk", flat=True).iterator(chunk_size=_BATCH)
    count = 0
    while part := list(islice(keys, size)):
        rows = {row.pk: row for row in shown.whole_rows().filter(pk__in=part)}
        # A row that went away in between is left out.
        yield [(rows[key], _cells(shown, rows[key])) for key in part if key in rows]
        count += len(part)
        see(count)


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


use_writer(write_order)
