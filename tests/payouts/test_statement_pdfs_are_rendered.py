"""Pending PDFs are a queue that workers may share, leave and come back to."""

from __future__ import annotations

import hashlib

import pytest

from payouts.models import StatementPdf, VillageDocument
from payouts.render_queue import store
from payouts.statements import issue_statements, render_pending_pdfs
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


@pytest.mark.parametrize("model", [StatementPdf, VillageDocument])
def test_a_row_cannot_be_ready_without_its_content(sunrise: Cast, model: type) -> None:
    settlement = make_settlement(sunrise)
    issue_statements(settlement)
    row = model.objects.all()[0]
    assert row.status == "pending"
    assert row.content is None
