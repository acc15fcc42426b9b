"""What waits to be done, as the rows say: the worker's messages are only wake-up calls.

Finds and requests; each piece of work itself is the noun module's that it belongs to.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from aggregator.errors import DomainError
from credits.models import MonitoringPeriod
from payouts.models import Receipt, Settlement, StatementPdf, VillageDocument
from payouts.notices import untold_drafts
from payouts.render_queue import due
from payouts.settlement import request_settlement

Status = Settlement.Status


def due_periods() -> QuerySet[MonitoringPeriod]:
    """Issued periods with money that no settlement has taken, and no settlement open."""
    waiting = Receipt.objects.filter(
        lot__block__issuance__period=OuterRef("pk"), settlement__isnull=True
    )
    opened = Settlement.objects.filter(
        period=OuterRef("pk"), status__in=[Status.REQUESTED, Status.DRAFT]
    )
    return MonitoringPeriod.objects.filter(  # type: ignore[no-any-return]
        Exists(waiting), ~Exists(opened), status=MonitoringPeriod.Status.ISSUED
    )


def request_due_settlements() -> list[int]:
    """Request a settlement of every due period, as the scheduler; the keys of the requests."""
    requested = []
    for period in due_periods():
        try:
            requested.append(request_settlement(period, by=None).pk)
        except DomainError:
            # Someone was quicker, or nobody can share in it; the other periods go on.
            continue
    return requested


def requested_settlements() -> list[int]:
    return _keys(Settlement.objects.filter(status=Status.REQUESTED))


def drafts_to_tell() -> list[int]:
    return _keys(untold_drafts())


def settlements_without_statements() -> list[int]:
    return _keys(
        Settlement.objects.filter(status=Status.APPROVED, statements_job=Settlement.Job.PENDING)
    )


def settlements_without_pdfs() -> list[int]:
    pending = StatementPdf.objects.filter(due(), statement__settlement=OuterRef("pk"))
    return _keys(Settlement.objects.filter(Exists(pending)))


def settlements_without_documents() -> list[int]:
    pending = VillageDocument.objects.filter(due(), settlement=OuterRef("pk"))
    return _keys(Settlement.objects.filter(Exists(pending)))


def _keys(rows: QuerySet[Settlement]) -> list[int]:
    return list(rows.values_list("pk", flat=True))
