"""Telling the approvers that a draft waits for them: once, by e-mail, and noted in the audit log.

Sends nothing to members; the home page shows the same drafts to those without an address.
"""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast
from django.utils import translation
from django.utils.translation import gettext as _

from aggregator.audit import record_event
from aggregator.models import AuditEvent, User
from aggregator.money import format_money
from payouts.models import Settlement

TOLD = "tell_approvers"


def untold_drafts() -> QuerySet[Settlement]:
    """Drafts of which the approvers have not been told."""
    told = AuditEvent.objects.filter(
        action=TOLD, object_type="settlement", object_id=Cast(OuterRef("pk"), CharField())
    )
    return Settlement.objects.filter(  # type: ignore[no-any-return]
        ~Exists(told), status=Settlement.Status.DRAFT
    )


@transaction.atomic
def tell_approvers(settlement: Settlement) -> int:
    """Write to every approver of the cooperative but the maker; how many had an address.

    The lock and the note in the log make it one letter a draft, however often the job runs.
    """
    waiting = untold_drafts().filter(pk=settlement.pk)
    if not waiting.select_for_update(of=("self",)).exists():
        return 0
    approvers = User.objects.filter(
        cooperative=settlement.cooperative_id, role=User.Role.APPROVER, is_active=True
    ).exclude(pk=settlement.drafted_by_id)  # type: ignore[misc]  # None excludes nobody
    addresses = [user.email for user in approvers if user.email]
    with translation.override(settings.LANGUAGE_CODE):
        for address in addresses:
            # One letter each: nobody's address is shown to the others.
            send_mail(_subject(settlement), _body(settlement), None, [address])
    record_event(settlement, action=TOLD, by=None, letters=len(addresses))
    return len(addresses)


def _subject(settlement: Settlement) -> str:
    return _("Settlement %(settlement)s of %(project)s waits for approval") % {
        "settlement": settlement,
        "project": settlement.project,
    }


def _body(settlement: Settlement) -> str:
    return _(
        "Received: %(gross)s\nTo %(count)s households: %(net)s\n\n"
        "Look at it and approve it here: %(address)s"
    ) % {
        "gross": format_money(settlement.gross_minor, settlement.currency),
        "net": format_money(settlement.net_minor, settlement.currency),
        "count": settlement.shares.count(),
        "address": f"{settings.PUBLIC_URL}/admin/payouts/settlement/{settlement.pk}/change/",
    }
