"""Methane from one season of rice, IPCC tier 1: pure arithmetic.

May not read a database, a clock or a file. Rice straw counts by the days between its incorporation
and the start of cultivation; straw that lies on the surface or was burnt is no amendment.

Source: IPCC 2019 Refinement to the 2006 Guidelines, Volume 4, chapter 5, equations 5.1 to 5.3 and
tables 5.11 to 5.14. Factors of single countries: Wang et al. (2018), Atmospheric Chemistry and
Physics 18, 10419-10431, from whose data table 5.11 was made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from math import prod
from typing import Any

from credits.methodologies.common_inputs import area_input, tonnes_per_ha
from credits.methodologies.estimates import Caution, Estimate, Term, gwp_terms
from credits.methodologies.gwp import CH4, GWP_INPUT
from credits.methodologies.inputs import (
    Choice,
    Day,
    Input,
    InputProblem,
    InputsRefused,
    Number,
    Rows,
    Schema,
)
from credits.methodologies.inputs import gettext_noop as _

_IPCC = "IPCC 2019 Refinement, Vol. 4, ch. 5"
_DIGITS = 50
SHORT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor of a printed table, with its label."""

    label: str
    value: Fraction


def _factors(*rows: tuple[str, str, str]) -> dict[str, Factor]:
    return {code: Factor(label, Fraction(value)) for code, label, value in rows}


# Table 5.11: kg CH4 per hectare and day, fields flooded throughout, no amendment.
REGIONS = _factors(
    ("world", _("World"), "1.19"),
    ("africa", _("Africa"), "1.19"),
    ("east_asia", _("East Asia"), "1.32"),
    ("southeast_asia", _("Southeast Asia"), "1.22"),
    ("south_asia", _("South Asia"), "0.85"),
    ("europe", _("Europe"), "1.56"),
    ("north_america", _("North America"), "0.65"),
    ("south_america", _("South America"), "1.27"),
)
# Table 5.11A: days from sowing or transplanting to harvest; it has no row for Africa.
SEASON_DAYS = {
    "world": 113,
    "east_asia": 112,
    "southeast_asia": 102,
    "south_asia": 112,
    "europe": 123,
    "north_america": 139,
    "south_america": 124,
}
COUNTRIES = _factors(
    ("china", _("China"), "1.30"),
    ("india", _("India"), "0.85"),
    ("bangladesh", _("Bangladesh"), "0.97"),
    ("indonesia", _("Indonesia"), "1.18"),
    ("vietnam", _("Vietnam"), "1.13"),
    ("philippines", _("Philippines"), "0.60"),
    ("japan", _("Japan"), "1.06"),
    ("korea", _("Korea"), "1.83"),
    ("brazil", _("Brazil"), "1.62"),
    ("italy", _("Italy"), "1.66"),
    ("spain", _("Spain"), "1.13"),
    ("uruguay", _("Uruguay"), "0.80"),
    ("usa", _("United States"), "0.65"),
)
REGION_OF = {
    "china": "east_asia",
    "japan": "east_asia",
    "korea": "east_asia",
    "india": "south_asia",
    "bangladesh": "south_asia",
    "indonesia": "southeast_asia",
    "vietnam": "southeast_asia",
    "philippines": "southeast_asia",
    "brazil": "south_america",
    "uruguay": "south_america",
    "italy": "europe",
    "spain": "europe",
    "usa": "north_america",
}
# Table 5.12.
WATER = _factors(
    ("continuous", _("Flooded throughout"), "1.00"),
    ("single_drainage", _("One drainage"), "0.71"),
    ("multiple_drainage", _("Several drainages, also alternate wetting and drying"), "0.55"),
    ("irrigated", _("Irrigated, drainage not known"), "0.60"),
    ("regular_rainfed", _("Rainfed, regularly"), "0.54"),
    ("drought_prone", _("Rainfed, prone to drought"), "0.16"),
    ("deep_water", _("Deep water"), "0.06"),
    ("rainfed_or_deep", _("Rainfed or deep water, not known"), "0.45"),
    ("upland", _("Upland, never flooded"), "0"),
)
# Table 5.13.
PRE_SEASON = _factors(
    ("non_flooded_under_180", _("Not flooded, less than 180 days"), "1.00"),
    ("non_flooded_over_180", _("Not flooded, more than 180 days"), "0.89"),
    ("flooded_over_30", _("Flooded for more than 30 days"), "2.41"),
    ("non_flooded_over_365", _("Not flooded, more than 365 days"), "0.59"),
    ("unknown", _("Not known"), "1.22"),
)
# Table 5.14; straw is told apart by its days.
AMENDMENTS = _factors(
    ("straw", _("Straw"), "1.00"),
    ("straw_shortly_before", _("Straw, less than 30 days before cultivation"), "1.00"),
    ("straw_long_before", _("Straw, more than 30 days before cultivation"), "0.19"),
    ("compost", _("Compost"), "0.17"),
    ("farmyard_manure", _("Farmyard manure"), "0.21"),
    ("green_manure", _("Green manure"), "0.45"),
)


# Names under which published examples give the same classes.
WATER_NAMES = {
    "continuously_flooded": "continuous",
    "single_drainage_period": "single_drainage",
    "single_aeration": "single_drainage",
    "multiple_drainage_periods": "multiple_drainage",
    "multiple_aeration": "multiple_drainage",
    "awd": "multiple_drainage",
    "alternate_wetting_and_drying": "multiple_drainage",
    "rainfed": "regular_rainfed",
    "rainfed_regular": "regular_rainfed",
    "rainfed_drought_prone": "drought_prone",
}
AMENDMENT_NAMES = {
    "straw_short": "straw_shortly_before",
    "straw_long": "straw_long_before",
    "fym": "farmyard_manure",
    "farm_yard_manure": "farmyard_manure",
    "manure": "farmyard_manure",
}


def _choice(factors: Mapping[str, Factor], also: Mapping[str, str] | None = None) -> Choice:
    return Choice({code: factor.label for code, factor in factors.items()}, also=also or {})


AMENDMENT = Schema(
    (
        Input("kind", _("What was worked in"), _choice(AMENDMENTS, also=AMENDMENT_NAMES)),
        Input(
            "amount_t_per_ha",
            _("Amount"),
            Number("t/ha", maximum="100"),
            help=_("Straw as dry weight, all else as fresh weight."),
            also=tonnes_per_ha("amount"),
        ),
        Input("incorporated_on", _("Worked in on"), Day(), required=False),
        Input(
            "days_before_cultivation",
            _("Days before cultivation"),
            Number("d", maximum="730", whole=True),
            help=_("For straw, where the two dates are not given."),
            required=False,
        ),
        Input("cfoa", _("Conversion factor"), Number("1", maximum="5"), required=False),
    )
)


class IpccRiceCh4:
    """Tier 1 methane of a rice season; a change of arithmetic or factors is a new version."""

    id = "ipcc-rice-ch4"
    version = "1.0"
    title = _("Methane from rice fields (IPCC 2019, tier 1)")
    sources = (
        "IPCC 2019 Refinement to the 2006 Guidelines for National Greenhouse Gas Inventories,"
        " Volume 4, chapter 5, equations 5.1-5.3, tables 5.11-5.14",
        "Wang et al. (2018), Atmospheric Chemistry and Physics 18, 10419-10431 (countries)",
    )
    schema = Schema(
        (
            area_input(),
            Input(
                "region",
                _("Region"),
                _choice(REGIONS),
                help=_("A region, a country or a factor of one's own is needed."),
                required=False,
                main=True,
            ),
            Input("country", _("Country"), _choice(COUNTRIES), required=False),
            Input(
                "ef_kg_per_ha_day",
                _("Baseline emission factor"),
                Number("kg CH4/ha/d", maximum="50"),
                help=_("Of a field flooded throughout, without amendment. Else by region."),
                required=False,
            ),
            Input(
                "days",
                _("Days of cultivation"),
                Number("d", maximum="366"),
                help=_("Sowing or transplanting to harvest. Else by region, table 5.11A."),
                required=False,
            ),
            Input(
                "harvests",
                _("Harvests of a year"),
                Number("1", maximum="4"),
                help=_("Where all its seasons are alike; another season is asked by itself."),
                required=False,
                default="1",
            ),
            Input(
                "water",
                _("Water during cultivation"),
                _choice(WATER, also=WATER_NAMES),
                help=_(
                    "Factors of table 5.12 of 2019. For an example by another edition give its own "
                    "factors: of water, of the water before, of what was worked in."
                ),
            ),
            Input(
                "pre_season",
                _("Water before cultivation"),
                _choice(PRE_SEASON),
                required=False,
                default="non_flooded_under_180",
            ),
            Input("cultivation_starts_on", _("Cultivation starts on"), Day(), required=False),
            Input(
                "amendments",
                _("Organic matter worked in"),
                Rows(AMENDMENT, most=20),
                required=False,
                default=[],
                main=True,
            ),
            Input("sf_water", _("Own factor of water"), Number("1", maximum="5"), required=False),
            Input(
                "sf_pre_season",
                _("Own factor of the water before"),
                Number("1", maximum="5"),
                required=False,
            ),
            Input(
                "sf_soil_cultivar",
                _("Factor of soil and cultivar"),
                Number("1", maximum="5"),
                required=False,
                default="1",
            ),
            Input(
                "amendment_exponent",
                _("Exponent of the amendments"),
                Number("1", minimum="0.54", maximum="0.64"),
                help=_("Equation 5.3 prints 0.59, range 0.54 to 0.64."),
                required=False,
                default="0.59",
            ),
            GWP_INPUT,
        )
    )
    example: Mapping[str, Any] = {
        "area_ha": 1,
        "region": "east_asia",
        "days": 112,
        "water": "continuous",
        "amendments": [{"kind": "straw", "amount_t_per_ha": 5, "days_before_cultivation": 10}],
    }

    def estimate(self, data: Mapping[str, Any]) -> Estimate:
        """Methane of the whole area in one season.

        Args:
            data: as the schema says; areas in ha, amounts in t/ha.

        Returns:
            ``area × days × EFc × SFw × SFp × SFo × SFs`` in kilograms CH4, an emission.

        Raises:
            InputsRefused: no baseline factor, no days, or straw without its time.

        Source: IPCC 2019 Refinement, Vol. 4, equations 5.1 and 5.2.
        """
        values = self.schema.read(data)
        baseline = _baseline_term(values)
        days = _days_term(values)
        factors = [
            baseline,
            _factor_term("SFw", WATER, values["water"], values["sf_water"], "table 5.12"),
            _factor_term(
                "SFp", PRE_SEASON, values["pre_season"], values["sf_pre_season"], "table 5.13"
            ),
            *amendment_terms(values),
            Term("SFs", values["sf_soil_cultivar"], source="given; 1 where unknown"),
        ]
        daily = prod(
            (term.exact for term in factors if term.name in ("EFc", "SFw", "SFp", "SFo", "SFs")),
            start=Fraction(1),
        )
        methane = values["area_ha"] * days.exact * values["harvests"] * daily
        terms = (
            Term("area_ha", values["area_ha"], "ha"),
            days,
            Term("harvests", values["harvests"], source="given; 1 season where not"),
            *factors,
            Term("EF", daily, "kg CH4/ha/d", "EFc × SFw × SFp × SFo × SFs", f"{_IPCC}, eq. 5.2"),
            Term(
                "ch4_kg", methane, "kg CH4", "area_ha × days × harvests × EF", f"{_IPCC}, eq. 5.1"
            ),
            *gwp_terms(values["gwp"], (CH4,)),
        )
        return Estimate({CH4: methane}, values["gwp"], terms, cautions=_cautions(values))


def amendment_factor(amounts: list[tuple[Fraction, Fraction]], exponent: Fraction) -> Fraction:
    """How organic matter raises methane.

    Args:
        amounts: pairs of t/ha and conversion factor.
        exponent: 0.59, or another of its printed range.

    Returns:
        ``(1 + Σ ROA × CFOA) ^ exponent`` to fifty digits; 1 without any.

    Source: IPCC 2019 Refinement, Vol. 4, equation 5.3.
    """
    base = 1 + sum((amount * factor for amount, factor in amounts), Fraction(0))
    if base == 1:
        return Fraction(1)
    with localcontext() as context:
        context.prec = _DIGITS
        power = Decimal(exponent.numerator) / Decimal(exponent.denominator)
        return Fraction((Decimal(base.numerator) / Decimal(base.denominator)) ** power)


def amendment_terms(values: Mapping[str, Any]) -> list[Term]:
    """Every amendment with its conversion factor, and SFo.

    Raises:
        InputsRefused: straw whose time before cultivation cannot be told.
    """
    terms: list[Term] = []
    amounts: list[tuple[Fraction, Fraction]] = []
    for number, row in enumerate(values["amendments"]):
        kind = _dated_kind(row, values["cultivation_starts_on"], place=f"amendments[{number}]")
        factor = AMENDMENTS[kind].value if row["cfoa"] is None else row["cfoa"]
        source = f"{_IPCC}, table 5.14, {kind}" if row["cfoa"] is None else "given"
        amounts.append((row["amount_t_per_ha"], factor))
        terms.append(Term(f"ROA_{number + 1}", row["amount_t_per_ha"], "t/ha", source="given"))
        terms.append(Term(f"CFOA_{number + 1}", factor, source=source))
    exponent = values["amendment_exponent"]
    terms.append(
        Term(
            "SFo",
            amendment_factor(amounts, exponent),
            formula=f"(1 + Σ ROA × CFOA) ^ {float(exponent):g}",
            source=f"{_IPCC}, eq. 5.3",
        )
    )
    return terms


def _dated_kind(row: Mapping[str, Any], starts_on: Any, *, place: str) -> str:
    """Straw by its days: less than 30 before cultivation, or longer. On day 30 it counts as
    short, which the printed classes leave open, and which gives the higher emission."""
    if row["kind"] != "straw" or row["cfoa"] is not None:
        return str(row["kind"])
    days = row["days_before_cultivation"]
    if days is None and row["incorporated_on"] is not None and starts_on is not None:
        days = (starts_on - row["incorporated_on"]).days
        if days < 0:
            raise InputsRefused([InputProblem(f"{place}.incorporated_on", "after_cultivation")])
    if days is None:
        raise InputsRefused([InputProblem(f"{place}.days_before_cultivation", "straw_undated")])
    return "straw" if days <= SHORT_DAYS else "straw_long_before"


def _baseline_term(values: Mapping[str, Any]) -> Term:
    unit = "kg CH4/ha/d"
    if values["ef_kg_per_ha_day"] is not None:
        return Term("EFc", values["ef_kg_per_ha_day"], unit, source="given")
    if values["country"] is not None:
        factor = COUNTRIES[values["country"]].value
        return Term("EFc", factor, unit, source=f"Wang et al. (2018), {values['country']}")
    if values["region"] is not None:
        factor = REGIONS[values["region"]].value
        return Term("EFc", factor, unit, source=f"{_IPCC}, table 5.11, {values['region']}")
    raise InputsRefused([InputProblem("region", "missing")])


def _days_term(values: Mapping[str, Any]) -> Term:
    if values["days"] is not None:
        return Term("days", values["days"], "d", source="given")
    region = values["region"] or REGION_OF.get(values["country"] or "")
    if region not in SEASON_DAYS:
        raise InputsRefused([InputProblem("days", "missing" if region is None else "no_default")])
    return Term("days", SEASON_DAYS[region], "d", source=f"{_IPCC}, table 5.11A, {region}")


def _factor_term(
    name: str, table: Mapping[str, Factor], code: str, given: Fraction | None, printed: str
) -> Term:
    if given is not None:
        return Term(name, given, source="given")
    return Term(name, table[code].value, source=f"{_IPCC}, {printed}, {code}")


def _cautions(values: Mapping[str, Any]) -> tuple[Caution, ...]:
    vague = []
    if values["water"] in ("irrigated", "rainfed_or_deep") and values["sf_water"] is None:
        vague.append(Caution("water_not_known"))
    if values["pre_season"] == "unknown" and values["sf_pre_season"] is None:
        vague.append(Caution("pre_season_not_known"))
    return tuple(vague)
