"""Admin of households: their people, shares, agreements and accounts; numbers on request."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from aggregator.admin.agreements import AgreementInline
from aggregator.admin.staff import OFFICE
from aggregator.admin.typed_numbers import as_stored, read_number
from aggregator.admin_base import (
    APPROVER,
    OPERATOR,
    TenantAdmin,
    TenantForm,
    TenantInline,
    TenantRelatedFilter,
)
from aggregator.identity import read_account, read_identity, read_phone
from aggregator.models import Household, Membership, PayeeAccount, Person
from aggregator.object_actions import ActionForm, ObjectAction, register_action
from aggregator.reveal import reveal_numbers


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
