"""Joining, leaving, shares and the death of a head: decisions on the household's page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aggregator.admin_base import OPERATOR, ReadOnlyInline, link_to
from aggregator.memberships import change_shares, join, leave
from aggregator.models import Household, Person, Succession, User
from aggregator.object_actions import ActionForm, DayField, ObjectAction, register_action
from aggregator.succession import describe_consequences, record_death


class SuccessionInline(ReadOnlyInline):
    """To whom rights of this household passed."""

    model = Succession
    fk_name = "household"
    verbose_name_plural = gettext_lazy("Passed on")
    show_change_link = False
    fields = ["happened_on", "kind", "to_household", "person", "note", "recorded_by"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        return rows.select_related("household", "successor", "person", "recorded_by")

    @admin.display(description=gettext_lazy("successor"))
    def to_household(self, row: Succession) -> str:
        return link_to(row.successor)


class InheritanceInline(SuccessionInline):
    """From whom rights passed to this household."""

    fk_name = "successor"
    verbose_name_plural = gettext_lazy("Received")
    fields = ["happened_on", "kind", "from_household", "person", "note", "recorded_by"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        # A death within the household stands above already.
        return super().get_queryset(request).exclude(household_id=F("successor_id"))

    @admin.display(description=gettext_lazy("former household"))
    def from_household(self, row: Succession) -> str:
        return link_to(row.household)


def is_member_now(household: Household, _user: User) -> bool:
    """Whether there is somebody to leave: a membership without a past end."""
    today = timezone.localdate()
    return any((s.ends_on or today) >= today for s in household.memberships.all())


def not_merged(household: Household, _user: User) -> bool:
    """Decisions are taken on the record that was kept."""
    return household.merged_into_id is None


OF_SHARES = gettext_lazy("Whole shares in the cooperative, as in its register of members.")


class JoinForm(ActionForm):
    starts_on = DayField(
        label=gettext_lazy("Member from"),
        help_text=gettext_lazy("Tonnes count from this day on."),
    )
    shares = forms.IntegerField(
        label=gettext_lazy("Membership shares"), min_value=0, initial=1, help_text=OF_SHARES
    )


class LeaveForm(ActionForm):
    on = DayField(
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("This day still counts, the next one does not."),
    )


class SharesForm(ActionForm):
    shares = forms.IntegerField(
        label=gettext_lazy("Membership shares"), min_value=0, help_text=OF_SHARES
    )
    on = DayField(
        label=gettext_lazy("From"),
        help_text=gettext_lazy("The first day with the new number of shares."),
    )


class DeathForm(ActionForm):
    heir = forms.ModelChoiceField(
        label=gettext_lazy("New head"), queryset=Person.objects.none(), empty_label=None
    )
    identity_number = forms.CharField(
        label=gettext_lazy("Identity number of the new head"),
        help_text=gettext_lazy("18 characters. Only where none is on record yet."),
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    happened_on = DayField(
        label=gettext_lazy("Day of the death"),
        help_text=gettext_lazy("As on the death certificate."),
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["heir"].queryset = self.subject.persons.filter(left_on=None, is_head=False)


def _explain_leaving(household: Household) -> Iterator[str]:
    yield _("Tonnes count for the household up to its last day, then no more.")
    yield _("What it is owed stays owed and is paid as always.")
    yield from describe_consequences(household, on=timezone.localdate())


def _explain_death(household: Household) -> Iterator[str]:
    head = household.persons.filter(is_head=True).first()
    if head is not None:
        yield _("%(person)s is recorded as dead.") % {"person": head}
    yield _(
        "The new head signs for the household from that day. Fields, agreements, membership "
        "and balance stay with it."
    )
    account = household.payee_accounts.active().first()
    if account is not None:
        yield _("Money still goes to the account of %(holder)s: propose the new one.") % {
            "holder": account.holder_name
        }
    yield from describe_consequences(household, on=timezone.localdate())


register_action(
    Household,
    ObjectAction(
        name="join",
        label=gettext_lazy("Take in as a member"),
        roles=OPERATOR,
        rule=join,
        form=JoinForm,
        allowed=lambda household, user: (
            not_merged(household, user) and not is_member_now(household, user)
        ),
        explain=lambda _household: [
            _("Tonnes count for the household from this day on, where an agreement is signed.")
        ],
        done=lambda span: _("Member from %(day)s on.") % {"day": span.starts_on},
        primary=False,
    ),
)
register_action(
    Household,
    ObjectAction(
        name="leave",
        label=gettext_lazy("End the membership"),
        roles=OPERATOR,
        rule=leave,
        form=LeaveForm,
        allowed=is_member_now,
        explain=_explain_leaving,
        done=lambda span: _("The last day is %(day)s.") % {"day": span.ends_on},
        primary=False,
    ),
)
register_action(
    Household,
    ObjectAction(
        name="shares",
        label=gettext_lazy("Change the shares"),
        roles=OPERATOR,
        rule=change_shares,
        form=SharesForm,
        allowed=is_member_now,
        explain=lambda _household: [_("Days before keep their shares.")],
        done=lambda span: (
            _("%(count)d shares from %(day)s on.") % {"count": span.shares, "day": span.starts_on}
        ),
        primary=False,
    ),
)
register_action(
    Household,
    ObjectAction(
        name="death",
        label=gettext_lazy("Death of the head"),
        roles=OPERATOR,
        rule=record_death,
        form=DeathForm,
        allowed=lambda household, _user: (
            household.merged_into_id is None
            and household.persons.filter(left_on=None, is_head=False).exists()
        ),
        explain=_explain_death,
        done=lambda passed: _("%(person)s is the head now.") % {"person": passed.person},
        primary=False,
    ),
)
