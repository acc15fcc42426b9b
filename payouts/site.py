"""The staff's admin site: Django's own, with the house's name, style, sign-in and home page."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _


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

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # Wait for the registry: this module is named in the settings of the admin itself.
        from payouts.admin.home_page import chosen_cooperative, home_context

        choice = chosen_cooperative(request)
        context = {**home_context(request.user, choice["cooperative"]), **choice}
        return super().index(request, {**context, **(extra_context or {})})
