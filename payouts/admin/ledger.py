"""The books, to be read: accounts with their balance, entries with their postings."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
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
from payouts.book_words import account_title, say_entry, with_details
from payouts.models import Account, JournalEntry, Posting

OFFICE = EVERYONE - VERIFIER


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    seen_by = OFFICE
    list_display = ["title", "kind", "balance", "code"]
    search_fields = ["code", "name"]
    fields = ["title", "kind", "balance", "currency", "code"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_details(super().get_queryset(request).with_balance())

    @admin.display(description=_("name"), ordering="name")
    def title(self, row: Account) -> str:
        return account_title(row)

    @admin.display(description=_("balance"), ordering="balance_minor")
    def balance(self, row: Account) -> str:
        # What we owe stands as a positive sum, as a bookkeeper writes it.
        sign = -1 if row.kind == Account.Kind.LIABILITY else 1
        amount = format_money(sign * row.balance_minor, row.currency)
        return format_html('<span class="num">{}</span>', amount)


@admin.register(JournalEntry)
class JournalEntryAdmin(ReadOnlyAdmin):
    seen_by = OFFICE
    list_display = ["told", "occurred_on", "memo", "by", "posted_at", "reference"]
    list_select_related = ["by"]
    search_fields = ["reference", "memo"]
    date_hierarchy = "occurred_on"
    fields = ["told", "occurred_on", "memo", "by", "posted_at", "reference", "reverses"]

    @admin.display(description=_("what"))
    def told(self, row: JournalEntry) -> str:
        return say_entry(row.reference)


@admin.register(Posting)
class PostingAdmin(ReadOnlyAdmin):
    seen_by = OFFICE
    list_display = ["told", "account_name", "household", "amount", "entry"]
    list_select_related = ["entry", "household"]
    list_filter = [("account", TenantRelatedFilter)]
    search_fields = ["entry__reference", "^household__code"]
    fields = ["told", "account_name", "household", "amount", "entry"]
    amount = money_column("amount_minor", _("amount"), currency="account.currency")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # Few accounts have many postings: each is fetched once a page.
        accounts = Prefetch("account", with_details(Account.objects.all()))
        return super().get_queryset(request).prefetch_related(accounts)

    @admin.display(description=_("what"))
    def told(self, row: Posting) -> str:
        return say_entry(row.entry.reference)

    @admin.display(description=_("account"))
    def account_name(self, row: Posting) -> str:
        return account_title(row.account)


# Linked, not laid out: a settlement's entry has a posting for every household.
register_link(JournalEntry, _("Postings"), "payouts_posting", "entry__id__exact")
register_link(Account, _("Postings"), "payouts_posting", "account__id__exact")
register_link(Household, _("Postings"), "payouts_posting", "household__id__exact")
