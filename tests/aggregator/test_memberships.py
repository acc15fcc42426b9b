"""Joining, leaving and shares, each on a day; days never overlap."""

from __future__ import annotations

from datetime import date

import pytest

from aggregator import memberships
from aggregator.models import AuditEvent, Household
from aggregator.roles import NotAllowed, NotYours
from tests.cast import START, Cast


def spans(household: Household) -> list[tuple[date, date | None, int]]:
    rows = household.memberships.order_by("starts_on")
    return list(rows.values_list("starts_on", "ends_on", "shares"))


def test_leaving_ends_the_membership_with_that_day(sunrise: Cast) -> None:
    household = sunrise.households[0]
    memberships.leave(household, on=date(2025, 6, 30), by=sunrise.operator)
    assert spans(household) == [(START, date(2025, 6, 30), 1)]
    event = AuditEvent.objects.get(action="leave")
    assert event.details == {"last_day": "2025-06-30", "was": ""}


def test_who_left_joins_again_from_the_day_after(sunrise: Cast) -> None:
    household = sunrise.households[0]
    memberships.leave(household, on=date(2025, 6, 30), by=sunrise.operator)
    memberships.join(household, starts_on=date(2025, 7, 1), shares=3, by=sunrise.operator)
    assert spans(household) == [(START, date(2025, 6, 30), 1), (date(2025, 7, 1), None, 3)]


@pytest.mark.parametrize("day", [date(2019, 1, 1), date(2025, 6, 30)])
@pytest.mark.usefixtures("in_english")
def test_overlapping_days_are_refused_in_words(sunrise: Cast, day: date) -> None:
    household = sunrise.households[0]
    memberships.leave(household, on=date(2025, 6, 30), by=sunrise.operator)
    with pytest.raises(memberships.MembershipOverlaps, match="2020-01-01 to 2025-06-30"):
        memberships.join(household, starts_on=day, by=sunrise.operator)


def test_a_membership_before_the_first_is_taken(sunrise: Cast) -> None:
    household = sunrise.households[0]
    memberships.join(
        household, starts_on=date(2018, 1, 1), ends_on=date(2019, 12, 31), by=sunrise.operator
    )
    assert spans(household)[0] == (date(2018, 1, 1), date(2019, 12, 31), 1)


def test_days_the_wrong_way_round_are_refused(sunrise: Cast) -> None:
    with pytest.raises(memberships.DaysReversed):
        memberships.join(
            sunrise.households[0],
            starts_on=date(2019, 2, 1),
            ends_on=date(2019, 1, 1),
            by=sunrise.operator,
        )


def test_one_who_is_no_member_cannot_leave(sunrise: Cast) -> None:
    with pytest.raises(memberships.NotAMember, match="H001"):
        memberships.leave(sunrise.households[0], on=date(2019, 1, 1), by=sunrise.operator)


def test_shares_change_on_a_day_and_keep_the_days_before(sunrise: Cast) -> None:
    household = sunrise.households[0]
    memberships.change_shares(household, shares=5, on=date(2025, 7, 1), by=sunrise.operator)
    assert spans(household) == [(START, date(2025, 6, 30), 1), (date(2025, 7, 1), None, 5)]
    memberships.change_shares(household, shares=6, on=date(2025, 7, 1), by=sunrise.operator)
    assert spans(household)[1] == (date(2025, 7, 1), None, 6)


def test_only_the_own_operator_changes_memberships(sunrise: Cast, riverbend: Cast) -> None:
    household = sunrise.households[0]
    with pytest.raises(NotAllowed):
        memberships.leave(household, on=date(2025, 1, 1), by=sunrise.viewer)
    with pytest.raises(NotYours):
        memberships.join(household, starts_on=date(2018, 1, 1), by=riverbend.operator)
