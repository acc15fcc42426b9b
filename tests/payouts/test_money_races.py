"""Two people, or two workers, at the same moment: one effect, and the other is told why not.

Real threads with real connections, on PostgreSQL; SQLite has one writer at a time by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from aggregator.errors import DomainError
from aggregator.models import User
from credits.models import MonitoringPeriod
from payouts import ledger, payments, receipts, settlement
from payouts.models import JournalEntry, Payment, PaymentBatch, Receipt, Settlement, Share
from tests.cast import Cast, make_cast
from tests.payouts import pool

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast("sunrise", name="青山合作社", households=3, east=118.0)


@pytest.fixture
def period(cast: Cast) -> MonitoringPeriod:
    period = pool.issue_period(cast, [5000, 3000, 2000])
    lot = pool.sell(period, tonnes=10, unit_price_minor=1000)
    pool.receive(lot, 4_000, reference="B-1", by=cast.operator)
    return period


def second(cast: Cast, role: str) -> User:
    return User.objects.create(username=f"second-{role}", cooperative=cast.cooperative, role=role)


def at_once(*steps: Callable[[], Any]) -> list[str]:
    """Run the steps in threads that start together; ``done``, or the code of the refusal, each."""
    start = Barrier(len(steps))

    def run(step: Callable[[], Any]) -> str:
        try:
            start.wait()
            step()
        except DomainError as refusal:
            return refusal.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(steps)) as threads:
        return list(threads.map(run, steps))


def fresh_settlement() -> Settlement:
    return Settlement.objects.select_related("cooperative").get()


@pytest.mark.parametrize("attempt", range(5))
def test_two_approvals_at_once_make_one_entry(
    cast: Cast, period: MonitoringPeriod, attempt: int
) -> None:
    pool.draft(cast, period)
    other = second(cast, "approver")
    ends = at_once(
        lambda: settlement.approve_settlement(fresh_settlement(), by=cast.approver),
        lambda: settlement.approve_settlement(fresh_settlement(), by=other),
    )
    assert Counter(ends) == {"done": 1, "already_approved": 1}
    assert JournalEntry.objects.filter(reference__startswith="settlement:").count() == 1
    assert sum(ledger.owed_to_households(cast.cooperative, currency="CNY").values()) == 4_000


def test_approving_and_withdrawing_at_once_end_in_one_of_them(
    cast: Cast, period: MonitoringPeriod
) -> None:
    pool.draft(cast, period)
    ends = at_once(
        lambda: settlement.approve_settlement(fresh_settlement(), by=cast.approver),
        lambda: settlement.withdraw_settlement(fresh_settlement(), by=cast.operator),
    )
    assert ends.count("done") == 1
    approved = fresh_settlement().status == Settlement.Status.APPROVED
    assert Receipt.objects.filter(settlement=None).exists() is not approved


def test_two_requests_at_once_open_one_settlement(cast: Cast, period: MonitoringPeriod) -> None:
    ends = at_once(
        *[lambda: settlement.request_settlement(period, by=cast.operator)] * 2,
        lambda: settlement.request_settlement(period, by=None),
    )
    assert Counter(ends) == {"done": 1, "settlement_already_open": 2}
    assert Settlement.objects.count() == 1


def test_two_workers_on_one_request_draft_it_once(cast: Cast, period: MonitoringPeriod) -> None:
    settlement.request_settlement(period, by=cast.operator)
    at_once(*[lambda: settlement.draft_settlement(fresh_settlement())] * 3)
    assert Share.objects.count() == 3
    assert fresh_settlement().gross_minor == 4_000


def test_receipts_at_once_do_not_overpay_a_lot(cast: Cast, period: MonitoringPeriod) -> None:
    lot = Receipt.objects.get().lot
    ends = at_once(
        *[
            lambda reference=reference: pool.receive(
                lot, 4_000, reference=reference, by=cast.operator
            )
            for reference in ("B-2", "B-3")
        ]
    )
    assert Counter(ends) == {"done": 1, "more_than_outstanding": 1}
    assert receipts.outstanding_minor(lot) == 2_000


def test_the_same_bank_line_at_once_is_taken_once(cast: Cast, period: MonitoringPeriod) -> None:
    lot = Receipt.objects.get().lot
    ends = at_once(*[lambda: pool.receive(lot, 1_000, reference="B-2", by=cast.operator)] * 2)
    assert Counter(ends) == {"done": 1, "duplicate_reference": 1}


def test_money_received_while_drafting_is_shared_once(cast: Cast, period: MonitoringPeriod) -> None:
    """Either in this tranche or in the next, never in both and never in none."""
    lot = Receipt.objects.get().lot
    settlement.request_settlement(period, by=cast.operator)
    at_once(
        lambda: settlement.draft_settlement(fresh_settlement()),
        lambda: pool.receive(lot, 1_000, reference="B-2", by=cast.operator),
    )
    drafted = fresh_settlement()
    free = sum(Receipt.objects.filter(settlement=None).values_list("amount_minor", flat=True))
    assert drafted.gross_minor + free == 5_000


def test_two_batches_at_once_do_not_hold_the_same_balance(
    cast: Cast, period: MonitoringPeriod
) -> None:
    pool.settle(cast, period)
    other = second(cast, "operator")
    ends = at_once(
        lambda: payments.propose_batch(cast.cooperative, by=cast.operator),
        lambda: payments.propose_batch(cast.cooperative, by=other),
    )
    assert Counter(ends) == {"done": 1, "nothing_to_pay": 1}
    assert Payment.objects.count() == 3


def test_a_batch_is_approved_and_exported_once(cast: Cast, period: MonitoringPeriod) -> None:
    pool.settle(cast, period)
    batch = payments.propose_batch(cast.cooperative, by=cast.operator)
    other = second(cast, "approver")
    ends = at_once(
        lambda: payments.approve_batch(PaymentBatch.objects.get(), by=cast.approver),
        lambda: payments.approve_batch(PaymentBatch.objects.get(), by=other),
    )
    assert Counter(ends) == {"done": 1, "batch_already_approved": 1}
    files = []
    ends = at_once(
        *[lambda: files.append(payments.export_batch(PaymentBatch.objects.get(), by=cast.operator))]
        * 2
    )
    assert ends == ["done", "done"]
    assert sorted(file.is_copy for file in files) == [False, True]
    assert files[0].content == files[1].content
    batch.refresh_from_db()
    assert set(batch.payments.values_list("status", flat=True)) == {"sent"}


def test_the_banks_answer_counts_once(cast: Cast, period: MonitoringPeriod) -> None:
    pool.settle(cast, period)
    batch = payments.propose_batch(cast.cooperative, by=cast.operator)
    payments.approve_batch(batch, by=cast.approver)
    payments.export_batch(batch, by=cast.operator)
    payment = Payment.objects.earliest("position")
    ends = at_once(
        *[lambda: payments.fail_payment(payment, reason="x", by=cast.operator)] * 2,
        lambda: payments.confirm_batch(
            PaymentBatch.objects.get(), paid_on=batch.exported_at.date(), by=cast.operator
        ),
    )
    assert Counter(ends) == {"done": 2, "payment_not_sent": 1}
    assert ledger.owed_to_households(cast.cooperative, currency="CNY") == {
        payment.household_id: payment.amount_minor
    }
