"""The page of one record's history in the admin, for whichever kind of record; gone ones, too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aggregator.change_groups import Group, find_transactions
from aggregator.change_words import Difference, Wording, find_model
from aggregator.doors import tell_door
from aggregator.event_names import event_name, kind_name
from aggregator.models import AuditEvent, Cooperative, ImportRun, RecordChange, User
from aggregator.record_history import (
    Moment,
    Subject,
    find_subject,
    is_on_record,
    read_history,
)
from aggregator.watched import list_watches

_INSIDERS = frozenset({User.Role.OPERATOR, User.Role.APPROVER, User.Role.VIEWER})


def history_address(kind: str, pk: int) -> str:
    return reverse("admin:record_history", args=[kind, pk])


def may_see_kind(request: HttpRequest, kind: str) -> bool:
    """Whether the reader may see such rows, by the rights of their page or of their parent's."""
    model = find_model(kind)
    if model is None:
        return False
    if shown_by := admin.site._registry.get(model):
        return bool(shown_by.has_view_permission(request))
    inlines = [inline for _parent, inline in _all_inlines() if inline.model is model]
    seen_by = frozenset().union(*(inline.seen_by for inline in inlines)) if inlines else _INSIDERS
    user: Any = request.user
    return bool(user.is_superuser or user.role in seen_by)


def visible_kinds(request: HttpRequest) -> list[str]:
    return [watch.kind for watch in list_watches() if may_see_kind(request, watch.kind)]


def show_history(request: HttpRequest, record_kind: str, object_id: int) -> HttpResponse:
    """Who did what to the record and its parts, from what to what."""
    kind, model = record_kind, find_model(record_kind)
    if model is None or not may_see_kind(request, kind) or object_id >= 2**63:
        raise Http404
    row = _find_row(request, model, object_id)
    subject = find_subject(
        _owner(request, kind, object_id, row),
        kind=kind,
        pk=object_id,
        parts=[part for part in _parts(model) if may_see_kind(request, _kind(part[0]))],
    )
    if row is None and not is_on_record(subject):
        raise Http404
    page = read_history(subject, after=request.GET.get("after", ""))
    lines = [line for moment in page.moments for line in moment.lines]
    wording, together = Wording(lines), find_transactions(lines)
    context = {
        **admin.site.each_context(request),
        "title": _title(model, row, object_id, subject),
        "opts": model._meta,
        "has_list": model in admin.site._registry,
        "original": row,
        "row_address": _row_address(request, row),
        "moments": [_tell(moment, wording, together) for moment in page.moments],
        "following": page.following,
        "is_first": not request.GET.get("after"),
    }
    return TemplateResponse(request, "admin/record_history.html", context)


def _find_row(request: HttpRequest, model: type[models.Model], pk: int) -> Any:
    """The row if it still stands; a stranger's is as one that never was."""
    rows = model._default_manager.all()
    user: Any = request.user
    if user.is_superuser:
        return rows.filter(pk=pk).first()
    owner = {"pk" if model is Cooperative else "cooperative_id": user.cooperative_id}
    return rows.filter(**owner).filter(pk=pk).first()


def _owner(request: HttpRequest, kind: str, pk: int, row: Any) -> Cooperative:
    if isinstance(row, Cooperative):
        return row
    if row is not None and row.cooperative is not None:
        return row.cooperative  # type: ignore[no-any-return]
    user: Any = request.user
    lines = RecordChange.objects.for_user(user).filter(object_type=kind, object_id=pk)
    line = lines.select_related("cooperative").first()
    if line is None:
        raise Http404
    return line.cooperative  # type: ignore[no-any-return]


def _all_inlines() -> Iterator[tuple[type[models.Model], Any]]:
    for model, shown_by in admin.site._registry.items():
        for inline in shown_by.inlines:
            yield model, inline


def _kind(model: type[models.Model]) -> str:
    return str(model._meta.model_name)


def _parts(model: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """The models shown as rows of this one's page, with the column that names it."""
    for parent, inline in _all_inlines():
        if parent is not model or find_model(_kind(inline.model)) is None:
            continue
        for field in inline.model._meta.concrete_fields:
            is_link = isinstance(field, models.ForeignKey) and field.related_model is model
            if is_link and field.name == (inline.fk_name or field.name):
                yield inline.model, field.column


def _title(model: type[models.Model], row: Any, pk: int, subject: Subject) -> str:
    kind = capfirst(model._meta.verbose_name)
    if row is not None:
        return f"{kind} {row}"
    own = RecordChange.objects.for_cooperative(subject.cooperative)
    last = own.filter(object_type=_kind(model), object_id=pk).first()
    name = Wording([last]).subject(last) if last else f"#{pk}"
    return _("%(record)s (removed)") % {"record": f"{kind} {name}"}


def _row_address(request: HttpRequest, row: Any) -> str:
    shown_by = admin.site._registry.get(type(row))
    if row is None or shown_by is None or not shown_by.has_view_permission(request, row):
        return ""
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return reverse(name, args=[row.pk])


def _tell(moment: Moment, wording: Wording, together: dict[int, Group]) -> dict[str, Any]:
    if moment.event:
        return _tell_event(moment.event)
    first = moment.lines[0]
    group = together[first.pk]
    others = group.count - len(moment.lines)
    return {
        "bringing": tell_bringing(group.run) if group.run else "",
        "others": _tell_others(others) if others else "",
        "others_address": change_list_address(first.change_set),
        "at": moment.at,
        "who": tell_who(first),
        "via": tell_door(first.via),
        "lines": [tell_line(line, wording) for line in moment.lines],
    }


def _tell_others(count: int) -> str:
    return ngettext(
        "%(count)s other row was written with it",
        "%(count)s other rows were written with it",
        count,
    ) % {"count": f"{count:,}"}


def tell_bringing(run: ImportRun) -> str:
    """The file that brought a change in, with the way to its import."""
    address = reverse("admin:aggregator_importrun_change", args=[run.pk])
    return format_html(
        '<a href="{}">{}</a>', address, _("Brought in by %(file)s") % {"file": run.file_name}
    )


def change_list_address(change_set: int, kind: str = "", action: str = "") -> str:
    """The list of the changes that were written together, of all kinds or of one."""
    asked = {"change_set": change_set, "object_type": kind, "action__exact": action}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{reverse('admin:aggregator_recordchange_changelist')}?{query}"


def kind_plural(kind: str, count: int) -> str:
    """How many of what: ``240 households``."""
    model = find_model(kind)
    name = model._meta.verbose_name_plural if model else kind_name(kind)
    return _("%(count)s %(kind)s") % {"count": f"{count:,}", "kind": name}


def _tell_event(event: AuditEvent) -> dict[str, Any]:
    who = str(event.by) if event.by else _("the program")
    return {"at": event.at, "who": who, "event": capfirst(event_name(event.action))}


def tell_who(line: RecordChange) -> str:
    if line.household_id:
        name = line.household if _is_there(line) else f"#{line.household_id}"
        return _("household %(code)s") % {"code": name}
    return str(line.by) if line.by_id else _("the program")


def _is_there(line: RecordChange) -> bool:
    return "household" in line._state.fields_cache and line.household is not None


def tell_line(line: RecordChange, wording: Wording) -> dict[str, Any]:
    differences: list[Difference] = wording.differences(line)
    return {
        "kind": kind_name(line.object_type),
        "name": wording.subject(line),
        "action": line.action,
        "done": line.get_action_display(),
        "address": history_address(line.object_type, line.object_id),
        "differences": differences,
    }
