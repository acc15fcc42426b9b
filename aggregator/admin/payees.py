"""Admin of payee accounts: those that wait, and the decisions of a second person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aggregator.admin.reveals import RevealForm, show_once
from aggregator.admin.staff import OFFICE
from aggregator.admin.typed_numbers import as_stored, read_number
from aggregator.admin_base import APPROVER, OPERATOR, ReadOnlyAdmin, ReadOnlyInline
from aggregator.admin_columns import state_column
from aggregator.identity import read_account
from aggregator.models import Cooperative, Household, PayeeAccount
from aggregator.object_actions import ActionForm, ObjectAction, RowsField, register_action
from aggregator.payees import (
    approve_account,
    approve_accounts,
    end_account,
    propose_account,
    refuse_account,
    say_reason,
    waiting_accounts,
)
from aggregator.reveal import reveal_account

Status = PayeeAccount.Status
TONES = {"proposed": "wait", "active": "good", "refused": "bad", "ended": "none"}
# A form has room for a thousand fields; the rest waits for the next page.
MANY = 500


class AccountColumns:
    """What is shown of an account: never more than the last four digits."""

    state = state_column("status", gettext_lazy("status"), TONES)

    @admin.display(description=gettext_lazy("account number"))
    def masked_number(self, row: PayeeAccount) -> str:
        return row.masked_number

    @admin.display(description=gettext_lazy("reason"), ordering="reason")
    def why(self, row: PayeeAccount) -> str:
        return say_reason(row) or "—"


class PayeeAccountInline(AccountColumns, ReadOnlyInline):
    model = PayeeAccount
    seen_by = OFFICE
    fields = ["holder_name", "bank_name", "masked_number", "state", "usable_on"]
    readonly_fields = fields


@admin.register(PayeeAccount)
class PayeeAccountAdmin(AccountColumns, ReadOnlyAdmin):
    seen_by = OFFICE
    list_display = [
        "household",
        "holder_name",
        "bank_name",
        "masked_number",
        "state",
        "proposed_by",
        "proposed_at",
        "usable_on",
    ]
    list_select_related = ["household", "proposed_by", "decided_by"]
    list_filter = ["status"]
    search_fields = ["^household__code", "holder_name"]
    search_hashes = {"number_hash": as_stored(read_account)}
    search_help_text = gettext_lazy("Household code, name, or a whole account number")
    fields = [
        "household",
        "holder_name",
        "bank_name",
        "masked_number",
        "state",
        "usable_on",
        "why",
        "proposed_by",
        "proposed_at",
        "decided_by",
        "decided_at",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # What waits stands first.
        rows = super().get_queryset(request).order_by("household__code", "-pk")
        return rows.select_related("household__cooperative")


class AccountForm(ActionForm):
    holder_name = forms.CharField(
        label=gettext_lazy("Account holder"),
        max_length=100,
        help_text=gettext_lazy("Exactly as on the bank card or passbook."),
    )
    bank_name = forms.CharField(
        label=gettext_lazy("Name of the bank"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("With its branch, where the payment file is to name it."),
    )
    number = forms.CharField(
        label=gettext_lazy("Account number"),
        max_length=40,
        help_text=gettext_lazy("Digits as on the card; spaces are left out. A slip is noticed."),
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        head = self.subject.persons.filter(is_head=True).first()
        self.fields["holder_name"].initial = head.name if head else ""

    def clean_number(self) -> str:
        return read_number(read_account, self.cleaned_data["number"])


class ReasonForm(ActionForm):
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=200)


class _AccountChoice(RowsField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: PayeeAccount) -> str:
        return _("%(household)s · %(holder)s · %(account)s · proposed by %(maker)s") % {
            "household": obj.household.code,
            "holder": obj.holder_name,
            "account": obj,
            "maker": obj.proposed_by or _("a file"),
        }


class ManyAccountsForm(ActionForm):
    accounts = _AccountChoice(
        label=gettext_lazy("Accounts to approve"), queryset=PayeeAccount.objects.none()
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = waiting_accounts(self.subject)
        self.fields["accounts"].queryset = PayeeAccount.objects.filter(
            pk__in=list(rows.values_list("pk", flat=True)[:MANY])
        ).select_related("household", "proposed_by", "household__cooperative")


def _explain_proposal(household: Household) -> Iterator[str]:
    account = household.payee_accounts.active().first()
    if account is None:
        yield _("This is the household's first account, or it has none now.")
    else:
        yield _("Money goes to %(account)s until another account is approved.") % {
            "account": account
        }
    yield _("A second person approves it. The household is told on its phone now and then.")


def _explain_approval(account: PayeeAccount) -> Iterator[str]:
    yield _("%(holder)s, %(account)s.") % {"holder": account.holder_name, "account": account}
    days = account.cooperative.cooling_days
    former = account.household.payee_accounts.exclude(pk=account.pk)
    if former.filter(status__in=[Status.ACTIVE, Status.ENDED]).exists():
        yield ngettext(
            "The household had another account: it ends now, and for %(count)d day nothing is paid "
            "to either.",
            "The household had another account: it ends now, and for %(count)d days nothing is "
            "paid to either.",
            days,
        ) % {"count": days}
    else:
        yield _("It is the household's first account: money may go there at once.")
    yield _("Compare it with the card or the passbook. The household is told on its phone.")


def _explain_many(cooperative: Cooperative) -> Iterator[str]:
    waiting = waiting_accounts(cooperative).count()
    yield ngettext(
        "%(count)d account waits for approval.", "%(count)d accounts wait for approval.", waiting
    ) % {"count": waiting}
    if waiting > MANY:
        yield _("The first %(count)d are listed here.") % {"count": MANY}
    yield _("Tick those you have compared. Those you proposed yourself need somebody else.")
    yield _("Each household is told on its phone.")


register_action(
    Household,
    ObjectAction(
        name="propose-account",
        label=gettext_lazy("Propose an account"),
        roles=OPERATOR | APPROVER,
        rule=propose_account,
        form=AccountForm,
        allowed=lambda household, _user: household.merged_into_id is None,
        explain=_explain_proposal,
        done=lambda account: (
            _("Account %(account)s waits for a second person.") % {"account": account}
        ),
        primary=False,
    ),
)
register_action(
    PayeeAccount,
    ObjectAction(
        name="approve",
        label=gettext_lazy("Approve the account"),
        roles=APPROVER,
        rule=approve_account,
        allowed=lambda account, user: (
            account.status == Status.PROPOSED and account.proposed_by_id != user.pk
        ),
        explain=_explain_approval,
        done=lambda account: (
            _("Approved: money goes there from %(day)s on.") % {"day": account.usable_on}
        ),
    ),
)
register_action(
    PayeeAccount,
    ObjectAction(
        name="refuse",
        label=gettext_lazy("Refuse"),
        roles=OPERATOR | APPROVER,
        rule=refuse_account,
        form=ReasonForm,
        allowed=lambda account, _user: account.status == Status.PROPOSED,
        explain=lambda _account: [_("No money goes there. The account in use stays in use.")],
        done=lambda _result: _("The account is refused."),
        primary=False,
    ),
)
register_action(
    PayeeAccount,
    ObjectAction(
        name="end",
        label=gettext_lazy("End the account"),
        roles=OPERATOR | APPROVER,
        rule=end_account,
        form=ReasonForm,
        allowed=lambda account, _user: account.status == Status.ACTIVE,
        explain=lambda _account: [
            _(
                "Nothing is paid to it any more; the household's money is held until another "
                "account is approved."
            )
        ],
        done=lambda _result: _("The account is ended."),
        primary=False,
    ),
)
register_action(
    PayeeAccount,
    ObjectAction(
        name="reveal",
        label=gettext_lazy("Show the number"),
        roles=OPERATOR | APPROVER,
        rule=reveal_account,
        form=RevealForm,
        explain=lambda _account: [
            _("The account number is shown once."),
            _("The audit log keeps your name, the time and the reason."),
        ],
        respond=show_once,
        primary=False,
    ),
)
register_action(
    PayeeAccount,
    ObjectAction(
        name="approve-many",
        label=gettext_lazy("Approve accounts that wait"),
        roles=APPROVER,
        rule=approve_accounts,
        form=ManyAccountsForm,
        allowed=lambda cooperative, user: waiting_accounts(cooperative, not_by=user).exists(),
        explain=_explain_many,
        done=lambda count: (
            ngettext("%(count)d account is approved.", "%(count)d accounts are approved.", count)
            % {"count": count}
        ),
        on_list=True,
    ),
)
