"""Means of a stratified sample, how far they may be off, and with how many degrees of freedom.

May not read a database, a clock or a file.

Source: Cochran, Sampling Techniques (3rd ed.), chapter 5; Brus, Spatial Sampling with R, chapter 4;
Ruuts Protocol for SOC v1.0, equations 10-13 and 17-19; Satterthwaite (1946).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, variance


class TooFewSamples(ValueError):
    """A stratum with a single sample has no variance; its name is the only argument."""

    @property
    def stratum(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Stratum:
    """A stratum's sample.

    `share` is its part of the whole, `variance` that of its *mean* (``s²/n``, or with the finite
    population correction ``(1 − n/N) s²/n``).
    """

    name: str
    share: float
    n: int
    mean: float
    variance: float


@dataclass(frozen=True, slots=True)
class Mean:
    """An estimated mean with the variance of it and its degrees of freedom."""

    value: float
    variance: float
    df: float

    @property
    def standard_error(self) -> float:
        return sqrt(self.variance)


def sample_stratum(
    name: str, values: Sequence[float], *, share: float, units: float | None = None
) -> Stratum:
    """Mean of a stratum and the variance of that mean, from its samples.

    Args:
        name: of the stratum.
        values: one of each sampled point, at least two.
        share: of the whole.
        units: how many units there are in the stratum, where they are few; None for an area.

    Raises:
        TooFewSamples: with one sample nothing is known of the variance.
    """
    if len(values) < 2:
        raise TooFewSamples(name)
    spread = variance(values) / len(values)
    correction = 1.0 if units is None else 1 - len(values) / units
    return Stratum(name, share, len(values), fmean(values), spread * correction)


def estimate_mean(strata: Sequence[Stratum], *, satterthwaite: bool = False) -> Mean:
    """The whole's mean: ``Σ W x̄``, its variance ``Σ W² V``, and its degrees of freedom."""
    return Mean(
        value=sum(stratum.share * stratum.mean for stratum in strata),
        variance=sum(stratum.share**2 * stratum.variance for stratum in strata),
        df=effective_df(strata) if satterthwaite else plain_df(strata),
    )


def plain_df(strata: Sequence[Stratum]) -> float:
    """``n − H``: samples less strata."""
    return float(sum(stratum.n for stratum in strata) - len(strata))


def effective_df(strata: Sequence[Stratum]) -> float:
    """Satterthwaite's ``(Σ c)² / Σ (c² / (n − 1))`` with ``c = W² V``; `plain_df` without any
    variance at all."""
    parts = [(stratum.share**2 * stratum.variance, stratum.n) for stratum in strata]
    below = sum(part**2 / (n - 1) for part, n in parts)
    return sum(part for part, _ in parts) ** 2 / below if below else plain_df(strata)


def independent_change(
    before: Sequence[Stratum], after: Sequence[Stratum], *, satterthwaite: bool = False
) -> Mean:
    """Change between two samples drawn apart: the variances add up.

    Degrees of freedom are ``(n0 − H0) + (n1 − H1)``, or Satterthwaite's over all strata of both.
    """
    first, second = estimate_mean(before), estimate_mean(after)
    both = [*before, *after]
    return Mean(
        value=second.value - first.value,
        variance=first.variance + second.variance,
        df=effective_df(both) if satterthwaite else plain_df(both),
    )


def paired_strata(
    pairs: Mapping[str, Sequence[tuple[float, float]]], shares: Mapping[str, float]
) -> list[Stratum]:
    """Strata of the differences at points visited twice: ``V = Σ(d − d̄)² / (n(n − 1))``.

    Raises:
        TooFewSamples: a stratum with a single pair.
    """
    return [
        sample_stratum(name, [after - before for before, after in rows], share=shares[name])
        for name, rows in pairs.items()
    ]
