"""Nitrous oxide of managed soils, and carbon dioxide of urea and lime, IPCC tier 1.

May not read a database, a clock or a file. Nitrogen is given per hectare and year: fertiliser by
kind, organic, dung of grazing animals, crop residues by yield, and soil organic matter lost.

Source: IPCC 2019 Refinement (or 2006 Guidelines), Volume 4, chapter 11, equations 11.1 to 11.13.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from credits.methodologies.crop_residues import residue_nitrogen
from credits.methodologies.estimates import Caution, Estimate, Term, gwp_terms
from credits.methodologies.gwp import CO2, CO2_PER_C, N2O, N2O_PER_N
from credits.methodologies.inputs import InputProblem, InputsRefused
from credits.methodologies.inputs import gettext_noop as _
from credits.methodologies.ipcc_n2o_inputs import SCHEMA, settle_amounts
from credits.methodologies.ipcc_n2o_tables import (
    DOLOMITE_CARBON,
    DRY,
    EDITIONS,
    LIMESTONE_CARBON,
    OTHER,
    SYNTHETIC,
    UNKNOWN,
    UREA_CARBON,
    Edition,
)


class IpccN2o:
    """Tier 1 nitrous oxide; a change of arithmetic or factors is a new version."""

    id = "ipcc-n2o"
    version = "1.0"
    title = _("Nitrous oxide of soils, urea and lime (IPCC, tier 1)")
    sources = (
        "IPCC 2019 Refinement, Volume 4, chapter 11, equations 11.1-11.13, tables 11.1-11.3",
        "IPCC 2006 Guidelines, Volume 4, chapter 11, the same equations and tables",
    )
    schema = SCHEMA
    example: Mapping[str, Any] = {
        "area_ha": 1,
        "climate": "wet",
        "fertilisers": [{"kind": "urea", "n_kg_per_ha": 200}],
        "residues": [{"crop": "rice", "yield_t_per_ha": 6}],
    }

    def estimate(self, data: Mapping[str, Any]) -> Estimate:
        """Gases of the whole area in one year.

        Args:
            data: as the schema says; nitrogen in kg N/ha, lime and urea in kg of product/ha.

        Returns:
            N2O direct, volatilised and leached, and CO2 of urea and lime, in kilograms.

        Raises:
            InputsRefused: a factor that the edition does not have and that is not given.

        Source: IPCC 2019 Refinement, Vol. 4, equations 11.1, 11.9, 11.10, 11.12, 11.13.
        """
        values = settle_amounts(self.schema.read(data))
        edition = EDITIONS[values["edition"]]
        residues, residue_terms, cautions = residue_nitrogen(
            values["residues"], area_ha=values["area_ha"]
        )
        residues += values["residue_n_kg_per_ha"]
        soil_n = _soil_nitrogen(values)
        direct = _direct_terms(values, edition, other_n=residues + soil_n.exact)
        volatilised = _volatilised_terms(values, edition)
        leached = _leached_terms(values, edition, residues + soil_n.exact)
        co2 = _carbon_dioxide_terms(values)
        area = values["area_ha"]
        n2o = area * sum((terms[-1].exact for terms in (direct, volatilised, leached)), Fraction(0))
        terms = (
            Term("area_ha", area, "ha"),
            *residue_terms,
            soil_n,
            *direct,
            *volatilised,
            *leached,
            *co2,
            *_whole_terms(area, direct, volatilised, leached),
            Term("n2o_kg", n2o, "kg N2O", "area_ha × (direct + volatilised + leached)"),
            *gwp_terms(values["gwp"], (N2O,)),
        )
        gases = {CO2: area * co2[-1].exact, N2O: n2o}
        return Estimate(gases, values["gwp"], terms, cautions=(*cautions, *_cautions(values)))


def _whole_terms(area: Fraction, *ways: list[Term]) -> list[Term]:
    """Each way's nitrous oxide of the whole area; its own last term is that of a hectare."""
    return [
        Term(
            terms[-1].name.removesuffix("_per_ha"),
            area * terms[-1].exact,
            "kg N2O",
            f"area_ha × {terms[-1].name}",
        )
        for terms in ways
    ]


def _soil_nitrogen(values: Mapping[str, Any]) -> Term:
    lost, ratio = values["soil_carbon_loss_t_per_ha"], values["soil_c_to_n"]
    known = values["soil_n_kg_per_ha"]
    if known and lost:
        options = {"options": "soil_n_kg_per_ha, soil_n_kg, soil_carbon_loss_t_per_ha"}
        raise InputsRefused([InputProblem("soil_carbon_loss_t_per_ha", "give_one_of", options)])
    if not lost:
        return Term("F_SOM", known, "kg N/ha", source="given" if known else "")
    if ratio is None:
        raise InputsRefused([InputProblem("soil_c_to_n", "no_default")])
    return Term("F_SOM", lost * 1000 / ratio, "kg N/ha", "C lost × 1000 / R", "eq. 11.8")


def _direct_terms(values: Mapping[str, Any], edition: Edition, *, other_n: Fraction) -> list[Term]:
    """Equation 11.1, per hectare; the last term is the sum in kg N2O."""
    mineral = sum((row["n_kg_per_ha"] for row in values["fertilisers"]), Fraction(0))
    other = values["organic_n_kg_per_ha"] + other_n
    factors, places = _direct_factors(values, edition)
    organic = _organic_soils(values)
    grazing, grazing_terms = _grazing(values, edition)
    nitrogen = mineral * factors[0] + other * factors[1] + grazing + organic[0]
    return [
        Term("F_SN", mineral, "kg N/ha", source="given"),
        Term("F_other", other, "kg N/ha", "F_ON + F_CR + F_SOM"),
        Term("EF1_mineral", factors[0], "kg N2O-N/kg N", source=places[0]),
        Term("EF1_other", factors[1], "kg N2O-N/kg N", source=places[1]),
        *grazing_terms,
        *organic[1],
        Term(
            "direct_n2o_kg_per_ha",
            nitrogen * N2O_PER_N,
            "kg N2O/ha",
            "(F_SN × EF1 + F_other × EF1 + F_PRP × EF3 + F_OS × EF2) × 44/28",
            f"{edition.name}, eq. 11.1",
        ),
    ]


def _direct_factors(
    values: Mapping[str, Any], edition: Edition
) -> tuple[tuple[Fraction, Fraction], tuple[str, str]]:
    """EF1 of mineral and of other nitrogen, and where each is from."""
    rice, climate = values["rice_water"], values["climate"]
    if rice != "upland":
        factors = [edition.ef1_rice[rice]] * 2
        places = [f"{edition.name}, table 11.1, EF1FR {rice}"] * 2
    else:
        factors = [edition.ef1[kind, climate] for kind in (SYNTHETIC, OTHER)]
        places = [f"{edition.name}, table 11.1, EF1 {climate}"] * 2
    if values["ef1"] is not None:
        factors, places = [values["ef1"]] * 2, ["given"] * 2
    if values["ef1_other"] is not None:
        factors[1], places[1] = values["ef1_other"], "given"
    return (factors[0], factors[1]), (places[0], places[1])


def _organic_soils(values: Mapping[str, Any]) -> tuple[Fraction, list[Term]]:
    """N2O-N of drained organic soils, spread over the whole area; and the factors."""
    total, terms = Fraction(0), []
    for number, row in enumerate(values["organic_soils"], start=1):
        total += row["area_ha"] * row["ef2_kg_per_ha"]
        terms += [
            Term(f"F_OS_{number}", row["area_ha"], "ha", source="given"),
            Term(f"EF2_{number}", row["ef2_kg_per_ha"], "kg N2O-N/ha", source="given"),
        ]
    return (total / values["area_ha"] if values["area_ha"] else Fraction(0)), terms


def _grazing(values: Mapping[str, Any], edition: Edition) -> tuple[Fraction, list[Term]]:
    total, terms = Fraction(0), []
    for number, row in enumerate(values["grazing"], start=1):
        own = row["ef3"]
        factor = edition.ef3.get((row["animals"], values["climate"])) if own is None else own
        if factor is None:
            raise InputsRefused([InputProblem(f"grazing[{number - 1}].animals", "no_default")])
        total += row["n_kg_per_ha"] * factor
        terms += [
            Term(f"F_PRP_{number}", row["n_kg_per_ha"], "kg N/ha", source="given"),
            Term(
                f"EF3_{number}",
                factor,
                "kg N2O-N/kg N",
                source=f"{edition.name}, table 11.1, {row['animals']}" if own is None else "given",
            ),
        ]
    return total, terms


def _volatilised_terms(values: Mapping[str, Any], edition: Edition) -> list[Term]:
    """Equation 11.9, per hectare: what comes down again as N2O elsewhere."""
    terms, gas_n = [], Fraction(0)
    for number, row in enumerate(values["fertilisers"], start=1):
        share = edition.gasf[row["kind"]]
        source = f"{edition.name}, table 11.3, {row['kind']}"
        if values["frac_gasf"] is not None:
            share, source = values["frac_gasf"], "given"
        gas_n += row["n_kg_per_ha"] * share
        terms.append(Term(f"FracGASF_{number}", share, source=source))
    organic = values["organic_n_kg_per_ha"] + _grazed_nitrogen(values)
    gasm = _either(values["frac_gasm"], edition.gasm, "FracGASM", f"{edition.name}, table 11.3")
    ef4 = _either(
        values["ef4"],
        edition.ef4[values["climate"]],
        "EF4",
        f"{edition.name}, table 11.3, {values['climate']}",
        "kg N2O-N/kg N",
    )
    gas_n += organic * gasm.exact
    return [
        *terms,
        gasm,
        ef4,
        Term("volatilised_n_kg_per_ha", gas_n, "kg N/ha", "F_SN × FracGASF + F_ON × FracGASM"),
        Term(
            "volatilised_n2o_kg_per_ha",
            gas_n * ef4.exact * N2O_PER_N,
            "kg N2O/ha",
            "volatilised_n × EF4 × 44/28",
            f"{edition.name}, eq. 11.9",
        ),
    ]


def _leached_terms(values: Mapping[str, Any], edition: Edition, other_n: Fraction) -> list[Term]:
    """Equation 11.10, per hectare."""
    nitrogen = (
        sum((row["n_kg_per_ha"] for row in values["fertilisers"]), Fraction(0))
        + values["organic_n_kg_per_ha"]
        + _grazed_nitrogen(values)
        + other_n
    )
    leaches = values["climate"] != DRY or values["irrigated"]
    share = _either(
        values["frac_leach"],
        edition.leach if leaches else Fraction(0),
        "FracLEACH",
        f"{edition.name}, table 11.3" + ("" if leaches else ", dry climate without irrigation"),
    )
    ef5 = _either(values["ef5"], edition.ef5, "EF5", f"{edition.name}, table 11.3", "kg N2O-N/kg N")
    return [
        share,
        ef5,
        Term("leached_n_kg_per_ha", nitrogen * share.exact, "kg N/ha", "all N × FracLEACH"),
        Term(
            "leached_n2o_kg_per_ha",
            nitrogen * share.exact * ef5.exact * N2O_PER_N,
            "kg N2O/ha",
            "leached_n × EF5 × 44/28",
            f"{edition.name}, eq. 11.10",
        ),
    ]


def _carbon_dioxide_terms(values: Mapping[str, Any]) -> list[Term]:
    """Equations 11.12 and 11.13, per hectare; the last term is the sum in kg CO2."""
    terms, total = [], Fraction(0)
    for name, carbon, equation in (
        ("urea", UREA_CARBON, "11.13"),
        ("limestone", LIMESTONE_CARBON, "11.12"),
        ("dolomite", DOLOMITE_CARBON, "11.12"),
    ):
        mass = values[f"{name}_kg_per_ha"] * carbon * CO2_PER_C
        total += mass
        terms.append(
            Term(
                f"{name}_co2_kg_per_ha",
                mass,
                "kg CO2/ha",
                f"{name} × {float(carbon):g} × 44/12",
                f"IPCC 2006 Guidelines, Vol. 4, eq. {equation}",
            )
        )
    return [*terms, Term("co2_kg_per_ha", total, "kg CO2/ha", "urea + limestone + dolomite")]


def _grazed_nitrogen(values: Mapping[str, Any]) -> Fraction:
    return sum((row["n_kg_per_ha"] for row in values["grazing"]), Fraction(0))


def _either(
    given: Fraction | None, default: Fraction, name: str, source: str, unit: str = "1"
) -> Term:
    if given is not None:
        return Term(name, given, unit, source="given")
    return Term(name, default, unit, source=source)


def _cautions(values: Mapping[str, Any]) -> list[Caution]:
    found = []
    if values["climate"] == UNKNOWN:
        found.append(Caution("climate_not_known"))
    has_urea = any(row["kind"] == "urea" and row["n_kg_per_ha"] for row in values["fertilisers"])
    if has_urea and not values["urea_kg_per_ha"]:
        found.append(Caution("urea_co2_not_counted"))
    return found
