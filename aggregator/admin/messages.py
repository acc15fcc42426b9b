"""Admin of the messages sent to members."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import OPERATOR, ReadOnlyAdmin
from aggregator.admin_columns import state_column
from aggregator.encryption import mask_number
from aggregator.models import OutboxMessage
from aggregator.sms import shows_text

TONES = {"waiting": "wait", "sent": "good", "failed": "bad"}


@admin.register(OutboxMessage)
class OutboxAdmin(ReadOnlyAdmin):
    """Holds sign-in codes: read by those who help members at the counter, nobody else."""

    seen_by = OPERATOR
    list_display = ["written_at", "household", "phone_shown", "text_shown", "state"]
    list_select_related = ["household"]
    search_fields = ["^household__code", "^household__persons__name"]
    list_filter = ["status"]
    fields = ["written_at", "household", "phone_shown", "text_shown", "state", "sent_at"]
    state = state_column("status", _("status"), TONES)

    @admin.display(description=_("phone"))
    def phone_shown(self, row: OutboxMessage) -> str:
        return mask_number(row.phone)

    @admin.display(description=_("text"))
    def text_shown(self, row: OutboxMessage) -> str:
        return row.text if shows_text() else str(_("only on the phone it goes to"))
