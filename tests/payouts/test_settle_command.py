"""`manage.py settle`: a draft from the shell, and plain words where it cannot be."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from credits.models import MonitoringPeriod
from payouts import settlement
from payouts.models import Settlement
from tests.cast import Cast
from tests.payouts import pool


@pytest.fixture
def period(sunrise: Cast) -> MonitoringPeriod:
    period = pool.issue_period(sunrise, [5000, 3000, 2000])
    pool.add_rule(period.project, 1, "fixed", amount_minor=100)
    lot = pool.sell(period, tonnes=10, unit_price_minor=1000)
    pool.receive(lot, 10_000, reference="B-1", by=sunrise.operator)
    return period


def settle(*options: str) -> str:
    out = StringIO()
    call_command("settle", "--project", "terraces", "--period", "2025", *options, stdout=out)
    return out.getvalue()


def test_it_drafts_and_prints_the_lines(sunrise: Cast, period: MonitoringPeriod) -> None:
    printed = settle("--by", sunrise.operator.username)
    assert "¥ 100.00" in printed
    assert "−¥ 1.00" in printed
    assert "¥ 99.00" in printed
    drafted = Settlement.objects.get()
    assert (drafted.status, drafted.drafted_by) == ("draft", sunrise.operator)


def test_without_a_user_it_acts_as_the_scheduler(period: MonitoringPeriod) -> None:
    settle()
    assert Settlement.objects.get().drafted_by is None


def test_it_finishes_what_a_stopped_worker_left(period: MonitoringPeriod) -> None:
    settlement.request_settlement(period, by=None)
    settle()
    assert Settlement.objects.get().status == Settlement.Status.DRAFT


def test_a_second_time_it_says_that_one_is_open(period: MonitoringPeriod) -> None:
    settle()
    with pytest.raises(CommandError, match="2025-1") as refusal:
        settle()
    assert refusal.value.returncode == 2
    assert Settlement.objects.count() == 1


def test_what_does_not_exist_is_named(sunrise: Cast, period: MonitoringPeriod) -> None:
    with pytest.raises(CommandError, match="no period 2025 of project terraces"):
        settle("--cooperative", "nowhere")
    with pytest.raises(CommandError, match="no member of staff nobody"):
        settle("--by", "nobody")


def test_of_two_cooperatives_with_such_a_project_one_is_chosen(
    riverbend: Cast, period: MonitoringPeriod
) -> None:
    pool.issue_period(riverbend, [1000])
    with pytest.raises(CommandError, match="--cooperative"):
        settle()
    settle("--cooperative", "sunrise")
    assert Settlement.objects.get().cooperative.code == "sunrise"


def test_a_role_that_may_not_settle_is_refused(sunrise: Cast, period: MonitoringPeriod) -> None:
    with pytest.raises(CommandError):
        settle("--by", sunrise.viewer.username)
    assert not Settlement.objects.exists()
