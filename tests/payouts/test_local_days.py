"""A day is told as the calendar of the desk has it, not the server's of Greenwich."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from payouts.admin.settlement_page import _check_second_person
from payouts.models import Settlement
from tests.cast import Cast


@pytest.mark.usefixtures("in_english")
def test_what_was_approved_before_eight_in_the_morning_was_approved_that_day(sunrise: Cast) -> None:
    settlement = Settlement(cooperative=sunrise.cooperative, approved_by=sunrise.approver)
    # Half past six in the morning of 23 November in China.
    settlement.approved_at = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
    check = _check_second_person(settlement, sunrise.operator)
    assert "2026-11-23" in check.reason
