"""What was paid for land that lost its carbon: listed in proportion, and never posted."""

from __future__ import annotations

from datetime import date

import pytest

from credits.models import ClawbackProposal
from credits.tonnes.reversals import Loss, approve_reversal, propose_reversal
from payouts.clawbacks import paid_for_void, with_net
from payouts.models import JournalEntry
from tests.admin_pages import signed_in
from tests.cast import Cast
from tests.payouts.pool import issue_period, receive, sell, settle


@pytest.mark.usefixtures("in_english")
def test_the_paid_part_of_void_kilograms_is_listed_and_nothing_is_booked(sunrise: Cast) -> None:
    period = issue_period(sunrise, [5_000, 3_000, 2_000])
    lot = sell(period, tonnes=10, unit_price_minor=1_000)
    receive(lot, 10_000, reference="B-1", by=sunrise.operator)
    settlement = settle(sunrise, period)
    entries = JournalEntry.objects.count()
    reversal = propose_reversal(
        period.project,
        loss=Loss(
            kind="avoidable", happened_on=date(2026, 5, 1), reason="ploughed", field_codes=["F002"]
        ),
        by=sunrise.operator,
    )
    approve_reversal(reversal, by=sunrise.approver)
    proposal = with_net(ClawbackProposal.objects.all()).get()
    share = settlement.shares.get(household=sunrise.households[1])
    assert proposal.household == sunrise.households[1]
    assert paid_for_void(proposal) == share.net_minor > 0
    # Half of it void: half of what was paid.
    proposal.void_kg = 1_500
    assert paid_for_void(proposal) == share.net_minor // 2
    assert JournalEntry.objects.count() == entries
    page = signed_in(sunrise.operator).get("/admin/credits/clawbackproposal/")
    assert "H002" in page.content.decode()
