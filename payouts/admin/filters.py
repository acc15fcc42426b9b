"""Filters of shares by period and by whether they are paid, as the home page counts them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from credits.admin.filters import PeriodFilter
from credits.models import MonitoringPeriod
from payouts.home import IS_PAID, NOTHING_TO_PAY, stuck_payments, with_paid
from payouts.models import Settlement


class SharePeriodFilter(PeriodFilter):
    def rows_in(self, rows: QuerySet[Any], period: MonitoringPeriod) -> QuerySet[Any]:
        return rows.filter(settlement__period=period)


class PaidFilter(admin.SimpleListFilter):
    """Shares of approved settlements, by whether the household's payments have reached them."""

    title = _("paid")
    parameter_name = "paid"

    def lookups(self, request: HttpRequest, _admin: Any) -> list[tuple[str, Any]]:
        return [
            ("yes", _("paid")),
            ("no", _("not yet paid")),
            ("nothing", _("nothing to pay")),
        ]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        wanted = {"yes": IS_PAID, "no": ~NOTHING_TO_PAY & ~IS_PAID, "nothing": NOTHING_TO_PAY}
        condition = wanted.get(self.value() or "")
        if condition is None:
            return rows
        approved = rows.filter(settlement__status=Settlement.Status.APPROVED)
        return with_paid(approved).filter(condition)


class StuckFilter(admin.SimpleListFilter):
    """Held and failed payments that no later payment to the household has overtaken."""

    title = _("to be mended")
    parameter_name = "stuck"

    def lookups(self, request: HttpRequest, _admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("nothing paid since"))]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return stuck_payments(rows) if self.value() == "yes" else rows
