"""Two people at one account at the same moment: one effect. Real threads, on PostgreSQL."""

from __future__ import annotations

from collections import Counter

import pytest

from aggregator import merging, payees
from aggregator.models import AuditEvent, PayeeAccount
from payouts import books, payments
from payouts.models import Payment
from tests.aggregator.sheets import bank_card
from tests.cast import Cast, make_cast
from tests.payouts import pool
from tests.payouts.test_money_races import at_once, second

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast("sunrise", name="青山合作社", households=3, east=118.0)


def propose(cast: Cast) -> PayeeAccount:
    return payees.propose_account(
        cast.households[0], holder_name="户主", number=bank_card(70), by=cast.operator
    )


@pytest.mark.parametrize("attempt", range(3))
def test_two_approvals_at_once_are_one(cast: Cast, attempt: int) -> None:
    account = propose(cast)
    other = second(cast, "approver")
    ends = at_once(
        lambda: payees.approve_account(account, by=cast.approver),
        lambda: payees.approve_account(account, by=other),
    )
    assert Counter(ends) == {"done": 1, "account_not_waiting": 1}
    assert cast.households[0].payee_accounts.active().count() == 1
    assert AuditEvent.objects.filter(action="approve_account").count() == 1


def test_two_proposals_at_once_are_one(cast: Cast) -> None:
    other = second(cast, "operator")
    ends = at_once(
        lambda: propose(cast),
        lambda: payees.propose_account(
            cast.households[0], holder_name="户主", number=bank_card(71), by=other
        ),
    )
    assert Counter(ends) == {"done": 1, "account_proposal_open": 1}


def test_approving_and_refusing_at_once_end_in_one_of_them(cast: Cast) -> None:
    account = propose(cast)
    other = second(cast, "approver")
    ends = at_once(
        lambda: payees.approve_account(account, by=cast.approver),
        lambda: payees.refuse_account(account, reason="x", by=other),
    )
    assert Counter(ends) == {"done": 1, "account_not_waiting": 1}


def test_proposing_a_merge_both_ways_at_once_is_one_proposal(cast: Cast) -> None:
    one, other = cast.households[:2]
    operator = second(cast, "operator")
    ends = at_once(
        lambda: merging.propose_merge(one, other, by=cast.operator),
        lambda: merging.propose_merge(other, one, by=operator),
    )
    assert Counter(ends) == {"done": 1, "pair_decided": 1}


@pytest.mark.parametrize("attempt", range(3))
def test_approving_a_merge_twice_at_once_is_one_merge(cast: Cast, attempt: int) -> None:
    pair = merging.propose_merge(*cast.households[:2], by=cast.operator)
    approver = second(cast, "approver")
    ends = at_once(
        lambda: merging.approve_merge(pair, by=cast.approver),
        lambda: merging.approve_merge(pair, by=approver),
    )
    assert Counter(ends) == {"done": 1, "merge_not_waiting": 1}
    books.prove_books()


@pytest.mark.parametrize("attempt", range(3))
def test_a_merge_and_a_batch_at_once_pay_each_balance_once(cast: Cast, attempt: int) -> None:
    """Either the batch holds one of the two and the merge waits, or the batch sees one record."""
    period = pool.issue_period(cast, [5000, 3000, 2000])
    pool.receive(
        pool.sell(period, tonnes=10, unit_price_minor=1000), 10_000, reference="B", by=cast.operator
    )
    pool.settle(cast, period)
    pair = merging.propose_merge(*cast.households[:2], by=cast.operator)
    ends = at_once(
        lambda: merging.approve_merge(pair, by=cast.approver),
        lambda: payments.propose_batch(cast.cooperative, by=cast.operator),
    )
    assert ends in (["done", "done"], ["merge_later", "done"])
    proposed = Payment.objects.exclude(status="held")
    merged = ends[0] == "done"
    assert sum(row.amount_minor for row in proposed) == (2000 if merged else 10_000)
    assert Payment.objects.filter(amount_minor=8000, status="held").exists() is merged
    books.prove_books()
