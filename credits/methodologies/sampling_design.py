"""How many soil samples are needed, and how they are shared out between strata.

May not read a database, a clock or a file. Sizes are answered as they come out of the formula; a
plan rounds them up (`whole_samples`).

Source: Cochran, Sampling Techniques (3rd ed.), chapters 4 and 5; Brus, Spatial Sampling with R,
chapters 4 and 12; Ruuts Protocol for SOC v1.0, 7.3.1.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor

from scipy.special import ndtri, stdtrit

LEAST_IN_STRATUM = 2
# A size that comes out a hair above a whole number by floating point is that number.
_HAIR = 1e-9


def whole_samples(size: float) -> int:
    """A size rounded up."""
    return ceil(size - _HAIR)


def size_after_presampling(
    mean: float, variance: float, n: int, *, error: float = 0.10, confidence: float = 0.90
) -> float:
    """Samples needed by what a first few showed: ``(t² × V) / (error × mean)²``.

    Args:
        mean: of the first samples, any unit.
        variance: of the first samples, that unit squared.
        n: how many there were, at least two.
        error: allowed, as a share of the mean.
        confidence: two-sided; t has n − 1 degrees of freedom.

    Source: Ruuts Protocol for SOC v1.0, 7.3.1.2, which rounds to the nearest whole number.
    """
    t = float(stdtrit(n - 1, (1 + confidence) / 2))
    return t**2 * variance / (error * mean) ** 2


def size_for_mean(cv: float, *, error: float = 0.10, confidence: float = 0.95) -> float:
    """Samples for a mean within `error` of it: ``(u × cv / error)²``, a simple random sample.

    Args:
        cv: standard deviation over mean.
        error: half-width allowed, as a share of the mean.
        confidence: two-sided.
    """
    return (_normal(confidence) * cv / error) ** 2


def size_for_proportion(proportion: float, *, half_width: float, confidence: float = 0.95) -> float:
    """Samples for a proportion: ``p (1 − p) (u / d)²``."""
    return proportion * (1 - proportion) * (_normal(confidence) / half_width) ** 2


def size_in_finite(size: float, population: int) -> float:
    """A size where the population itself is small: ``n / (1 + n / N)``."""
    return size / (1 + size / population)


def size_to_detect(
    deviation: float, difference: float, *, significance: float = 0.05, power: float = 0.80
) -> int:
    """Fewest pairs with which a difference shows: ``n ≥ (S (t(α/2) + t(β)) / difference)²``.

    Args:
        deviation: standard deviation of the differences.
        difference: smallest that has to show, the same unit.
        significance: two-sided.
        power: chance of seeing it.

    Source: Verra VM0042 v2.2, equations 1 and 2; both t have n − 1 degrees of freedom.
    """
    n = LEAST_IN_STRATUM
    while True:
        t = stdtrit(n - 1, 1 - significance / 2) + stdtrit(n - 1, power)
        needed = (deviation * float(t) / difference) ** 2
        if n >= needed - _HAIR:
            return n
        # Quantiles shrink as n grows, so a jump never passes over the answer's lower bound.
        floor_needed = (deviation * _least_t(significance, power) / difference) ** 2
        n = max(n + 1, floor(floor_needed))


def share_in_proportion(total: int, sizes: Mapping[str, float]) -> dict[str, int]:
    """Samples to strata by size, at least two each; ``n ∝ N``.

    Raises:
        ValueError: fewer samples than two for each stratum.
    """
    return _share_out(total, sizes)


def share_by_neyman(
    total: int, sizes: Mapping[str, float], deviations: Mapping[str, float]
) -> dict[str, int]:
    """Samples to strata by size and spread, at least two each; ``n ∝ N × S``.

    Raises:
        ValueError: fewer samples than two for each stratum.
    """
    return _share_out(total, {name: size * deviations[name] for name, size in sizes.items()})


def _share_out(total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """Largest remainders of exact quotas; strata below two are lifted and the rest shared anew.

    Ties go to the name that comes first in order.
    """
    if total < LEAST_IN_STRATUM * len(weights):
        raise ValueError(f"{total} samples are too few for {len(weights)} strata")
    exact = {name: Fraction(weight) for name, weight in weights.items()}
    lifted: dict[str, int] = {}
    while True:
        free = {name: weight for name, weight in exact.items() if name not in lifted}
        found = _largest_remainders(total - LEAST_IN_STRATUM * len(lifted), free)
        short = [name for name, n in found.items() if n < LEAST_IN_STRATUM]
        if not short:
            return {name: (found | lifted)[name] for name in weights}
        lifted |= dict.fromkeys(short, LEAST_IN_STRATUM)


def _largest_remainders(total: int, weights: Mapping[str, Fraction]) -> dict[str, int]:
    whole = sum(weights.values(), Fraction(0))
    if not whole:
        weights, whole = dict.fromkeys(weights, Fraction(1)), Fraction(len(weights))
    quotas = {name: total * weight / whole for name, weight in weights.items()}
    found = {name: floor(quota) for name, quota in quotas.items()}
    first = sorted(quotas, key=lambda name: (found[name] - quotas[name], name))
    for name in first[: total - sum(found.values())]:
        found[name] += 1
    return found


def _normal(confidence: float) -> float:
    return float(ndtri((1 + confidence) / 2))


def _least_t(significance: float, power: float) -> float:
    return float(ndtri(1 - significance / 2) + ndtri(power))
