"""Whose kilograms a range of serial numbers holds. Imports no Django; whole numbers only.

An issuance of M kilograms is dealt to its households in whole kilograms, by largest remainder over
the kilograms they earned, and each household then owns a stretch of that length on a circle of M
places, one household after another. Kilogram number k of the project's line of serials (serial 1
begins with kilogram 0) lies at place ``k * step mod M`` of the circle; `step` is coprime to M, so
the M kilograms of an issuance take every place once, and nobody gains or loses a kilogram however
its blocks are split or merged. Of the sixteen numbers coprime to M that are nearest to M divided by
the golden ratio it is the one that spreads most evenly (the smallest sum of partial quotients of
``step / M``), so each block holds every household within a few kilograms of its proportion. How
many of a range fall into a stretch is a sum of floors, found in as many steps as Euclid's algorithm
takes, so nothing is stored for a household and a block, and anyone can redo it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, islice
from math import gcd, isqrt

from aggregator.allocation import allocate

KG_PER_SERIAL = 1000
CANDIDATES = 16


def deal_kilograms(tonnes: int, weights: Sequence[int]) -> list[int]:
    """Deal the kilograms of an issuance to its households.

    Args:
        tonnes: whole tonnes issued.
        weights: what each household earned, in kg, in the households' fixed order.

    Returns:
        Whole kilograms in the order of `weights`, 1,000 times `tonnes` in all.

    Raises:
        AllocationError: there are tonnes and no positive weight.

    Source: METHODS.md, I. Apportionment.
    """
    return allocate(tonnes * KG_PER_SERIAL, weights)


def count_kilograms(dealt: Sequence[int], *, serial_start: int, serial_end: int) -> list[int]:
    """Kilograms of each household in a range of serials of an issuance.

    Args:
        dealt: kilograms of each household in the issuance, as `deal_kilograms` gives them.
        serial_start: first serial of the range, from 1; within the issuance.
        serial_end: last serial of the range, inclusive.

    Returns:
        Whole kilograms in the order of `dealt`, 1,000 a serial in all where the range lies within
        the issuance. Ranges that meet add up: split or merged, no kilogram moves.

    Raises:
        ValueError: the range is empty or begins before the first serial.
    """
    if not 1 <= serial_start <= serial_end:
        raise ValueError(f"{serial_start} to {serial_end} is not a range of serials")
    circle = sum(dealt)
    if not circle:
        return [0] * len(dealt)
    step = choose_step(circle)
    first = (serial_start - 1) * KG_PER_SERIAL
    length = (serial_end - serial_start + 1) * KG_PER_SERIAL
    # Whole turns of the circle give everybody all that is his; only the rest is counted.
    turns, rest = divmod(length, circle)
    offset = first * step % circle
    line = sum_floors(rest, circle, step, offset)
    below = [
        line - sum_floors(rest, circle, step, offset + circle - edge) + rest
        for edge in accumulate(dealt, initial=0)
    ]
    return [
        turns * own + after - before
        for own, before, after in zip(dealt, below[:-1], below[1:], strict=True)
    ]


@lru_cache(maxsize=256)
def choose_step(circle: int) -> int:
    """The step of a circle: near ``circle / φ``, coprime to it, and spreading evenly.

    Of the sixteen coprime numbers nearest to ``circle / φ`` (all there are, if fewer) the one with
    the smallest sum of partial quotients; of equals the nearest.

    Raises:
        ValueError: the circle has no place.

    Source: Kuipers & Niederreiter, Uniform Distribution of Sequences (1974), ch. 2, theorem 3.4:
        the partial quotients bound how far a run of such numbers strays from its proportion.
    """
    if circle < 1:
        raise ValueError(f"{circle} places are no circle")
    coprime = (step for step in _nearest_first(circle) if gcd(step, circle) == 1)
    return min(islice(coprime, CANDIDATES), key=lambda step: sum_quotients(step, circle))


def sum_quotients(numerator: int, denominator: int) -> int:
    """The sum of the partial quotients of a fraction, as Euclid's algorithm finds them."""
    total = 0
    while denominator:
        quotient, rest = divmod(numerator, denominator)
        total += quotient
        numerator, denominator = denominator, rest
    return total


def _nearest_first(circle: int) -> Iterator[int]:
    """The numbers from 1 to `circle` in order of their distance from ``circle * (√5 - 1) / 2``."""
    below = (isqrt(5 * circle * circle) - circle) // 2
    is_nearer = 5 * circle * circle < (2 * below + circle + 1) ** 2
    for distance in range(circle + 1):
        pair = (below - distance, below + 1 + distance)
        yield from (each for each in (pair if is_nearer else pair[::-1]) if 0 < each <= circle)


def sum_floors(number: int, modulus: int, factor: int, offset: int) -> int:
    """The sum of ``(factor * k + offset) // modulus`` over k from 0 to ``number - 1``.

    Args:
        number: how many terms, not negative.
        modulus: positive.
        factor: not negative.
        offset: not negative.

    Source: Graham, Knuth, Patashnik, Concrete Mathematics, 2nd ed., section 3.5; the two halves of
        each step reduce factor and modulus as Euclid's algorithm does.
    """
    total = 0
    while number:
        if factor >= modulus:
            total += number * (number - 1) // 2 * (factor // modulus)
            factor %= modulus
        if offset >= modulus:
            total += number * (offset // modulus)
            offset %= modulus
        top = factor * number + offset
        if top < modulus:
            break
        number, offset = divmod(top, modulus)
        modulus, factor = factor, modulus
    return total
