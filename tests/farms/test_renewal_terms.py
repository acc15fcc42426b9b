"""Renewing proposes a term as long as the last: five years stay five years."""

from __future__ import annotations

from datetime import date

import pytest

from aggregator.models import Agreement
from farms.admin.agreement_actions import propose_end


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "expected"),
    [
        # 1,826 days with 29 February 2024; the next five years have it in 2028 and 2032: 1,827.
        (date(2023, 1, 1), date(2027, 12, 31), date(2032, 12, 31)),
        (date(2024, 4, 1), date(2025, 3, 31), date(2026, 3, 31)),
        # Ten days, no whole year: ten days more.
        (date(2026, 3, 1), date(2026, 3, 10), date(2026, 3, 20)),
        # 2100 is no leap year: its February has no 29th to count back from.
        (date(2092, 2, 29), date(2096, 2, 28), date(2100, 2, 28)),
    ],
)
def test_the_new_term_is_as_long(starts_on: date, ends_on: date, expected: date) -> None:
    assert propose_end(Agreement(starts_on=starts_on, ends_on=ends_on)) == expected
