"""Nitrous oxide of managed soils, and carbon dioxide of urea and lime, IPCC tier 1.

May not read a database, a clock or a file. Nitrogen is given per hectare and year: fertiliser by
kind, organic, dung of grazing animals, crop residues by yield, and soil organic matter lost.

Source: IPCC 2019 Refinement (or 2006 Guidelines), Volume 4, chapter 11, equations 11.1 to 11.13.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from credits.methodologies.crop_residues import RESIDUE, residue_nitrogen
from credits.methodologies.estimates import Caution, Estimate, Term, gwp_terms
from credits.methodologies.gwp import CO2, CO2_PER_C, GWP_INPUT, N2O, N2O_PER_N
from credits.methodologies.inputs import (
    Choice,
    Flag,
    Input,
    InputProblem,
    InputsRefused,
    Kind,
    Number,
    Rows,
    Schema,
)
from credits.methodologies.inputs import gettext_noop as _
from credits.methodologies.ipcc_n2o_tables import (
    DOLOMITE_CARBON,
    DRY,
    EDITIONS,
    FERTILISERS,
    LIMESTONE_CARBON,
    OTHER,
    SYNTHETIC,
    UNKNOWN,
    UREA_CARBON,
    WET,
    Edition,
)

_PER_HA = Number("kg N/ha", maximum="5000")
_FACTOR = Number("1", maximum="1")
CLIMATES = {
    WET: _("Wet: more rain than evaporates, in the tropics over 1,000 mm"),
    DRY: _("Dry"),
    UNKNOWN: _("Not known"),
}
RICE_WATER = {
    "upland": _("No flooded rice"),
    "continuous": _("Rice, flooded throughout"),
    "drained": _("Rice, drained once or more, alternate wetting and drying"),
    "flooded": _("Rice, drainage not known"),
}


def _rows(*inputs: Input) -> Rows:
    return Rows(Schema(inputs), most=50)


def _optional(name: str, label: str, kind: Kind, *, help: str = "") -> Input:
    return Input(name, label, kind, help=help, required=False)


INPUTS = (
    Input("area_ha", _("Area"), Number("ha", maximum="100000000")),
    Input(
        "edition",
        _("Edition of the IPCC's factors"),
        Choice({"2019": "2019", "2006": "2006"}),
        required=False,
        default="2019",
    ),
    Input("climate", _("Climate"), Choice(CLIMATES)),
    Input("rice_water", _("Rice"), Choice(RICE_WATER), required=False, default="upland"),
    _optional(
        "irrigated",
        _("Irrigated, other than by drip"),
        Flag(),
        help=_("Nitrogen leaches in wet climates and where the field is irrigated."),
    ),
    Input(
        "fertilisers",
        _("Mineral fertiliser"),
        _rows(
            Input("kind", _("Kind"), Choice(FERTILISERS)),
            Input("n_kg_per_ha", _("Nitrogen"), _PER_HA),
        ),
        required=False,
        default=[],
    ),
    Input(
        "organic_n_kg_per_ha",
        _("Nitrogen of manure, compost and other organic fertiliser"),
        _PER_HA,
        required=False,
        default="0",
    ),
    Input(
        "grazing",
        _("Dung and urine of grazing animals"),
        _rows(
            Input(
                "animals",
                _("Animals"),
                Choice(
                    {
                        "cattle_poultry_pigs": _("Cattle, poultry, pigs"),
                        "sheep_and_others": _("Sheep and others"),
                    }
                ),
            ),
            Input("n_kg_per_ha", _("Nitrogen"), _PER_HA),
        ),
        required=False,
        default=[],
    ),
    Input(
        "residues",
        _("Crop residues"),
        Rows(RESIDUE, most=20),
        required=False,
        default=[],
    ),
    _optional("soil_carbon_loss_t_per_ha", _("Soil carbon lost"), Number("t C/ha", maximum="100")),
    _optional(
        "soil_c_to_n",
        _("Carbon to nitrogen of the soil"),
        Number("1", maximum="100", above=True),
        help=_("Asked for where soil carbon is lost; the IPCC's default was not read."),
    ),
    Input(
        "urea_kg_per_ha", _("Urea"), Number("kg/ha", maximum="5000"), required=False, default="0"
    ),
    Input(
        "limestone_kg_per_ha",
        _("Limestone"),
        Number("kg/ha", maximum="50000"),
        required=False,
        default="0",
    ),
    Input(
        "dolomite_kg_per_ha",
        _("Dolomite"),
        Number("kg/ha", maximum="50000"),
        required=False,
        default="0",
    ),
    _optional("ef1", _("Own direct factor"), _FACTOR, help=_("kg N2O-N per kg N, for all of it.")),
    _optional("ef4", _("Own factor of what was volatilised"), _FACTOR),
    _optional("ef5", _("Own factor of what was leached"), _FACTOR),
    _optional("frac_gasf", _("Own volatilised share of mineral fertiliser"), _FACTOR),
    _optional("frac_gasm", _("Own volatilised share of organic nitrogen"), _FACTOR),
    _optional("frac_leach", _("Own leached share"), _FACTOR),
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
    schema = Schema((*INPUTS, GWP_INPUT))
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
        values = self.schema.read(data)
        edition = EDITIONS[values["edition"]]
        residues, residue_terms, cautions = residue_nitrogen(values["residues"])
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
            Term("n2o_kg", n2o, "kg N2O", "area_ha × (direct + volatilised + leached)"),
            *gwp_terms(values["gwp"], (N2O,)),
        )
        gases = {CO2: area * co2[-1].exact, N2O: n2o}
        return Estimate(gases, values["gwp"], terms, cautions=(*cautions, *_cautions(values)))


def _soil_nitrogen(values: Mapping[str, Any]) -> Term:
    lost, ratio = values["soil_carbon_loss_t_per_ha"], values["soil_c_to_n"]
    if not lost:
        return Term("F_SOM", Fraction(0), "kg N/ha")
    if ratio is None:
        raise InputsRefused([InputProblem("soil_c_to_n", "no_default")])
    return Term("F_SOM", lost * 1000 / ratio, "kg N/ha", "C lost × 1000 / R", "eq. 11.8")


def _direct_terms(values: Mapping[str, Any], edition: Edition, *, other_n: Fraction) -> list[Term]:
    """Equation 11.1, per hectare; the last term is the sum in kg N2O."""
    mineral = sum((row["n_kg_per_ha"] for row in values["fertilisers"]), Fraction(0))
    other = values["organic_n_kg_per_ha"] + other_n
    rice = values["rice_water"]
    if values["ef1"] is not None:
        factors, place = (values["ef1"], values["ef1"]), "given"
    elif rice != "upland":
        factors = (edition.ef1_rice[rice], edition.ef1_rice[rice])
        place = f"{edition.name}, table 11.1, EF1FR {rice}"
    else:
        climate = values["climate"]
        factors = (edition.ef1[SYNTHETIC, climate], edition.ef1[OTHER, climate])
        place = f"{edition.name}, table 11.1, EF1 {climate}"
    grazing, grazing_terms = _grazing(values, edition)
    direct = (mineral * factors[0] + other * factors[1] + grazing) * N2O_PER_N
    return [
        Term("F_SN", mineral, "kg N/ha", source="given"),
        Term("F_other", other, "kg N/ha", "F_ON + F_CR + F_SOM"),
        Term("EF1_mineral", factors[0], "kg N2O-N/kg N", source=place),
        Term("EF1_other", factors[1], "kg N2O-N/kg N", source=place),
        *grazing_terms,
        Term(
            "direct_n2o_kg_per_ha",
            direct,
            "kg N2O/ha",
            "(F_SN × EF1 + F_other × EF1 + F_PRP × EF3) × 44/28",
            f"{edition.name}, eq. 11.1",
        ),
    ]


def _grazing(values: Mapping[str, Any], edition: Edition) -> tuple[Fraction, list[Term]]:
    total, terms = Fraction(0), []
    for number, row in enumerate(values["grazing"], start=1):
        factor = edition.ef3.get((row["animals"], values["climate"]))
        if factor is None:
            raise InputsRefused([InputProblem(f"grazing[{number - 1}].animals", "no_default")])
        total += row["n_kg_per_ha"] * factor
        terms += [
            Term(f"F_PRP_{number}", row["n_kg_per_ha"], "kg N/ha", source="given"),
            Term(
                f"EF3_{number}",
                factor,
                "kg N2O-N/kg N",
                source=f"{edition.name}, table 11.1, {row['animals']}",
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
