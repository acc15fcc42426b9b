"""How far a sample says the whole claims too much, and what that takes from fields not sampled.

Imports no Django. Fractions throughout; only the square root of a variance is a decimal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from math import ceil, floor

# Student's t for 95% one-sided, which is 90% two-sided, for 1 to 30 degrees of freedom; beyond, the
# row below is taken, so that the limit is never too near.
# Source: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2.
_ROWS = (
    "6.314 2.920 2.353 2.132 2.015 1.943 1.895 1.860 1.833 1.812 "
    "1.796 1.782 1.771 1.761 1.753 1.746 1.740 1.734 1.729 1.725 "
    "1.721 1.717 1.714 1.711 1.708 1.706 1.703 1.701 1.699 1.697"
)
_T_95 = tuple(Fraction(text) for text in _ROWS.split())
_T_95_BEYOND = ((100, "1.660"), (60, "1.671"), (40, "1.684"), (30, "1.697"))
_DIGITS = 50


@dataclass(frozen=True, slots=True)
class Seen:
    """A field drawn by chance: its claim, the part that was too much, and its size in the draw."""

    claimed_kg: int
    overclaimed_kg: int
    area_cm2: int


@dataclass(frozen=True, slots=True)
class Overstatement:
    """The part of the claims that is too much, 0 to 1, and its limits at 90% confidence.

    The limits are None where one field alone was drawn: it says nothing of the spread.
    """

    ratio: Fraction
    variance: Fraction | None
    low: Fraction | None
    high: Fraction | None


def estimate_simple(seen: Sequence[Seen], *, population: int) -> Overstatement:
    """The ratio estimated from a simple random sample: R = Σ over-claimed ÷ Σ claimed.

    Args:
        seen: the fields drawn, at least one, with claims above 0.
        population: fields they were drawn from.

    Returns:
        R; v = (1 − n/N) ÷ (n c̄²) × Σ(o − R c)² ÷ (n − 1), c̄ the mean claim; R ± t √v.

    Source: Cochran, Sampling Techniques (3rd ed., 1977), equation 6.9, with the sample's mean.
    """
    count = len(seen)
    claimed = sum(each.claimed_kg for each in seen)
    ratio = Fraction(sum(each.overclaimed_kg for each in seen), claimed)
    if count == 1:
        return _bounded(ratio, Fraction(0) if population == 1 else None, count)
    squares = sum((each.overclaimed_kg - ratio * each.claimed_kg) ** 2 for each in seen)
    left_out = 1 - Fraction(count, population)
    mean = Fraction(claimed, count)
    return _bounded(ratio, left_out * squares / (count * mean**2 * (count - 1)), count)


def estimate_by_area(
    seen: Sequence[Seen], *, whole_area_cm2: int, claimed_kg: int
) -> Overstatement:
    """The ratio estimated from fields drawn in proportion to their area.

    Args:
        seen: the fields drawn by chance, at least one, without those that were certain.
        whole_area_cm2: area of all fields that were left to chance.
        claimed_kg: what all of those claim.

    Returns:
        t̂ = mean of z/p, with z the over-claimed kilograms and p the field's part of the area;
        v = Σ(z/p − t̂)² ÷ (n(n − 1)); both over the claim.

    Source: Hansen and Hurwitz (1943), Annals of Mathematical Statistics 14, 333–362.
    """
    count = len(seen)
    expanded = [
        Fraction(each.overclaimed_kg * whole_area_cm2, each.area_cm2) / claimed_kg for each in seen
    ]
    ratio = sum(expanded, Fraction(0)) / count
    if count == 1:
        return _bounded(ratio, None, count)
    squares = sum(((each - ratio) ** 2 for each in expanded), Fraction(0))
    return _bounded(ratio, squares / (count * (count - 1)), count)


def _bounded(ratio: Fraction, variance: Fraction | None, count: int) -> Overstatement:
    if variance is None:
        return Overstatement(min(ratio, Fraction(1)), None, None, None)
    reach = _t_95(count - 1) * _root(variance) if variance else Fraction(0)
    return Overstatement(
        # More than everything cannot be too much, whatever an expansion by area says.
        min(ratio, Fraction(1)),
        variance,
        max(ratio - reach, Fraction(0)),
        min(ratio + reach, Fraction(1)),
    )


def _t_95(degrees: int) -> Fraction:
    if degrees <= len(_T_95):
        return _T_95[degrees - 1]
    return next(Fraction(text) for least, text in _T_95_BEYOND if degrees >= least)


def _root(square: Fraction) -> Fraction:
    with localcontext() as context:
        context.prec = _DIGITS
        return Fraction((Decimal(square.numerator) / Decimal(square.denominator)).sqrt())


def spread_reduction(claims_kg: Sequence[int], ratio: Fraction) -> list[int]:
    """Take a part of many claims in whole kilograms whose sum is the part of their sum.

    Args:
        claims_kg: whole kilograms, none negative.
        ratio: the part to take, 0 to 1.

    Returns:
        What is taken from each, in their order: rounded down, then one kilogram more from those
        with the largest remainders (the earlier first) until the sum is the exact part rounded up,
        so that the corrected total is never too high.

    Raises:
        ValueError: the ratio is not between 0 and 1.
    """
    if not 0 <= ratio <= 1:
        raise ValueError(f"{ratio} is not a part between 0 and 1")
    exact = [claim * ratio for claim in claims_kg]
    taken = [floor(each) for each in exact]
    over = ceil(sum(exact, Fraction(0))) - sum(taken)
    by_remainder = sorted(range(len(exact)), key=lambda at: (taken[at] - exact[at], at))
    for at in by_remainder[:over]:
        taken[at] += 1
    return taken
