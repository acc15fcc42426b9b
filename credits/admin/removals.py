"""Admin of retirements, cancellations and reversals, and of the moves of blocks."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import ReadOnlyAdmin, TenantRelatedFilter, register_link
from aggregator.admin_columns import state_column, tonnes_column
from credits.admin.phone_lists import PhoneList
from credits.admin.removal_page import draw_owners, draw_removal, name_removal
from credits.models import BlockEvent, CreditBlock, Removal, Reversal

TONES = {"proposed": "wait", "approved": "good", "refused": "none"}


@admin.register(Removal)
class RemovalAdmin(PhoneList, ReadOnlyAdmin):
    list_display = ["name", "state", "whom", "project", "proposed_by", "decided_by"]
    list_select_related = ["project", "proposed_by", "decided_by", "block__issuance__period"]
    list_filter = ["status", "kind", ("project", TenantRelatedFilter)]
    search_fields = ["beneficiary", "purpose", "reason"]
    fields = [
        *("state", "project", "serials", "whom", "why", "owners"),
        *("proposed_by", "proposed_at", "decided_by", "decided_at", "sha256"),
    ]
    state = state_column("status", _("status"), TONES)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = super().get_fields(request, obj)
        cancels = obj is not None and obj.kind == Removal.Kind.CANCEL
        return [name for name in fields if not (cancels and name == "whom")]

    def page_context(self, _request: HttpRequest, row: Removal) -> dict[str, Any]:
        return {"title": name_removal(row)}

    @admin.display(description=_("retirement or cancellation"), ordering="kind")
    def name(self, row: Removal) -> str:
        return f"{name_removal(row)} · {row.serial_start}–{row.serial_end}"

    @admin.display(description=_("serial numbers"))
    def serials(self, row: Removal) -> str:
        return draw_removal(row)

    @admin.display(description=_("beneficiary"), ordering="beneficiary")
    def whom(self, row: Removal) -> str:
        return row.beneficiary or "—"

    @admin.display(description=_("what for"))
    def why(self, row: Removal) -> str:
        return row.purpose or row.reason

    @admin.display(description=_("whose kilograms"))
    def owners(self, row: Removal) -> str:
        return draw_owners(row)


@admin.register(Reversal)
class ReversalAdmin(PhoneList, ReadOnlyAdmin):
    list_display = ["__str__", "state", "lost", "buffer_t", "held_t", "debt_t"]
    list_select_related = ["project"]
    list_filter = ["status", "kind", ("project", TenantRelatedFilter)]
    search_fields = ["reason"]
    fields = [
        *("project", "kind", "rule", "state", "happened_on", "reason", "field_codes", "lost"),
        *("buffer_t", "held_t", "debt_t"),
        *("proposed_by", "proposed_at", "decided_by", "decided_at"),
    ]
    state = state_column("status", _("status"), TONES)
    lost = tonnes_column("lost_kg", _("lost"))


@admin.register(BlockEvent)
class BlockEventAdmin(PhoneList, ReadOnlyAdmin):
    list_display = ["at", "action", "serials", "from_status", "to_status", "reason", "by"]
    list_select_related = ["by"]
    list_filter = ["action", ("block__project", TenantRelatedFilter)]
    search_fields = ["reference", "reason"]
    fields = [
        *("at", "action", "block", "serial_start", "serial_end", "from_status", "to_status"),
        *("reference", "reason", "by"),
    ]

    @admin.display(description=_("serial numbers"))
    def serials(self, row: BlockEvent) -> str:
        return f"{row.serial_start:,}–{row.serial_end:,}"


register_link(CreditBlock, _("Moves"), "credits_blockevent", "block__id__exact")
register_link(CreditBlock, _("Retired or cancelled"), "credits_removal", "block__id__exact")
