"""An estimator asked for one hectare and one monitoring period, as a project counts its fields.

May not read a database, a clock or a file. An estimator answers for an area and a time that its
inputs name; here both are given: one hectare, and the days of the period. What a program's terms
hold back (leakage as a share, the first round's hold, the buffer) is not asked for here: it would
be taken twice. An uncertainty that belongs to the method stays, and `takes` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Protocol

from aggregator.periods import Period, year_period
from credits.methodologies.base import years_of
from credits.methodologies.composition import SHARED, scale_gases, sum_gases
from credits.methodologies.conservation_tillage import ConservationTillage
from credits.methodologies.estimates import Caution, Estimate, Estimator, Term
from credits.methodologies.gwp import CO2, GWP_SETS, co2e_of
from credits.methodologies.inputs import (
    Group,
    Input,
    InputProblem,
    InputsRefused,
    Number,
    Rows,
    Schema,
)
from credits.methodologies.inputs import gettext_noop as _
from credits.methodologies.ipcc_soc_tier1 import IpccSocTier1
from credits.methodologies.practice_rate import TABLES, PracticeRate
from credits.methodologies.rice_water import SEASON, RiceWater

Values = Mapping[str, Any]
ONE = Fraction(1)
# Any period does for finding out whether inputs can be used at all.
TRIAL = year_period(2025)
_OWN_TABLE = "own"


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom the figures are for: the practice that earns (empty for any), its watering, the days."""

    practice: str
    irrigated: str
    gwp: str
    period: Period


@dataclass(frozen=True, slots=True)
class Hectare:
    """What one hectare comes to in one period: exact kilograms, terms in the order of arithmetic.

    `gross_kg` is what is given off less than before, in CO2e, and `emitted_kg` what the project
    gives off more of other gases; a program takes its uncertainty of the first and then the second.
    """

    gases_kg: Mapping[str, Fraction]
    gross_kg: Fraction
    emitted_kg: Fraction
    terms: tuple[Term, ...]
    cautions: tuple[Caution, ...] = ()


class PerHectare(Protocol):
    """How an estimator's inputs become those of one hectare in one period."""

    @property
    def estimator(self) -> Estimator: ...

    @property
    def schema(self) -> Schema:
        """The estimator's inputs without area, days and weights of gases."""
        ...

    @property
    def trials(self) -> tuple[Period, ...]:
        """Periods to try inputs in: they can be used if they can in any of these."""
        ...

    def takes(self, values: Values, /) -> frozenset[str]:
        """The program's terms whose deduction these inputs take already, by name."""
        ...

    def ask(self, values: Values, asked: Asked) -> Hectare:
        """One hectare in one period.

        Args:
            values: as `schema` has read them.
            asked: the situation and the period.

        Raises:
            InputsRefused: the estimator refuses; places as in `schema`.
        """
        ...


def weigh_hectare(
    gases: Mapping[str, Fraction], *, gwp: str, terms: Iterable[Term], cautions: Iterable[Caution]
) -> Hectare:
    """Gases of one hectare: those given off less are the gross, those given off more go off it."""
    weighed = {gas: GWP_SETS[gwp][gas] * mass for gas, mass in gases.items()}
    gross = sum((-co2e for co2e in weighed.values() if co2e < 0), Fraction(0))
    emitted = sum((co2e for co2e in weighed.values() if co2e > 0), Fraction(0))
    return Hectare(gases, gross, emitted, tuple(terms), tuple(cautions))


def _weigh(estimate: Estimate) -> Hectare:
    return weigh_hectare(
        estimate.gases_kg, gwp=estimate.gwp, terms=estimate.terms, cautions=estimate.cautions
    )


def moment_of(day: date) -> Fraction:
    """The beginning of a day as a point in time, in years: 1 July 2025 is 2025 + 181/365."""
    new_year = date(day.year, 1, 1)
    return day.year + Fraction((day - new_year).days, (date(day.year + 1, 1, 1) - new_year).days)


def _span(period: Period) -> dict[str, Fraction]:
    """Only the period's own days of a change that takes twenty years."""
    ends = period.ends_on + timedelta(days=1)
    return {"from_year": moment_of(period.starts_on), "to_year": moment_of(ends)}


class RatePerHectare:
    """A rate for the practice of the situation, in the period's vintage, times its years.

    A situation for fields of any watering takes the rate of dry fields where a table tells apart.
    """

    estimator = PracticeRate()
    schema = estimator.schema.without(
        *("area", "area_unit", "practice", "irrigated", "year", "years", "gwp")
    )
    # A table's rate holds in the year it begins with.
    trials = tuple(
        year_period(year)
        for year in sorted({rate.vintage_from for table in TABLES.values() for rate in table})
    )

    def takes(self, _values: Values, /) -> frozenset[str]:
        return frozenset()

    def ask(self, values: Values, asked: Asked) -> Hectare:
        data = {
            **values,
            "area": ONE,
            "area_unit": "ha",
            "irrigated": asked.irrigated == "yes",
            "year": asked.period.ends_on.year,
            "years": years_of(asked.period),
            "gwp": asked.gwp,
        }
        if values["table"] != _OWN_TABLE:
            if not asked.practice:
                raise InputsRefused([InputProblem("practice", "missing")])
            if not any(rate.practice == asked.practice for rate in TABLES[values["table"]]):
                raise InputsRefused([InputProblem("practice", "no_rate")])
            data["practice"] = asked.practice
        return _weigh(self.estimator.estimate(data))


class SoilPerHectare:
    """The change of the soil in the days of the period, along its line of twenty years."""

    estimator = IpccSocTier1()
    schema = estimator.schema.without(
        *("from_year", "to_year", "years", "land_before", "land_after"), *SHARED
    )
    trials = (TRIAL,)

    def takes(self, _values: Values, /) -> frozenset[str]:
        return frozenset()

    def ask(self, values: Values, asked: Asked) -> Hectare:
        data = {**values, **_span(asked.period), "area_ha": ONE, "gwp": asked.gwp}
        return _weigh(self.estimator.estimate(data))


class TillagePerHectare:
    """The soil's change in the days of the period; nitrogen, fire and diesel by the year."""

    estimator = ConservationTillage()
    schema = Schema(
        tuple(
            replace(item, kind=Group(SoilPerHectare.schema)) if item.name == "soil" else item
            for item in estimator.schema.without("years", "leakage_share", *SHARED).inputs
        )
    )
    trials = (TRIAL,)

    def takes(self, values: Values, /) -> frozenset[str]:
        return frozenset({"uncertainty_rate"} if values["uncertainty_share"] else ())

    def ask(self, values: Values, asked: Asked) -> Hectare:
        data = {
            **values,
            "soil": {**values["soil"], **_span(asked.period)},
            "years": years_of(asked.period),
            # The program's terms have it.
            "leakage_share": Fraction(0),
            "area_ha": ONE,
            "gwp": asked.gwp,
        }
        return _weigh(self.estimator.estimate(data))


_SITUATION_SEASON = Schema(
    (
        *SEASON.inputs,
        Input(
            "harvest_month",
            _("Month of the harvest"),
            Number("1", minimum="1", maximum="12", whole=True),
            help=_(
                "The season counts in every period that has the last day of this month; without"
                " it, by the period's part of the year."
            ),
            required=False,
        ),
    )
)


def _season_rows(item: Input) -> Input:
    return replace(item, kind=Rows(_SITUATION_SEASON, fewest=1, most=6))


class RicePerHectare:
    """The seasons harvested in the period, each asked by itself; other emissions by the year."""

    estimator = RiceWater()
    schema = Schema(
        (
            *(
                _season_rows(item) if item.name == "seasons" else item
                for item in estimator.schema.without("other_emissions_co2e_kg", *SHARED).inputs
            ),
            Input(
                "other_emissions_co2e_kg_per_ha",
                _("Other emissions of the project, of a hectare in a year"),
                Number("kg CO2e/ha", maximum="1000000"),
                help=_("Fuel, fertiliser and leakage beyond the baseline's."),
                required=False,
                default="0",
            ),
        )
    )
    trials = (TRIAL,)

    def takes(self, values: Values, /) -> frozenset[str]:
        return frozenset({"uncertainty_rate"} if values["uncertainty_share"] else ())

    def ask(self, values: Values, asked: Asked) -> Hectare:
        years = years_of(asked.period)
        other = values["other_emissions_co2e_kg_per_ha"] * years
        gases: dict[str, Fraction] = {CO2: other}
        terms = [
            Term("years", years, "a"),
            Term("other_emissions_kg", other, "kg CO2e", "a year's × years", "given"),
        ]
        cautions: list[Caution] = []
        for number, season in enumerate(values["seasons"]):
            found = self._season(values, season, number, asked)
            times = harvests_in(asked.period, season["harvest_month"])
            gases = sum_gases(gases, scale_gases(found.gases_kg, times))
            terms += _season_terms(found, number + 1, times)
            cautions += _numbered(found.cautions, number + 1)
        return weigh_hectare(gases, gwp=asked.gwp, terms=terms, cautions=cautions)

    def _season(self, values: Values, season: Values, number: int, asked: Asked) -> Estimate:
        shared = {name: values[name] for name in ("baseline_proven", "uncertainty_share")}
        alone = {name: value for name, value in season.items() if name != "harvest_month"}
        try:
            return self.estimator.estimate(
                {**shared, "seasons": [alone], "area_ha": ONE, "gwp": asked.gwp}
            )
        except InputsRefused as refusal:
            raise InputsRefused(
                [
                    replace(each, place=each.place.replace("seasons[0]", f"seasons[{number}]", 1))
                    for each in refusal.problems
                ]
            ) from refusal


def harvests_in(period: Period, month: Fraction | None) -> Fraction:
    """How often a season is harvested in a period; without a month, the period's years."""
    if month is None:
        return years_of(period)
    years = range(period.starts_on.year, period.ends_on.year + 1)
    harvests = (_last_day(year, int(month)) for year in years)
    return Fraction(sum(period.covers(day, day) for day in harvests))


def _last_day(year: int, month: int) -> date:
    after = date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1)
    return after - timedelta(days=1)


def _season_terms(found: Estimate, number: int, times: Fraction) -> list[Term]:
    """A season's terms under its own number; the weights and the hectare are the whole's."""
    stem = f"season_{number}"
    kept = [
        replace(term, name=f"{stem}.{term.name.removeprefix('season_1.')}")
        for term in found.terms
        if term.name not in ("area_ha", "other_emissions_kg")
    ]
    weight = Term(f"{stem}.times", times, formula="harvests in the period, or its years")
    co2e = co2e_of(found.gases_kg, gwp=found.gwp) * times
    total = Term(f"{stem}.co2e_kg", co2e, "kg CO2e", "kept share × gases × GWP × times")
    return [*kept, weight, total]


def _numbered(cautions: Iterable[Caution], number: int) -> list[Caution]:
    return [
        replace(each, values={**each.values, "season": str(number)})
        if "season" in each.values
        else each
        for each in cautions
    ]
