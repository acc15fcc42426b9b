"""Admin of issued credits, their blocks, buyers and lots."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import (
    OPERATOR,
    ReadOnlyAdmin,
    ReadOnlyInline,
    TenantAdmin,
    TenantRelatedFilter,
    register_link,
)
from aggregator.admin_columns import money_column, state_column
from credits.admin.block_page import (
    BLOCK_TONES,
    draw_history,
    list_kilograms,
    list_serials,
)
from credits.admin.phone_lists import PhoneList
from credits.admin.whereabouts import LiveBlocksFilter, draw_whereabouts
from credits.models import Buyer, CreditBlock, Issuance, Lot, MonitoringPeriod


class BlockInline(ReadOnlyInline):
    model = CreditBlock
    fields = ["serial_start", "serial_end", "whole_tonnes", "state", "is_live", "locked_until"]
    state = state_column("status", _("status"), BLOCK_TONES)

    @admin.display(description=_("tonnes"))
    def whole_tonnes(self, row: CreditBlock) -> str:
        return f"{row.tonnes:,}"


@admin.register(Issuance)
class IssuanceAdmin(PhoneList, ReadOnlyAdmin):
    list_display = ["period", "issued_on", "sellable_t", "reserve_t", "carried_out_kg"]
    list_select_related = ["period__project"]
    list_filter = [("period", TenantRelatedFilter)]
    search_fields = ["period__code", "period__project__code", "period__project__name"]
    fields = [
        "period",
        "run",
        "issued_on",
        "sellable_t",
        "reserve_t",
        "carried_in_kg",
        "carried_out_kg",
        "reserve_carried_in_kg",
        "reserve_carried_out_kg",
        "whereabouts",
    ]
    inlines = [BlockInline]

    @admin.display(description=_("tonnes of the project"))
    def whereabouts(self, row: Issuance) -> str:
        return draw_whereabouts(row.period.project)


class LotInline(ReadOnlyInline):
    model = Lot
    fields = ["serial_start", "serial_end", "buyer", "price", "amount", "sold_on"]
    price = money_column("unit_price_minor", _("price a tonne"))
    amount = money_column("amount_minor", _("amount"))

    def get_queryset(self, request):  # type: ignore[no-untyped-def]
        return super().get_queryset(request).select_related("buyer", "block__project")


@admin.register(CreditBlock)
class CreditBlockAdmin(PhoneList, ReadOnlyAdmin):
    list_display = ["project", "serial_start", "serial_end", "tonnes", "state", "locked_until"]
    list_select_related = ["project"]
    list_filter = [LiveBlocksFilter, "status", ("project", TenantRelatedFilter)]
    search_fields = ["project__code", "project__name"]
    fields = [
        "issuance",
        "project",
        "state",
        "serial_start",
        "serial_end",
        "tonnes",
        "locked_until",
        "is_live",
        "serials",
        "history",
        "households",
        "whereabouts",
    ]
    inlines = [LotInline]
    state = state_column("status", _("status"), BLOCK_TONES)

    @admin.display(description=_("tonnes"))
    def tonnes(self, row: CreditBlock) -> int:
        return row.tonnes

    @admin.display(description=_("serial numbers"))
    def serials(self, row: CreditBlock) -> str:
        return list_serials(row)

    @admin.display(description=_("history of the block"))
    def history(self, row: CreditBlock) -> str:
        return draw_history(row)

    @admin.display(description=_("tonnes of the project"))
    def whereabouts(self, row: CreditBlock) -> str:
        return draw_whereabouts(row.project)

    @admin.display(description=_("kilograms by household"))
    def households(self, row: CreditBlock) -> str:
        return list_kilograms(row)


@admin.register(Buyer)
class BuyerAdmin(TenantAdmin):
    deleted_by = OPERATOR
    list_display = ["name"]
    search_fields = ["name"]
    fields = ["name"]
    help_texts = {"name": _("The company's full name, as in the sales contract.")}


@admin.register(Lot)
class LotAdmin(PhoneList, ReadOnlyAdmin):
    list_display = ["__str__", "buyer", "sold", "price", "amount", "sold_on"]
    list_select_related = ["block__project", "buyer"]
    list_filter = [("buyer", TenantRelatedFilter), ("block__issuance__period", TenantRelatedFilter)]
    search_fields = ["buyer__name", "block__project__code"]
    fields = ["block", "buyer", "serial_start", "serial_end", "sold", "price", "amount", "sold_on"]
    price = money_column("unit_price_minor", _("price a tonne"))
    amount = money_column("amount_minor", _("amount"), sortable=False)

    @admin.display(description=_("tonnes"))
    def sold(self, row: Lot) -> int:
        return row.tonnes


register_link(MonitoringPeriod, _("Issuance"), "credits_issuance", "period__id__exact")
register_link(Buyer, _("Lots"), "credits_lot", "buyer__id__exact")
