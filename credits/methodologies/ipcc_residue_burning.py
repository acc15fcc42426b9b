"""Methane and nitrous oxide of burnt crop residues, IPCC tier 1: pure arithmetic.

May not read a database, a clock or a file. Carbon dioxide of crop residues is not counted: the
next crop takes it up again.

Source: IPCC 2019 Refinement to the 2006 Guidelines, Volume 4, chapter 2, equation 2.27, tables 2.4
(fuel and combustion factor in one), 2.5 (emission factors) and 2.6 (combustion factors).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from credits.methodologies.common_inputs import area_input, tonnes_per_ha
from credits.methodologies.estimates import Caution, Estimate, Term, gwp_terms
from credits.methodologies.gwp import CH4, GWP_INPUT, N2O
from credits.methodologies.inputs import (
    Choice,
    Input,
    InputProblem,
    InputsRefused,
    Number,
    Schema,
)
from credits.methodologies.inputs import gettext_noop as _

_IPCC = "IPCC 2019 Refinement, Vol. 4, ch. 2"
# Table 2.5, agricultural residues: grams per kilogram of dry matter burnt.
EMISSION_FACTORS = {CH4: Fraction("2.7"), N2O: Fraction("0.07")}
# The same table; told as terms, since they are no greenhouse gases.
OTHER_FACTORS = {"co": Fraction(92), "nox": Fraction("2.5")}
# Table 2.6.
COMBUSTION = {
    "wheat": Fraction("0.90"),
    "maize": Fraction("0.80"),
    "rice": Fraction("0.80"),
    "sugarcane": Fraction("0.80"),
    "other": Fraction("0.85"),
}
# Table 2.4, t dry matter per hectare that burns: combustion is in it already.
BURNT_FUEL = {"rice": Fraction("5.5")}
CROPS = {
    "wheat": _("Wheat"),
    "maize": _("Maize"),
    "rice": _("Rice"),
    "sugarcane": _("Sugar cane, before harvest"),
    "other": _("Another crop"),
}
OTHER_NAMES = {"corn": "maize", "paddy": "rice", "sugar_cane": "sugarcane", "winter_wheat": "wheat"}


def combustion_factor(crop: str) -> Fraction:
    """The share of dry matter that burns, table 2.6; winter and spring wheat are wheat."""
    name = "wheat" if crop.endswith("wheat") else crop
    return COMBUSTION.get(name, COMBUSTION["other"])


class IpccResidueBurning:
    """Tier 1 burning of residues; a change of arithmetic or factors is a new version."""

    id = "ipcc-residue-burning"
    version = "1.0"
    title = _("Burning of crop residues (IPCC, tier 1)")
    sources = (
        "IPCC 2019 Refinement to the 2006 Guidelines, Volume 4, chapter 2, equation 2.27,"
        " tables 2.4-2.6",
    )
    schema = Schema(
        (
            area_input(
                _("Area burnt"),
                help=_("Not needed where what lies on the whole of it is given."),
                required=False,
            ),
            Input("crop", _("Crop"), Choice(CROPS, also=OTHER_NAMES)),
            Input(
                "fuel_t_per_ha",
                _("Dry residue on the field"),
                Number("t/ha", maximum="200"),
                help=_("What lies there after grazing and removal. Else table 2.4, for rice."),
                required=False,
                also=tonnes_per_ha("fuel"),
                main=True,
            ),
            Input(
                "fuel_t",
                _("Dry residue on the whole area"),
                Number("t", maximum="1000000000"),
                help=_("Instead of that of a hectare."),
                required=False,
                also={"fuel_kg": ("kg", Fraction(1, 1000))},
            ),
            Input(
                "burnt_share",
                _("Share of it that is set on fire"),
                Number("1", maximum="1"),
                required=False,
                default="1",
            ),
            Input(
                "combustion_factor",
                _("Own share that burns"),
                Number("1", maximum="1"),
                required=False,
            ),
            Input(
                "ch4_g_per_kg",
                _("Own methane factor"),
                Number("g/kg", maximum="50"),
                required=False,
            ),
            Input(
                "n2o_g_per_kg",
                _("Own nitrous oxide factor"),
                Number("g/kg", maximum="5"),
                required=False,
            ),
            GWP_INPUT,
        )
    )
    example: Mapping[str, Any] = {"area_ha": 1, "crop": "rice", "fuel_t_per_ha": 5.5}

    def estimate(self, data: Mapping[str, Any]) -> Estimate:
        """Gases of the whole area in one burning.

        Args:
            data: as the schema says; fuel in t of dry matter per hectare.

        Returns:
            ``area × fuel × Cf × Gef`` in kilograms of each gas, an emission.

        Raises:
            InputsRefused: table 2.4 has no fuel for the crop and none is given.

        Source: IPCC 2019 Refinement, Vol. 4, equation 2.27.
        """
        values = self.schema.read(data)
        area, fuel, burns, cautions = _fuel_terms(values)
        burnt_t = area * fuel.exact * values["burnt_share"] * burns.exact
        factors, gases, masses = [], {}, []
        for gas, default in EMISSION_FACTORS.items():
            given = values[f"{gas}_g_per_kg"]
            factor = default if given is None else given
            source = f"{_IPCC}, table 2.5, agricultural residues" if given is None else "given"
            factors.append(Term(f"Gef_{gas}", factor, "g/kg d.m.", source=source))
            gases[gas] = burnt_t * factor  # t × g/kg is kg
            masses.append(
                Term(f"{gas}_kg", gases[gas], "kg", "burnt_t × Gef", f"{_IPCC}, eq. 2.27")
            )
        terms = (
            Term("area_ha", area, "ha"),
            fuel,
            Term("burnt_share", values["burnt_share"], source="given; 1 where all is set on fire"),
            burns,
            Term("burnt_t", burnt_t, "t d.m.", "area_ha × MB × burnt_share × Cf"),
            *factors,
            *masses,
            *(
                Term(
                    f"{gas}_kg", burnt_t * factor, "kg", f"burnt_t × {float(factor):g} g/kg", source
                )
                for gas, factor in OTHER_FACTORS.items()
                for source in (f"{_IPCC}, table 2.5, agricultural residues; no greenhouse gas",)
            ),
            *gwp_terms(values["gwp"], (CH4, N2O)),
        )
        return Estimate(gases, values["gwp"], terms, cautions=cautions)


def _fuel_terms(
    values: Mapping[str, Any],
) -> tuple[Fraction, Term, Term, tuple[Caution, ...]]:
    """The area, what lies on a hectare of it, and the share of that which burns."""
    crop, own, area = values["crop"], values["combustion_factor"], values["area_ha"]
    lying = values["fuel_t_per_ha"]
    if values["fuel_t"] is not None:
        if lying is not None:
            options = {"options": "fuel_t_per_ha, fuel_t"}
            raise InputsRefused([InputProblem("fuel_t", "give_one_of", options)])
        area = Fraction(1) if area is None else area
        lying = values["fuel_t"] / area if area else Fraction(0)
    if area is None:
        raise InputsRefused([InputProblem("area_ha", "missing")])
    if lying is None:
        if crop not in BURNT_FUEL:
            raise InputsRefused([InputProblem("fuel_t_per_ha", "no_default")])
        fuel = Term("MB", BURNT_FUEL[crop], "t d.m./ha", source=f"{_IPCC}, table 2.4, {crop}")
        # Table 2.4 prints fuel times combustion: a second factor would count it twice.
        burns = Term("Cf", Fraction(1), source=f"{_IPCC}, table 2.4 includes it")
        ignored = (Caution("combustion_in_fuel"),) if own is not None else ()
        return area, fuel, burns, ignored
    fuel = Term("MB", lying, "t d.m./ha", source="given")
    if own is not None:
        return area, fuel, Term("Cf", own, source="given"), ()
    source = f"{_IPCC}, table 2.6, {crop}"
    return area, fuel, Term("Cf", COMBUSTION[crop], source=source), ()
