"""The staff's admin site: Django's own, with the house's name, style, sign-in and home page."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

# Along the line, not along the alphabet; a model not named here comes after those that are.
APP_ORDER = ("aggregator", "farms", "credits", "payouts")
MODEL_ORDER = (
    *(
        "Household",
        "PayeeAccount",
        "DuplicatePair",
        "Agreement",
        "AgreementTemplate",
        "Village",
        "Cooperative",
        "User",
        "ImportRun",
        "OutboxMessage",
        "AuditEvent",
    ),
    *("Field", "Tenure", "Season", "PracticeRecord", "Evidence"),
    *("Project", "Enrolment", "MonitoringPeriod", "QuantificationRun", "FieldResult"),
    *("Verification", "SampledField", "Issuance", "CreditBlock", "Buyer", "Lot"),
    *("Receipt", "WaterfallRule", "Settlement", "Share", "Statement", "VillageDocument"),
    *("PaymentBatch", "Payment", "Account", "JournalEntry", "Posting"),
)


def _place(name: str, order: tuple[str, ...]) -> int:
    return order.index(name) if name in order else len(order)


class TianhuiAdminSite(AdminSite):
    site_header = _("Tianhui 田汇")
    site_title = _("Tianhui 田汇")
    index_title = _("Along the line")
    site_url = None
    # Everyone with an account is staff of a cooperative: no second flag to set and forget.
    login_form = AuthenticationForm

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return user.is_active and (
            user.is_superuser or getattr(user, "cooperative_id", None) is not None
        )

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        apps = list(self._build_app_dict(request, app_label).values())
        for app in apps:
            app["models"].sort(key=lambda model: _place(model["object_name"], MODEL_ORDER))
        return sorted(apps, key=lambda app: _place(app["app_label"], APP_ORDER))

    def get_urls(self) -> list[Any]:
        guide = path("guide/", self.admin_view(self.guide), name="guide")
        return [guide, *super().get_urls()]

    def guide(self, request: HttpRequest) -> HttpResponse:
        """The order of work, from the three files to the payment."""
        from payouts.admin.guide import guide_context

        context = {**self.each_context(request), **guide_context()}
        return TemplateResponse(request, "admin/guide.html", context)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # Wait for the registry: this module is named in the settings of the admin itself.
        from payouts.admin.home_page import chosen_cooperative, home_context

        choice = chosen_cooperative(request)
        context = {**home_context(request.user, choice["cooperative"]), **choice}
        return super().index(request, {**context, **(extra_context or {})})
