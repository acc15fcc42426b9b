"""Admin of households: their people, shares, agreements and accounts; numbers on request."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from aggregator.admin.agreements import AgreementInline
from aggregator.admin.payees import PayeeAccountInline
from aggregator.admin.reveals import RevealForm, show_once
from aggregator.admin.successions import InheritanceInline, SuccessionInline
from aggregator.admin.typed_numbers import as_stored, read_number
from aggregator.admin_base import (
    APPROVER,
    OPERATOR,
    ReadOnlyInline,
    TenantAdmin,
    TenantForm,
    TenantInline,
    TenantRelatedFilter,
)
from aggregator.contacts import change_phone
from aggregator.encryption import hash_number
from aggregator.identity import read_identity, read_phone
from aggregator.models import Household, Membership, Person
from aggregator.object_actions import ObjectAction, register_action
from aggregator.reveal import reveal_numbers


class PersonForm(TenantForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "name" in self.fields:
            self.fields["name"].label = _("Person's name")

    def clean_identity_number(self) -> str:
        return read_number(read_identity, self.cleaned_data["identity_number"])


class PersonFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """What no person's form can see alone: one head, and an identity number one person's only."""

    def clean(self) -> None:
        super().clean()
        filled = [form for form in self.forms if form.has_changed() or form.instance.pk]
        heads = [form for form in filled if form.cleaned_data.get("is_head")]
        for form in heads[1:]:
            form.add_error("is_head", _("A household has one head: tick one person."))
        for form in heads:
            if form.instance.left_on is not None:
                form.add_error("is_head", _("This person has left the household."))
        self._refuse_known_numbers(filled)

    def _refuse_known_numbers(self, filled: list[Any]) -> None:
        typed: set[str] = set()
        for form in filled:
            if "identity_number" not in form.changed_data or form.errors:
                continue
            number_hash = hash_number(form.cleaned_data["identity_number"])
            bearers = Person.objects.filter(
                cooperative=self.instance.cooperative_id, identity_hash=number_hash
            ).exclude(pk=form.instance.pk)
            bearer = bearers.select_related("household").first()
            code = bearer.household if bearer else self.instance if number_hash in typed else None
            if number_hash and code is not None:
                form.add_error(
                    "identity_number",
                    _("This identity number is on record for household %(code)s.") % {"code": code},
                )
            typed.add(number_hash)


class PersonInline(TenantInline):
    form = PersonForm
    formset = PersonFormSet
    model = Person
    fields = ["name", "is_head", "identity_number", "left_on", "leaving"]
    readonly_fields = ["left_on", "leaving"]
    masks = {"identity_number": "masked_identity"}

    @admin.display(description=_("identity number"))
    def masked_identity(self, row: Person) -> str:
        return row.masked_identity


class MembershipInline(ReadOnlyInline):
    model = Membership
    fields = ["starts_on", "ends_on", "shares"]
    show_change_link = False


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
    search_fields = ["^code", "^persons__name"]
    # What has an index; the rest is filtered by.
    sortable_by = ["code", "village"]
    search_hashes = {
        "phone_hash": as_stored(read_phone),
        "persons__identity_hash": as_stored(read_identity),
    }
    search_help_text = _("Code, name, or a whole phone or identity number")
    fields = ["code", "village", "phone", "language"]
    masks = {"phone": "phone_shown"}
    fixed = ("code", "merged_into")
    inlines = [
        PersonInline,
        MembershipInline,
        AgreementInline,
        PayeeAccountInline,
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).with_head()

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        inlines = list(super().get_inlines(request, obj))
        if obj is not None and obj.successions.exists():
            inlines.append(SuccessionInline)
        if obj is not None and obj.inheritances.exclude(household=obj).exists():
            inlines.append(InheritanceInline)
        return inlines

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = super().get_fields(request, obj)
        return [*fields, "merged_into"] if obj and obj.merged_into_id else fields

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # A record merged into another is kept to be read: work goes on in the other.
        merged = obj is not None and obj.merged_into_id is not None
        return not merged and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        former, typed = form.kept_numbers.get("phone", ""), obj.phone
        if not change or typed == former:
            super().save_model(request, obj, form, change)
            return
        obj.phone = former
        super().save_model(request, obj, form, change)
        change_phone(obj, phone=typed, by=request.user)

    @admin.display(description=_("head of household"))
    def head(self, row: Any) -> str:
        return row.head_name or "—"

    @admin.display(description=_("phone"))
    def phone_shown(self, row: Household) -> str:
        return row.masked_phone


register_action(
    Household,
    ObjectAction(
        name="reveal",
        label=_("Show the numbers"),
        roles=OPERATOR | APPROVER,
        rule=reveal_numbers,
        form=RevealForm,
        explain=lambda household: [
            _("Phone, identity and account numbers of household %(code)s are shown once.")
            % {"code": household.code},
            _("The audit log keeps your name, the time and the reason."),
        ],
        respond=show_once,
        primary=False,
    ),
)
