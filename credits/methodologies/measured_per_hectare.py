"""Measured soil carbon of one hectare in one period: the claim of all strata, shared by days.

May not read a database, a clock or a file. What was found between two rounds of sampling is for the
area that was sampled and for the days from the one round to the other; a hectare of it takes its
part, and a monitoring period the part of its days. All periods together take the whole, and days
outside take nothing: a claim not yet measured is not counted.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from aggregator.periods import Period
from credits.methodologies.estimates import Term
from credits.methodologies.inputs import Day, Input, InputProblem, InputsRefused, Schema
from credits.methodologies.inputs import gettext_noop as _
from credits.methodologies.measured_soc import MeasuredSoc
from credits.methodologies.measured_soc_inputs import NO_RULE
from credits.methodologies.per_hectare import TRIAL, Asked, Hectare, Values, weigh_hectare

_KG = 1000
_OWN = ("measured_from", "measured_to")
# The program's own terms: what it holds back in the first round, and its buffer.
_OF_THE_PROGRAM = {"first_round_hold_share": Fraction(0), "buffer_share": Fraction(0)}


class MeasuredPerHectare:
    """The claim per hectare of the strata; the area sampled must be told.

    The claim is what the rule of uncertainty leaves, less emissions, leakage and earlier credits
    as the inputs give them: the net, so that nothing is emitted beside it.
    """

    estimator = MeasuredSoc()
    schema = Schema(
        (
            Input("measured_from", _("The change took place from"), Day()),
            Input(
                "measured_to",
                _("The change took place to"),
                Day(),
                help=_(
                    "From one sampling to the next, or the days the claim is for: a period takes"
                    " the part of its days."
                ),
            ),
            *estimator.schema.without("gwp", *_OF_THE_PROGRAM).inputs,
        )
    )
    trials = (TRIAL,)

    def takes(self, values: Values, /) -> frozenset[str]:
        taken = set()
        if values["rule"] != NO_RULE:
            taken.add("uncertainty_rate")
        if values["leakage_t_co2e"]:
            taken.add("leakage_rate")
        return frozenset(taken)

    def ask(self, values: Values, asked: Asked) -> Hectare:
        span = _read_span(values["measured_from"], values["measured_to"])
        data = {name: value for name, value in values.items() if name not in _OWN}
        found = self.estimator.estimate({**data, **_OF_THE_PROGRAM, "gwp": asked.gwp})
        if found.credited_kg is None:
            raise InputsRefused([InputProblem("rounds", "two_rounds")])
        terms = {term.name: term for term in found.terms}
        area = terms["area_ha"].exact if "area_ha" in terms else Fraction(0)
        if not area:
            raise InputsRefused([InputProblem("area_ha", "missing")])
        shared = asked.period.clip(span.starts_on, span.ends_on)
        days = shared.days if shared else 0
        claim = max(Fraction(0), terms["credited_t_co2e"].exact) * _KG / area
        kg = claim * Fraction(days, span.days)
        own = (
            Term("claim_kg_per_ha", claim, "kg CO2e/ha", "credited_t_co2e × 1000 / area_ha"),
            Term("measured_days", span.days, "d", "measured_from to measured_to"),
            Term("period_days_measured", days, "d"),
            Term("co2e_kg", kg, "kg CO2e", "claim × period_days_measured / measured_days"),
        )
        return weigh_hectare(
            {"co2": -kg}, gwp=asked.gwp, terms=(*found.terms, *own), cautions=found.cautions
        )


def _read_span(first: date, last: date) -> Period:
    if last < first + timedelta(days=1):
        raise InputsRefused([InputProblem("measured_to", "ends_before_start")])
    return Period(first, last)
