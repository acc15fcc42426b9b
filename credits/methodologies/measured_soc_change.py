"""The change between sampling rounds, project less control, with its variance.

May not read a database, a clock or a file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Any

from credits.methodologies.estimates import Term
from credits.methodologies.measured_soc_cores import one_of, refuse
from credits.methodologies.measured_soc_inputs import (
    EXCEEDANCE_60,
    PAIRED,
    SATTERTHWAITE,
    VM0042,
)
from credits.methodologies.measured_soc_rounds import Land, Round
from credits.methodologies.stratified import (
    Stratum,
    TooFewSamples,
    effective_df,
    paired_strata,
    plain_df,
)


@dataclass(frozen=True, slots=True)
class Change:
    """A change per hectare, t C: the project's and the control's, and how sure the difference is.

    `variance` and `df` are None where they are not known; `years` lie between the rounds.
    """

    project: Fraction
    control: Fraction
    variance: float | None
    df: float | None
    years: float | None = None

    @property
    def net(self) -> Fraction:
        return self.project - self.control

    @property
    def standard_error(self) -> float | None:
        return None if self.variance is None else sqrt(self.variance)


def change_given(values: Mapping[str, Any], land: Land, ratio: Fraction) -> Change:
    """A change someone else worked out, per hectare or of the whole area.

    Raises:
        InputsRefused: none or more than one figure, or a total of no area.
    """
    row = values["change"]
    which = one_of(row, ("mean_t_per_ha", "total_t_c", "total_t_co2e"), "change")
    figure = row[which]
    if which != "mean_t_per_ha":
        if land.area == 0:
            raise refuse("area_ha", "too_low", minimum="0", unit="ha")
        figure = figure / (land.area or 1) / (ratio if which == "total_t_co2e" else 1)
    control = (row["control_total_t_co2e"] or Fraction(0)) / ratio
    if control and land.area == 0:
        raise refuse("area_ha", "too_low", minimum="0", unit="ha")
    variance, df = row["variance_of_mean"], row["degrees_of_freedom"]
    return Change(
        project=figure,
        control=control / (land.area or 1),
        variance=None if variance is None else float(variance),
        df=None if df is None else float(df),
    )


def change_measured(
    values: Mapping[str, Any],
    rounds: Sequence[Round],
    controls: Sequence[Round],
    shares: Mapping[str, Fraction],
) -> Change:
    """From the first round to the last, less the same at the control sites.

    Raises:
        InputsRefused: more rounds than the rule knows, control sites sampled once, no pairs.
    """
    if len(rounds) > 2 and values["rule"] != EXCEEDANCE_60:
        raise refuse("rounds", "two_rounds")
    if len(controls) == 1:
        raise refuse("control_rounds", "too_few_rows", minimum="2", maximum="2")
    parts: list[Stratum] = []
    for pair in (rounds, controls):
        parts += _variance_parts(values["pairing"], pair, shares) if pair else []
    known = all(found.strata for found in (*rounds, *controls))
    by = values["degrees_of_freedom_by"]
    satterthwaite = by == SATTERTHWAITE or (by is None and values["rule"] == VM0042)
    first, last = rounds[0].year, rounds[-1].year
    return Change(
        project=rounds[-1].mean - rounds[0].mean,
        control=controls[-1].mean - controls[0].mean if controls else Fraction(0),
        variance=sum(part.share**2 * part.variance for part in parts) if known else None,
        df=(effective_df(parts) if satterthwaite else plain_df(parts)) if known else None,
        years=None if first is None or last is None else last - first,
    )


def change_terms(change: Change, area: Fraction) -> list[Term]:
    """The change per hectare and of the whole, with its standard error."""
    terms = [
        Term("project_change_t_c_per_ha", change.project, "t C/ha", "last mean − first mean"),
        Term("control_change_t_c_per_ha", change.control, "t C/ha"),
        Term("change_t_c_per_ha", change.net, "t C/ha", "project − control"),
        Term("change_t_c", change.net * area, "t C", "change × area"),
    ]
    if change.years is not None:
        terms.append(Term("years", change.years, "a"))
    error = change.standard_error
    if error is not None:
        terms += [
            Term("standard_error_t_c_per_ha", error, "t C/ha", "√ variance of the change"),
            Term("standard_error_t_c", error * float(area), "t C", "standard error × area"),
        ]
    if change.df is not None:
        terms.append(Term("degrees_of_freedom", change.df))
    return terms


def _variance_parts(
    pairing: str, pair: Sequence[Round], shares: Mapping[str, Fraction]
) -> list[Stratum]:
    """Strata whose variances add up: of both rounds, or of the differences at the same points."""
    first, last = pair[0], pair[-1]
    if pairing != PAIRED:
        return [*first.strata, *last.strata]
    pairs: dict[str, list[tuple[float, float]]] = {}
    for name, before in first.stocks.items():
        after = last.stocks.get(name, {})
        if set(before) != set(after):
            raise refuse(last.place, "points_differ", stratum=name)
        pairs[name] = [(before[core], after[core]) for core in before]
    if not pairs:
        raise refuse("pairing", "pairs_need_cores")
    try:
        return paired_strata(pairs, {name: float(shares.get(name, 1)) for name in pairs})
    except TooFewSamples as reason:
        raise refuse(last.place, "stratum_of_one", stratum=reason.stratum) from None
