"""The books, to be read: accounts with their balance, entries with their postings."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import (
    EVERYONE,
    VERIFIER,
    ReadOnlyAdmin,
    TenantRelatedFilter,
    register_link,
)
from aggregator.admin_columns import money_column
from aggregator.models import Household
from aggregator.money import format_money
from payouts.models import Account, JournalEntry, Posting

OFFICE = EVERYONE - VERIFIER


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    seen_by = OFFICE
    list_display = ["title", "kind", "balance", "code"]
    search_fields = ["code", "name"]
    fields = ["title", "kind", "balance", "currency", "code"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).with_balance()

    @admin.display(description=_("name"), ordering="name")
    def title(self, row: Account) -> str:
        return str(row)

    @admin.display(description=_("balance"), ordering="balance_minor")
    def balance(self, row: Account) -> str:
        # What we owe stands as a positive sum, as a bookkeeper writes it.
        sign = -1 if row.kind == Account.Kind.LIABILITY else 1
        amount = format_money(sign * row.balance_minor, row.currency)
        return format_html('<span class="num">{}</span>', amount)


@admin.register(JournalEntry)
class JournalEntryAdmin(ReadOnlyAdmin):
    seen_by = OFFICE
    list_display = ["reference", "occurred_on", "memo", "by", "posted_at"]
    list_select_related = ["by"]
    search_fields = ["reference", "memo"]
    date_hierarchy = "occurred_on"
    fields = ["reference", "occurred_on", "memo", "by", "posted_at", "reverses"]


@admin.register(Posting)
class PostingAdmin(ReadOnlyAdmin):
    seen_by = OFFICE
    list_display = ["entry", "account", "household", "amount"]
    list_select_related = ["entry", "account", "household"]
    list_filter = [("account", TenantRelatedFilter)]
    search_fields = ["entry__reference", "^household__code"]
    fields = ["entry", "account", "household", "amount"]
    amount = money_column("amount_minor", _("amount"), currency="account.currency")


# Linked, not laid out: a settlement's entry has a posting for every household.
register_link(JournalEntry, _("Postings"), "payouts_posting", "entry__id__exact")
register_link(Account, _("Postings"), "payouts_posting", "account__id__exact")
register_link(Household, _("Postings"), "payouts_posting", "household__id__exact")
