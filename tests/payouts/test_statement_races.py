"""Two workers on one settlement share the work and double nothing. On PostgreSQL, real threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from payouts.models import Settlement, Statement, StatementPdf, VillageDocument
from payouts.render_queue import claim
from payouts.statements import issue_statements, render_pending_pdfs
from payouts.village_documents import render_pending_documents
from tests.cast import Cast, make_field, make_household
from tests.payouts.statement_cast import make_settlement

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def settlement(sunrise: Cast) -> Settlement:
    """Twelve households in one settlement."""
    for number in range(4, 13):
        household = make_household(sunrise.village, number)
        sunrise.households.append(household)
        sunrise.fields.append(make_field(sunrise.village, household, number, east=118.0))
    return make_settlement(sunrise)


def at_once(*steps: Callable[[], Any]) -> list[Any]:
    barrier = Barrier(len(steps))

    def run(step: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=20)
            return step()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


def test_two_workers_issue_every_statement_once(settlement: Settlement) -> None:
    copies = [Settlement.objects.get(pk=settlement.pk) for _ in range(3)]
    issued = at_once(*(lambda copy=copy: issue_statements(copy, chunk_size=1) for copy in copies))
    assert sum(issued) == 12
    numbers = list(Statement.objects.values_list("number", flat=True))
    assert numbers == [f"2025-{place:06d}" for place in range(1, 13)]
    assert StatementPdf.objects.count() == 12
    assert VillageDocument.objects.count() == 2


def test_two_workers_store_every_pdf_once(settlement: Settlement) -> None:
    issue_statements(settlement)
    stored = at_once(*(lambda: render_pending_pdfs(settlement.pk, 100) for _ in range(2)))
    assert sum(stored) == 12
    assert not StatementPdf.objects.filter(status="pending").exists()


def test_two_workers_store_every_village_document_once(settlement: Settlement) -> None:
    issue_statements(settlement)
    stored = at_once(*(lambda: render_pending_documents(settlement.pk, 10) for _ in range(2)))
    assert sum(stored) == 2


def test_a_claimed_row_is_passed_over_by_the_next_worker(settlement: Settlement) -> None:
    issue_statements(settlement)
    pending = StatementPdf.objects.order_by("statement_id")

    def claim_ten() -> set[int]:
        with transaction.atomic():
            return {row.pk for row in claim(pending, 10)}

    with transaction.atomic():
        mine = {row.pk for row in claim(pending, 10)}
        (theirs,) = at_once(claim_ten)
    assert len(mine) == 10
    assert len(theirs) == 2
    assert not mine & theirs
