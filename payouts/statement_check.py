"""How a household's amounts come out of the pool's, step by step, for a reader with a calculator.

Whole numbers only: a quotient is cut, never rounded, and the fen that came by remainder is shown.
"""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from aggregator.formats import named
from aggregator.money import Money, format_money, minor_digits
from aggregator.units import format_tonnes
from payouts.statement_text import Data, format_amount


def explain_checks(data: Data) -> list[dict[str, str]]:
    """How each amount of the household comes out of the pool's, to be done on a calculator."""
    parts = [
        (named(line, "name"), line["pool_minor"], line["household_minor"]) for line in data["lines"]
    ]
    parts.append(
        (_("What is left for you"), data["pool"]["net_minor"], data["totals"]["net_minor"])
    )
    return [_check(name, pool_minor, share_minor, data) for name, pool_minor, share_minor in parts]


def _check(name: str, pool_minor: int, share_minor: int, data: Data) -> dict[str, str]:
    kg, pool_kg = data["totals"]["kg"], data["pool"]["kg"]
    cut_minor = pool_minor * kg // pool_kg if pool_kg else 0
    quotient = _quotient(pool_minor * kg, pool_kg, data["currency"])
    if share_minor != cut_minor:
        parts = (Money(minor, data["currency"]) for minor in (cut_minor, share_minor - cut_minor))
        quotient += f" ({' + '.join(map(str, parts))})"
    factors = f"{format_amount(data, pool_minor)} × {format_tonnes(kg)}"
    return {
        "name": name,
        "formula": f"{factors} ÷ {format_tonnes(pool_kg)}",
        "quotient": quotient,
        "amount": format_amount(data, share_minor),
    }


def _quotient(dividend: int, divisor: int, currency: str) -> str:
    """The exact quotient, cut (not rounded) four places below the minor unit."""
    if not divisor:
        return format_money(0, currency)
    whole, rest = divmod(dividend * 10_000, divisor)
    digits = minor_digits(currency) + 4
    return f"{Decimal(whole).scaleb(-digits):,.{digits}f}{'…' if rest else ''}"
