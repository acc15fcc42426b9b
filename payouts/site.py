"""The staff's admin site: Django's own, with the house's name, style, sign-in and home page."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from aggregator.tenancy import VERIFIER

# The menu, in the order of the work and not of the apps; what is rarely opened comes last.
GROUPS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    (
        "members",
        _("Members"),
        ("Household", "Agreement", "PayeeAccount", "DuplicatePair", "Village"),
    ),
    ("land", _("Land"), ("Field", "Tenure", "Overlap", "OverlapScan", "Observation")),
    ("practices", _("Practices and evidence"), ("Season", "PracticeRecord", "Evidence")),
    (
        "credits",
        _("Credits"),
        (
            *("Project", "Enrolment", "MonitoringPeriod", "Verification", "SampledField"),
            "VerifierAssignment",
            *(
                "Issuance",
                "CreditBlock",
                "Lot",
                "Buyer",
                "Removal",
                "Reversal",
                "ClawbackProposal",
                "BlockEvent",
                "QuantificationRun",
                "FieldResult",
                "SoilCampaign",
                "SoilReport",
                "SoilPoint",
                "SoilLayer",
            ),
        ),
    ),
    (
        "money",
        _("Money"),
        (
            *("Receipt", "Settlement", "Share", "Statement", "VillageDocument"),
            *("PaymentBatch", "Payment", "WaterfallRule", "Account", "JournalEntry", "Posting"),
        ),
    ),
    ("log", _("Log"), ("ImportRun", "OutboxMessage", "AuditEvent", "RecordChange")),
    ("office", _("Office"), ("Cooperative", "User", "AgreementTemplate")),
)
_PLACES = {name: place for place, name in enumerate(n for *_w, names in GROUPS for n in names)}


def _menu_group(key: str, words: Any, models: list[dict[str, Any]]) -> dict[str, Any]:
    """A heading of the menu with its pages; empty where the reader may see none of them."""
    if not models:
        return {}
    return {"app_label": key, "name": words, "models": models, "has_module_perms": True}


class TianhuiAdminSite(AdminSite):
    site_header = _("Tianhui 田汇")
    site_title = _("Tianhui 田汇")
    index_title = _("Along the line")
    site_url = None
    # Everyone with an account is staff of a cooperative: no second flag to set and forget.
    login_form = AuthenticationForm

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        # An independent verifier may belong to no cooperative at all.
        return user.is_active and (
            user.is_superuser
            or getattr(user, "cooperative_id", None) is not None
            or getattr(user, "role", "") == VERIFIER
        )

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        apps = list(self._build_app_dict(request, app_label).values())
        models = [model for app in apps for model in app["models"]]
        models.sort(key=lambda model: _PLACES.get(model["object_name"], len(_PLACES)))
        if app_label is not None:
            return [{**app, "models": models} for app in apps]
        groups = [
            _menu_group(key, words, [each for each in models if each["object_name"] in names])
            for key, words, names in GROUPS
        ]
        others = [each for each in models if each["object_name"] not in _PLACES]
        return [group for group in (*groups, _menu_group("other", _("Other"), others)) if group]

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
        user: Any = request.user
        if user.role == VERIFIER and not user.is_superuser:
            # The cooperative's figures are not his: his own projects are.
            return redirect("verifier-start")
        # Wait for the registry: this module is named in the settings of the admin itself.
        from payouts.admin.home_page import chosen_cooperative, home_context

        choice = chosen_cooperative(request)
        context = {**home_context(request.user, choice["cooperative"]), **choice}
        return super().index(request, {**context, **(extra_context or {})})
