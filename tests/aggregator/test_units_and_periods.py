"""Areas, tonnes and spans of days convert and cut exactly."""

from datetime import date
from decimal import Decimal

import pytest

from aggregator.periods import Period, PeriodError, uncovered_days, year_period
from aggregator.units import format_tonnes, m2_to, to_m2


def test_one_hectare_is_fifteen_mu():
    assert m2_to(Decimal("10000.00"), "mu") == Decimal("15.00")


def test_one_mu_is_stored_to_the_square_centimetre_of_its_law():
    # 10,000 / 15 = 666.666…
    assert to_m2(Decimal(1), "mu") == Decimal("666.67")


def test_an_acre_is_the_international_one():
    assert to_m2(Decimal(1000), "acre") == Decimal("4046856.42")


def test_tonnes_show_every_kilogram():
    assert format_tonnes(1207) == "1.207"
    assert format_tonnes(1_204_000) == "1,204.000"


def test_both_ends_of_a_period_count():
    assert year_period(2024).days == 366
    assert Period(date(2025, 1, 1), date(2025, 1, 1)).days == 1


def test_a_period_cannot_end_before_it_starts():
    with pytest.raises(PeriodError):
        Period(date(2025, 1, 2), date(2025, 1, 1))


def test_gaps_between_agreements_are_found():
    year = year_period(2025)
    parts = [(date(2025, 3, 1), date(2025, 6, 30)), (date(2025, 6, 1), date(2025, 8, 31))]
    assert uncovered_days(year, parts) == [
        Period(date(2025, 1, 1), date(2025, 2, 28)),
        Period(date(2025, 9, 1), date(2025, 12, 31)),
    ]


def test_an_open_end_covers_the_rest():
    assert uncovered_days(year_period(2025), [(date(2020, 1, 1), None)]) == []
