"""Money as whole minor units of one currency; never a float, never two currencies mixed.

Imports no Django: the pure ground of every amount in the program.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

# ISO 4217: digits after the point, for the currencies that do not have two.
_WITHOUT_MINOR = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_WITH_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_EXPONENTS = dict.fromkeys(_WITHOUT_MINOR.split(), 0) | dict.fromkeys(_WITH_THOUSANDTHS.split(), 3)
_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "VND": "₫"}


class MoneyError(ValueError):
    """An amount that cannot be: a third decimal of a cent, two currencies in one sum."""


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount: `amount_minor` of the smallest unit (fen, cent) of `currency` (ISO 4217)."""

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount_minor) is not int:
            raise MoneyError(f"{self.amount_minor!r} is not a whole number of minor units")
        if len(self.currency) != 3 or not self.currency.isupper():
            raise MoneyError(f"{self.currency!r} is not a currency code")

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Read a decimal string such as ``"312.45"``; more decimals than the currency has raise."""
        try:
            scaled = Decimal(text).scaleb(minor_digits(currency))
        except ArithmeticError as error:
            raise MoneyError(f"{text!r} is not an amount") from error
        if not scaled.is_finite() or scaled != scaled.to_integral_value():
            raise MoneyError(f"{text!r} has more decimals than {currency} has")
        return cls(int(scaled), currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount_minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount_minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount_minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount_minor < self._same(other)

    def __str__(self) -> str:
        """The decimal string used in JSON and files: no sign of the currency, no grouping."""
        return format(self.decimal, "f")

    @property
    def decimal(self) -> Decimal:
        return Decimal(self.amount_minor).scaleb(-minor_digits(self.currency))

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise MoneyError(f"{self.currency} and {other.currency} in one sum")
        return other.amount_minor


def minor_digits(currency: str) -> int:
    """Digits after the decimal point of `currency`.

    Source: ISO 4217 table A.1, column "minor unit".
    """
    return _EXPONENTS.get(currency, 2)


def format_money(amount_minor: int, currency: str) -> str:
    """Write an amount for people: ``"¥ 1,312.45"``, minus sign first."""
    digits = minor_digits(currency)
    amount = Decimal(abs(amount_minor)).scaleb(-digits)
    sign = _SIGNS.get(currency, currency)
    return f"{'−' if amount_minor < 0 else ''}{sign} {amount:,.{digits}f}"


def round_half_up(value: Fraction) -> int:
    """Round to the nearest whole number, halves away from zero: the rule for fees and prices."""
    magnitude = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return magnitude if value >= 0 else -magnitude
