"""Wake-up calls: each takes a key, calls one function and may come twice, late or never.

Holds no rule. What is still waiting in the database is found again by `sweep_pending`.
"""

import logging
from collections.abc import Callable
from typing import Any

from celery import shared_task

from payouts import books, notices, schedule, settlement, statements, village_documents
from payouts.models import Settlement

# A chunk is what a killed worker may have to do again.
PDFS_A_CHUNK = 40
DOCUMENTS_A_CHUNK = 1
logger = logging.getLogger(__name__)


def attempt(render: Callable[[Any], bytes], row: Any) -> bytes | None:
    """One document that cannot be laid out, whatever the fault, must not hold up the others."""
    try:
        return render(row)
    except Exception:
        logger.exception("%s %s could not be laid out", row._meta.label, row.pk)
        return None


@shared_task
def draft_settlement(pk: int) -> None:
    settlement.draft_settlement(Settlement.objects.get(pk=pk))
    tell_approvers.delay(pk)


@shared_task
def tell_approvers(pk: int) -> None:
    notices.tell_approvers(Settlement.objects.get(pk=pk))


@shared_task
def issue_statements(pk: int) -> None:
    statements.issue_statements(Settlement.objects.get(pk=pk))
    render_pdfs.delay(pk)
    render_documents.delay(pk)


@shared_task
def render_pdfs(pk: int) -> None:
    if statements.render_pending_pdfs(pk, PDFS_A_CHUNK, attempt=attempt):
        render_pdfs.delay(pk)


@shared_task
def render_documents(pk: int) -> None:
    if village_documents.render_pending_documents(pk, DOCUMENTS_A_CHUNK, attempt=attempt):
        render_documents.delay(pk)


@shared_task
def draft_due_settlements() -> None:
    for pk in schedule.request_due_settlements():
        draft_settlement.delay(pk)


@shared_task
def sweep_pending() -> None:
    for task, waiting in (
        (draft_settlement, schedule.requested_settlements),
        (tell_approvers, schedule.drafts_to_tell),
        (issue_statements, schedule.settlements_without_statements),
        (render_pdfs, schedule.settlements_without_pdfs),
        (render_documents, schedule.settlements_without_documents),
    ):
        for pk in waiting():
            task.delay(pk)


@shared_task
def check_ledger() -> None:
    books.prove_books()
