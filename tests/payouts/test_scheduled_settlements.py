"""The scheduler drafts what is due and tells the approvers once."""

from __future__ import annotations

import pytest
from django.core import mail

from credits.models import MonitoringPeriod
from payouts import notices, schedule, settlement
from payouts.models import Settlement
from tests.cast import Cast
from tests.payouts import pool


@pytest.fixture
def period(sunrise: Cast) -> MonitoringPeriod:
    sunrise.approver.email = "approver@example.org"
    sunrise.approver.save()
    period = pool.issue_period(sunrise, [5000, 3000, 2000])
    lot = pool.sell(period, tonnes=10, unit_price_minor=1000)
    pool.receive(lot, 4_000, reference="B-1", by=sunrise.operator)
    return period


def test_a_period_is_due_once_money_has_come_in(sunrise: Cast, period: MonitoringPeriod) -> None:
    unpaid = pool.issue_period(sunrise, [1, 1, 1], project=period.project, year=2024)
    pool.sell(unpaid, tonnes=1, unit_price_minor=100)
    assert list(schedule.due_periods()) == [period]


def test_a_period_is_not_due_while_a_settlement_of_it_is_open(period: MonitoringPeriod) -> None:
    assert len(schedule.request_due_settlements()) == 1
    assert schedule.request_due_settlements() == []
    assert Settlement.objects.count() == 1


def test_a_period_nobody_can_share_in_does_not_stop_the_others(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    idle = pool.issue_period(sunrise, [0, 0, 0], project=period.project, year=2023)
    lot = pool.sell(idle, tonnes=1, unit_price_minor=100)
    pool.receive(lot, 100, reference="B-9", by=sunrise.operator)
    (pk,) = schedule.request_due_settlements()
    assert Settlement.objects.get(pk=pk).period == period


def test_what_is_requested_waits_to_be_found(period: MonitoringPeriod) -> None:
    (pk,) = schedule.request_due_settlements()
    assert schedule.requested_settlements() == [pk]
    settlement.draft_settlement(Settlement.objects.get(pk=pk))
    assert schedule.requested_settlements() == []
    assert schedule.drafts_to_tell() == [pk]


def test_an_approved_settlement_waits_for_its_statements(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    approved = pool.settle(sunrise, period)
    assert schedule.settlements_without_statements() == [approved.pk]


def test_the_approver_gets_one_letter_a_draft(sunrise: Cast, period: MonitoringPeriod) -> None:
    drafted = pool.draft(sunrise, period)
    assert notices.tell_approvers(drafted) == 1
    assert notices.tell_approvers(drafted) == 0
    (letter,) = mail.outbox
    assert letter.to == ["approver@example.org"]
    assert "¥ 40.00" in letter.body
    assert f"/settlement/{drafted.pk}/" in letter.body
    assert schedule.drafts_to_tell() == []


def test_nobody_is_told_of_a_settlement_that_waits_for_no_one(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    requested = settlement.request_settlement(period, by=sunrise.operator)
    assert notices.tell_approvers(requested) == 0
    settlement.draft_settlement(requested)
    settlement.approve_settlement(requested, by=sunrise.approver)
    assert notices.tell_approvers(requested) == 0
    assert mail.outbox == []
