"""Admin of money that came in, and of the rules by which it is shared."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import OPERATOR, ReadOnlyAdmin, TenantAdmin, TenantRelatedFilter
from aggregator.admin_columns import money_column
from aggregator.money import format_money
from aggregator.object_actions import (
    ActionForm,
    DayField,
    MoneyField,
    ObjectAction,
    register_action,
)
from credits.models import Lot, Project
from payouts.agreement_terms import say_promised_otherwise
from payouts.models import Receipt, WaterfallRule
from payouts.receipts import outstanding_minor, record_receipt


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    list_display = ["reference", "received_on", "amount", "lot", "settlement"]
    list_select_related = ["lot__block__project", "lot__buyer", "settlement__period"]
    list_filter = [("lot__buyer", TenantRelatedFilter), ("settlement", TenantRelatedFilter)]
    search_fields = ["reference", "lot__buyer__name"]
    date_hierarchy = "received_on"
    fields = ["reference", "received_on", "amount", "lot", "settlement", "recorded_by"]
    amount = money_column("amount_minor", _("amount"))


class ReceiptForm(ActionForm):
    amount_minor = MoneyField(
        label=_("Amount"),
        help_text=_("What arrived in the account, for example 7359.00 yuan."),
    )
    received_on = DayField(label=_("Received on"), help_text=_("The day on the bank statement."))
    reference = forms.CharField(
        label=_("Bank reference"),
        max_length=64,
        help_text=_("As on the bank statement; the same reference is never taken twice."),
    )


register_action(
    Lot,
    ObjectAction(
        name="receive",
        label=_("Record money received"),
        roles=OPERATOR,
        rule=record_receipt,
        form=ReceiptForm,
        allowed=lambda lot, _user: outstanding_minor(lot) > 0,
        explain=lambda lot: [
            _("%(outstanding)s of %(amount)s are still outstanding from %(buyer)s.")
            % {
                "outstanding": format_money(outstanding_minor(lot), lot.currency),
                "amount": format_money(lot.amount_minor, lot.currency),
                "buyer": lot.buyer,
            },
            _("It enters the books at once and is never edited; a part is fine."),
        ],
        done=lambda receipt: (
            _("%(amount)s are recorded.")
            % {"amount": format_money(receipt.amount_minor, receipt.currency)}
        ),
    ),
)


@admin.register(WaterfallRule)
class WaterfallRuleAdmin(TenantAdmin):
    """A change holds for settlements drafted from now on; a settlement keeps its own copy."""

    deleted_by = OPERATOR
    list_display = ["project", "position", "name", "payee", "kind", "rate", "amount"]
    list_display_links = ["name"]
    list_select_related = ["project", "cooperative"]
    list_filter = [("project", TenantRelatedFilter)]
    search_fields = ["name", "code"]
    fields = [
        "project",
        "position",
        "code",
        "name",
        "name_en",
        "payee",
        "payee_en",
        "kind",
        "rate",
        "amount_minor",
    ]
    help_texts = {
        "position": _("Deductions are taken in this order, the smallest number first."),
        "code": _("Short, in Latin letters, for example service; it stays for good."),
        "name": _("Stands on every statement, for example: cooperative's service fee."),
        "payee": _("Who gets the money; stands on every statement."),
        "rate": _("As a fraction: 0.08 is 8%. Empty where an amount is set."),
    }
    fixed = ("project", "code")
    amount = money_column("amount_minor", _("amount"), currency="cooperative.currency")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._tell_promised(request, obj.project)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        self._tell_promised(request, obj.project)

    def _tell_promised(self, request: HttpRequest, project: Project) -> None:
        for told in say_promised_otherwise(project):
            messages.warning(request, told)
