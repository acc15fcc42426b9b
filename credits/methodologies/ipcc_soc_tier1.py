"""Carbon of mineral soils to 30 cm, IPCC tier 1: pure arithmetic.

May not read a database, a clock or a file. A change of management moves the stock in a straight
line to its new equilibrium within twenty years, and there it stays; a second change starts a new
line from where the first has come to. A country's land may instead be given by class, at the start
and at the end of the line, without telling which hectare became what.

Source: IPCC 2006 Guidelines and 2019 Refinement, Volume 4, chapter 2, equation 2.25 (formulations
A and B) and table 2.3; chapter 5, table 5.5; chapter 6, table 6.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from math import prod
from typing import Any

from credits.methodologies.estimates import Caution, Estimate, Term, credit_reduction
from credits.methodologies.gwp import CO2, CO2_PER_C
from credits.methodologies.inputs import InputProblem, InputsRefused
from credits.methodologies.inputs import gettext_noop as _
from credits.methodologies.ipcc_soc_inputs import SCHEMA
from credits.methodologies.ipcc_soc_tables import (
    FI,
    FLU,
    FMG,
    SOC_EDITIONS,
    Measured,
    SocEdition,
)

_CLASSES = ((FLU, "land_use", "flu"), (FMG, "tillage", "fmg"), (FI, "residue_input", "fi"))
# Where the tables have no tillage and no input of their own, their factors are 1.
_ELSEWHERE = {FMG: "full", FI: "medium"}
_NEARLY = Fraction(1, 1000)


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor with its `source`; equal factors of two stocks share a `key`, so that an error
    common to both is not counted as two."""

    key: str
    cell: Measured
    source: str


@dataclass(frozen=True, slots=True)
class Equilibrium:
    """The stock a management leads to: SOCref, FLU, FMG and FI; its inputs stand at `place`."""

    place: str
    factors: tuple[Factor, ...]

    @property
    def stock(self) -> Fraction:
        """t C/ha."""
        return prod((factor.cell.mean for factor in self.factors), start=Fraction(1))


@dataclass(frozen=True, slots=True)
class Account:
    """Equilibria, how much of the land's stock is each of them at the start and at the end of
    what is counted, and how many years lie between; `areas` of classes of land, else none."""

    area: Fraction
    stocks: list[Equilibrium]
    at_start: list[Fraction]
    at_end: list[Fraction]
    years: Fraction
    areas: list[Fraction] = field(default_factory=list)

    @property
    def shift(self) -> list[Fraction]:
        return [after - before for before, after in zip(self.at_start, self.at_end, strict=True)]


class IpccSocTier1:
    """Tier 1 soil carbon; a change of arithmetic or factors is a new version."""

    id = "ipcc-soc-tier1"
    version = "1.0"
    title = _("Soil carbon (IPCC, tier 1)")
    sources = (
        "IPCC 2019 Refinement, Volume 4, equation 2.25, tables 2.3, 5.5 and 6.2",
        "IPCC 2006 Guidelines, Volume 4, the same equation and tables",
    )
    schema = SCHEMA
    example: Mapping[str, Any] = {
        "area_ha": 1,
        "edition": "2019",
        "climate": "cool_temperate_moist",
        "soil": "hac",
        "before": {"tillage": "full", "residue_input": "low"},
        "changes": [{"year": 2025, "tillage": "no_till", "residue_input": "medium"}],
    }

    def estimate(self, data: Mapping[str, Any]) -> Estimate:
        """Change of soil carbon of the whole area between two years.

        Args:
            data: as the schema says; years may have fractions, each is a point in time.

        Returns:
            CO2 in kilograms, negative where the soil gained carbon, with its 95% interval.

        Raises:
            InputsRefused: a cell the edition does not print; changes out of order; an end
                before the start.

        Source: IPCC 2019 Refinement, Vol. 4, equation 2.25, ``ΔC = (SOC_0 − SOC_(0−T)) / D``.
        """
        values = self.schema.read(data)
        edition = SOC_EDITIONS[values["edition"]]
        by_class = bool(values["land_before"] or values["land_after"])
        account = _by_class(values, edition) if by_class else _by_changes(values, edition)
        stocks = [stock.stock for stock in account.stocks]
        start, end = _dot(account.at_start, stocks), _dot(account.at_end, stocks)
        change = end - start
        gases = {CO2: -account.area * change * 1000 * CO2_PER_C}
        deviation = _deviation(account)
        terms = (
            Term("area_ha", account.area, "ha"),
            *_factor_terms(account.stocks),
            *_class_terms(account),
            Term("soc_start", start, "t C/ha"),
            Term("soc_end", end, "t C/ha"),
            Term("years", account.years, "a"),
            Term("change_t_per_ha", change, "t C/ha", "soc_end − soc_start", edition.name),
            Term("change_t_c", change * account.area, "t C", "change × area_ha"),
            Term(
                "co2_t_per_ha_year",
                change * CO2_PER_C / account.years,
                "t CO2/ha/a",
                "change × 44/12 / years, a gain is positive",
                f"{edition.name}, eq. 2.25",
            ),
            *_uncertainty_terms(change, deviation),
        )
        cautions = _cautions(change, deviation)
        return Estimate(
            gases, values["gwp"], terms, credit_reduction(gases[CO2]), cautions=cautions
        )


def _by_changes(values: Mapping[str, Any], edition: SocEdition) -> Account:
    """One piece of land through its changes: formulation B.

    Raises:
        InputsRefused: no area, no management before, no change, or as `_equilibria`.
    """
    lacking = [name for name in ("area_ha", "before") if values[name] is None]
    if lacking:
        raise InputsRefused([InputProblem(name, "missing") for name in lacking])
    changes = _changes(values)
    start, end = _span(values, changes)
    rows = {"before": values["before"]}
    if values["after"] is None:
        rows |= {f"changes[{number}]": row for number, row in enumerate(changes)}
    else:
        rows["after"] = changes[0]
    return Account(
        area=values["area_ha"],
        stocks=_equilibria(rows, values, edition),
        at_start=_weights(changes, values["years_to_equilibrium"], at=start),
        at_end=_weights(changes, values["years_to_equilibrium"], at=end),
        years=end - start,
    )


def _changes(values: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The changes in order of time; a single one without a year is at the start of the count."""
    if bool(values["changes"]) == (values["after"] is not None):
        raise InputsRefused([InputProblem("changes", "give_one_of", {"options": "changes, after"})])
    if values["after"] is None:
        return list(values["changes"])
    return [{**values["after"], "year": values["from_year"] or Fraction(0)}]


def _by_class(values: Mapping[str, Any], edition: SocEdition) -> Account:
    """All the land by class, at the start and where the line ends: formulation A.

    Raises:
        InputsRefused: one side is missing, the two are not of one size, or as `_equilibria`.
    """
    sides = {key: values[key] or [] for key in ("land_before", "land_after")}
    lacking = [key for key, rows in sides.items() if not rows]
    if lacking:
        raise InputsRefused([InputProblem(key, "missing") for key in lacking])
    other = [key for key in ("before", "after", "changes") if values[key]]
    if other:
        options = {"options": f"land_before, {other[0]}"}
        raise InputsRefused([InputProblem(other[0], "give_one_of", options)])
    areas = {key: [row["area_ha"] for row in rows] for key, rows in sides.items()}
    total = sum(areas["land_before"], Fraction(0))
    for place, area in (("land_after", sum(areas["land_after"])), ("area_ha", values["area_ha"])):
        if area is not None and abs(area - total) > total * _NEARLY:
            amount = {"total": f"{float(total):.12g}"}
            raise InputsRefused([InputProblem(place, "areas_differ", amount)])
    rows = {f"{key}[{i}]": row for key, found in sides.items() for i, row in enumerate(found)}
    start, end = _span(values, [])
    moved = min((end - start) / values["years_to_equilibrium"], Fraction(1))
    before = [area / total for area in areas["land_before"]]
    after = [area / sum(areas["land_after"]) for area in areas["land_after"]]
    return Account(
        area=total,
        stocks=_equilibria(rows, values, edition),
        at_start=[*before, *(Fraction(0) for _area in after)],
        at_end=[*(share * (1 - moved) for share in before), *(share * moved for share in after)],
        years=end - start,
        areas=[*areas["land_before"], *areas["land_after"]],
    )


def _span(values: Mapping[str, Any], changes: list[Mapping[str, Any]]) -> tuple[Fraction, Fraction]:
    years = [change["year"] for change in changes]
    for number, (earlier, later) in enumerate(pairwise(years), start=1):
        if later <= earlier:
            raise InputsRefused([InputProblem(f"changes[{number}].year", "not_after_the_last")])
    if values["to_year"] is not None and values["years"] is not None:
        raise InputsRefused([InputProblem("years", "give_one_of", {"options": "to_year, years"})])
    start = values["from_year"]
    if start is None:
        start = years[0] if years else Fraction(0)
    counted = values["years"] or Fraction(1)
    end: Fraction = start + counted if values["to_year"] is None else values["to_year"]
    if end <= start:
        raise InputsRefused([InputProblem("to_year", "ends_before_start")])
    return start, end


def _weights(changes: list[Mapping[str, Any]], within: Fraction, *, at: Fraction) -> list[Fraction]:
    """The stock at a time, as weights of the equilibria: before, and after each change."""
    weights = [Fraction(0)] * (len(changes) + 1)
    weights[0] = Fraction(1)
    for number, change in enumerate(changes, start=1):
        if at <= change["year"]:
            break
        until = min(changes[number]["year"], at) if number < len(changes) else at
        moved = min((until - change["year"]) / within, Fraction(1))
        weights = [weight * (1 - moved) for weight in weights]
        weights[number] += moved
    return weights


def _equilibria(
    rows: Mapping[str, Mapping[str, Any]], values: Mapping[str, Any], edition: SocEdition
) -> list[Equilibrium]:
    """The equilibrium of each management, by its place.

    Raises:
        InputsRefused: a cell the edition does not print, or one that cannot be looked up.
    """
    found: list[Equilibrium] = []
    problems: list[InputProblem] = []
    for place, row in rows.items():
        ground = {name: row.get(name) or values[name] for name in ("climate", "soil")}
        own = row.get("soc_reference_t_per_ha")
        given = values["soc_reference_t_per_ha"] if own is None else own
        factors: list[Factor] = []
        try:
            factors.append(_reference(ground, given, edition))
        except InputsRefused as refusal:
            problems += [each for each in refusal.problems if each not in problems]
        for names in _CLASSES:
            try:
                factors.append(_factor(row, edition, ground["climate"], names, place))
            except InputsRefused as refusal:
                problems += [each for each in refusal.problems if each not in problems]
        found.append(Equilibrium(place, tuple(factors)))
    if problems:
        raise InputsRefused(problems)
    return found


def _reference(ground: Mapping[str, Any], given: Fraction | None, edition: SocEdition) -> Factor:
    if given is not None:
        return Factor(f"SOCref {given}", Measured(given, Fraction(0)), "given")
    lacking = [name for name in ("climate", "soil") if ground[name] is None]
    if lacking:
        raise InputsRefused([InputProblem(name, "missing") for name in lacking])
    soil, climate = ground["soil"], ground["climate"]
    cell = edition.reference.get((soil, climate))
    if cell is None:
        raise InputsRefused([InputProblem("soc_reference_t_per_ha", "no_default")])
    source = f"{edition.name}, table 2.3, {soil}, {climate}"
    return Factor(f"SOCref {soil} {climate}", cell, source)


def _factor(
    row: Mapping[str, Any],
    edition: SocEdition,
    climate: str | None,
    names: tuple[str, str, str],
    place: str,
) -> Factor:
    name, kind, own = names
    if row[own] is not None:
        return Factor(f"{name} {row[own]}", Measured(row[own], Fraction(0)), "given")
    named = _class_of(row, name, kind)
    if named is None:
        raise InputsRefused([InputProblem(f"{place}.{kind}", "missing")])
    if climate is None:
        raise InputsRefused([InputProblem("climate", "missing")])
    cell = edition.factors.get((name, named, climate))
    if cell is None:
        raise InputsRefused([InputProblem(f"{place}.{own}", "no_default")])
    table = "table 6.2" if row["land_use"] == "grassland" else "table 5.5"
    return Factor(f"{name} {named} {climate}", cell, f"{edition.name}, {table}, {named}, {climate}")


def _class_of(row: Mapping[str, Any], name: str, kind: str) -> str | None:
    """The class whose cell is looked up: grassland has its own, and only annual crops must say
    how they are tilled and what returns to their soil."""
    if row["land_use"] == "grassland" and name == FMG:
        return row["grassland"] or "nominal"
    if row["land_use"] == "grassland" and name == FI:
        return "improved_high" if row["grassland"] == "improved_high" else "medium"
    if row[kind] is None and row["land_use"] != "annual":
        return _ELSEWHERE.get(name)
    found: str | None = row[kind]
    return found


def _factor_terms(stocks: list[Equilibrium]) -> list[Term]:
    references = {stock.factors[0].key: stock.factors[0] for stock in stocks}
    terms = [
        Term(
            "SOCref" if len(references) == 1 else f"SOCref_{number}",
            reference.cell.mean,
            "t C/ha",
            source=reference.source,
        )
        for number, reference in enumerate(references.values())
    ]
    for number, stock in enumerate(stocks):
        terms += [
            Term(f"{name}_{number}", factor.cell.mean, source=factor.source)
            for name, factor in zip((FLU, FMG, FI), stock.factors[1:], strict=True)
        ]
    return [
        *terms,
        *(
            Term(f"equilibrium_{number}", stock.stock, "t C/ha", "SOCref × FLU × FMG × FI")
            for number, stock in enumerate(stocks)
        ),
    ]


def _class_terms(account: Account) -> list[Term]:
    """Of land by class: the area of each, and the whole stock on either side of the line."""
    totals = {"land_before": Fraction(0), "land_after": Fraction(0)}
    terms = []
    for number, (stock, area) in enumerate(zip(account.stocks, account.areas, strict=False)):
        terms.append(Term(f"area_ha_{number}", area, "ha", source="given"))
        totals[stock.place.partition("[")[0]] += area * stock.stock
    if terms:
        terms += [
            Term(f"{side}_t_c", total, "t C", "Σ area × equilibrium")
            for side, total in totals.items()
        ]
    return terms


def _deviation(account: Account) -> Fraction:
    """Standard deviation of the change in t C/ha, by exact moments of products of independent
    factors; two stocks vary together by the factors they share, and not at all without any."""
    with localcontext() as context:
        context.prec = 50
        parts = [
            _decimal(share * stock.stock)
            for share, stock in zip(account.shift, account.stocks, strict=True)
        ]
        spreads = [_spreads(stock) for stock in account.stocks]
        variance = Decimal(0)
        for i, spread in enumerate(spreads):
            for j in range(i, len(spreads)):
                shared = [ratio for key, ratio in spread.items() if key in spreads[j]]
                if shared:
                    twice = 1 if i == j else 2
                    variance += twice * parts[i] * parts[j] * (prod(shared) - 1)
        return Fraction(max(variance, Decimal(0)).sqrt())


def _spreads(stock: Equilibrium) -> dict[str, Decimal]:
    """Mean of the square over square of the mean, of each factor that varies."""
    return {
        factor.key: 1 + _decimal((factor.cell.deviation / factor.cell.mean) ** 2)
        for factor in stock.factors
        if factor.cell.deviation
    }


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _uncertainty_terms(change: Fraction, deviation: Fraction) -> list[Term]:
    half = deviation * Fraction("1.96")
    source = "published errors of tables 2.3 and 5.5, propagated"
    return [
        Term("change_sd_t_per_ha", deviation, "t C/ha", source=source),
        Term("change_low_t_per_ha", change - half, "t C/ha", "change − 1.96 × sd"),
        Term("change_high_t_per_ha", change + half, "t C/ha", "change + 1.96 × sd"),
    ]


def _cautions(change: Fraction, deviation: Fraction) -> tuple[Caution, ...]:
    if change and deviation * Fraction("1.96") > abs(change):
        return (Caution("change_within_error"),)
    return ()


def _dot(weights: list[Fraction], values: list[Fraction]) -> Fraction:
    return sum((weight * value for weight, value in zip(weights, values, strict=True)), Fraction(0))
