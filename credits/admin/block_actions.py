"""Decisions on credit blocks: set aside, free, part, join, retire, cancel; reversals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import EVERYONE, OPERATOR
from aggregator.models import User
from aggregator.object_actions import (
    ActionForm,
    DayField,
    ObjectAction,
    RowsField,
    register_action,
)
from credits.admin.removal_page import explain_approval
from credits.models import CreditBlock, Project, Removal, Reversal
from credits.tonnes.blocks import (
    EDGES,
    find_neighbours,
    free_tonnes,
    merge_blocks,
    reserve_tonnes,
    split_block,
)
from credits.tonnes.certificates import render_certificate
from credits.tonnes.removals import (
    approve_removal,
    propose_cancellation,
    propose_retirement,
    refuse_removal,
)
from credits.tonnes.reversals import Loss, approve_reversal, propose_reversal, refuse_reversal

APPROVER = frozenset({User.Role.APPROVER.value})
Status = CreditBlock.Status


def _may_become(status: Status) -> Any:
    return lambda block, _user: block.is_live and status in EDGES.get(Status(block.status), set())


class TonnesForm(ActionForm):
    tonnes = forms.IntegerField(
        label=_("Tonnes"), min_value=1, help_text=_("The block's lowest serial numbers are taken.")
    )


class RetireForm(TonnesForm):
    beneficiary = forms.CharField(label=_("Retired for"), max_length=200)
    purpose = forms.CharField(
        label=_("Purpose"), max_length=500, widget=forms.Textarea({"rows": 2})
    )


class CancelForm(TonnesForm):
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea({"rows": 2}))


class JoinForm(ActionForm):
    """The neighbours that can be joined, all of them chosen."""

    blocks = RowsField(
        CreditBlock.objects.none(),
        label=_("Blocks beside it"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Joined blocks must lie side by side."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = [each.pk for each in find_neighbours(self.subject)]
        rows = CreditBlock.objects.filter(pk__in=keys).select_related("project")
        self.fields["blocks"].queryset = rows  # type: ignore[attr-defined]
        self.initial["blocks"] = keys


def _join(block: CreditBlock, *, blocks: Any, by: User) -> CreditBlock:
    return merge_blocks([block, *blocks], by=by)


def _tell_joining(block: CreditBlock) -> Any:
    return [
        *_tell_size(block),
        _("The blocks become one. Serials, tonnes and kilograms stay as they are."),
    ]


def _show_block(_request: HttpRequest, block: CreditBlock) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:credits_creditblock_change", args=[block.pk]))


def _tell_size(block: CreditBlock) -> Any:
    return [_("The block has %(tonnes)s t.") % {"tonnes": f"{block.tonnes:,}"}]


SECOND = _("A second person, who may approve, decides on it. What is gone never comes back.")

for action in (
    ObjectAction(
        name="reserve",
        label=_("Set aside for a sale"),
        roles=OPERATOR,
        rule=reserve_tonnes,
        form=TonnesForm,
        allowed=_may_become(Status.RESERVED),
        explain=_tell_size,
        done=lambda block: _("%(tonnes)s t are set aside.") % {"tonnes": block.tonnes},
        primary=False,
    ),
    ObjectAction(
        name="free",
        label=_("Set free again"),
        roles=OPERATOR,
        rule=free_tonnes,
        allowed=lambda block, _user: block.is_live and block.status == Status.RESERVED,
        explain=_tell_size,
        primary=False,
    ),
    ObjectAction(
        name="split",
        label=_("Part the block"),
        roles=OPERATOR,
        rule=split_block,
        form=TonnesForm,
        allowed=lambda block, _user: block.is_live and block.tonnes > 1,
        explain=_tell_size,
        primary=False,
    ),
    ObjectAction(
        name="join",
        label=_("Join with its neighbours"),
        roles=OPERATOR,
        rule=_join,
        form=JoinForm,
        allowed=lambda block, _user: block.is_live and bool(find_neighbours(block)),
        explain=_tell_joining,
        respond=_show_block,
        primary=False,
    ),
    ObjectAction(
        name="retire",
        label=_("Retire"),
        roles=OPERATOR,
        rule=propose_retirement,
        form=RetireForm,
        allowed=_may_become(Status.RETIRED),
        explain=lambda block: [*_tell_size(block), SECOND],
        done=lambda _removal: _("Proposed. A second person decides."),
        primary=False,
    ),
    ObjectAction(
        name="cancel",
        label=_("Cancel"),
        roles=OPERATOR,
        rule=propose_cancellation,
        form=CancelForm,
        allowed=_may_become(Status.CANCELLED),
        explain=lambda block: [*_tell_size(block), SECOND],
        done=lambda _removal: _("Proposed. A second person decides."),
        primary=False,
    ),
):
    register_action(CreditBlock, action)


def _is_waiting(row: Removal | Reversal, _user: User) -> bool:
    return row.status == "proposed"


def _send_pdf(_request: HttpRequest, content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = str(content_disposition_header(False, "certificate.pdf"))
    return response


for action in (
    ObjectAction(
        name="approve",
        label=_("Approve"),
        roles=APPROVER,
        rule=approve_removal,
        allowed=lambda row, user: _is_waiting(row, user) and row.proposed_by_id != user.pk,
        explain=explain_approval,
    ),
    ObjectAction(
        name="refuse",
        label=_("Refuse"),
        roles=OPERATOR | APPROVER,
        rule=refuse_removal,
        allowed=_is_waiting,
        explain=lambda _row: [_("Nothing is taken out. The proposal stays on record.")],
        primary=False,
    ),
    ObjectAction(
        name="certificate",
        label=_("Certificate (PDF)"),
        roles=EVERYONE,
        rule=render_certificate,
        allowed=lambda row, _user: row.status == Removal.Status.APPROVED,
        explain=lambda _row: [_("A page in each language, from what was frozen.")],
        respond=_send_pdf,
    ),
):
    register_action(Removal, action)


class ReversalForm(ActionForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=Reversal.Kind)
    happened_on = DayField(label=_("Happened on"))
    reason = forms.CharField(
        label=_("What happened"), max_length=500, widget=forms.Textarea({"rows": 2})
    )
    field_codes = forms.CharField(
        label=_("Fields"),
        required=False,
        help_text=_("Their codes, parted by spaces: where the program voids all their tonnes."),
    )
    lost_t = forms.IntegerField(
        label=_("Tonnes lost"),
        min_value=1,
        required=False,
        help_text=_("Where the buffer answers for what was lost."),
    )

    def values(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        codes = given.pop("field_codes").replace(",", " ").split()
        return {"loss": Loss(field_codes=codes, **given)}


register_action(
    Project,
    ObjectAction(
        name="report-reversal",
        label=_("Report a reversal"),
        roles=OPERATOR,
        rule=propose_reversal,
        form=ReversalForm,
        explain=lambda _project: [
            _("Carbon that was credited was lost again: ploughed, burnt, built over."),
            _("The buffer answers first, then credits not yet sold; the rest stands as a debt."),
            SECOND,
        ],
        done=lambda _reversal: _("Reported. A second person decides."),
        primary=False,
    ),
)
register_action(
    Reversal,
    ObjectAction(
        name="approve",
        label=_("Approve"),
        roles=APPROVER,
        rule=approve_reversal,
        allowed=lambda row, user: _is_waiting(row, user) and row.proposed_by_id != user.pk,
        explain=lambda _row: [
            _("Credits are cancelled for it: of the buffer first, then of those not yet sold."),
            _("What was paid for void tonnes is listed; nothing is booked by it."),
        ],
    ),
)
register_action(
    Reversal,
    ObjectAction(
        name="refuse",
        label=_("Refuse"),
        roles=OPERATOR | APPROVER,
        rule=refuse_reversal,
        allowed=_is_waiting,
        explain=lambda _row: [_("Nothing is cancelled. The report stays on record.")],
        primary=False,
    ),
)
