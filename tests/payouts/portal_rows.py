"""Settled years and payments for the tests of the member's pages, through the rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from aggregator.models import Household
from credits.models import Enrolment, MonitoringPeriod, Project
from payouts import payments
from payouts.models import PaymentBatch, Settlement
from payouts.statements import issue_statements
from tests.cast import Cast
from tests.payouts import pool

PAID_ON = date(2026, 7, 15)


def start_project(cast: Cast) -> Project:
    """A project in which every field of the cast is enrolled."""
    project = pool.make_project(cast)
    for field in cast.fields:
        Enrolment.objects.create(
            cooperative=cast.cooperative,
            project=project,
            field=field,
            status=Enrolment.Status.ENROLLED,
        )
    return project


def settle_year(
    cast: Cast, kilograms: Sequence[int], *, amount_minor: int, year: int = 2025, project: Project
) -> Settlement:
    """A year whose receipt of `amount_minor` is shared by `kilograms`, with its statements."""
    period = pool.issue_period(cast, kilograms, project=project, year=year)
    lot = pool.sell(period, tonnes=1, unit_price_minor=amount_minor)
    pool.receive(lot, amount_minor, reference=f"r-{cast.cooperative.code}-{year}", by=cast.operator)
    settlement = pool.settle(cast, period)
    settlement.refresh_from_db()
    issue_statements(settlement)
    return settlement


def add_period(cast: Cast, project: Project, **values: Any) -> MonitoringPeriod:
    return MonitoringPeriod.objects.create(
        **{
            "cooperative": cast.cooperative,
            "project": project,
            "code": "2026",
            "starts_on": date(2026, 1, 1),
            "ends_on": date(2026, 12, 31),
        }
        | values
    )


def send_payments(cast: Cast) -> PaymentBatch:
    """Every balance of the cast proposed, approved and sent to the bank."""
    batch = payments.propose_batch(cast.cooperative, by=cast.operator)
    payments.approve_batch(batch, by=cast.approver)
    payments.export_batch(batch, by=cast.operator)
    return batch


def confirm_payments(cast: Cast, batch: PaymentBatch) -> None:
    payments.confirm_batch(batch, paid_on=PAID_ON, by=cast.operator)


def fail_payment(cast: Cast, batch: PaymentBatch, household: Household, *, reason: str) -> None:
    payments.fail_payment(batch.payments.get(household=household), reason=reason, by=cast.operator)
