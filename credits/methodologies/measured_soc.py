"""Measured soil carbon: from cores and layers to what a standard lets count of their change.

May not read a database, a clock or a file. Stocks, their variances and quantiles of Student's t
are floating point, as the spline and the quantile are; from the change per hectare on everything
is exact again.

Source: Verra VM0042 v2.2; Australian Determination F2018L00089 as the Ruuts Protocol for SOC v1.0
follows it; CarbonPlus GHG Benefits v1.0; Ecometric v1.5.1; VCS Methodology Requirements 2.4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Any

from credits.methodologies.estimates import Caution, Estimate, Term
from credits.methodologies.gwp import CO2, CO2_PER_C
from credits.methodologies.inputs import gettext_noop as _
from credits.methodologies.measured_soc_change import (
    Change,
    change_given,
    change_measured,
    change_terms,
)
from credits.methodologies.measured_soc_cores import Comparison, choose_comparison, refuse
from credits.methodologies.measured_soc_inputs import (
    CARBONPLUS,
    EXCEEDANCE_60,
    MAPE,
    NO_RULE,
    SCHEMA,
    VCS,
    VM0042,
)
from credits.methodologies.measured_soc_rounds import Round, read_land, read_rounds
from credits.methodologies.uncertainty_rules import (
    EXCEEDANCE,
    NINETY_TWO_SIDED,
    VM0042_CONFIDENCE,
    carbonplus_deduction,
    exceeded_change,
    exceeded_trend,
    fit_trend,
    student_t,
    vcs_uncertainty,
    vm0042_adjusted,
    vm0042_credits,
    vm0042_uncertainty,
)

_VM0042 = "Verra VM0042 v2.2"
_EXCEEDANCE = "Australian Determination F2018L00089; Ruuts Protocol for SOC v1.0"
ECOMETRIC_CO2_PER_C = Fraction("3.67")
_KG = 1000


@dataclass(slots=True)
class Case:
    """A change on its way through a rule; the rule adds terms and cautions."""

    values: Mapping[str, Any]
    area: Fraction
    ratio: Fraction
    change: Change
    rounds: list[Round]
    terms: list[Term] = field(default_factory=list)
    cautions: list[Caution] = field(default_factory=list)

    def co2(self, per_ha: Fraction) -> Fraction:
        """t CO2e of the whole area."""
        return per_ha * self.area * self.ratio

    @property
    def gross(self) -> Fraction:
        return self.co2(self.change.net)

    def tell(
        self, name: str, value: Any, unit: str = "1", formula: str = "", source: str = ""
    ) -> None:
        self.terms.append(Term(name, value, unit, formula, source))


@dataclass(frozen=True, slots=True)
class Counted:
    """t CO2e after the uncertainty, and what of it can be claimed now, before the reserve."""

    adjusted: Fraction
    credited: Fraction
    in_whole_tonnes: bool = True


class MeasuredSoc:
    """Measured soil carbon; a change of arithmetic is a new version."""

    id = "measured-soc"
    version = "1.0"
    title = _("Measured soil carbon")
    sources = (
        "Verra VM0042 Improved Agricultural Land Management, v2.2",
        "Carbon Credits (Measurement of Soil Carbon Sequestration in Agricultural Systems)"
        " Methodology Determination 2018, F2018L00089, as in Ruuts Protocol for SOC v1.0, ch. 10",
        "CarbonPlus Grasslands, GHG Benefits v1.0, equations 17 and 19",
        "Ecometric Soil Carbon Protocol v1.5.1 (Regen Registry)",
        "VCS Methodology Requirements, section 2.4",
        "von Haden, Yang and DeLucia (2020), Global Change Biology 26, 3759-3770",
        "Wendt and Hauser (2013), European Journal of Soil Science 64, 58-65",
        "Ellert and Bettany (1995), Canadian Journal of Soil Science 75, 529-538",
    )
    schema = SCHEMA
    example: Mapping[str, Any] = {
        "area_ha": 120,
        "strata": [{"name": "hill", "share": 0.4}, {"name": "flat", "share": 0.6}],
        "rounds": [
            {
                "cores": [
                    {
                        "stratum": stratum,
                        "layers": [{"soil_mass_t_per_ha": mass, "carbon_percent": carbon}],
                    }
                    for stratum, mass, carbon in cores
                ]
            }
            for cores in (
                (
                    ("hill", 3900, 1.00),
                    ("hill", 4050, 1.10),
                    ("hill", 4110, 0.95),
                    ("flat", 4200, 1.30),
                    ("flat", 3950, 1.25),
                    ("flat", 4020, 1.40),
                ),
                (
                    ("hill", 3980, 1.08),
                    ("hill", 4100, 1.16),
                    ("hill", 4060, 1.05),
                    ("flat", 4150, 1.37),
                    ("flat", 4010, 1.34),
                    ("flat", 4090, 1.45),
                ),
            )
        ],
        "rule": EXCEEDANCE_60,
        "first_round_hold_share": 0.5,
    }

    def estimate(self, data: Mapping[str, Any]) -> Estimate:
        """What a measured change comes to.

        Args:
            data: as the schema says: rounds of cores, of strata or of means, or a change.

        Returns:
            The change of the whole area after the rule's deduction, a gain as a removal; what can
            be claimed of it now, before the buffer, which stands in the terms. A single round is
            an inventory: its stock stands in the terms, and no gas is counted.

        Raises:
            InputsRefused: the place of every input that cannot be used, cores and strata by name.
        """
        values = self.schema.read(data)
        land = read_land(values)
        ratio = _ratio(values)
        if (values["change"] is None) == (not values["rounds"]):
            raise refuse("rounds", "give_one_of", options="rounds, change")
        comparison = choose_comparison(values)
        rounds, terms, cautions = read_rounds(values, "rounds", land, comparison)
        controls, more, doubts = read_rounds(values, "control_rounds", land, comparison)
        terms, cautions = _comparison_terms(comparison) + terms + more, cautions + doubts
        if land.area is not None:
            terms.insert(0, Term("area_ha", land.area, "ha"))
        elif _is_per_hectare(values):
            cautions.append(Caution("area_not_given"))
        if len(rounds) == 1:
            return _inventory(values, rounds[0], land.area, terms, cautions)
        change = (
            change_measured(values, rounds, controls, land.shares)
            if rounds
            else change_given(values, land, ratio)
        )
        area = Fraction(1) if land.area is None else land.area
        case = Case(values, area, ratio, change, rounds, terms, cautions)
        return _apply_rule(case)


def _ratio(values: Mapping[str, Any]) -> Fraction:
    usual = ECOMETRIC_CO2_PER_C if values["rule"] == MAPE else CO2_PER_C
    given: Fraction | None = values["co2_per_c"]
    return usual if given is None else given


def _is_per_hectare(values: Mapping[str, Any]) -> bool:
    """Without an area a stock per hectare stays one; a total is of the whole all the same."""
    if values["change"] is not None:
        return values["change"]["mean_t_per_ha"] is not None
    return any(row["total_t_c"] is None for row in values["rounds"])


def _comparison_terms(comparison: Comparison | None) -> list[Term]:
    if comparison is None:
        return []
    terms = [Term("algorithm", comparison.algorithm)]
    if comparison.organic is not None:
        terms.append(
            Term(
                "organic_matter_per_carbon",
                comparison.organic,
                formula="mineral soil = fine earth × (1 − organic matter)",
                source="van Bemmelen's 1.724 unless given",
            )
        )
    if comparison.reference is not None:
        terms.append(Term("reference_mass_t_per_ha", comparison.reference, "t/ha"))
    return terms


def _inventory(
    values: Mapping[str, Any],
    found: Round,
    area: Fraction | None,
    terms: list[Term],
    cautions: list[Caution],
) -> Estimate:
    """One round: a stock, and no change yet."""
    stock = found.mean * (1 if area is None else area)
    terms.append(Term("stock_t_c", stock, "t C", "mean × area"))
    cautions = [*cautions, Caution("one_round")]
    return Estimate({CO2: Fraction(0)}, values["gwp"], tuple(terms), None, tuple(cautions))


def _apply_rule(case: Case) -> Estimate:
    case.terms += change_terms(case.change, case.area)
    case.tell("co2_per_c", case.ratio, "t CO2/t C", source="44/12 unless given or Ecometric's 3.67")
    case.tell("gross_t_co2e", case.gross, "t CO2e", "change × area × CO2 per C")
    case.tell("rule", case.values["rule"])
    counted = _RULES[case.values["rule"]](case)
    case.tell("adjusted_t_co2e", counted.adjusted, "t CO2e", "after the uncertainty")
    case.tell("credited_t_co2e", counted.credited, "t CO2e", "before the buffer")
    if counted.in_whole_tonnes:
        _tell_whole_tonnes(case, counted.credited)
    return Estimate(
        {CO2: -counted.adjusted * _KG},
        case.values["gwp"],
        tuple(case.terms),
        max(0, floor(counted.credited * _KG)),
        tuple(case.cautions),
    )


def _tell_whole_tonnes(case: Case, credited: Fraction) -> None:
    """Whole credits, rounded down; the buffer's part, rounded up; what is left to sell."""
    credits = max(0, floor(credited))
    buffer = ceil(credits * case.values["buffer_share"])
    case.tell("credits_t", credits, "t CO2e", "credited, rounded down")
    case.tell("buffer_t", buffer, "t CO2e", "credits × buffer, rounded up")
    case.tell("sellable_t", credits - buffer, "t CO2e", "credits − buffer")


def _net_of_the_rest(case: Case, adjusted: Fraction) -> Fraction:
    """The soil's part with other emissions avoided, less those caused and earlier credits."""
    values = case.values
    for name in (
        "other_reductions_t_co2e",
        "project_emissions_t_co2e",
        "leakage_t_co2e",
        "earlier_credits_t_co2e",
    ):
        case.tell(name, values[name], "t CO2e", source="given")
    return Fraction(
        adjusted
        + values["other_reductions_t_co2e"]
        - values["project_emissions_t_co2e"]
        - values["leakage_t_co2e"]
        - values["earlier_credits_t_co2e"]
    )


def _error_of(case: Case) -> tuple[float, float]:
    """Standard error per hectare and degrees of freedom, which the rule cannot do without."""
    error, df = case.change.standard_error, case.change.df
    if error is None:
        place = "rounds" if case.rounds else "change.variance_of_mean"
        raise refuse(place, "variance_missing" if case.rounds else "missing")
    if df is None:
        raise refuse("change.degrees_of_freedom", "missing")
    return error, df


def _count_all(case: Case) -> Counted:
    case.cautions.append(Caution("no_deduction"))
    return Counted(case.gross, _net_of_the_rest(case, case.gross))


def _count_exceedance(case: Case) -> Counted:
    if len(case.rounds) > 2:
        return _count_trend(case)
    error, df = _error_of(case)
    exceeded = Fraction(exceeded_change(float(case.change.net), error, df))
    case.tell("t", student_t(EXCEEDANCE, df), source="Student's t at 0.40, one-sided")
    case.tell(
        "exceeded_t_c", exceeded * case.area, "t C", "change + SE × t", f"{_EXCEEDANCE}, eq. 20"
    )
    adjusted = case.co2(exceeded)
    held = case.values["first_round_hold_share"]
    case.tell("first_round_hold_share", held, source=f"{_EXCEEDANCE}, eq. 23")
    kept = adjusted * (1 - held) if adjusted > 0 else adjusted
    return Counted(adjusted, _net_of_the_rest(case, kept))


def _count_trend(case: Case) -> Counted:
    """From the second re-sampling on: the slope of all rounds, times the project's years."""
    years = [found.year for found in case.rounds if found.year is not None]
    if len(years) < len(case.rounds):
        raise refuse("rounds", "year_missing")
    if any(later <= earlier for earlier, later in pairwise(years)):
        raise refuse("rounds", "years_not_rising")
    trend = fit_trend(years, [float(found.mean) for found in case.rounds])
    span = years[-1] - years[0]
    exceeded = Fraction(exceeded_trend(trend, span)) - case.change.control
    t = student_t(EXCEEDANCE, trend.df)
    case.tell("slope_t_c_per_ha_year", trend.slope, "t C/ha/a", "least squares")
    case.tell("slope_standard_error", trend.standard_error, "t C/ha/a")
    case.tell("trend_degrees_of_freedom", trend.df, formula="rounds − 2")
    case.tell("t", t, source="Student's t at 0.40, one-sided")
    case.tell(
        "exceeded_t_c",
        exceeded * case.area,
        "t C",
        "(slope + SE × t) × years × area",
        f"{_EXCEEDANCE}, eq. 24-36",
    )
    adjusted = case.co2(exceeded)
    return Counted(adjusted, _net_of_the_rest(case, adjusted))


def _count_vm0042(case: Case) -> Counted:
    share = _equation_74(case)
    if share > 1:
        case.cautions.append(Caution("uncertainty_over_change"))
    part = _credited_part(case)
    project, control = vm0042_adjusted(
        case.co2(case.change.project) * part, case.co2(case.change.control) * part, share
    )
    adjusted = "Δ × credited part × (1 − UNC × I)"
    case.tell("project_adjusted_t_co2e", project, "t CO2e", adjusted, f"{_VM0042}, eq. 45, 47")
    case.tell("control_adjusted_t_co2e", control, "t CO2e", adjusted, f"{_VM0042}, eq. 44, 46")
    return Counted(project - control, _tell_chain(case, project, control), in_whole_tonnes=False)


def _equation_74(case: Case) -> Fraction:
    """The uncertainty as a share of the change: as given, or from the samples."""
    known: Fraction | None = case.values["uncertainty_share"]
    if known is not None:
        case.tell("uncertainty_share", known, source="given")
        return known
    error, df = _error_of(case)
    given = case.values["t_quantile"]
    t = student_t(VM0042_CONFIDENCE, df) if given is None else float(given)
    net = float(case.change.net)
    share = Fraction(vm0042_uncertainty(net, error, t) if net else 0)
    if not net:
        case.cautions.append(Caution("no_change"))
    case.tell("t", t, source="Student's t at 0.667, one-sided" if given is None else "given")
    case.tell("uncertainty_share", share, "1", "SE / |change| × t", f"{_VM0042}, eq. 74")
    return share


def _credited_part(case: Case) -> Fraction:
    """How much of the time between the rounds is credited: a vintage, or all of it."""
    credited: Fraction | None = case.values["credited_years"]
    if credited is None:
        return Fraction(1)
    interval = case.values["interval_years"] or Fraction(case.change.years or 0)
    if interval <= 0:
        raise refuse("interval_years", "missing")
    if credited > interval:
        raise refuse("credited_years", "too_high", maximum=f"{float(interval):.12g}", unit="a")
    part = credited / interval
    case.tell("credited_part", part, formula="credited years / years between the rounds")
    return part


def _tell_chain(case: Case, project: Fraction, control: Fraction) -> Fraction:
    values = case.values
    chain = vm0042_credits(
        project,
        control,
        sources=values["other_reductions_t_co2e"] - values["project_emissions_t_co2e"],
        leakage=values["leakage_t_co2e"],
        buffer_share=values["buffer_share"],
        earlier=values["earlier_project_change_t_co2e"],
    )
    for name, value, equation in (
        ("reductions_t_co2e", chain.reductions, "37"),
        ("removals_t_co2e", chain.removals, "40"),
        ("net_reductions_t_co2e", chain.net_reductions, "38, 39"),
        ("net_removals_t_co2e", chain.net_removals, "41, 42"),
        ("net_t_co2e", chain.net, "43"),
        ("buffer_reductions_t_co2e", chain.buffer_reductions, "75"),
        ("buffer_removals_t_co2e", chain.buffer_removals, "76"),
        ("vcu_t", chain.vcu, "77-79"),
    ):
        case.tell(name, value, "t CO2e", source=f"{_VM0042}, eq. {equation}")
    case.tell("vcu_whole_t", max(0, floor(chain.vcu)), "t CO2e", "rounded down")
    return chain.net


def _count_carbonplus(case: Case) -> Counted:
    error = case.values["error_percent"]
    if error is None:
        raise refuse("error_percent", "missing")
    deduction = carbonplus_deduction(error)
    if deduction is None:
        case.cautions.append(Caution("error_over_limit", {"limit": "50"}))
        deduction = Fraction(100)
    source = "CarbonPlus GHG Benefits v1.0, eq. 17 and 19"
    case.tell("error_percent", error, "%", source="given")
    case.tell("error_deduction_percent", deduction, "%", "E × (E / 50)²", source)
    return _count_share(case, deduction / 100)


def _count_mape(case: Case) -> Counted:
    percent = case.values["mape_percent"]
    if percent is None:
        raise refuse("mape_percent", "missing")
    case.tell("mape_percent", percent, "%", source="given")
    return _count_share(case, percent / 100)


def _count_vcs(case: Case) -> Counted:
    given = case.values["half_width_90_share"]
    net = float(case.change.net)
    if given is not None:
        half_width = float(given)
    else:
        error, df = _error_of(case)
        half_width = error * student_t(NINETY_TWO_SIDED, df) / abs(net) if net else 0.0
    share = Fraction(vcs_uncertainty(half_width))
    if half_width > 1:
        case.cautions.append(Caution("error_over_limit", {"limit": "100"}))
        share = Fraction(1)
    case.tell("half_width_90_share", half_width, formula="t(0.95) × SE / |change|")
    case.tell("uncertainty_share", share, "1", "U90 / 1.6449 × 0.4307", "VCS 2.4")
    return _count_share(case, share)


def _count_share(case: Case, share: Fraction) -> Counted:
    """A share taken off a gain; a loss stands as it was measured."""
    gain = case.gross > 0
    deducted = case.gross * share if gain else Fraction(0)
    case.tell("deducted_t_co2e", deducted, "t CO2e", "gross × deduction")
    return Counted(case.gross - deducted, _net_of_the_rest(case, case.gross - deducted))


_RULES: Mapping[str, Callable[[Case], Counted]] = {
    NO_RULE: _count_all,
    EXCEEDANCE_60: _count_exceedance,
    VM0042: _count_vm0042,
    CARBONPLUS: _count_carbonplus,
    MAPE: _count_mape,
    VCS: _count_vcs,
}
