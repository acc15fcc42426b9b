"""Filters of the practice records, and of the fields by what the grain guard finds."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import register_filter
from aggregator.keys import read_key
from aggregator.models import Household
from farms.evidence_checks import suspicious, with_doubts
from farms.grain_guard import WORDINGS
from farms.models import Evidence, Field, GrainFlag, Practice


class EvidenceFilter(admin.SimpleListFilter):
    """Which claims are shown by a file, which are not, and which should be looked at."""

    title = _("evidence")
    parameter_name = "evidence"

    def lookups(self, _request: HttpRequest, _admin: Any) -> list[tuple[str, Any]]:
        return [
            ("has", _("has evidence")),
            ("lacks", _("lacks evidence")),
            ("doubtful", _("is doubtful")),
            ("silent", _("says no place or time")),
        ]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        evidence = Evidence.objects.filter(record=OuterRef("pk"))
        # Few are doubtful: they are found once, and not asked for record by record.
        own: Any = Evidence.objects.for_user(request.user).order_by()  # type: ignore[arg-type]
        tests = {
            "has": lambda: Exists(evidence),
            "lacks": lambda: ~Exists(evidence),
            "doubtful": lambda: Q(pk__in=suspicious(own).values("record")),
            "silent": lambda: Q(pk__in=with_doubts(own, ["no_place", "no_time"]).values("record")),
        }
        test = tests.get(self.value() or "")
        return rows.filter(test()) if test else rows


class PracticeFilter(admin.SimpleListFilter):
    """By the practices we know: asking the column for its values would read every row."""

    title = _("practice")
    parameter_name = "practice"

    def lookups(self, _request: HttpRequest, _admin: Any) -> list[tuple[str, Any]]:
        return list(Practice.choices)

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(practice=self.value()) if self.value() else rows


class WorkedByFilter(admin.SimpleListFilter):
    """One household's fields, when a link names it: a list of all households helps nobody."""

    title = _("household")
    parameter_name = "household"

    def lookups(self, request: HttpRequest, _admin: Any) -> list[tuple[str, Any]]:
        key = read_key(request.GET.get("household", ""))
        if key is None:
            return []
        found = Household.objects.for_user(request.user).filter(pk=key)  # type: ignore[arg-type]
        return [(str(household.pk), str(household)) for household in found]

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        key = read_key(self.value() or "")
        if key is None:
            return rows
        return rows.filter(field__in=Field.objects.filter(tenures__household=key).values("pk"))


class GuardFilter(admin.SimpleListFilter):
    """Fields by what the grain guard finds on them."""

    title = _("grain guard")
    parameter_name = "guard"

    def lookups(self, _request: HttpRequest, _admin: Any) -> list[tuple[str, Any]]:
        found = [("any", _("anything found")), ("refuse", _("against the rules"))]
        return [*found, *((rule, wording.name) for rule, wording in WORDINGS.items())]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if not chosen:
            return rows
        flags = GrainFlag.objects.for_user(request.user).order_by()  # type: ignore[arg-type]
        if chosen == "refuse":
            flags = flags.filter(severity=GrainFlag.Severity.REFUSE)
        elif chosen != "any":
            flags = flags.filter(rule=chosen)
        # Few are flagged: they are found once, and not asked for field by field.
        return rows.filter(pk__in=flags.values("field"))


register_filter(Field, GuardFilter)
