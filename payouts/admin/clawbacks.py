"""Payments that a reversal puts in question: listed for a decision, never posted from here."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import (
    EVERYONE,
    VERIFIER,
    ReadOnlyAdmin,
    TenantRelatedFilter,
    register_link,
)
from aggregator.admin_columns import tonnes_column
from aggregator.money import format_money
from credits.models import ClawbackProposal, Reversal
from payouts.clawbacks import paid_for_void, with_net


@admin.register(ClawbackProposal)
class ClawbackProposalAdmin(ReadOnlyAdmin):
    seen_by = EVERYONE - VERIFIER
    list_display = ["household", "period", "void", "credited", "paid", "reversal"]
    list_select_related = ["household", "run__period__project", "reversal__project", "cooperative"]
    list_filter = [("reversal", TenantRelatedFilter)]
    search_fields = ["^household__code"]
    fields = ["household", "period", "void", "credited", "paid", "reversal"]
    void = tonnes_column("void_kg", _("void"))
    credited = tonnes_column("credited_kg", _("credited in the period"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[ClawbackProposal]:
        return with_net(super().get_queryset(request))

    @admin.display(description=_("period"))
    def period(self, row: ClawbackProposal) -> str:
        return str(row.run.period)

    @admin.display(description=_("paid for the void part"))
    def paid(self, row: ClawbackProposal) -> str:
        return format_money(paid_for_void(row), row.cooperative.currency)


register_link(
    Reversal, _("Payments in question"), "credits_clawbackproposal", "reversal__id__exact"
)
