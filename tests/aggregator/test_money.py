"""Money is exact, of one currency, and refuses what it cannot hold."""

from fractions import Fraction

import pytest

from aggregator.money import Money, MoneyError, format_money, round_half_up


def test_parsing_keeps_every_digit():
    assert Money.parse("90071992547409931.07", "CNY").amount_minor == 9007199254740993107


def test_a_third_decimal_of_a_yuan_is_refused():
    with pytest.raises(MoneyError, match="more decimals"):
        Money.parse("1.005", "CNY")


def test_a_yen_has_no_decimals():
    assert str(Money.parse("1500", "JPY")) == "1500"
    with pytest.raises(MoneyError):
        Money.parse("1500.5", "JPY")


def test_a_dinar_of_tunisia_has_thousandths_and_a_west_african_franc_no_parts():
    # ISO 4217, table A.1: TND 3, XOF 0.
    assert Money.parse("1.005", "TND").amount_minor == 1005
    assert Money.parse("1500", "XOF").amount_minor == 1500


@pytest.mark.parametrize("text", ["", "abc", "NaN", "Infinity", "1,000"])
def test_text_that_is_no_amount_is_refused(text):
    with pytest.raises(MoneyError):
        Money.parse(text, "CNY")


def test_two_currencies_are_never_added():
    with pytest.raises(MoneyError, match="CNY and USD"):
        Money(1, "CNY") + Money(1, "USD")


def test_a_float_is_no_amount():
    with pytest.raises(MoneyError):
        Money(1.5, "CNY")  # type: ignore[arg-type]


def test_sums_and_order():
    assert Money(5, "CNY") + Money(7, "CNY") - Money(2, "CNY") == Money(10, "CNY")
    assert -Money(5, "CNY") < Money(0, "CNY")


@pytest.mark.parametrize(
    ("value", "rounded"),
    [("1/2", 1), ("-1/2", -1), ("3/2", 2), ("5/2", 3), ("49/100", 0), ("-149/100", -1)],
)
def test_halves_go_away_from_zero(value, rounded):
    assert round_half_up(Fraction(value)) == rounded


def test_amounts_are_written_for_people():
    assert format_money(131245, "CNY") == "¥ 1,312.45"
    assert format_money(-5, "CNY") == "−¥ 0.05"
    assert format_money(1500, "JPY") == "¥ 1,500"
