"""Work of the machine that should have been done by now: what staff must see to.

Reads only. The worker tries again by itself; what stands here either cannot succeed, or no worker
runs.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone

from aggregator.models import AuditEvent, Cooperative
from payouts.models import Settlement, StatementPdf, VillageDocument
from payouts.render_queue import failing

# A draft of 100,000 households takes a minute, and their statements a few.
PATIENCE = timedelta(minutes=30)


def count_overdue(cooperative: Cooperative) -> dict[str, int]:
    """By kind: settlements not drafted, without statements, and papers that cannot be laid out."""
    statements = StatementPdf.objects.for_cooperative(cooperative).filter(failing())
    documents = VillageDocument.objects.for_cooperative(cooperative).filter(failing())
    return {
        "not_drafted": _not_drafted(cooperative).count(),
        "not_issued": _not_issued(cooperative).count(),
        "statements_failing": statements.count(),
        "documents_failing": documents.count(),
    }


def _not_drafted(cooperative: Cooperative) -> QuerySet[Settlement]:
    asked = AuditEvent.objects.filter(
        action="request_settlement",
        object_type="settlement",
        object_id=Cast(OuterRef("pk"), CharField()),
        at__lt=timezone.now() - PATIENCE,
    )
    return Settlement.objects.for_cooperative(cooperative).filter(
        Exists(asked), status=Settlement.Status.REQUESTED
    )


def _not_issued(cooperative: Cooperative) -> QuerySet[Settlement]:
    return Settlement.objects.for_cooperative(cooperative).filter(
        status=Settlement.Status.APPROVED,
        statements_job=Settlement.Job.PENDING,
        approved_at__lt=timezone.now() - PATIENCE,
    )
