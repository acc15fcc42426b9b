"""Agreements on a household's page: shown there, decided on their own pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator.admin_base import ReadOnlyInline
from aggregator.admin_columns import state_tag
from aggregator.models import Agreement

STATE_TONES = {
    Agreement.State.DRAFT: "wait",
    Agreement.State.AHEAD: "good",
    Agreement.State.VALID: "good",
    Agreement.State.RUNNING_OUT: "wait",
    Agreement.State.OVER: "none",
    Agreement.State.REVOKED: "bad",
}


def agreement_state(row: Agreement) -> Any:
    """Where the agreement stands today, as a word with its tone."""
    state = row.state_on(timezone.localdate())
    return state_tag(STATE_TONES[state], state.label)


class AgreementInline(ReadOnlyInline):
    model = Agreement
    fields = ["code", "state", "signed_on", "starts_on", "ends_on", "revoked_on"]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).defer("text")

    @admin.display(description=_("state"))
    def state(self, row: Agreement) -> Any:
        return agreement_state(row)
