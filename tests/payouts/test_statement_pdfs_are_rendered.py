"""Pending PDFs are a queue that workers may share, leave and come back to."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from aggregator.canonical import sha256_of
from payouts import schedule, tasks
from payouts.models import Statement, StatementPdf, VillageDocument
from payouts.render_queue import failing, store
from payouts.statements import issue_statements, render_pending_pdfs
from payouts.village_documents import render_pending_documents
from tests.cast import Cast
from tests.payouts.statement_cast import make_settlement

READY = {"status": "ready"}


def test_no_more_are_rendered_than_asked_for(sunrise: Cast) -> None:
    settlement = make_settlement(sunrise)
    issue_statements(settlement)
    assert render_pending_pdfs(settlement.pk, 2) == 2
    assert StatementPdf.objects.filter(**READY).count() == 2
    assert render_pending_pdfs(settlement.pk, 100) == 1
    assert render_pending_pdfs(settlement.pk, 100) == 0


def test_what_is_stored_is_a_pdf_with_its_hash(sunrise: Cast) -> None:
    settlement = make_settlement(sunrise)
    issue_statements(settlement)
    render_pending_pdfs(settlement.pk, 1)
    pdf = StatementPdf.objects.get(**READY)
    assert bytes(pdf.content).startswith(b"%PDF-")
    assert pdf.sha256 == hashlib.sha256(bytes(pdf.content)).hexdigest()
    assert pdf.rendered_at is not None


def test_a_second_worker_on_the_same_row_changes_nothing(sunrise: Cast) -> None:
    settlement = make_settlement(sunrise)
    issue_statements(settlement)
    pdf = StatementPdf.objects.all()[0]
    assert store(StatementPdf, pdf.pk, b"%PDF-first")
    assert not store(StatementPdf, pdf.pk, b"%PDF-second")
    pdf.refresh_from_db()
    assert bytes(pdf.content) == b"%PDF-first"


def test_only_the_settlement_asked_for_is_rendered(sunrise: Cast, riverbend: Cast) -> None:
    ours, theirs = make_settlement(sunrise), make_settlement(riverbend)
    issue_statements(ours)
    issue_statements(theirs)
    render_pending_pdfs(ours.pk, 100)
    waiting = StatementPdf.objects.filter(status="pending")
    assert [row.cooperative_id for row in waiting] == [riverbend.cooperative.pk]


def break_statement(statement: Statement) -> None:
    """Frozen data that the layout cannot read, as a later format or a fault would leave it."""
    data = {**statement.data, "plots": None}
    Statement.objects.filter(pk=statement.pk).update(data=data, sha256=sha256_of(data))


def test_a_statement_that_cannot_be_laid_out_does_not_hold_up_the_others(sunrise: Cast) -> None:
    settlement = make_settlement(sunrise)
    issue_statements(settlement)
    broken = Statement.objects.get(number="2025-000001")
    break_statement(broken)
    assert render_pending_pdfs(settlement.pk, 100, attempt=tasks.attempt) == 2
    states = dict(StatementPdf.objects.values_list("statement__number", "status"))
    assert states == {"2025-000001": "pending", "2025-000002": "ready", "2025-000003": "ready"}
    assert schedule.settlements_without_pdfs() == []
    assert [row.statement for row in StatementPdf.objects.filter(failing())] == [broken]


def test_it_is_tried_again_after_an_hour(sunrise: Cast) -> None:
    settlement = make_settlement(sunrise)
    issue_statements(settlement)
    StatementPdf.objects.update(rendered_at=timezone.now() - timedelta(minutes=61))
    assert schedule.settlements_without_pdfs() == [settlement.pk]
    assert render_pending_pdfs(settlement.pk, 100) == 3


def test_a_broken_village_book_does_not_hold_up_the_posting_list(sunrise: Cast) -> None:
    settlement = make_settlement(sunrise)
    issue_statements(settlement)
    data = {**Statement.objects.all()[0].data, "lines": None}
    Statement.objects.filter(number="2025-000001").update(data=data, sha256=sha256_of(data))
    assert render_pending_documents(settlement.pk, 100, attempt=tasks.attempt) == 1
    states = dict(VillageDocument.objects.values_list("kind", "status"))
    assert states == {"book": "pending", "posting": "ready"}


@pytest.mark.parametrize("model", [StatementPdf, VillageDocument])
def test_a_row_cannot_be_ready_without_its_content(sunrise: Cast, model: type) -> None:
    settlement = make_settlement(sunrise)
    issue_statements(settlement)
    row = model.objects.all()[0]
    assert row.status == "pending"
    assert row.content is None
