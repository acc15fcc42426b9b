"""What a program asks of a person for a period: its uncertainty, and papers and conditions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import OPERATOR
from aggregator.object_actions import ActionForm, ObjectAction, register_action
from credits.models import MonitoringPeriod
from credits.terms.period_uncertainty import is_asked, tell_uncertainty, told_uncertainty
from credits.terms.requirements import confirm_requirements, list_requirements

_OPEN = MonitoringPeriod.Status.OPEN
_BEFORE_VERIFICATION = (_OPEN, MonitoringPeriod.Status.CLOSED)


class UncertaintyForm(ActionForm):
    percent = forms.DecimalField(
        label=_("Uncertainty deduction (%)"),
        min_value=0,
        max_value=100,
        max_digits=9,
        decimal_places=6,
        help_text=_("Taken off all that the methodology finds in this period, before all else."),
    )
    source = forms.CharField(
        label=_("Where it was worked out"),
        max_length=200,
        help_text=_("For example: error of the model on the samples of this round, report, page."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if told := told_uncertainty(self.subject):
            self.fields["percent"].initial = f"{(told.rate * 100).normalize():f}"
            self.fields["source"].initial = told.source

    def values(self) -> dict[str, Any]:
        typed = self.cleaned_data
        return {"rate": typed["percent"] / 100, "source": typed["source"]}


register_action(
    MonitoringPeriod,
    ObjectAction(
        name="uncertainty",
        label=_("Tell the uncertainty"),
        roles=OPERATOR,
        rule=tell_uncertainty,
        form=UncertaintyForm,
        allowed=lambda period, _user: period.status == _OPEN and is_asked(period),
        explain=lambda _period: [
            _("This program has an uncertainty for each round of monitoring."),
            _("It can be told anew until the period is closed."),
        ],
        done=lambda _told: _("The uncertainty is kept. Count the period again to see it act."),
    ),
)


class RequirementsForm(ActionForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for asked in list_requirements(self.subject):
            self.fields[asked.code] = forms.CharField(
                label=asked.name,
                max_length=200,
                required=False,
                initial=asked.reference,
                help_text=_("Once for the whole project.") if asked.once else "",
            )

    def values(self) -> dict[str, Any]:
        return {"references": {code: said for code, said in self.cleaned_data.items() if said}}


register_action(
    MonitoringPeriod,
    ObjectAction(
        name="requirements",
        label=_("Confirm what the program asks"),
        roles=OPERATOR,
        rule=confirm_requirements,
        form=RequirementsForm,
        allowed=lambda period, _user: (
            period.status in _BEFORE_VERIFICATION and bool(list_requirements(period))
        ),
        explain=lambda _period: [
            _("Say of each where it is seen: a file, a folder, a visit. Leave empty what lacks."),
            _("The verifier's list is published only when nothing lacks."),
        ],
        done=lambda kept: _("%(count)d are kept.") % {"count": len(kept)},
        primary=False,
    ),
)
