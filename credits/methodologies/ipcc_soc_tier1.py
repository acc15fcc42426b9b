"""Carbon of mineral soils to 30 cm, IPCC tier 1: pure arithmetic.

May not read a database, a clock or a file. A change of management moves the stock in a straight
line to its new equilibrium within twenty years, and there it stays; a second change starts a new
line from where the first has come to.

Source: IPCC 2006 Guidelines and 2019 Refinement, Volume 4, chapter 2, equation 2.25 (formulation
B) and table 2.3; chapter 5, table 5.5.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from typing import Any

from credits.methodologies.estimates import Caution, Estimate, Term, credit_reduction
from credits.methodologies.gwp import CO2, CO2_PER_C, GWP_INPUT
from credits.methodologies.inputs import (
    Choice,
    Group,
    Input,
    InputProblem,
    InputsRefused,
    Number,
    Rows,
    Schema,
)
from credits.methodologies.inputs import gettext_noop as _
from credits.methodologies.ipcc_soc_tables import (
    CLIMATES,
    FI,
    FLU,
    FMG,
    LAND_USES,
    RESIDUE_INPUTS,
    SOC_EDITIONS,
    SOILS,
    TILLAGES,
    Measured,
    SocEdition,
)

_CLASSES = ((FLU, "land_use", "flu"), (FMG, "tillage", "fmg"), (FI, "residue_input", "fi"))
_YEAR = Number("year", minimum="1900", maximum="2200")


def _own(name: str, label: str) -> Input:
    return Input(name, label, Number("1", maximum="5", above=True), required=False)


_MANAGEMENT = (
    Input("land_use", _("Land use"), Choice(LAND_USES), required=False, default="annual"),
    Input("tillage", _("Tillage"), Choice(TILLAGES)),
    Input("residue_input", _("What returns to the soil"), Choice(RESIDUE_INPUTS)),
    _own("flu", _("Own factor of land use")),
    _own("fmg", _("Own factor of tillage")),
    _own("fi", _("Own factor of input")),
)
MANAGEMENT = Schema(_MANAGEMENT)
CHANGE = Schema((Input("year", _("From the start of"), _YEAR), *_MANAGEMENT))


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor with its `source`; equal factors of two stocks share a `key`, so that an error
    common to both is not counted as two."""

    key: str
    cell: Measured
    source: str


@dataclass(frozen=True, slots=True)
class Equilibrium:
    """The stock a management leads to: FLU, FMG and FI."""

    factors: tuple[Factor, Factor, Factor]

    @property
    def product(self) -> Fraction:
        flu, fmg, fi = (factor.cell.mean for factor in self.factors)
        return flu * fmg * fi


class IpccSocTier1:
    """Tier 1 soil carbon; a change of arithmetic or factors is a new version."""

    id = "ipcc-soc-tier1"
    version = "1.0"
    title = _("Soil carbon (IPCC, tier 1)")
    sources = (
        "IPCC 2019 Refinement, Volume 4, equation 2.25, tables 2.3 and 5.5",
        "IPCC 2006 Guidelines, Volume 4, the same equation and tables",
    )
    schema = Schema(
        (
            Input("area_ha", _("Area"), Number("ha", maximum="100000000")),
            Input(
                "edition",
                _("Edition of the IPCC's factors"),
                Choice({"2019": "2019", "2006": "2006"}),
                help=_("Stocks and factors are taken from one edition; the two never mix."),
                required=False,
                default="2019",
            ),
            Input("climate", _("Climate"), Choice(CLIMATES)),
            Input("soil", _("Soil"), Choice(SOILS)),
            Input("before", _("Management before, long kept"), Group(MANAGEMENT)),
            Input("changes", _("Changes"), Rows(CHANGE, fewest=1, most=50)),
            Input(
                "from_year",
                _("Counted from the start of"),
                _YEAR,
                help=_("Without it: from the first change."),
                required=False,
            ),
            Input(
                "to_year",
                _("Counted to the start of"),
                _YEAR,
                help=_("Without it: one year later."),
                required=False,
            ),
            Input(
                "years_to_equilibrium",
                _("Years until the stock stands still"),
                Number("a", minimum="1", maximum="100"),
                required=False,
                default="20",
            ),
            Input(
                "soc_reference_t_per_ha",
                _("Own reference stock to 30 cm"),
                Number("t C/ha", maximum="500"),
                required=False,
            ),
            GWP_INPUT,
        )
    )
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
        start, end = _span(values)
        edition = SOC_EDITIONS[values["edition"]]
        reference, reference_term = _reference(values, edition)
        stocks = _equilibria(values, edition)
        weights_start = _weights(values, at=start)
        weights_end = _weights(values, at=end)
        shift = [after - before for before, after in zip(weights_start, weights_end, strict=True)]
        products = [stock.product for stock in stocks]
        change = reference.mean * _dot(shift, products)
        area = values["area_ha"]
        carbon_kg = area * change * 1000
        gases = {CO2: -carbon_kg * CO2_PER_C}
        deviation = _deviation(reference, stocks, shift)
        terms = (
            Term("area_ha", area, "ha"),
            reference_term,
            *_factor_terms(stocks),
            *(
                Term(
                    f"equilibrium_{number}",
                    reference.mean * product,
                    "t C/ha",
                    "SOCref × FLU × FMG × FI",
                )
                for number, product in enumerate(products)
            ),
            Term("soc_start", reference.mean * _dot(weights_start, products), "t C/ha"),
            Term("soc_end", reference.mean * _dot(weights_end, products), "t C/ha"),
            Term("years", end - start, "a"),
            Term("change_t_per_ha", change, "t C/ha", "soc_end − soc_start", edition.name),
            Term(
                "co2_t_per_ha_year",
                change * CO2_PER_C / (end - start),
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


def _span(values: Mapping[str, Any]) -> tuple[Fraction, Fraction]:
    years = [change["year"] for change in values["changes"]]
    for number, (earlier, later) in enumerate(pairwise(years), start=1):
        if later <= earlier:
            raise InputsRefused([InputProblem(f"changes[{number}].year", "not_after_the_last")])
    start = years[0] if values["from_year"] is None else values["from_year"]
    end = start + 1 if values["to_year"] is None else values["to_year"]
    if end <= start:
        raise InputsRefused([InputProblem("to_year", "ends_before_start")])
    return start, end


def _weights(values: Mapping[str, Any], *, at: Fraction) -> list[Fraction]:
    """The stock at a time, as weights of the equilibria: before, and after each change."""
    changes, within = values["changes"], values["years_to_equilibrium"]
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


def _reference(values: Mapping[str, Any], edition: SocEdition) -> tuple[Measured, Term]:
    given = values["soc_reference_t_per_ha"]
    if given is not None:
        return Measured(given, Fraction(0)), Term("SOCref", given, "t C/ha", source="given")
    cell = edition.reference.get((values["soil"], values["climate"]))
    if cell is None:
        raise InputsRefused([InputProblem("soc_reference_t_per_ha", "no_default")])
    source = f"{edition.name}, table 2.3, {values['soil']}, {values['climate']}"
    return cell, Term("SOCref", cell.mean, "t C/ha", source=source)


def _equilibria(values: Mapping[str, Any], edition: SocEdition) -> list[Equilibrium]:
    places = ["before", *(f"changes[{number}]" for number in range(len(values["changes"])))]
    rows = [values["before"], *values["changes"]]
    found, problems = [], []
    for place, row in zip(places, rows, strict=True):
        try:
            flu, fmg, fi = (
                _factor(row, edition, values["climate"], names, place) for names in _CLASSES
            )
            found.append(Equilibrium((flu, fmg, fi)))
        except InputsRefused as refusal:
            problems += refusal.problems
    if problems:
        raise InputsRefused(problems)
    return found


def _factor(
    row: Mapping[str, Any],
    edition: SocEdition,
    climate: str,
    names: tuple[str, str, str],
    place: str,
) -> Factor:
    name, kind, own = names
    if row[own] is not None:
        return Factor(f"{name} {row[own]}", Measured(row[own], Fraction(0)), "given")
    cell = edition.factors.get((name, row[kind], climate))
    if cell is None:
        raise InputsRefused([InputProblem(f"{place}.{own}", "no_default")])
    source = f"{edition.name}, table 5.5, {row[kind]}, {climate}"
    return Factor(f"{name} {row[kind]}", cell, source)


def _factor_terms(stocks: list[Equilibrium]) -> list[Term]:
    return [
        Term(f"{name}_{number}", factor.cell.mean, source=factor.source)
        for number, stock in enumerate(stocks)
        for (name, _kind, _own), factor in zip(_CLASSES, stock.factors, strict=True)
    ]


def _deviation(reference: Measured, stocks: list[Equilibrium], shift: list[Fraction]) -> Fraction:
    """Standard deviation of the change in t C/ha, by exact moments of products of independent
    factors; a factor that two stocks share varies in both at once."""
    squared = sum(
        (
            one * other * _moment(stocks[i], stocks[j])
            for i, one in enumerate(shift)
            for j, other in enumerate(shift)
        ),
        Fraction(0),
    )
    mean = _dot(shift, [stock.product for stock in stocks])
    variance = (reference.mean**2 + reference.deviation**2) * squared - (reference.mean * mean) ** 2
    with localcontext() as context:
        context.prec = 50
        return Fraction((Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt())


def _moment(one: Equilibrium, other: Equilibrium) -> Fraction:
    """Mean of the product of two stocks' factors."""
    together: dict[str, list[Measured]] = defaultdict(list)
    for factor in (*one.factors, *other.factors):
        together[factor.key].append(factor.cell)
    result = Fraction(1)
    for cells in together.values():
        cell, shared = cells[0], len(cells) == 2
        result *= cell.mean**2 + cell.deviation**2 if shared else cell.mean
    return result


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
