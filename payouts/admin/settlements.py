"""Admin of settlements and shares: the page an approver reads, and the decisions on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from aggregator.admin_base import (
    APPROVER,
    OPERATOR,
    ReadOnlyAdmin,
    TenantRelatedFilter,
    link_to,
    register_link,
)
from aggregator.admin_columns import money_column, state_column, state_tag, tonnes_column
from aggregator.models import Household
from aggregator.money import format_money
from aggregator.names import local_name
from aggregator.object_actions import ObjectAction, register_action
from credits.models import Lot, MonitoringPeriod, Project
from payouts.admin.filters import PaidFilter, SharePeriodFilter
from payouts.admin.settlement_page import settlement_context
from payouts.agreement_terms import say_promised_otherwise
from payouts.decisions import approve_settlement, request_settlement
from payouts.drafting import unsettled_receipts
from payouts.models import Settlement, Share
from payouts.settlement import withdraw_settlement

Status = Settlement.Status
SETTLEMENT_TONES = {"requested": "wait", "draft": "wait", "approved": "good"}


@admin.register(Settlement)
class SettlementAdmin(ReadOnlyAdmin):
    change_form_template = "admin/payouts/settlement/change_form.html"
    list_display = ["__str__", "project", "state", "gross", "net", "drafted_by", "approved_by"]
    list_select_related = ["project", "period", "drafted_by", "approved_by"]
    list_filter = ["status", ("project", TenantRelatedFilter), ("period", TenantRelatedFilter)]
    search_fields = ["period__code", "project__name", "project__code"]
    fields = [
        "project",
        "period",
        "run",
        "number",
        "drafted_by",
        "drafted_at",
        "approved_by",
        "approved_at",
        "statements_job",
        "inputs_sha256",
    ]
    state = state_column("status", _("status"), SETTLEMENT_TONES)
    gross = money_column("gross_minor", _("gross"))
    net = money_column("net_minor", _("to households"))

    def page_context(self, request: HttpRequest, row: Settlement) -> dict[str, Any]:
        return {**settlement_context(row, request.user), "state_tag": self.state(row)}


@admin.register(Share)
class ShareAdmin(ReadOnlyAdmin):
    list_display = ["household", "head", "village", "tonnes", "gross", "net", "settlement"]
    list_select_related = ["household__village", "settlement__period"]
    list_filter = [
        ("settlement", TenantRelatedFilter),
        ("household__village", TenantRelatedFilter),
        SharePeriodFilter,
        PaidFilter,
    ]
    search_fields = ["^household__code", "^household__persons__name"]
    fields = ["settlement", "household", "ordinal", "tonnes", "gross", "deducted", "net", "paper"]
    tonnes = tonnes_column("credited_kg", _("tonnes"))
    gross = money_column("gross_minor", _("gross"), currency="settlement.currency")

    @admin.display(description=_("net"), ordering="net_minor")
    def net(self, row: Share) -> Any:
        if not row.net_minor:
            return state_tag("none", _("nothing to pay"))
        amount = format_money(row.net_minor, row.settlement.currency)
        return format_html('<span class="num">{}</span>', amount)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("household__persons")

    @admin.display(description=_("head of household"))
    def head(self, row: Share) -> str:
        return next((each.name for each in row.household.persons.all() if each.is_head), "—")

    @admin.display(description=_("village"), ordering="household__village")
    def village(self, row: Share) -> str:
        return str(row.household.village)

    @admin.display(description=_("deductions"))
    def deducted(self, row: Share) -> str:
        lines = row.settlement.lines.all()
        return " · ".join(
            f"{local_name(line)} {format_money(amount, row.settlement.currency)}"
            for line, amount in zip(lines, row.deductions_minor, strict=False)
        )

    @admin.display(description=_("statement"))
    def paper(self, row: Share) -> str:
        return link_to(row.statements.order_by("-revision").first())


def _explain_request(period: MonitoringPeriod) -> Iterator[str]:
    receipts = list(unsettled_receipts(period))
    total = sum(receipt.amount_minor for receipt in receipts)
    currency = period.cooperative.currency
    yield ngettext(
        "%(count)d receipt of %(total)s in all is shared among the households of the period.",
        "%(count)d receipts of %(total)s in all are shared among the households of the period.",
        len(receipts),
    ) % {"count": len(receipts), "total": format_money(total, currency)}
    yield str(_("The computer drafts it; a second person approves it. Nothing is paid yet."))


def _explain_approval(settlement: Settlement) -> Iterator[str]:
    currency, count = settlement.currency, settlement.shares.count()
    yield ngettext(
        "%(count)d household is owed %(net)s in all, out of %(gross)s received.",
        "%(count)d households are owed %(net)s in all, out of %(gross)s received.",
        count,
    ) % {
        "count": count,
        "net": format_money(settlement.net_minor, currency),
        "gross": format_money(settlement.gross_minor, currency),
    }
    for line in settlement.lines.all():
        amount = format_money(line.amount_minor, currency)
        yield _("%(name)s: %(amount)s, to %(payee)s") % {
            "name": local_name(line),
            "amount": amount,
            "payee": local_name(line, "payee"),
        }
    yield from say_promised_otherwise(settlement.project)
    yield str(_("One entry is made in the books; every household gets a numbered statement."))
    yield str(_("It cannot be undone; a mistake is answered by a further entry."))


register_action(
    MonitoringPeriod,
    ObjectAction(
        name="settle",
        label=_("Settle what has come in"),
        roles=OPERATOR,
        rule=request_settlement,
        allowed=lambda period, _user: (
            period.status == MonitoringPeriod.Status.ISSUED and unsettled_receipts(period).exists()
        ),
        explain=_explain_request,
        done=lambda settlement: (
            _("Settlement %(number)s is being drafted.") % {"number": settlement}
        ),
    ),
)
register_action(
    Settlement,
    ObjectAction(
        name="approve",
        label=_("Approve the settlement"),
        roles=APPROVER,
        rule=approve_settlement,
        allowed=lambda settlement, user: (
            settlement.status == Status.DRAFT and settlement.drafted_by_id != user.pk
        ),
        explain=_explain_approval,
        done=lambda settlement: (
            _("Settlement %(number)s is approved; statements are being made.")
            % {"number": settlement}
        ),
    ),
)
register_action(
    Settlement,
    ObjectAction(
        name="withdraw",
        label=_("Withdraw"),
        roles=OPERATOR | APPROVER,
        rule=withdraw_settlement,
        allowed=lambda settlement, _user: settlement.status in (Status.REQUESTED, Status.DRAFT),
        explain=lambda _settlement: [
            _("The draft is given up; its receipts are free for another settlement."),
        ],
        done=lambda _result: _("The settlement is withdrawn."),
        primary=False,
    ),
)
register_link(MonitoringPeriod, _("Settlements"), "payouts_settlement", "period__id__exact")
register_link(Project, _("Waterfall rules"), "payouts_waterfallrule", "project__id__exact")
register_link(Settlement, _("Shares"), "payouts_share", "settlement__id__exact")
register_link(Settlement, _("Receipts"), "payouts_receipt", "settlement__id__exact")
register_link(Household, _("Shares"), "payouts_share", "household__id__exact")
register_link(Lot, _("Receipts"), "payouts_receipt", "lot__id__exact")
