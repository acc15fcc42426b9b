"""Admin of the ground floor: who there is, what was sent, brought in and decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import (
    APPROVER,
    EVERYONE,
    OPERATOR,
    PLATFORM,
    VERIFIER,
    NamedValuesFilter,
    OnRecord,
    ReadOnlyAdmin,
    RoleGate,
    TenantAdmin,
    TenantForm,
    TenantInline,
    TenantRelatedFilter,
)
from aggregator.admin_columns import state_column, table_column
from aggregator.encryption import mask_number
from aggregator.event_names import count_text, event_name, import_kind_name, kind_name
from aggregator.identity import NumberRefused, read_account, read_identity, read_phone
from aggregator.models import (
    Agreement,
    AuditEvent,
    Cooperative,
    Household,
    ImportRun,
    Membership,
    OutboxMessage,
    PayeeAccount,
    Person,
    User,
    Village,
)
from aggregator.object_actions import ActionForm, ObjectAction, register_action
from aggregator.reveal import reveal_numbers

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
    ]
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
    fixed = ("code",)


def read_number(read: Callable[[str], str], typed: str) -> str:
    """A typed number in its stored form, or the form's error that says what to mend."""
    try:
        return read(typed) if typed else ""
    except NumberRefused as refusal:
        raise forms.ValidationError(str(refusal)) from refusal


def as_stored(read: Callable[[str], str]) -> Callable[[str], str]:
    """For searching: what cannot be a number of this kind is found nowhere, without complaint."""

    def write(typed: str) -> str:
        try:
            return read(typed)
        except NumberRefused:
            return typed

    return write


class PersonForm(TenantForm):
    def clean_identity_number(self) -> str:
        return read_number(read_identity, self.cleaned_data["identity_number"])


class PersonInline(TenantInline):
    form = PersonForm
    model = Person
    fields = ["name", "is_head", "identity_number"]
    masks = {"identity_number": "masked_identity"}

    @admin.display(description=_("identity number"))
    def masked_identity(self, row: Person) -> str:
        return row.masked_identity


class MembershipInline(TenantInline):
    model = Membership
    fields = ["starts_on", "ends_on", "shares"]


class AgreementInline(TenantInline):
    model = Agreement
    fields = ["code", "signed_on", "starts_on", "ends_on", "revoked_on"]


class PayeeAccountForm(TenantForm):
    def clean_number(self) -> str:
        number = read_number(read_account, self.cleaned_data["number"])
        kept = self.kept_numbers.get("number", "")
        # Payments name this row: another number in it would redirect what was approved already.
        if number and kept and number != kept:
            raise forms.ValidationError(
                _("The number of an account stays. Make it inactive, save, then add the new one.")
            )
        return number


class PayeeAccountInline(TenantInline):
    form = PayeeAccountForm
    model = PayeeAccount
    seen_by = OFFICE
    fields = ["holder_name", "bank_name", "number", "status"]
    masks = {"number": "masked_number"}

    @admin.display(description=_("account number"))
    def masked_number(self, row: PayeeAccount) -> str:
        return row.masked_number


class HouseholdForm(TenantForm):
    """Keeps the telephone in the one written form by which sign-in finds it."""

    def clean_phone(self) -> str:
        return read_number(read_phone, self.cleaned_data["phone"])


@admin.register(Household)
class HouseholdAdmin(TenantAdmin):
    form = HouseholdForm
    list_display = ["code", "head", "village", "phone_shown", "language"]
    list_select_related = ["village"]
    list_filter = [("village", TenantRelatedFilter), "language"]
    search_fields = ["code", "persons__name"]
    search_hashes = {
        "phone_hash": as_stored(read_phone),
        "persons__identity_hash": as_stored(read_identity),
    }
    search_help_text = _("Code, name, or a whole phone or identity number")
    fields = ["code", "village", "phone", "language"]
    masks = {"phone": "phone_shown"}
    fixed = ("code",)
    inlines = [PersonInline, MembershipInline, AgreementInline, PayeeAccountInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).with_head()

    @admin.display(description=_("head of household"), ordering="head_name")
    def head(self, row: Any) -> str:
        return row.head_name or "—"

    @admin.display(description=_("phone"))
    def phone_shown(self, row: Household) -> str:
        return row.masked_phone


class ReasonForm(ActionForm):
    reason = forms.CharField(label=_("Reason"), max_length=200)


def _show_once(request: HttpRequest, numbers: list[tuple[str, str]]) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": _("Numbers"), "numbers": numbers}
    page = TemplateResponse(request, "admin/revealed_numbers.html", context)
    page["Cache-Control"] = "no-store"
    return page


register_action(
    Household,
    ObjectAction(
        name="reveal",
        label=_("Show the numbers"),
        roles=OPERATOR | APPROVER,
        rule=reveal_numbers,
        form=ReasonForm,
        explain=lambda household: [
            _("Phone, identity and account numbers of household %(code)s are shown once.")
            % {"code": household.code},
            _("The audit log keeps your name, the time and the reason."),
        ],
        respond=_show_once,
        primary=False,
    ),
)


@admin.register(OutboxMessage)
class OutboxAdmin(ReadOnlyAdmin):
    """Holds sign-in codes: read by those who help members at the counter, nobody else."""

    seen_by = OPERATOR
    list_display = ["sent_at", "household", "phone_shown", "text"]
    list_select_related = ["household"]
    fields = ["sent_at", "household", "phone_shown", "text"]

    @admin.display(description=_("phone"))
    def phone_shown(self, row: OutboxMessage) -> str:
        return mask_number(row.phone)


class ActionFilter(NamedValuesFilter):
    names = staticmethod(event_name)


class KindFilter(NamedValuesFilter):
    names = staticmethod(kind_name)


class ImportKindFilter(NamedValuesFilter):
    names = staticmethod(import_kind_name)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    seen_by = OFFICE
    list_display = ["at", "by", "what", "kind", "object_id"]
    list_select_related = ["by"]
    list_filter = [("action", ActionFilter), ("object_type", KindFilter)]
    search_fields = ["object_id", "action"]
    date_hierarchy = "at"
    fields = ["at", "by", "what", "kind", "object_id", "told"]
    told = table_column("details", _("details"))

    @admin.display(description=_("kind"), ordering="object_type")
    def kind(self, row: AuditEvent) -> str:
        return kind_name(row.object_type)

    @admin.display(description=_("action"), ordering="action")
    def what(self, row: AuditEvent) -> str:
        return event_name(row.action)


IMPORT_TONES = {"imported": "good", "checked": "none", "refused": "bad"}


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = ["at", "kind_name", "file_name", "state", "counted", "by"]
    list_select_related = ["by"]
    list_filter = ["status", ("kind", ImportKindFilter)]
    fields = ["at", "kind_name", "file_name", "state", "counted", "by", "sha256", "error_table"]
    state = state_column("status", _("status"), IMPORT_TONES)

    @admin.display(description=_("rows"))
    def counted(self, row: ImportRun) -> str:
        return count_text(row.counts) or "—"

    @admin.display(description=_("kind"), ordering="kind")
    def kind_name(self, row: ImportRun) -> str:
        return import_kind_name(row.kind)

    @admin.display(description=_("errors"))
    def error_table(self, row: ImportRun) -> Any:
        lines = (
            (e.get("row"), e.get("column"), e.get("reason"), e.get("text")) for e in row.errors
        )
        return format_html_join("", "<p>{} · {} · {} · {}</p>", lines) or "—"
