"""What the machine cannot get done stands on the staff's home among what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

from credits.models import MonitoringPeriod
from payouts import settlement, tasks
from payouts.models import Settlement, Statement, StatementPdf, VillageDocument
from payouts.statements import issue_statements, render_pending_pdfs
from payouts.village_documents import render_pending_documents
from tests.admin_pages import signed_in
from tests.cast import Cast
from tests.payouts.pool import issue_period, receive, sell, settle

LONG_AGO = timedelta(minutes=31)


@contextmanager
def half_an_hour_ago() -> Iterator[None]:
    """The clock as it was: what was asked for then cannot be dated back, events only grow."""
    then = timezone.now() - LONG_AGO
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr(timezone, "now", lambda: then)
        yield


@pytest.fixture
def paid(sunrise: Cast) -> MonitoringPeriod:
    period = issue_period(sunrise, [100, 200, 300])
    lot = sell(period, tonnes=60, unit_price_minor=1_000)
    receive(lot, 60_000, reference="R1", by=sunrise.operator)
    return period


@pytest.fixture
def requested(sunrise: Cast, paid: MonitoringPeriod) -> Settlement:
    return settlement.request_settlement(paid, by=sunrise.operator)


@pytest.fixture
def issued(sunrise: Cast) -> Settlement:
    period = issue_period(sunrise, [100, 200, 300])
    receive(
        sell(period, tonnes=60, unit_price_minor=1_000), 60_000, reference="R1", by=sunrise.operator
    )
    settled = settle(sunrise, period)
    issue_statements(settled)
    return settled


def problems(cast: Cast) -> dict[str, int]:
    """What the home page lists; every link must lead to as many rows as it counts."""
    client = signed_in(cast.viewer)
    listed = client.get("/admin/").context["home"]["problems"]
    for problem in listed:
        answer = client.get(problem["url"])
        assert answer.context["cl"].result_count == problem["count"], problem["name"]
    return {str(problem["name"]): problem["count"] for problem in listed}


def test_a_settlement_asked_for_just_now_is_no_problem(
    sunrise: Cast, requested: Settlement
) -> None:
    assert problems(sunrise) == {}


def test_a_settlement_that_nobody_drafts_is_a_problem(
    sunrise: Cast, paid: MonitoringPeriod
) -> None:
    with half_an_hour_ago():
        requested = settlement.request_settlement(paid, by=sunrise.operator)
    assert problems(sunrise) == {"Settlements not drafted": 1}
    settlement.draft_settlement(requested)
    assert problems(sunrise) == {}


def test_a_settlement_whose_statements_do_not_come_is_a_problem(
    sunrise: Cast, requested: Settlement
) -> None:
    settlement.draft_settlement(requested)
    settlement.approve_settlement(requested, by=sunrise.approver)
    assert problems(sunrise) == {}
    Settlement.objects.update(approved_at=timezone.now() - LONG_AGO)
    assert problems(sunrise) == {"Settlements without statements": 1}


def test_papers_that_cannot_be_laid_out_are_a_problem(
    sunrise: Cast, riverbend: Cast, issued: Settlement
) -> None:
    as_it_was = Statement.objects.all()[0]
    Statement.objects.filter(pk=as_it_was.pk).update(data={**as_it_was.data, "plots": None})
    render_pending_pdfs(issued.pk, 100, attempt=tasks.attempt)
    render_pending_documents(issued.pk, 100, attempt=tasks.attempt)
    assert problems(sunrise) == {
        "Statements without a PDF": 1,
        "Village documents that cannot be made": 2,
    }
    assert problems(riverbend) == {}
    Statement.objects.filter(pk=as_it_was.pk).update(data=as_it_was.data)
    for model in (StatementPdf, VillageDocument):
        model.objects.filter(status="pending").update(rendered_at=timezone.now() - LONG_AGO * 2)
    render_pending_pdfs(issued.pk, 100, attempt=tasks.attempt)
    render_pending_documents(issued.pk, 100, attempt=tasks.attempt)
    assert problems(sunrise) == {}
