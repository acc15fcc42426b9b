"""Two people at one account at the same moment: one effect. Real threads, on PostgreSQL."""

from __future__ import annotations

from collections import Counter

import pytest

from aggregator import merging, payees
from aggregator.models import AuditEvent, PayeeAccount
from payouts import books
from tests.aggregator.sheets import bank_card
from tests.cast import Cast, make_cast
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


def test_merging_both_ways_at_once_is_one_merge(cast: Cast) -> None:
    one, other = cast.households[:2]
    approver = second(cast, "approver")
    ends = at_once(
        lambda: merging.merge_households(one, other, by=cast.approver),
        lambda: merging.merge_households(other, one, by=approver),
    )
    assert Counter(ends) == {"done": 1, "household_merged": 1}
    books.prove_books()
