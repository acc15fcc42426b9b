"""Filters that this floor puts on the lists of the floors below: by monitoring period."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import register_filter
from aggregator.keys import read_key
from aggregator.models import Household
from credits.models import MonitoringPeriod
from credits.pooling.pool import pool_fields, pool_records, pool_tenures
from farms.models import Field, PracticeRecord


def _chosen_period(request: HttpRequest) -> MonitoringPeriod | None:
    key = read_key(request.GET.get("period", ""))
    if key is None:
        return None
    return MonitoringPeriod.objects.for_user(request.user).filter(pk=key).first()


class PeriodFilter(admin.SimpleListFilter):
    """Rows that take part in one of the reader's own periods."""

    title = _("monitoring period")
    parameter_name = "period"

    def lookups(self, request: HttpRequest, _admin: Any) -> list[tuple[str, str]]:
        periods = MonitoringPeriod.objects.for_user(request.user).select_related("project")
        return [(str(period.pk), str(period)) for period in periods]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return rows
        period = _chosen_period(request)
        return rows.none() if period is None else self.rows_in(rows, period)

    def rows_in(self, rows: QuerySet[Any], period: MonitoringPeriod) -> QuerySet[Any]:
        raise NotImplementedError


def _span(period: MonitoringPeriod) -> dict[str, Any]:
    return {"starts_on": period.starts_on, "ends_on": period.ends_on}


class HouseholdPeriodFilter(PeriodFilter):
    def rows_in(self, rows: QuerySet[Any], period: MonitoringPeriod) -> QuerySet[Any]:
        held = pool_tenures(period.project_id, **_span(period))
        return rows.filter(pk__in=held.values("household"))


class FieldPeriodFilter(PeriodFilter):
    def rows_in(self, rows: QuerySet[Any], period: MonitoringPeriod) -> QuerySet[Any]:
        held = pool_fields(period.project_id, **_span(period))
        return rows.filter(pk__in=held.order_by().values("pk"))


class RecordPeriodFilter(PeriodFilter):
    def rows_in(self, rows: QuerySet[Any], period: MonitoringPeriod) -> QuerySet[Any]:
        return rows.filter(pk__in=pool_records(period.project_id, **_span(period)).values("pk"))


class StandingFilter(admin.SimpleListFilter):
    """Fields as they are at the end of the period chosen beside it: not those they came from."""

    title = _("fields of that day")
    parameter_name = "stands"

    def lookups(self, request: HttpRequest, _admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("on the period's last day, or today"))]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        period = _chosen_period(request)
        if self.value() != "yes" or period is None:
            return rows
        day = min(timezone.localdate(), period.ends_on)
        return rows.filter(
            Q(starts_on__isnull=True) | Q(starts_on__lte=day),
            Q(ends_on__isnull=True) | Q(ends_on__gte=day),
        )


class RecordedFilter(admin.SimpleListFilter):
    """Fields with or without a practice record in the period chosen beside it."""

    title = _("practice records")
    parameter_name = "recorded"

    def lookups(self, request: HttpRequest, _admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("recorded")), ("no", _("missing"))]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        period = _chosen_period(request)
        if self.value() not in {"yes", "no"} or period is None:
            return rows
        recorded = pool_records(period.project_id, **_span(period)).values("field")
        return (
            rows.filter(pk__in=recorded) if self.value() == "yes" else rows.exclude(pk__in=recorded)
        )


register_filter(Household, HouseholdPeriodFilter)
register_filter(Field, FieldPeriodFilter)
register_filter(Field, StandingFilter)
register_filter(Field, RecordedFilter)
register_filter(PracticeRecord, RecordPeriodFilter)
