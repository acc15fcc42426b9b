"""Decisions on pools, periods, verifications and credits: each a button calling one rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from aggregator.admin_base import APPROVER, OPERATOR, VERIFIER
from aggregator.money import format_money
from aggregator.object_actions import (
    ActionForm,
    DayField,
    MoneyField,
    ObjectAction,
    register_action,
)
from credits.counting.monitoring import open_period
from credits.models import (
    Buyer,
    CreditBlock,
    MonitoringPeriod,
    Project,
    SampledField,
    Verification,
    VerifierAssignment,
)
from credits.pooling.enrolment import enrol_fields
from credits.tonnes.issuance import issue_credits
from credits.tonnes.sale import sell_lot, unsold_tonnes
from credits.verifying.verification import (
    close_verification,
    draw_sample,
    prepare_verification,
    record_finding,
)
from credits.verifying.verifiers import assign_verifier, end_assignment
from farms.models import Field

Period = MonitoringPeriod.Status
Check = Verification.Status


def _explain_enrolment(project: Project) -> Iterator[str]:
    count = Field.objects.for_cooperative(project.cooperative).count()
    yield ngettext(
        "%(count)d field of the cooperative is checked against the program's conditions.",
        "%(count)d fields of the cooperative are checked against the program's conditions.",
        count,
    ) % {"count": count}
    yield str(_("Fields that pass are enrolled; the others are listed with their reasons."))
    yield str(_("You may do this again at any time: every field is judged afresh."))


register_action(
    Project,
    ObjectAction(
        name="enrol",
        label=_("Enrol fields"),
        roles=OPERATOR,
        rule=enrol_fields,
        explain=_explain_enrolment,
        done=lambda counts: (
            _("%(enrolled)d fields are enrolled, %(refused)d refused.")
            % {"enrolled": counts.enrolled, "refused": counts.refused}
        ),
    ),
)


class PeriodForm(ActionForm):
    code = forms.CharField(
        label=_("Period"), max_length=16, help_text=_("The year it counts for, e.g. 2025.")
    )
    starts_on = DayField(label=_("From"))
    ends_on = DayField(label=_("To"))


register_action(
    Project,
    ObjectAction(
        name="open-period",
        label=_("Open a monitoring period"),
        roles=OPERATOR,
        rule=open_period,
        form=PeriodForm,
        explain=lambda _project: [
            _("Tonnes of these days are counted together, when the period is closed."),
        ],
        done=lambda period: _("Period %(code)s is open.") % {"code": period.code},
        primary=False,
    ),
)


register_action(
    MonitoringPeriod,
    ObjectAction(
        name="prepare-verification",
        label=_("Publish the list for verification"),
        roles=OPERATOR | VERIFIER,
        rule=prepare_verification,
        form=type(
            "BodyForm",
            (ActionForm,),
            {"body": forms.CharField(label=_("Verification body"), max_length=100)},
        ),
        allowed=lambda period, _user: (
            period.status == Period.CLOSED
            and not period.verifications.exclude(status=Check.NEGATIVE).exists()
        ),
        explain=lambda _period: [
            _("The list of fields and its fingerprint are fixed before anybody knows the seed."),
        ],
        done=lambda check: (
            _("%(count)d fields are on the list.") % {"count": check.population_size}
        ),
    ),
)


class SeedForm(ActionForm):
    seed = forms.CharField(
        label=_("Published seed"),
        max_length=200,
        help_text=_("Numbers nobody could know beforehand, e.g. of a public lottery, as text."),
    )


register_action(
    Verification,
    ObjectAction(
        name="draw",
        label=_("Draw the sample"),
        roles=OPERATOR | VERIFIER,
        rule=draw_sample,
        form=SeedForm,
        allowed=lambda check, _user: check.status == Check.PREPARED,
        explain=lambda check: [
            _("Fields to visit are drawn from the %(count)d on the list by RFC 3797.")
            % {"count": check.population_size},
            _("Anyone can repeat the draw with the seed. It is drawn once."),
        ],
        done=lambda sample: _("%(count)d fields are drawn.") % {"count": len(sample)},
    ),
)


class OpinionForm(ActionForm):
    positive = forms.TypedChoiceField(
        label=_("Opinion"),
        choices=[("yes", _("positive opinion")), ("no", _("negative opinion"))],
        coerce=lambda text: text == "yes",
    )
    opinion = forms.CharField(
        label=_("In words"), widget=forms.Textarea({"rows": 4}), required=False
    )
    correction = forms.ChoiceField(
        label=_("Correction of a positive opinion"),
        choices=Verification.Correction.choices,
        help_text=_("The sample's page shows every number of an extrapolation."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["correction"].initial = self.subject.correction


def _explain_opinion(check: Verification) -> Iterator[str]:
    sample = list(check.sample.values_list("finding", flat=True))
    yield _("%(seen)d of %(count)d sampled fields have a finding; %(deviating)d deviate.") % {
        "seen": len(sample) - sample.count(SampledField.Finding.PENDING),
        "count": len(sample),
        "deviating": sample.count(SampledField.Finding.DEVIATES),
    }
    yield str(_("Positive: fields that deviate earn nothing, the rest can be issued."))
    yield str(_("Negative: the period opens again to be corrected and counted anew."))


register_action(
    Verification,
    ObjectAction(
        name="close",
        label=_("Give the opinion"),
        roles=VERIFIER,
        rule=close_verification,
        form=OpinionForm,
        allowed=lambda check, _user: check.status == Check.DRAWN,
        explain=_explain_opinion,
        done=lambda _result: _("The opinion is recorded."),
    ),
)


class VerifierForm(ActionForm):
    username = forms.CharField(
        label=_("The verifier's name at sign-in"),
        max_length=150,
        help_text=_("A verifier of any cooperative, or of none; the platform makes the account."),
    )


register_action(
    Project,
    ObjectAction(
        name="assign-verifier",
        label=_("Assign a verifier"),
        roles=OPERATOR | APPROVER,
        rule=assign_verifier,
        form=VerifierForm,
        explain=lambda _project: [
            _("He sees this project with its evidence and no other, and records what he finds."),
            _("Bank accounts, telephone numbers and money stay hidden from him."),
        ],
        done=lambda assignment: _("“%(name)s” is assigned.") % {"name": assignment.verifier},
        primary=False,
    ),
)
register_action(
    VerifierAssignment,
    ObjectAction(
        name="end",
        label=_("End the assignment"),
        roles=OPERATOR | APPROVER,
        rule=end_assignment,
        allowed=lambda assignment, _user: assignment.ended_at is None,
        explain=lambda _assignment: [
            _("He sees nothing of the project any more; what he wrote down stays."),
        ],
        done=lambda _result: _("The assignment has ended."),
    ),
)


class FindingForm(ActionForm):
    finding = forms.ChoiceField(
        label=_("Finding"),
        choices=[choice for choice in SampledField.Finding.choices if choice[0] != "pending"],
    )
    note = forms.CharField(label=_("Note"), widget=forms.Textarea({"rows": 3}), required=False)


register_action(
    SampledField,
    ObjectAction(
        name="record",
        label=_("Record the finding"),
        roles=VERIFIER,
        rule=record_finding,
        form=FindingForm,
        allowed=lambda sampled, _user: sampled.verification.status == Check.DRAWN,
        explain=lambda sampled: [
            _("What you saw on field %(field)s. Until the opinion it can be written anew.")
            % {"field": sampled.result.field},
            _("A field that deviates earns nothing in this period; say why in the note."),
        ],
        done=lambda _result: _("The finding is recorded."),
    ),
)

register_action(
    MonitoringPeriod,
    ObjectAction(
        name="issue",
        label=_("Issue the credits"),
        roles=OPERATOR,
        rule=issue_credits,
        allowed=lambda period, _user: period.status == Period.VERIFIED,
        explain=lambda _period: [
            _("Whole tonnes get serial numbers; what is left over is carried to the next period."),
            _("The reserve is locked to the end of the contract's last year. Done once."),
        ],
        done=lambda issuance: (
            _("%(sellable)d t to sell and %(reserve)d t in reserve are issued.")
            % {"sellable": issuance.sellable_t, "reserve": issuance.reserve_t}
        ),
    ),
)


class SaleForm(ActionForm):
    buyer = forms.ModelChoiceField(label=_("Buyer"), queryset=Buyer.objects.none())
    tonnes = forms.IntegerField(
        label=_("Tonnes"), min_value=1, help_text=_("Whole tonnes of CO2e, at most what is left.")
    )
    unit_price_minor = MoneyField(
        label=_("Price a tonne"),
        help_text=_("As in the sales contract, in the cooperative's currency, before any fees."),
    )
    sold_on = DayField(label=_("Sold on"), help_text=_("The day of the sales contract."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["buyer"].queryset = Buyer.objects.for_cooperative(self.subject.cooperative)


register_action(
    CreditBlock,
    ObjectAction(
        name="sell",
        label=_("Sell a lot"),
        roles=OPERATOR,
        rule=sell_lot,
        form=SaleForm,
        allowed=lambda block, _user: (
            block.kind == CreditBlock.Kind.SELLABLE and unsold_tonnes(block) > 0
        ),
        explain=lambda block: [
            _("%(left)d t of this block are not sold; the lowest free serial numbers are taken.")
            % {"left": unsold_tonnes(block)},
            _("The smallest lot of the program is %(minimum)d t.")
            % {"minimum": block.project.terms["minimum_lot_t"]},
        ],
        done=lambda lot: (
            _("%(tonnes)d t are sold to %(buyer)s for %(amount)s.")
            % {
                "tonnes": lot.tonnes,
                "buyer": lot.buyer,
                "amount": format_money(lot.amount_minor, lot.currency),
            }
        ),
    ),
)
