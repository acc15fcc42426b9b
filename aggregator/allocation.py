"""The one splitter: a whole amount over whole weights, exactly, by largest remainder.

Money is split by it, and the kilograms of an issuance.

Imports no Django and no pandas; takes and gives integers only, never a float.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_INT64_LIMIT = 2**63
# Below this many weights plain integers are faster than the trip through arrays.
_SMALL = 64


class AllocationError(ValueError):
    """A total or a weight by which nothing can be split: a float, a negative weight, no weight."""


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` in proportion to `weights` by largest remainder (Hamilton's method).

    Each part is the exact quota ``total * weight / sum(weights)`` rounded down; the units left
    over go one each to the largest remainders, ties to the lower index. A pool that grows must
    not be split anew: under this method a larger total can lower a part (the Alabama paradox),
    so each tranche is split once.

    Args:
        total: whole units (minor units, kg), any size; a negative total is split as its
            magnitude, negated.
        weights: whole non-negative numbers (kg, m²), any size; a list, tuple or integer array.

    Returns:
        Whole units in the order of `weights`, summing to `total` exactly, each less than
        one unit from its exact quota; a zero weight gets zero.

    Raises:
        AllocationError: a number that is not an integer, a negative weight, or a total other
            than zero with no positive weight.

    Source: METHODS.md, I. Apportionment; Balinski & Young, Fair Representation (1982), ch. 3.
    """
    whole = _whole_weights(weights)
    if type(total) is not int:
        raise AllocationError(f"{total!r} is not a whole amount")
    if whole and min(whole) < 0:
        raise AllocationError("a weight is negative")
    if total < 0:
        return [-part for part in allocate(-total, whole)]
    weight_sum = sum(whole)
    if weight_sum == 0:
        if total:
            raise AllocationError(f"{total} cannot be split: every weight is zero")
        return [0] * len(whole)
    if len(whole) >= _SMALL and _fits_int64(total, weight_sum):
        return _split_array(total, np.array(whole, dtype=np.int64), weight_sum)
    return _split_integers(total, whole, weight_sum)


def _whole_weights(weights: Sequence[int]) -> list[int]:
    if isinstance(weights, np.ndarray):
        if weights.dtype.kind not in "iu":
            raise AllocationError(f"weights of type {weights.dtype} are not whole numbers")
        return weights.tolist()
    whole = list(weights)
    # By exact type: a bool is an int to Python, and a numpy scalar overflows without a word.
    strange = set(map(type, whole)) - {int}
    if strange:
        names = ", ".join(sorted(kind.__name__ for kind in strange))
        raise AllocationError(f"weights of type {names} are not whole numbers")
    return whole


def _split_integers(total: int, weights: list[int], weight_sum: int) -> list[int]:
    parts, remainders = [], []
    for weight in weights:
        part, remainder = divmod(total * weight, weight_sum)
        parts.append(part)
        remainders.append(remainder)
    left = total - sum(parts)
    for index in sorted(range(len(parts)), key=remainders.__getitem__, reverse=True)[:left]:
        parts[index] += 1
    return parts


def _estimate_error(total: int) -> int:
    # Three conversions, a product and a quotient in doubles: under 2**-50 of the quota, which is
    # at most `total`; rounding down adds one, and one more is to spare.
    return (total >> 50) + 2


def _fits_int64(total: int, weight_sum: int) -> bool:
    # Half the limit for the total, so that no estimate in doubles is rounded past int64 itself.
    return total < _INT64_LIMIT // 2 and (_estimate_error(total) + 1) * weight_sum < _INT64_LIMIT


def _split_array(total: int, weights: npt.NDArray[np.int64], weight_sum: int) -> list[int]:
    """The same split in int64: quotas estimated in doubles, then corrected to the exact integer.

    The products wrap modulo 2**64, yet ``total * weight - part * weight_sum`` is exact as long as
    the estimate is near enough for the difference to fit, which `_fits_int64` has made sure of.
    """
    parts = (weights.astype(np.float64) * float(total) / float(weight_sum)).astype(np.int64)
    remainders = weights * np.int64(total) - parts * np.int64(weight_sum)
    correction = remainders // weight_sum
    parts += correction
    remainders -= correction * weight_sum
    left = total - int(parts.sum())
    if left:
        parts[_largest(remainders, left)] += 1
    result: list[int] = parts.tolist()
    return result


def _largest(remainders: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.intp]:
    """Indices of the `count` largest values, ties to the lower index; linear time."""
    threshold = np.partition(remainders, -count)[-count]
    above = np.flatnonzero(remainders > threshold)
    level = np.flatnonzero(remainders == threshold)
    return np.concatenate([above, level[: count - len(above)]])
