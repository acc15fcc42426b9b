"""Admin of cooperatives, their staff and their villages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import (
    APPROVER,
    EVERYONE,
    PLATFORM,
    VERIFIER,
    OnRecord,
    RoleGate,
    TenantAdmin,
)
from aggregator.models import Cooperative, User, Village

admin.site.unregister(Group)

OFFICE = EVERYONE - VERIFIER


@admin.register(Cooperative)
class CooperativeAdmin(TenantAdmin):
    """One's own cooperative; new ones are the platform's."""

    form = forms.ModelForm
    changed_by = APPROVER
    list_display = ["name", "code", "currency", "area_unit", "objection_days"]
    fields = [
        "code",
        "name",
        "name_en",
        "currency",
        "area_unit",
        "phone",
        "objection_days",
        "payment_threshold_minor",
        "payee_cooling_days",
    ]
    help_texts = {
        "payment_threshold_minor": _(
            "Balances below this stay owed until they reach it; in fen or cents. A household that "
            "has left is paid what is owed to it in the next batch, however little."
        ),
        "phone": _("Stands in messages to farmers and in agreements, for questions."),
        "area_unit": _("In which areas are shown; they are kept in square metres."),
        "objection_days": _("How long a statement can be objected to after it is issued."),
    }
    fixed = ("code", "currency")

    def owner_id(self, row: Any) -> int | None:
        return row.pk

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = Cooperative.objects.all()
        return rows if request.user.is_superuser else rows.filter(pk=request.user.cooperative_id)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return self.list_display

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return []

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return list(self.fixed) if obj else []


@admin.register(User)
class StaffAdmin(OnRecord, RoleGate, UserAdmin):  # type: ignore[type-arg]
    """Seen by colleagues, managed by the platform: nobody gives himself a role."""

    form = UserAdmin.form
    seen_by = OFFICE
    changed_by = PLATFORM
    list_display = ["username", "first_name", "last_name", "role", "is_active", "cooperative"]
    list_select_related = ["cooperative"]
    list_filter = ["role", "is_active"]
    actions = None
    search_fields = ["username", "first_name", "last_name"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Person"), {"fields": ["first_name", "last_name", "email"]}),
        (_("Work"), {"fields": ["cooperative", "role", "is_active", "is_superuser"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "usable_password", "password1", "password2"]}),
        (_("Work"), {"fields": ["cooperative", "role"]}),
    ]
    filter_horizontal = []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = User.objects.all()
        if request.user.is_superuser:
            return rows
        return rows.filter(cooperative_id=request.user.cooperative_id)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if request.user.is_superuser:
            return super().get_fieldsets(request, obj)
        shown = ["username", "first_name", "last_name", "role", "is_active"]
        return [(None, {"fields": shown})]


@admin.register(Village)
class VillageAdmin(TenantAdmin):
    list_display = ["code", "name", "name_en"]
    list_display_links = ["code", "name"]
    search_fields = ["code", "name", "name_en"]
    fields = ["code", "name", "name_en"]
    help_texts = {
        "code": _(
            "As in your files, for example 01 or the village's 12 digits; it stays for good."
        ),
        "name_en": _("For readers of English; may stay empty."),
    }
    fixed = ("code",)
