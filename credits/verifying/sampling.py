"""A draw that anyone can repeat: published list, published seed, public arithmetic.

Imports no Django. The list must be fixed before the seed is known, or the draw proves nothing.
"""

from __future__ import annotations

import hashlib
from fractions import Fraction
from math import ceil

# The algorithm counts its rounds in two octets.
MAX_DRAWS = 65_536


class SamplingError(ValueError):
    """A draw that RFC 3797 cannot make."""


def draw_positions(*, key: str, pool: int, count: int) -> list[int]:
    """Draw `count` of the places 1 to `pool`, in the order drawn, none twice.

    Args:
        key: the seed's canonical string, taken as UTF-8 octets, e.g. ``"9319./2.5.8.10.12./"``.
        pool: number of places.
        count: how many to draw; at most `pool` and at most 65,536.

    Returns:
        Places counted from 1. In round n the place is the MD5 of n‖key‖n (n in two octets, high
        one first), read as a whole number, modulo the places still left.

    Raises:
        SamplingError: no key, or more draws than places or rounds.

    Source: RFC 3797 (2004), section 4 and the reference code of section 6.
    """
    if not key:
        raise SamplingError("the seed is empty")
    if not 0 <= count <= min(pool, MAX_DRAWS):
        raise SamplingError(f"cannot draw {count} of {pool}")
    left = list(range(1, pool + 1))
    text = key.encode()
    drawn = []
    for number in range(count):
        octets = number.to_bytes(2, "big")
        # MD5 is the RFC's; nothing secret hangs on it, since list and seed are public.
        digest = hashlib.md5(octets + text + octets, usedforsecurity=False).digest()
        drawn.append(left.pop(int.from_bytes(digest, "big") % len(left)))
    return drawn


def sample_size(population: int, *, rate: Fraction, minimum: int) -> int:
    """Size of a sample: `rate` of the population rounded up, at least `minimum`, at most all."""
    return min(population, max(minimum, ceil(population * rate)))
