"""The buffer comes free on its day and never before; losses are answered for in tonnes."""
# ruff: noqa: F811

from __future__ import annotations

from datetime import date, timedelta

import pytest

from aggregator.errors import NotAllowed
from aggregator.roles import NotYours
from credits.models import BlockEvent, ClawbackProposal, CreditBlock, Project
from credits.tonnes.balance import project_balance
from credits.tonnes.block_proof import check_credits
from credits.tonnes.buffer_release import release_due_buffers
from credits.tonnes.reversals import (
    FieldsEarnedNothing,
    Loss,
    NothingLost,
    OwnReversal,
    ReversalDecided,
    approve_reversal,
    propose_reversal,
    refuse_reversal,
)
from tests.cast import Cast
from tests.credits.line import make_pool
from tests.credits.test_blocks import block, project, sell  # noqa: F401

LAST_DAY = date(2028, 12, 31)  # of the contract's last year
HAPPENED = {"kind": "avoidable", "happened_on": date(2026, 5, 1), "reason": "ploughed"}


def test_the_buffer_is_released_the_day_after_its_last_and_once(
    project: Project,
) -> None:
    for day in (date(2026, 1, 1), LAST_DAY - timedelta(days=1), LAST_DAY):
        assert release_due_buffers(today=day) == 0
    assert project_balance(project).reserve_t == 30
    assert release_due_buffers(today=LAST_DAY + timedelta(days=1)) == 30
    assert release_due_buffers(today=LAST_DAY + timedelta(days=2)) == 0
    balance = project_balance(project)
    assert (balance.unsold_t, balance.reserve_t) == (150, 0)
    assert BlockEvent.objects.get(action="release").by is None
    assert check_credits(project) == []


def test_a_buffer_that_comes_free_in_steps_is_released_in_steps(project: Project) -> None:
    project.terms |= {"reserve_release": "steps", "reserve_release_years": [10, 20]}
    project.save(update_fields=["terms"])
    issued = project.periods.get().issuance.issued_on
    assert release_due_buffers(today=issued.replace(year=issued.year + 10)) == 0
    assert release_due_buffers(today=issued.replace(year=issued.year + 11)) == 15
    assert release_due_buffers(today=issued.replace(year=issued.year + 21)) == 15
    assert check_credits(project) == []


def test_a_renewed_contract_frees_what_would_come_free_by_years(
    sunrise: Cast, project: Project
) -> None:
    """Carbofarm: all at once on renewal, else over ten years; 30 t are 3 t a year."""
    project.terms |= {"reserve_release": "renewal_or_yearly", "reserve_release_years": [10]}
    project.save(update_fields=["terms"])
    after = LAST_DAY + timedelta(days=2)
    assert release_due_buffers(today=after) == 0
    assert release_due_buffers(today=after.replace(year=after.year + 1)) == 3
    make_pool(
        sunrise, code="again", starts_on=LAST_DAY + timedelta(days=1), ends_on=date(2033, 12, 31)
    )
    assert release_due_buffers(today=after.replace(year=after.year + 1)) == 27
    assert check_credits(project) == []


def test_under_ccx_the_whole_land_s_tonnes_are_void_and_its_money_is_asked_for(
    sunrise: Cast,
    project: Project,
    block: CreditBlock,
) -> None:
    sell(block, 110, sunrise)
    reversal = propose_reversal(
        project, loss=Loss(field_codes=["F001"], **HAPPENED), by=sunrise.operator
    )
    # A third of 150 t: 50 t; 30 t lie in the buffer, 10 t are unsold, 10 t are owed.
    assert reversal.lost_kg == 50_000
    reversal = approve_reversal(reversal, by=sunrise.approver)
    assert (reversal.buffer_t, reversal.held_t, reversal.debt_t) == (30, 10, 10)
    assert project_balance(project).cancelled_t == 40
    proposal = ClawbackProposal.objects.get()
    assert proposal.household == sunrise.households[0]
    assert (proposal.void_kg, proposal.credited_kg) == (40_000, 40_000)
    assert check_credits(project) == []


def test_elsewhere_the_buffer_answers_and_nobody_is_asked_for_money(
    sunrise: Cast,
    project: Project,
) -> None:
    project.terms |= {"reversal_rule": "buffer"}
    reversal = propose_reversal(project, loss=Loss(lost_t=20, **HAPPENED), by=sunrise.operator)
    reversal = approve_reversal(reversal, by=sunrise.approver)
    assert (reversal.buffer_t, reversal.held_t, reversal.debt_t) == (20, 0, 0)
    assert not ClawbackProposal.objects.exists()
    # What was cancelled is not released again.
    assert release_due_buffers(today=LAST_DAY + timedelta(days=1)) == 10


def test_a_loss_of_nothing_is_refused(sunrise: Cast, project: Project) -> None:
    with pytest.raises(FieldsEarnedNothing):
        propose_reversal(project, loss=Loss(field_codes=["F999"], **HAPPENED), by=sunrise.operator)
    project.terms |= {"reversal_rule": "buffer"}
    with pytest.raises(NothingLost):
        propose_reversal(project, loss=Loss(**HAPPENED), by=sunrise.operator)


def test_two_persons_decide_on_a_reversal_and_once(
    sunrise: Cast,
    riverbend: Cast,
    project: Project,
) -> None:
    with pytest.raises(NotYours):
        propose_reversal(
            project, loss=Loss(field_codes=["F001"], **HAPPENED), by=riverbend.operator
        )
    reversal = propose_reversal(
        project, loss=Loss(field_codes=["F001"], **HAPPENED), by=sunrise.operator
    )
    with pytest.raises(NotAllowed):
        approve_reversal(reversal, by=sunrise.operator)
    sunrise.operator.role = "approver"
    with pytest.raises(OwnReversal):
        approve_reversal(reversal, by=sunrise.operator)
    refuse_reversal(reversal, by=sunrise.approver)
    with pytest.raises(ReversalDecided):
        approve_reversal(reversal, by=sunrise.approver)
    assert project_balance(project).cancelled_t == 0
