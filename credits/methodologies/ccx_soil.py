"""Soil carbon by rate lookup, as the Chicago Climate Exchange credited it: pure arithmetic.

A field earns ``area × rate × years``; the rate is looked up by practice, region, irrigation and
vintage. Practices on one field do not add up: the one with the highest rate earns, for the rates
each stand for the whole change of the soil. May not read a database, a clock or a file.

Source: Chicago Climate Exchange, Offset Project Protocol "Agricultural Best Management Practices –
Continuous Conservation Tillage and Conversion to Grassland Soil Carbon Sequestration", updated
2009-09-30. Rates as published to growers:
Kansas State University, Soil Carbon Center, "New signup period for carbon credit program" (2008),
for Kansas, vintages 2007–2012; Purdue Extension on the CCX (2007: 0.6 t/acre) for Indiana and Iowa;
Iowa Farm Bureau, pilot of 2003–2006 (0.5 t/acre no-till, 0.75 t/acre grass).
A project elsewhere brings its own rates, each with its source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import floor
from typing import Any

from aggregator.periods import Period
from aggregator.units import KG_PER_TONNE, M2_PER_ACRE, M2_PER_HECTARE
from credits.methodologies.base import (
    Activity,
    ParameterProblem,
    Quantity,
    decimal_text,
    years_of,
)
from credits.methodologies.prepared import Prepared

_UNITS = {
    "t_per_acre_year": ("acre", M2_PER_ACRE),
    "t_per_hectare_year": ("ha", M2_PER_HECTARE),
}
# Far above any soil: a rate beyond it is a slip of the unit (kg for t, m² for ha).
MAX_T_PER_HECTARE = 50


@dataclass(frozen=True, slots=True)
class Rate:
    """One line of the lookup: `rate` tonnes CO2e per `unit` (acre, ha) and year.

    `irrigated` None stands for both; `vintage_to` None for no end.
    """

    practice: str
    region: str
    irrigated: bool | None
    vintage_from: int
    vintage_to: int | None
    rate: Decimal
    unit: str
    source: str

    def applies(self, practice: str, region: str, irrigated: bool, vintage: int) -> bool:
        return (
            (self.practice, self.region) == (practice, region)
            and self.irrigated in (None, irrigated)
            and self.vintage_from <= vintage
            and (self.vintage_to is None or vintage <= self.vintage_to)
        )

    @property
    def m2_per_unit(self) -> Fraction:
        return M2_PER_ACRE if self.unit == "acre" else M2_PER_HECTARE

    @property
    def kg_per_m2_year(self) -> Fraction:
        return Fraction(self.rate) * KG_PER_TONNE / self.m2_per_unit


def _published(practice: str, region: str, rate: str, **values: Any) -> Rate:
    facts = {"irrigated": None, "vintage_from": 2007, "vintage_to": 2012} | values
    return Rate(practice=practice, region=region, rate=Decimal(rate), unit="acre", **facts)


_KANSAS = "Kansas State University, Soil Carbon Center, 2008 sign-up"
_PURDUE = "Purdue Extension, Chicago Climate Exchange contracts, 2007"
_PILOT = "Iowa Farm Bureau, CCX pilot 2003–2006"

PUBLISHED_RATES = (
    _published("no_till", "iowa", "0.5", vintage_from=2003, vintage_to=2006, source=_PILOT),
    _published("grass", "iowa", "0.75", vintage_from=2003, vintage_to=2006, source=_PILOT),
    _published("no_till", "iowa", "0.6", vintage_to=2010, source=_PURDUE),
    _published("no_till", "indiana", "0.6", vintage_to=2010, source=_PURDUE),
    _published("no_till", "kansas-east", "0.6", source=_KANSAS),
    _published("no_till", "kansas-central", "0.4", irrigated=False, source=_KANSAS),
    _published("no_till", "kansas-central", "0.6", irrigated=True, source=_KANSAS),
    _published("no_till", "kansas-west", "0.2", irrigated=False, source=_KANSAS),
    _published("no_till", "kansas-west", "0.6", irrigated=True, source=_KANSAS),
)


class CcxSoil:
    """The CCX rate lookup; a change of the arithmetic or the published table is a new version.

    A project's `parameters` name its ``region`` and may bring ``rates``: a list of objects with
    ``practice``, ``region``, ``irrigated`` (true, false or null), ``vintage_from``, ``vintage_to``,
    one of ``t_per_acre_year`` and ``t_per_hectare_year`` (decimal strings), and ``source``. They
    prevail over the published ones of the same practice.
    """

    id = "ccx-soil"
    version = "1.0"
    practices = frozenset(
        {
            "no_till",
            "reduced_till",
            "straw_return",
            "organic_fertiliser",
            "soil_test_fertilising",
            "intermittent_irrigation",
            "fallow",
            "grass",
        }
    )

    def check_parameters(self, parameters: Mapping[str, Any]) -> list[ParameterProblem]:
        """All problems of a project's parameters, with the place of each (``rates[2].source``)."""
        problems = []
        region = parameters.get("region")
        if not isinstance(region, str) or not region:
            problems.append(ParameterProblem("region", "missing"))
        rows = parameters.get("rates", [])
        if not isinstance(rows, list):
            return [*problems, ParameterProblem("rates", "not_a_list")]
        for number, row in enumerate(rows):
            problems += _rate_problems(f"rates[{number}]", row)
        if not problems:
            problems += _overlap_problems([read_rate(row) for row in rows])
        if not problems and not any(rate.region == region for rate in _all_rates(parameters)):
            problems.append(ParameterProblem("region", "no_rate"))
        return problems

    def quantify(self, activity: Activity, parameters: Mapping[str, Any]) -> Quantity:
        """Kilograms of one activity.

        Args:
            activity: the field's area, practices, irrigation and days.
            parameters: a project's, already checked.

        Returns:
            ``floor(area_m2 × rate × years × days / period days)`` in kilograms CO2e, exact until
            the floor, and its terms. Without a practice that has a rate: zero, reason
            ``no_creditable_practice``.

        Source: CCX protocol of 2009-09-30, standard rate per acre and year.
        """
        earning = _LOOKUPS.of(parameters).find(activity)
        terms = {"area_m2": str(activity.area_m2), **earning.terms}
        rate = earning.rate
        if rate is None:
            return Quantity(0, "", terms)
        area = Fraction(activity.area_m2)
        exact = area * earning.kg_per_m2
        gross_kg = floor(exact)
        terms |= {
            "area": decimal_text(area * earning.units_per_m2, 6),
            "gross_exact_kg": str(exact),
            "gross_before_floor_kg": decimal_text(exact, 6),
        }
        if gross_kg == 0:
            terms["reason"] = "below_one_kilogram"
        return Quantity(gross_kg, rate.practice if gross_kg else "", terms)


@dataclass(frozen=True, slots=True)
class Earning:
    """What all fields of a kind share in a span of days: the rate, their terms, and kilograms of a
    square metre; a field has one multiplication left to do. `rate` None: nothing earns."""

    rate: Rate | None
    kg_per_m2: Fraction
    units_per_m2: Fraction
    terms: Mapping[str, str]


class Lookup:
    """The rates of a project's parameters, each kind of field looked up once."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._region = str(parameters.get("region", ""))
        self._own = _own_rates(parameters)
        self._found: dict[tuple[tuple[str, ...], bool, Period, int], Earning] = {}

    def find(self, activity: Activity) -> Earning:
        """The rate that earns: the highest of the practices; equal rates go by the practice's
        code."""
        days = activity.span.days
        key = (activity.practices, activity.irrigated, activity.period, days)
        if key not in self._found:
            self._found[key] = self._earning(activity, self._highest(activity))
        return self._found[key]

    def _highest(self, activity: Activity) -> Rate | None:
        found = [
            rate
            for practice in sorted(set(activity.practices))
            if (rate := _rate_of(practice, activity, self._region, self._own)) is not None
        ]
        return max(found, key=lambda rate: rate.kg_per_m2_year, default=None)

    def _earning(self, activity: Activity, rate: Rate | None) -> Earning:
        years, period = years_of(activity.period), activity.period
        terms = {
            "vintage": str(activity.vintage),
            "region": self._region,
            "irrigated": "yes" if activity.irrigated else "no",
            "days": str(activity.span.days),
            "period_days": str(period.days),
            "years": str(years),
        }
        if rate is None:
            nothing = Fraction(0)
            return Earning(None, nothing, nothing, terms | {"reason": "no_creditable_practice"})
        terms |= {
            "practice": rate.practice,
            "rate": str(rate.rate),
            "rate_unit": f"t CO2e/{rate.unit}/year",
            "rate_source": rate.source,
            "area_unit": rate.unit,
            "m2_per_unit": decimal_text(rate.m2_per_unit, 7),
        }
        share = years * Fraction(activity.span.days, period.days)
        return Earning(rate, rate.kg_per_m2_year * share, 1 / rate.m2_per_unit, terms)


def _rate_of(practice: str, activity: Activity, region: str, own: Iterable[Rate]) -> Rate | None:
    """The project's own rate of a practice, else the published one; a rate for the field's own kind
    of watering goes before one that stands for both."""
    for table in (own, PUBLISHED_RATES):
        matching = [
            rate
            for rate in table
            if rate.applies(practice, region, activity.irrigated, activity.vintage)
        ]
        if matching:
            return min(matching, key=lambda rate: rate.irrigated is None)
    return None


def _own_rates(parameters: Mapping[str, Any]) -> list[Rate]:
    return [read_rate(row) for row in parameters.get("rates", [])]


# A count asks for one project's rates with every field.
_LOOKUPS = Prepared(Lookup)


def _all_rates(parameters: Mapping[str, Any]) -> list[Rate]:
    return [*_own_rates(parameters), *PUBLISHED_RATES]


def read_rate(row: Mapping[str, Any]) -> Rate:
    """A project's own rate as its checked parameters hold it."""
    name = next(name for name in _UNITS if name in row)
    return Rate(
        practice=row["practice"],
        region=row["region"],
        irrigated=row.get("irrigated"),
        vintage_from=row["vintage_from"],
        vintage_to=row.get("vintage_to"),
        rate=Decimal(row[name]),
        unit=_UNITS[name][0],
        source=row["source"],
    )


def _rate_problems(place: str, row: Any) -> list[ParameterProblem]:
    if not isinstance(row, Mapping):
        return [ParameterProblem(place, "not_an_object")]
    problems = [
        ParameterProblem(f"{place}.{name}", "missing")
        for name in ("practice", "region", "source")
        if not isinstance(row.get(name), str) or not row[name]
    ]
    if row.get("practice") and row["practice"] not in CcxSoil.practices:
        problems.append(ParameterProblem(f"{place}.practice", "unknown_practice"))
    if row.get("irrigated") not in (None, True, False):
        problems.append(ParameterProblem(f"{place}.irrigated", "not_yes_or_no"))
    problems += _vintage_problems(place, row)
    given = [name for name in _UNITS if name in row]
    if len(given) != 1:
        return [*problems, ParameterProblem(place, "one_rate_needed")]
    code = _number_problem(row[given[0]], _UNITS[given[0]][1])
    return problems + ([ParameterProblem(f"{place}.{given[0]}", code)] if code else [])


def _vintage_problems(place: str, row: Mapping[str, Any]) -> list[ParameterProblem]:
    first, last = row.get("vintage_from"), row.get("vintage_to")
    if type(first) is not int or type(last) not in (int, type(None)):
        return [ParameterProblem(f"{place}.vintage_from", "not_a_year")]
    if last is not None and last < first:
        return [ParameterProblem(f"{place}.vintage_to", "ends_before_start")]
    return []


def _number_problem(value: Any, m2_per_unit: Fraction) -> str:
    """What is wrong with a rate's number, as a code; empty when it is a usable decimal string."""
    if not isinstance(value, str):
        return "not_a_decimal_string"
    try:
        number = Decimal(value)
    except InvalidOperation:
        return "not_a_decimal_string"
    if not number.is_finite() or number < 0:
        return "not_positive"
    per_hectare = Fraction(number) * M2_PER_HECTARE / m2_per_unit
    return "too_high" if per_hectare > MAX_T_PER_HECTARE else ""


def _overlap_problems(rates: list[Rate]) -> list[ParameterProblem]:
    """Two rates for the same thing in the same year would leave open which one holds."""
    problems = []
    for number, rate in enumerate(rates):
        for earlier in rates[:number]:
            same = (rate.practice, rate.region, rate.irrigated) == (
                earlier.practice,
                earlier.region,
                earlier.irrigated,
            )
            if same and _years_meet(rate, earlier):
                problems.append(ParameterProblem(f"rates[{number}]", "overlapping_rate"))
    return problems


def _years_meet(one: Rate, other: Rate) -> bool:
    start = max(one.vintage_from, other.vintage_from)
    ends = [rate.vintage_to for rate in (one, other) if rate.vintage_to is not None]
    return all(start <= end for end in ends)
