"""Buttons of agreements: draft, sign on paper, draft anew, discard, renew, revoke, another scan."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from aggregator.admin_base import APPROVER, OPERATOR
from aggregator.agreement_templates import kept_template
from aggregator.agreement_wording import find_program, programs_for
from aggregator.agreements import revoke_agreement, signatories
from aggregator.formats import format_day
from aggregator.models import Agreement, Cooperative, Household, Person, User, Village
from aggregator.object_actions import (
    ActionForm,
    DayField,
    ObjectAction,
    RowsField,
    register_action,
)
from farms.agreement_drafts import (
    discard_draft,
    draft_agreement,
    draft_missing,
    redraft_agreement,
    renew_agreement,
)
from farms.agreement_signing import is_overtaken, replace_scan, sign_on_paper
from farms.models import Field

SCANS = ".pdf,.jpg,.jpeg,.png"


class DraftForm(ActionForm):
    """Program and days, proposed from the cooperative's newest project."""

    program = forms.ChoiceField(label=_("Program"))
    starts_on = DayField(
        label=_("From"), help_text=_("Once signed, the right holds from this day.")
    )
    ends_on = DayField(label=_("To"), help_text=_("The last day; renew before it passes."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = isinstance(self.subject, Cooperative)
        cooperative = self.subject if own else self.subject.cooperative
        programs = programs_for(cooperative)
        self.fields["program"].choices = [(each.id, each.name) for each in programs]  # type: ignore[attr-defined]
        term = programs[0].propose_term(cooperative) if programs else None
        if term:
            self.initial.update(starts_on=term[0], ends_on=term[1])


class HouseholdDraftForm(DraftForm):
    fields_named = RowsField(
        Field.objects.none(),
        label=_("Fields"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: every field the household holds, now and later."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = Field.objects.filter(tenures__household=self.subject).distinct()
        self.fields["fields_named"].queryset = held.order_by("code")  # type: ignore[attr-defined]


class VillageDraftForm(DraftForm):
    village = forms.ModelChoiceField(
        Village.objects.none(), label=_("Village"), required=False, empty_label=_("all villages")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Village.objects.for_cooperative(self.subject)
        self.fields["village"].queryset = own  # type: ignore[attr-defined]


class PaperForm(ActionForm):
    person = forms.ModelChoiceField(Person.objects.none(), label=_("Who signed"), empty_label=None)
    signed_on = DayField(
        label=_("Signed on"), help_text=_("The day beside the signature, not today's.")
    )
    scan = forms.FileField(
        label=_("Scan"),
        help_text=_("All signed pages as one PDF, or a photo of the page with the signatures."),
        widget=forms.ClearableFileInput({"accept": SCANS}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = signatories(self.subject.household, on=timezone.localdate())
        keys = [person.pk for person in able]
        self.fields["person"].queryset = Person.objects.filter(pk__in=keys)  # type: ignore[attr-defined]


class ScanForm(ActionForm):
    scan = forms.FileField(label=_("Scan"), widget=forms.ClearableFileInput({"accept": SCANS}))


class RevokeForm(ActionForm):
    on = DayField(label=_("First day on which it no longer holds"))
    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("Stays on record beside the agreement.")
    )


class RenewForm(ActionForm):
    ends_on = DayField(label=_("To"), help_text=_("The last day of the new term."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["ends_on"] = propose_end(self.subject)


def propose_end(agreement: Agreement) -> date:
    """The last day of a term as long: of as many years, or else of as many days."""
    next_start = agreement.ends_on + timedelta(days=1)
    first = agreement.starts_on
    if (next_start.month, next_start.day) == (first.month, first.day):
        years = next_start.year - first.year
        # A term that begins on 29 February ends on the last day of a February.
        try:
            return next_start.replace(year=next_start.year + years) - timedelta(days=1)
        except ValueError:
            return date(next_start.year + years, 2, 28)
    return agreement.ends_on + (agreement.ends_on - first) + timedelta(days=1)


def _draft(
    household: Household,
    *,
    program: str,
    starts_on: date,
    ends_on: date,
    fields_named: Any,
    by: User,
) -> Agreement:
    template = kept_template(household.cooperative, program=program)
    named = list(fields_named) or None
    return draft_agreement(
        household, template=template, starts_on=starts_on, ends_on=ends_on, fields=named, by=by
    )


def _is_draft(agreement: Agreement, _user: User) -> bool:
    return agreement.signed_on is None


def _is_live(agreement: Agreement, _user: User) -> bool:
    live = agreement.signed_on is not None and agreement.revoked_on is None
    return live and timezone.localdate() <= agreement.ends_on


def _is_renewable(agreement: Agreement, _user: User) -> bool:
    signed = agreement.signed_on is not None and agreement.revoked_on is None
    return signed and not agreement.renewals.exists()


def _is_on_paper(agreement: Agreement, _user: User) -> bool:
    return agreement.signed_on is not None and agreement.signed_how != Agreement.SignedHow.PHONE


def _explain_signing(agreement: Agreement) -> Iterable[Any]:
    yield _("What is signed stays as it is; later changes are a new agreement.")
    if is_overtaken(agreement):
        yield _("People, plots or terms have changed since this was drafted: draft it anew first.")
    if not signatories(agreement.household, on=timezone.localdate()):
        yield _("Nobody of this household can sign: record its head first.")


def _explain_revocation(agreement: Agreement) -> Iterable[Any]:
    yield _("Days before that day keep their right; from that day on nothing is credited.")
    if agreement.program:
        yield find_program(agreement.program).revocation


def _explain_redraft(agreement: Agreement) -> Iterable[Any]:
    if is_overtaken(agreement):
        yield _("People, plots or terms have changed since this was drafted.")
    else:
        yield _("People, plots and terms are still as drafted; the newest wording is taken.")
    yield _("Copies printed before are no longer valid.")


def _back_to_list(request: HttpRequest, _result: None) -> HttpResponse:
    messages.success(request, str(_("The draft is gone.")))
    return redirect("admin:aggregator_agreement_changelist")


def _count_drafts(count: int) -> str:
    return ngettext("%(count)d agreement drafted.", "%(count)d agreements drafted.", count) % {
        "count": count
    }


register_action(
    Household,
    ObjectAction(
        name="draft-agreement",
        label=_("Draft an agreement"),
        roles=OPERATOR,
        rule=_draft,
        form=HouseholdDraftForm,
        explain=lambda _subject: [_("A draft binds nobody until it is signed.")],
        done=lambda draft: _("Draft %(code)s waits to be signed.") % {"code": draft.code},
        primary=False,
    ),
)
register_action(
    Agreement,
    ObjectAction(
        name="draft-missing",
        label=_("Draft for all who have none"),
        roles=OPERATOR,
        rule=draft_missing,
        form=VillageDraftForm,
        explain=lambda _subject: [
            _("Every member who holds fields and has neither agreement nor draft gets a draft."),
            _("A draft binds nobody until it is signed."),
        ],
        done=_count_drafts,
        on_list=True,
    ),
)
register_action(
    Agreement,
    ObjectAction(
        name="sign",
        label=_("Record the signature on paper"),
        roles=OPERATOR,
        rule=sign_on_paper,
        allowed=_is_draft,
        form=PaperForm,
        explain=_explain_signing,
        done=lambda agreement: (
            _("Signed. In force from %(day)s.") % {"day": format_day(agreement.starts_on)}
        ),
    ),
)
register_action(
    Agreement,
    ObjectAction(
        name="redraft",
        label=_("Draft anew"),
        roles=OPERATOR,
        rule=redraft_agreement,
        allowed=_is_draft,
        explain=_explain_redraft,
        primary=False,
    ),
)
register_action(
    Agreement,
    ObjectAction(
        name="discard",
        label=_("Discard the draft"),
        roles=OPERATOR,
        rule=discard_draft,
        allowed=_is_draft,
        explain=lambda _subject: [_("The draft is deleted; the change log keeps what it said.")],
        respond=_back_to_list,
        primary=False,
    ),
)
register_action(
    Agreement,
    ObjectAction(
        name="renew",
        label=_("Renew"),
        roles=OPERATOR,
        rule=renew_agreement,
        allowed=_is_renewable,
        form=RenewForm,
        explain=lambda agreement: [
            _("A draft is written that begins on %(day)s, by the newest wording.")
            % {"day": format_day(agreement.ends_on + timedelta(days=1))}
        ],
        done=lambda draft: _("Draft %(code)s waits to be signed.") % {"code": draft.code},
        primary=False,
    ),
)
register_action(
    Agreement,
    ObjectAction(
        name="revoke",
        label=_("Revoke"),
        roles=OPERATOR | APPROVER,
        rule=revoke_agreement,
        allowed=_is_live,
        form=RevokeForm,
        explain=_explain_revocation,
        primary=False,
    ),
)
register_action(
    Agreement,
    ObjectAction(
        name="scan",
        label=_("Put in another scan"),
        roles=OPERATOR,
        rule=replace_scan,
        allowed=_is_on_paper,
        form=ScanForm,
        explain=lambda _subject: [_("The scan kept so far stays in the store.")],
        primary=False,
    ),
)
