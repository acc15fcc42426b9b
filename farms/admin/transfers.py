"""Buttons that change who holds a field, and what is offered for many chosen plots."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import EVERYONE, OPERATOR
from aggregator.models import Household, User
from aggregator.object_actions import ActionForm, DayField, ObjectAction, register_action
from farms.field_actions import FieldAction, register_field_action
from farms.models import Field, Tenure
from farms.successors import notices_of
from farms.transfers import change_contractor, end_tenure, transfer_field


class HouseholdForm(ActionForm):
    """A household of the field's own cooperative, by its code."""

    household = forms.CharField(
        label=_("household"), max_length=40, help_text=_("The household's code, for example H001.")
    )

    def clean_household(self) -> Household:
        code = self.cleaned_data["household"].strip()
        rows = Household.objects.for_cooperative(self.subject.cooperative)
        found: Household | None = rows.filter(code=code, merged_into=None).first()
        if found is None:
            raise forms.ValidationError(_("There is no household %(code)s."), params={"code": code})
        return found


class TransferForm(HouseholdForm):
    starts_on = DayField(label=_("from"))
    ends_on = DayField(label=_("to"), required=False, help_text=_("Empty: until further notice."))

    def values(self) -> dict[str, Any]:
        return {**super().values(), "kind": Tenure.Kind.TRANSFER}


class ContractorForm(HouseholdForm):
    on = DayField(label=_("new contractor from"))


class LastDayForm(ActionForm):
    on = DayField(label=_("last day"))


def _holders(field: Field) -> list[str]:
    return [_name(tenure) for tenure in field.tenures.select_related("household")]


def _name(tenure: Tenure) -> str:
    days = f"{tenure.starts_on} – {tenure.ends_on or '…'}"
    return f"{tenure.get_kind_display()}: {tenure.household}, {days}"


def _explain_transfer(field: Field) -> Iterable[Any]:
    yield from _holders(field)
    yield _("From the first day the household works the land; its days earn for it.")
    yield from notices_of(field)


def _explain_change(field: Field) -> Iterable[Any]:
    yield from _holders(field)
    yield _("The present contract ends on the day before; the new one keeps its last day.")
    yield from notices_of(field)


def _explain_end(tenure: Tenure) -> Iterable[Any]:
    yield _name(tenure)
    yield _("The household holds the field to this day, inclusive.")
    yield from notices_of(tenure.field)


def _exists(field: Field, _user: User) -> bool:
    return field.ends_on is None


register_action(
    Field,
    ObjectAction(
        name="transfer",
        label=_("Transfer to a household"),
        roles=OPERATOR,
        rule=transfer_field,
        explain=_explain_transfer,
        allowed=_exists,
        form=TransferForm,
        primary=False,
        done=lambda tenure: _("Transferred to %(household)s.") % {"household": tenure.household},
    ),
)
register_action(
    Field,
    ObjectAction(
        name="change-contractor",
        label=_("Change the contractor"),
        roles=OPERATOR,
        rule=change_contractor,
        explain=_explain_change,
        allowed=_exists,
        form=ContractorForm,
        primary=False,
        done=lambda tenure: (
            _("The contract is with %(household)s.") % {"household": tenure.household}
        ),
    ),
)
register_action(
    Tenure,
    ObjectAction(
        name="end",
        label=_("End on a day"),
        roles=OPERATOR,
        rule=end_tenure,
        explain=_explain_end,
        form=LastDayForm,
        primary=False,
        done=lambda tenure: _("Ends with %(day)s.") % {"day": tenure.ends_on},
    ),
)

register_field_action(
    FieldAction(
        name="transfer",
        label=_("Transfer to a household"),
        explain=_("All of them on the same terms, or none."),
        url_name="transfer-fields",
        roles=OPERATOR,
    )
)
register_field_action(
    FieldAction(
        name="merge",
        label=_("Merge into one plot"),
        explain=_("Plots that share edges and have the same holders."),
        url_name="merge-fields",
        roles=OPERATOR,
    )
)
register_field_action(
    FieldAction(
        name="list",
        label=_("List as a table file"),
        explain=_("An Excel workbook to print or to pass on."),
        url_name="chosen-table",
        roles=EVERYONE,
    )
)
