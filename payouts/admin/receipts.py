"""Admin of money that came in, and of the rules by which it is shared."""

from __future__ import annotations

from django import forms
from django.contrib import admin
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
from credits.models import Lot
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
    amount_minor = MoneyField(label=_("Amount"))
    received_on = DayField(label=_("Received on"))
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
    fixed = ("project", "code")
    amount = money_column("amount_minor", _("amount"), currency="cooperative.currency")
