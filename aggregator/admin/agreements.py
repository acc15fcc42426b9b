"""Admin of the agreements by which households hand over the right to their carbon."""

from __future__ import annotations

from aggregator.admin_base import TenantInline
from aggregator.models import Agreement


class AgreementInline(TenantInline):
    model = Agreement
    fields = ["code", "signed_on", "starts_on", "ends_on", "revoked_on"]
