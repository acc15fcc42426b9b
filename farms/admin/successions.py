"""Division, merger and the passing on of a whole household: decisions on the household's page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aggregator.admin.successions import not_merged
from aggregator.admin_base import OPERATOR
from aggregator.models import Household, Person, Succession, User
from aggregator.object_actions import (
    ActionForm,
    DayField,
    ObjectAction,
    RowsField,
    register_action,
)
from aggregator.succession import NewHousehold, describe_consequences
from farms.models import Field
from farms.succession import divide_household, holdings, pass_household, persons_of


class PassForm(ActionForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("Why"),
        choices=[
            (Succession.Kind.MERGER, gettext_lazy("two households become one (merger)")),
            (Succession.Kind.DEATH, gettext_lazy("nobody is left (death)")),
        ],
    )
    successor = forms.CharField(
        label=gettext_lazy("Code of the household it passes to"),
        max_length=32,
        help_text=gettext_lazy("The household's code, for example H001."),
    )
    happened_on = DayField(
        label=gettext_lazy("First day of the successor"),
        help_text=gettext_lazy("Days before it stay with the household that passes on."),
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)

    def clean_successor(self) -> Household:
        code = self.cleaned_data["successor"].strip()
        found = Household.objects.for_cooperative(self.subject.cooperative).filter(code=code)
        if (household := found.first()) is None:
            raise forms.ValidationError(_("There is no household with this code."))
        return household


class DivisionForm(ActionForm):
    code = forms.CharField(
        label=gettext_lazy("Code of the new household"),
        max_length=32,
        help_text=gettext_lazy("One that no household has yet, for example H001-2."),
    )
    persons = RowsField(
        label=gettext_lazy("Who moves"),
        queryset=Person.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    head = forms.ModelChoiceField(
        label=gettext_lazy("Head of the new household"),
        queryset=Person.objects.none(),
        empty_label=None,
    )
    shares = forms.IntegerField(
        label=gettext_lazy("Membership shares"),
        min_value=0,
        initial=1,
        help_text=gettext_lazy("Shares of the new household; the old one keeps its own."),
    )
    fields_moved = RowsField(
        label=gettext_lazy("Fields that pass"),
        queryset=Field.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("What is not ticked stays with the old household."),
    )
    happened_on = DayField(
        label=gettext_lazy("First day of the new household"),
        help_text=gettext_lazy("Days before it stay with the old household."),
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        movable = self.subject.persons.filter(left_on=None, is_head=False)
        self.fields["persons"].queryset = self.fields["head"].queryset = movable
        held = {tenure.field_id for tenure in holdings(self.subject, on=timezone.localdate())}
        self.fields["fields_moved"].queryset = Field.objects.filter(pk__in=held)

    def values(self) -> dict[str, Any]:
        typed = self.cleaned_data
        return {
            "new": NewHousehold(
                code=typed["code"].strip(),
                persons=list(typed["persons"]),
                head=typed["head"],
                shares=typed["shares"],
            ),
            "fields": list(typed["fields_moved"]),
            "happened_on": typed["happened_on"],
            "note": typed["note"],
        }


def _explain_passing(household: Household) -> Iterator[str]:
    yield _(
        "From that day fields, people and rights are the successor's; the membership of this "
        "household ends on the day before."
    )
    yield from describe_consequences(household, on=timezone.localdate())
    yield _(
        "The successor's land is covered only where its own agreement covers it: no right, no "
        "credit."
    )


def _explain_division(household: Household) -> Iterator[str]:
    yield _("The chosen people and fields become a household of their own from that day.")
    yield from describe_consequences(household, on=timezone.localdate())
    yield _("The new household must sign its own agreement: until then its fields earn nothing.")


def _can_divide(household: Household, _user: User) -> bool:
    return household.merged_into_id is None and len(persons_of(household)) > 1


register_action(
    Household,
    ObjectAction(
        name="divide",
        label=gettext_lazy("Divide the household"),
        roles=OPERATOR,
        rule=divide_household,
        form=DivisionForm,
        allowed=_can_divide,
        explain=_explain_division,
        done=lambda passed: (
            _("Household %(code)s is founded. Let it sign its agreement next.")
            % {"code": passed.successor}
        ),
        primary=False,
    ),
)
register_action(
    Household,
    ObjectAction(
        name="pass",
        label=gettext_lazy("Pass to another household"),
        roles=OPERATOR,
        rule=pass_household,
        form=PassForm,
        allowed=not_merged,
        explain=_explain_passing,
        done=lambda passed: (
            _("All rights pass to household %(code)s.") % {"code": passed.successor}
        ),
        primary=False,
    ),
)
