"""Carbon by a rate for an area, a practice and a year: the simplest of methods, pure arithmetic.

May not read a database, a clock or a file. A rate holds for a practice, a region, a kind of
watering and a span of years; outside of it there is no rate, and nothing is guessed.

Source: Chicago Climate Exchange rates as in `ccx_soil`; Alberta: Quantification Protocol for
Conservation Cropping, version 1.0 (April 2012), sequestration coefficients of Parkland and Dry
Prairie, in force to the end of 2021; irrigated land of the Dry Prairie takes the Parkland's.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from aggregator.units import KG_PER_TONNE, M2_PER_ACRE, M2_PER_HECTARE, M2_PER_MU
from credits.methodologies.ccx_soil import PUBLISHED_RATES, Rate
from credits.methodologies.estimates import Caution, Estimate, Term, credit_reduction
from credits.methodologies.gwp import CO2, GWP_INPUT
from credits.methodologies.inputs import (
    Choice,
    Flag,
    Input,
    InputProblem,
    InputsRefused,
    Number,
    Schema,
    Text,
)
from credits.methodologies.inputs import gettext_noop as _

_ALBERTA = "Alberta, Quantification Protocol for Conservation Cropping 1.0 (2012)"
# More than this share of a field tilled at discretion, and the field is no conservation cropping.
ALBERTA_TILLED_SHARE = Fraction("0.10")


def _alberta(region: str, rate: str, *, irrigated: bool | None) -> Rate:
    return Rate(
        practice="no_till",
        region=region,
        irrigated=irrigated,
        vintage_from=2012,
        vintage_to=2021,
        rate=Decimal(rate),
        unit="acre",
        source=_ALBERTA,
    )


TABLES: Mapping[str, tuple[Rate, ...]] = {
    "ccx": PUBLISHED_RATES,
    "alberta": (
        _alberta("parkland", "0.113", irrigated=None),
        _alberta("dry-prairie", "0.057", irrigated=False),
        _alberta("dry-prairie", "0.113", irrigated=True),
    ),
}
M2_OF = {"ha": M2_PER_HECTARE, "acre": M2_PER_ACRE, "mu": M2_PER_MU}
_UNITS = Choice({"ha": _("hectare"), "acre": _("acre"), "mu": _("mu")})
REGIONS = {
    "iowa": _("Iowa"),
    "indiana": _("Indiana"),
    "kansas-east": _("Kansas, east"),
    "kansas-central": _("Kansas, centre"),
    "kansas-west": _("Kansas, west"),
    "parkland": _("Alberta, Parkland"),
    "dry-prairie": _("Alberta, Dry Prairie"),
}


class PracticeRate:
    """A rate lookup; a change of arithmetic or of a published table is a new version."""

    id = "practice-rate"
    version = "1.0"
    title = _("Rate for a practice and an area")
    sources = (
        "Chicago Climate Exchange, soil offsets: Kansas State University (2008), Purdue Extension"
        " (2007), Iowa Farm Bureau (2003-2006)",
        "Alberta, Quantification Protocol for Conservation Cropping, version 1.0 (2012)",
    )
    schema = Schema(
        (
            Input("area", _("Area"), Number("area_unit", maximum="1000000000")),
            Input("area_unit", _("Unit of the area"), _UNITS, required=False, default="ha"),
            Input(
                "table",
                _("Table of rates"),
                Choice(
                    {
                        "ccx": _("Chicago Climate Exchange"),
                        "alberta": _("Alberta, conservation cropping"),
                        "own": _("A rate of one's own"),
                    }
                ),
            ),
            Input(
                "practice",
                _("Practice"),
                Choice({"no_till": _("No-till"), "grass": _("Grass planted on cropland")}),
                required=False,
                default="no_till",
            ),
            Input("region", _("Region"), Choice(REGIONS), required=False),
            Input("irrigated", _("Irrigated"), Flag(), required=False, default=False),
            Input(
                "year",
                _("Year"),
                Number("year", minimum="1990", maximum="2200", whole=True),
                required=False,
            ),
            Input(
                "years",
                _("How many years"),
                Number("a", maximum="100"),
                required=False,
                default="1",
            ),
            Input(
                "rate", _("Own rate"), Number("t CO2e/rate_unit/a", maximum="50"), required=False
            ),
            Input("rate_unit", _("Own rate is for a"), _UNITS, required=False, default="ha"),
            Input("rate_source", _("Source of the own rate"), Text(), required=False),
            Input(
                "tilled_share",
                _("Share of the field tilled at discretion"),
                Number("1", maximum="1"),
                help=_("Alberta allows a tenth of a field."),
                required=False,
                default="0",
            ),
            GWP_INPUT,
        )
    )
    # Purdue Extension (2007): fifty acres of no-till.
    example: Mapping[str, Any] = {
        "area": 50,
        "area_unit": "acre",
        "table": "ccx",
        "region": "indiana",
        "year": 2007,
    }

    def estimate(self, data: Mapping[str, Any]) -> Estimate:
        """Carbon of the whole area in the years given.

        Args:
            data: as the schema says; areas and rates each in the unit named beside them.

        Returns:
            ``area × rate × years`` as CO2 in kilograms, a removal.

        Raises:
            InputsRefused: no rate for practice, region, watering and year; an own rate without
                its source.

        Source: see the module's docstring.
        """
        values = self.schema.read(data)
        rate, unit, source = _rate(values)
        m2 = values["area"] * M2_OF[values["area_unit"]]
        area = m2 / M2_OF[unit]
        tilled = values["table"] == "alberta" and values["tilled_share"] > ALBERTA_TILLED_SHARE
        mass = Fraction(0) if tilled else area * rate * values["years"] * KG_PER_TONNE
        terms = (
            Term("area_m2", m2, "m²"),
            Term("area", area, unit, "area_m2 / m² per unit"),
            Term("rate", rate, f"t CO2e/{unit}/a", source=source),
            Term("years", values["years"], "a"),
            Term("co2_kg", mass, "kg CO2e", "area × rate × years × 1000"),
        )
        gases = {CO2: -mass}
        cautions = (Caution("tilled_too_much"),) if tilled else ()
        return Estimate(gases, values["gwp"], terms, credit_reduction(-mass), cautions=cautions)


def _rate(values: Mapping[str, Any]) -> tuple[Fraction, str, str]:
    """The rate, the unit of land it is for, and its source."""
    if values["table"] == "own":
        lacking = [name for name in ("rate", "rate_source") if values[name] is None]
        if lacking:
            raise InputsRefused([InputProblem(name, "missing") for name in lacking])
        return values["rate"], values["rate_unit"], values["rate_source"]
    lacking = [name for name in ("region", "year") if values[name] is None]
    if lacking:
        raise InputsRefused([InputProblem(name, "missing") for name in lacking])
    asked = (values["practice"], values["region"], values["irrigated"], int(values["year"]))
    for rate in TABLES[values["table"]]:
        if rate.applies(*asked):
            return Fraction(rate.rate), rate.unit, rate.source
    raise InputsRefused([InputProblem("region", "no_rate")])
