"""Admin of the changes of records: who changed what, from what to what, over all records."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import ReadOnlyAdmin
from aggregator.admin_lists import CappedPaginator, TenantChangeList
from aggregator.change_groups import MOST_GROUPS, Group, find_groups, leading
from aggregator.change_words import Wording
from aggregator.doors import tell_door
from aggregator.event_names import kind_name
from aggregator.history_views import (
    change_list_address,
    history_address,
    kind_plural,
    show_history,
    tell_bringing,
    tell_line,
    tell_who,
    visible_kinds,
)
from aggregator.keys import read_key
from aggregator.models import RecordChange, User
from aggregator.tenancy import VERIFIER, TenantQuerySet


class ChangedKindFilter(admin.SimpleListFilter):
    """By the kinds the reader may see: asking the log which are in it would read all of it."""

    title = _("kind")
    parameter_name = "object_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        named = ((kind, kind_name(kind)) for kind in visible_kinds(request))
        return sorted(named, key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(object_type=self.value()) if self.value() else queryset


class PersonFilter(admin.SimpleListFilter):
    """By member of staff: the reader's colleagues only."""

    title = _("who")
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        staff = User.objects.order_by("username")
        if not request.user.is_superuser:
            staff = staff.filter(cooperative=request.user.cooperative_id)
        return [(str(person.pk), str(person)) for person in staff]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value() or ""
        key = read_key(chosen)
        return queryset if key is None else queryset.filter(by=key)


class WordedLines(TenantQuerySet):
    """Lines read with the names of all rows they speak of, fetched together."""

    def _fetch_all(self) -> None:
        is_read = self._result_cache is not None
        super()._fetch_all()
        if not is_read:
            lines = [each for each in self._result_cache if isinstance(each, RecordChange)]
            wording = Wording(lines, brief=True)
            for line in lines:
                line.wording = wording


class GroupedChangeList(TenantChangeList):
    """One line for all that one transaction did to rows of one kind, until they are asked for."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        rows = super().get_queryset(request, exclude_parameters)
        if "change_set" in self.params:
            return rows
        user: Any = request.user
        return leading(
            rows,
            owner=None if user.is_superuser or user.role == VERIFIER else user.cooperative_id,
            oldest=not str(rows.query.order_by[0]).startswith("-"),
            between=(self._moment("at__gte"), self._moment("at__lt")),
        )

    def _moment(self, asked: str) -> datetime | None:
        """An end of the time that the filter leaves, if it has one."""
        typed = self.filter_params.get(asked)
        moment = RecordChange._meta.get_field("at").to_python(typed[-1]) if typed else None
        return make_aware(moment) if moment and is_naive(moment) else moment

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if "change_set" in self.params:
            return
        groups = find_groups(self.result_list)
        for line in self.result_list:
            line.group = groups[line.pk]


@admin.register(RecordChange)
class RecordChangeAdmin(ReadOnlyAdmin):
    """Independent verifiers read it, too: personal numbers are never in it."""

    list_display = ["at", "who", "what", "record", "told", "together"]
    list_display_links = ["at"]
    list_select_related = ["by", "household", "cooperative"]
    list_filter = ["action", ("at", admin.DateFieldListFilter), ChangedKindFilter, PersonFilter]
    ordering = ["-at", "-pk"]
    # What has an index; the rest is filtered by.
    sortable_by = ["at"]
    fields = ["at", "who", "door", "what", "record", "told_whole", "together"]

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(show_history)
        return [
            path("of/<slug:record_kind>/<int:object_id>/", page, name="record_history"),
            *super().get_urls(),
        ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[TenantChangeList]:
        return GroupedChangeList

    def get_paginator(self, request: HttpRequest, *args: Any, **kwargs: Any) -> CappedPaginator:
        pages = super().get_paginator(request, *args, **kwargs)
        pages.most = MOST_GROUPS
        return pages

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).filter(object_type__in=visible_kinds(request))
        return WordedLines(model=rows.model, query=rows.query, using=rows.db)

    @admin.display(description=_("who"), ordering="by")
    def who(self, line: RecordChange) -> str:
        return tell_who(line)

    @admin.display(description=_("where"))
    def door(self, line: RecordChange) -> str:
        return tell_door(line.via) or "—"

    @admin.display(description=_("what"), ordering="action")
    def what(self, line: RecordChange) -> str:
        return str(line.get_action_display())

    @admin.display(description=_("record"), ordering="object_type")
    def record(self, line: RecordChange) -> str:
        group = _group(line)
        if group.count > 1:
            address = change_list_address(line.change_set, line.object_type, line.action)
            return format_html(
                '<a href="{}">{}</a>', address, kind_plural(line.object_type, group.count)
            )
        return format_html(
            '<a href="{}">{} {}</a>',
            history_address(line.object_type, line.object_id),
            kind_name(line.object_type),
            _wording(line).subject(line),
        )

    @admin.display(description=_("from → to"))
    def told(self, line: RecordChange) -> str:
        group = _group(line)
        if group.run:
            return tell_bringing(group.run)
        if group.count > 1 or line.action != RecordChange.Action.CHANGED:
            return "—"
        differences = _wording(line).differences(line)
        told = ((each.label, each.before, each.after) for each in differences)
        return format_html_join("", "<div>{}: {} → {}</div>", told)

    @admin.display(description=_("from → to"))
    def told_whole(self, line: RecordChange) -> str:
        return render_to_string(
            "admin/record_change.html", {"line": tell_line(line, Wording([line]))}
        )

    @admin.display(description=_("written together"))
    def together(self, line: RecordChange) -> str:
        address = change_list_address(line.change_set)
        return format_html('<a href="{}">{}</a>', address, _("all of these"))


def _group(line: RecordChange) -> Group:
    return getattr(line, "group", None) or Group(1, None)


def _wording(line: RecordChange) -> Wording:
    return getattr(line, "wording", None) or Wording([line])
