"""How much of a measured change a standard lets count, by its own rule.

May not read a database, a clock or a file. Each function takes the change and its standard error
in one unit (t C/ha, or t CO2e of the whole area) and answers in that unit, or as a share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

import numpy as np
from scipy.special import stdtrit

EXCEEDANCE = 0.40
VM0042_CONFIDENCE = 0.667
NINETY_TWO_SIDED = 0.95
# z of 90 % two-sided and of two thirds one-sided, as the VCS prints them.
VCS_Z90, VCS_Z = 1.6449, 0.4307


@dataclass(frozen=True, slots=True)
class Trend:
    """A straight line through stocks of several years."""

    slope: float
    standard_error: float
    df: int


@dataclass(frozen=True, slots=True)
class Credits:
    """VM0042's chain: reductions and removals, gross, net of leakage, and after the buffer."""

    reductions: Fraction
    removals: Fraction
    net_reductions: Fraction
    net_removals: Fraction
    buffer_reductions: Fraction
    buffer_removals: Fraction

    @property
    def net(self) -> Fraction:
        return self.net_reductions + self.net_removals

    @property
    def buffer(self) -> Fraction:
        return self.buffer_reductions + self.buffer_removals

    @property
    def vcu(self) -> Fraction:
        return self.net - self.buffer


def student_t(probability: float, df: float) -> float:
    """Quantile of Student's t, one-sided; `df` need not be whole."""
    return float(stdtrit(df, probability))


def exceeded_change(change: float, standard_error: float, df: float) -> float:
    """What the change exceeds with 60 % probability: ``Δ + SE × t(0.4, df)``; t is negative.

    Source: Australian Determination F2018L00089; Ruuts Protocol for SOC v1.0, equations 18-20.
    """
    return change + standard_error * student_t(EXCEEDANCE, df)


def fit_trend(years: Sequence[float], stocks: Sequence[float]) -> Trend:
    """Least squares of stock on years, with the standard error of the slope.

    Args:
        years: of three rounds or more, not all the same.
        stocks: of each round.

    Source: Ruuts Protocol for SOC v1.0, equations 24-32, which follow the 2018 Determination.
    """
    x, y = np.asarray(years, float), np.asarray(stocks, float)
    spread = float(((x - x.mean()) ** 2).sum())
    slope = float(((x - x.mean()) * (y - y.mean())).sum()) / spread
    residuals = y - y.mean() - slope * (x - x.mean())
    df = len(x) - 2
    return Trend(slope, sqrt(float((residuals**2).sum()) / df / spread), df)


def exceeded_trend(trend: Trend, years: float) -> float:
    """Change over `years` that the trend exceeds with 60 % probability: ``(b + SE × t) × years``.

    Source: Ruuts Protocol for SOC v1.0, equations 33-35.
    """
    return (trend.slope + trend.standard_error * student_t(EXCEEDANCE, trend.df)) * years


def vm0042_uncertainty(change: float, standard_error: float, t: float) -> float:
    """``SE / |mean| × t`` as a share, without any free allowance and without a cap.

    Raises:
        ZeroDivisionError: there is no change to relate it to.

    Source: Verra VM0042 v2.2, equation 74.
    """
    return standard_error / abs(change) * t


def vcs_uncertainty(half_width_share: float) -> float:
    """Discount from the half-width of the 90 % interval, as a share of the mean.

    Source: VCS Methodology Requirements, 2.4: ``U90 / 1.6449 × 0.4307``.
    """
    return half_width_share / VCS_Z90 * VCS_Z


def carbonplus_deduction(error_percent: Fraction) -> Fraction | None:
    """Per cent taken off for an error in per cent; None where it is too large to credit at all.

    None up to 20 %, ``E × (E / 50)²`` up to 50 %. The text prints ``E × (2 × (E / 50))``; its own
    table is that of the square.

    Source: CarbonPlus GHG Benefits in Grazing Systems v1.0, equations 17 and 19.
    """
    if error_percent > 50:
        return None
    if error_percent <= 20:
        return Fraction(0)
    return error_percent * (error_percent / 50) ** 2


def vm0042_adjusted(
    project: Fraction, baseline: Fraction, uncertainty: Fraction
) -> tuple[Fraction, Fraction]:
    """Stock changes of project and baseline after the uncertainty, against the project either way.

    Source: Verra VM0042 v2.2, equations 44 and 45: ``Δ × (1 − UNC × I)``, I = 1 for a gain over
    the baseline and −1 for a loss.
    """
    sign = 1 if project >= baseline else -1
    factor = 1 - uncertainty * sign
    return project * factor, baseline * factor


def vm0042_credits(
    project: Fraction,
    baseline: Fraction,
    *,
    sources: Fraction = Fraction(0),
    leakage: Fraction = Fraction(0),
    buffer_share: Fraction = Fraction(0),
    earlier: Fraction = Fraction(0),
) -> Credits:
    """From adjusted stock changes to credits, t CO2e.

    Args:
        project: stock change with the project, after the uncertainty; a gain is positive.
        baseline: the same without it.
        sources: emissions avoided (fuel, lime, fertiliser, fire).
        leakage: shared out between reductions and removals by their size.
        buffer_share: non-permanence risk, a share.
        earlier: the project's stock change of earlier periods; while the whole is a gain, a gain
            over the baseline is a removal, otherwise a reduction.

    Source: Verra VM0042 v2.2, equations 37-43 and 75-79; deposits are never negative.
    """
    gain = max(Fraction(0), project) - max(Fraction(0), baseline)
    less_lost = min(Fraction(0), project) - min(Fraction(0), baseline)
    removing = earlier + project > 0
    removals = gain if removing else Fraction(0)
    stock_reductions = less_lost if removing else less_lost + gain
    reductions = sources + stock_reductions
    gross = reductions + removals
    on_reductions = leakage * reductions / gross if gross else leakage
    return Credits(
        reductions=reductions,
        removals=removals,
        net_reductions=reductions - on_reductions,
        net_removals=removals - (leakage - on_reductions),
        buffer_reductions=max(Fraction(0), stock_reductions * buffer_share),
        buffer_removals=max(Fraction(0), removals * buffer_share),
    )
