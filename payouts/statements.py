"""Statements of an approved settlement: issued as frozen rows, then rendered, in chunks.

Every chunk is a transaction of its own and every step can be done twice: a job that is killed at
any moment goes on where it stopped. Knows no task; the pending rows are the queue.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32encode
from collections.abc import Callable, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator.bulk import write_rows
from aggregator.canonical import sha256_of
from aggregator.errors import DomainError
from aggregator.pdf import render_pdf
from payouts.models import Settlement, Share, Statement, StatementPdf, VillageDocument
from payouts.models.statement import RenderStatus
from payouts.render_queue import Attempt, claim, claiming, due, make, store
from payouts.statement_data import freeze_statements
from payouts.statement_view import print_html, statement_context

CHUNK_SIZE = 500
RENDER_CHUNK = 8
_COLUMNS = (
    "cooperative_id",
    "settlement_id",
    "share_id",
    "household_id",
    "village_id",
    "number",
    "revision",
    "data",
    "sha256",
    "token",
    "issued_at",
)


class NotApproved(DomainError):
    code = "settlement_not_approved"
    message = _("Statements are issued once the settlement is approved.")


def issue_statements(
    settlement: Settlement,
    *,
    chunk_size: int = CHUNK_SIZE,
    on_progress: Callable[[int, int], None] | None = None,
) -> int:
    """Issue the statements that shares of the settlement still lack; how many were issued now.

    `on_progress(done, total)` is called after each chunk is committed. Once every share has its
    statement the village documents are queued and the job is done.

    Raises:
        NotApproved: the settlement waits for its approval, or was withdrawn.
        StatementDisagrees: a share's rows do not add up; nothing of its chunk is kept.
    """
    if settlement.status != Settlement.Status.APPROVED:
        raise NotApproved
    total = settlement.shares.count()
    issued, done, last_ordinal = 0, settlement.statements.filter(revision=1).count(), -1
    while shares := _issue_chunk(settlement, after=last_ordinal, chunk_size=chunk_size):
        issued += len(shares)
        done += len(shares)
        last_ordinal = shares[-1].ordinal
        if on_progress is not None:
            on_progress(done, total)
    _finish_job(settlement)
    return issued


def render_pending_pdfs(settlement_id: int, limit: int, *, attempt: Attempt = make) -> int:
    """Render up to `limit` pending PDFs of a settlement; how many this worker stored.

    Several workers may run at once. A kill loses at most the chunk being laid out, which stays
    pending; so does a statement that `attempt` could not lay out, for an hour.
    """
    stored = 0
    while stored < limit:
        with claiming():
            pending = claim(_pending_pdfs(settlement_id), min(RENDER_CHUNK, limit - stored))
            rendered = [(row.pk, attempt(render_statement, row.statement)) for row in pending]
            with transaction.atomic():
                stored += sum(store(StatementPdf, pk, content) for pk, content in rendered)
        if not pending:
            break
    return stored


def render_statement(statement: Statement) -> bytes:
    """The PDF of one statement, in the household's language, from its frozen data."""
    item = (statement.data, statement.token, statement.sha256)
    language = statement.data["language"]
    context = statement_context(statement.data, language=language)
    title = f"{context['title']} {statement.number}"
    return render_pdf(print_html([item], title=title, language=language))


def make_token(cooperative_code: str, number: str, revision: int) -> str:
    """The unguessable part of a statement's public address: 128 bits, the same on every run."""
    message = f"statement-token:{cooperative_code}/{number}/{revision}".encode()
    digest = hmac.new(settings.FIELD_HASH_KEY.encode(), message, hashlib.sha256).digest()
    return b32encode(digest[:16]).decode().rstrip("=").lower()


@transaction.atomic
def _issue_chunk(settlement: Settlement, *, after: int, chunk_size: int) -> list[Share]:
    # Two workers on one settlement take turns: the second finds the first's statements written.
    Settlement.objects.select_for_update().get(pk=settlement.pk)
    shares = list(
        Share.objects.filter(settlement=settlement, ordinal__gt=after, statements__isnull=True)
        .select_related("household")
        .defer("household__phone")
        .order_by("ordinal")[:chunk_size]
    )
    if not shares:
        return []
    now = timezone.now()
    rows = []
    for share, data in zip(shares, freeze_statements(settlement, shares), strict=True):
        number, revision = data["number"], data["revision"]
        rows.append(
            (
                settlement.cooperative_id,
                settlement.pk,
                share.pk,
                share.household_id,
                share.household.village_id,
                number,
                revision,
                data,
                sha256_of(data),
                make_token(data["cooperative"]["code"], number, revision),
                now,
            )
        )
    write_rows(Statement, _COLUMNS, rows)
    _queue_pdfs(settlement, shares)
    return shares


def _queue_pdfs(settlement: Settlement, shares: Sequence[Share]) -> None:
    statements = Statement.objects.filter(share__in=shares, revision=1).order_by("pk")
    write_rows(
        StatementPdf,
        ("cooperative_id", "statement_id", "status", "sha256"),
        [
            (settlement.cooperative_id, pk, RenderStatus.PENDING, "")
            for pk in statements.values_list("pk", flat=True)
        ],
    )


@transaction.atomic
def _finish_job(settlement: Settlement) -> None:
    if settlement.shares.filter(statements__isnull=True).exists():
        return
    changed = Settlement.objects.filter(
        pk=settlement.pk, statements_job=Settlement.Job.PENDING
    ).update(statements_job=Settlement.Job.DONE)
    if not changed:
        return
    villages = settlement.statements.order_by("village_id").values_list("village_id", flat=True)
    VillageDocument.objects.bulk_create(
        [
            VillageDocument(
                cooperative_id=settlement.cooperative_id,
                settlement=settlement,
                village_id=village_id,
                kind=kind,
            )
            for village_id in villages.distinct()
            for kind in VillageDocument.Kind.values
        ],
        ignore_conflicts=True,
    )


def _pending_pdfs(settlement_id: int) -> QuerySet[StatementPdf]:
    return (
        StatementPdf.objects.filter(due(), statement__settlement_id=settlement_id)
        .select_related("statement")
        .defer("content")
        .order_by("statement_id")
    )
