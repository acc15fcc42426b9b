"""Admin of the messages sent to members."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import OPERATOR, ReadOnlyAdmin
from aggregator.encryption import mask_number
from aggregator.models import OutboxMessage


@admin.register(OutboxMessage)
class OutboxAdmin(ReadOnlyAdmin):
    """Holds sign-in codes: read by those who help members at the counter, nobody else."""

    seen_by = OPERATOR
    list_display = ["sent_at", "household", "phone_shown", "text"]
    list_select_related = ["household"]
    search_fields = ["^household__code", "^household__persons__name"]
    fields = ["sent_at", "household", "phone_shown", "text"]

    @admin.display(description=_("phone"))
    def phone_shown(self, row: OutboxMessage) -> str:
        return mask_number(row.phone)
