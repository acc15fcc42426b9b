"""Admin of who holds a field and when; what is typed is held to the rules of transfers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import TenantAdmin, TenantForm, TenantInline, register_link
from aggregator.errors import DomainError
from aggregator.locks import lock_cooperative
from aggregator.models import Household
from farms.grain_guard import refresh_flags
from farms.models import Field, Tenure
from farms.successors import notices_of
from farms.transfers import check_tenure


class TenureForm(TenantForm):
    """One row on its own page, beside those on record."""

    def _post_clean(self) -> None:
        # Not in `clean`: only here does the row hold what was typed.
        super()._post_clean()
        if self.errors:
            return
        # The field as it is now: what the page was made from may have changed in the meantime.
        field = self.instance.field = _hold(self.instance.field_id)
        beside = field.tenures.exclude(pk=self.instance.pk).select_related("household")
        _refuse(self, beside)


class TenureFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """The rows of a field's page, beside one another: one may end and the next begin at once."""

    def clean(self) -> None:
        super().clean()
        filled = [form for form in self.forms if form.instance.pk or form.has_changed()]
        if not filled or any(form.errors for form in filled):
            return
        field = _hold(self.instance.pk)
        typed = [form for form in filled if form.has_changed()]
        left = field.tenures.exclude(
            pk__in=[form.instance.pk for form in typed if form.instance.pk]
        )
        on_record = list(left.select_related("household"))
        for form in typed:
            form.instance.field = field
            others = [other.instance for other in typed if other is not form]
            _refuse(form, [*on_record, *others])


def _hold(pk: int) -> Field:
    """The field's row, held to the end of the request, and all imports with it."""
    lock_cooperative(Field.objects.values_list("cooperative").get(pk=pk)[0])
    return Field.objects.select_for_update(no_key=True).get(pk=pk)


def _refuse(form: forms.ModelForm[Tenure], beside: Iterable[Tenure]) -> None:
    """Put the rule's own words to a row that has no room beside the others."""
    try:
        check_tenure(form.instance, beside=beside)
    except DomainError as refusal:
        form.add_error(None, ValidationError(str(refusal), code=refusal.code))


def tell_frozen_periods(request: HttpRequest, field: Field) -> None:
    """Say which periods keep the holders they were counted with, whatever was typed now."""
    for notice in notices_of(field):
        messages.warning(request, str(notice))


class TenureInline(TenantInline):
    model = Tenure
    formset = TenureFormSet
    fields = ["household", "kind", "starts_on", "ends_on"]
    autocomplete_fields = ["household"]


@admin.register(Tenure)
class TenureAdmin(TenantAdmin):
    form = TenureForm
    list_display = ["field", "household", "kind", "starts_on", "ends_on"]
    list_select_related = ["field", "household"]
    list_filter = ["kind"]
    # What has an index; the rest is filtered by.
    sortable_by = ["field", "household"]
    search_fields = ["^field__code", "^household__code", "^household__persons__name"]
    fields = ["field", "household", "kind", "starts_on", "ends_on"]
    autocomplete_fields = ["field", "household"]
    help_texts = {
        "kind": _("Contract: holds the field. Transfer: works it for a time for the holder."),
        "ends_on": _("The last day that still counts. Empty: until further notice."),
    }
    fixed = ("field",)

    def save_model(self, request: HttpRequest, obj: Tenure, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.has_changed():
            refresh_flags(obj.cooperative, [obj.field_id])
            tell_frozen_periods(request, obj.field)


register_link(Household, _("Tenures"), "farms_tenure", "household__id__exact")
