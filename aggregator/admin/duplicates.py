"""The queue of possible duplicates: two records side by side, and what is decided about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aggregator.admin_base import APPROVER, EVERYONE, OPERATOR, VERIFIER, ReadOnlyAdmin
from aggregator.admin_columns import state_column
from aggregator.duplicates import ground_names, mark_different
from aggregator.merging import approve_merge, propose_merge, refuse_merge
from aggregator.models import DuplicatePair, Household, User
from aggregator.object_actions import ActionForm, ObjectAction, register_action
from aggregator.pair_view import compare_records

Status = DuplicatePair.Status
TONES = {"open": "wait", "proposed": "wait", "different": "none", "merged": "good"}


@admin.register(DuplicatePair)
class DuplicatePairAdmin(ReadOnlyAdmin):
    seen_by = EVERYONE - VERIFIER
    change_form_template = "admin/duplicate_pair.html"
    list_display = ["pair", "heads", "common", "state", "proposed_by", "proposed_at"]
    list_select_related = ["first", "second", "proposed_by", "decided_by"]
    list_filter = ["status"]
    search_fields = ["^first__code", "^second__code"]
    fields = [
        "common",
        "state",
        "found_at",
        "kept",
        "proposed_by",
        "proposed_at",
        "decided_by",
        "decided_at",
        "reason",
    ]
    state = state_column("status", gettext_lazy("status"), TONES)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("first__persons", "second__persons")

    def page_context(self, request: HttpRequest, row: DuplicatePair) -> dict[str, Any]:
        return {"comparison": compare_records(row)}

    @admin.display(description=gettext_lazy("households"), ordering="first__code")
    def pair(self, row: DuplicatePair) -> str:
        return str(row)

    @admin.display(description=gettext_lazy("heads of household"))
    def heads(self, row: DuplicatePair) -> str:
        return " · ".join(_head(household) for household in (row.first, row.second))

    @admin.display(description=gettext_lazy("in common"))
    def common(self, row: DuplicatePair) -> str:
        return ground_names(row.grounds) or "—"


def _head(household: Household) -> str:
    return next((person.name for person in household.persons.all() if person.is_head), "—")


class KeepForm(ActionForm):
    kept = forms.ModelChoiceField(
        label=gettext_lazy("Keep this record"),
        queryset=Household.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        both = [self.subject.first_id, self.subject.second_id]
        self.fields["kept"].queryset = Household.objects.filter(pk__in=both).order_by("pk")
        self.initial["kept"] = self.subject.first_id


class RefusalForm(ActionForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("Whoever proposed it reads this on the pair's page."),
    )


def propose_for_pair(pair: DuplicatePair, *, kept: Household, by: User) -> DuplicatePair:
    """Propose to merge the other record of the pair into the one to be kept."""
    merged = pair.second if kept.pk == pair.first_id else pair.first
    return propose_merge(kept, merged, by=by)


def _explain_proposal(_pair: DuplicatePair) -> Iterator[str]:
    yield _("Nothing changes yet. A second person compares the two and approves or refuses.")
    yield from _explain_effects()


def _explain_merge(pair: DuplicatePair) -> Iterator[str]:
    merged = pair.second if pair.kept_id == pair.first_id else pair.first
    yield _("%(merged)s becomes a former record of %(kept)s.") % {
        "merged": merged,
        "kept": pair.kept,
    }
    yield _("Proposed by %(person)s on %(day)s.") % {
        "person": pair.proposed_by,
        "day": date_format(localtime(pair.proposed_at), "Y-m-d H:i"),
    }
    yield from _explain_effects()


def _explain_effects() -> Iterator[str]:
    yield _(
        "People, membership, agreements, accounts, fields, reports and messages of the other "
        "record pass to the one you keep; so does what it is owed, by an entry in the books."
    )
    yield _(
        "Head, phone and account of the record you keep stay. Days of membership that only "
        "the other has are added."
    )
    yield _(
        "Unless both have the same account, nothing is paid for some days, and both phones are "
        "told."
    )
    yield _("Statements keep the code they were issued under. This cannot be taken back.")


register_action(
    DuplicatePair,
    ObjectAction(
        name="propose-merge",
        label=gettext_lazy("The same: propose to merge"),
        roles=OPERATOR | APPROVER,
        rule=propose_for_pair,
        form=KeepForm,
        allowed=lambda pair, _user: pair.status == Status.OPEN,
        explain=_explain_proposal,
        done=lambda _pair: _("The merge waits for a second person."),
    ),
)
register_action(
    DuplicatePair,
    ObjectAction(
        name="merge",
        label=gettext_lazy("Approve the merge"),
        roles=APPROVER,
        rule=approve_merge,
        allowed=lambda pair, user: (
            pair.status == Status.PROPOSED and pair.proposed_by_id != user.pk
        ),
        explain=_explain_merge,
        done=lambda kept: _("One record now: %(household)s.") % {"household": kept},
    ),
)
register_action(
    DuplicatePair,
    ObjectAction(
        name="refuse-merge",
        label=gettext_lazy("Refuse the merge"),
        roles=OPERATOR | APPROVER,
        rule=refuse_merge,
        form=RefusalForm,
        allowed=lambda pair, _user: pair.status == Status.PROPOSED,
        explain=lambda _pair: [_("Both records stay as they are, and the pair is open again.")],
        done=lambda _pair: _("The merge is refused."),
        primary=False,
    ),
)
register_action(
    DuplicatePair,
    ObjectAction(
        name="different",
        label=gettext_lazy("Two households"),
        roles=OPERATOR | APPROVER,
        rule=mark_different,
        allowed=lambda pair, _user: pair.status == Status.OPEN,
        explain=lambda _pair: [_("Both stay as they are and are not offered as one again.")],
        done=lambda _result: _("Kept as two households."),
    ),
)
