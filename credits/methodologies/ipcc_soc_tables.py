"""Reference soil carbon and stock change factors, edition by edition, with their published errors.

Imports no Django. The two editions are kept apart: factors of one never meet a stock of the other.
A cell that is not in a table has no default, which is not the same as zero.

Source: IPCC 2006 Guidelines, Volume 4, table 2.3, table 5.5 and, for grassland, table 6.2; IPCC
2019 Refinement, the same tables. The 2006 factor of moderately degraded grassland was not read
and has to be given. Table 2.3 of 2006 is also read in the ILCD Handbook (2010), annex B, whose 97
for wetland soils of the cool temperate dry zone is a slip of the pen for 87.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from credits.methodologies.inputs import gettext_noop as _

SOILS = {
    "hac": _("High activity clay"),
    "lac": _("Low activity clay"),
    "sandy": _("Sandy"),
    "spodic": _("Spodic"),
    "volcanic": _("Volcanic"),
    "wetland": _("Wetland"),
}
CLIMATES = {
    "boreal_dry": _("Boreal, dry"),
    "boreal_moist": _("Boreal, moist"),
    "cool_temperate_dry": _("Cool temperate, dry"),
    "cool_temperate_moist": _("Cool temperate, moist"),
    "warm_temperate_dry": _("Warm temperate, dry"),
    "warm_temperate_moist": _("Warm temperate, moist"),
    "tropical_dry": _("Tropical, dry"),
    "tropical_moist": _("Tropical, moist"),
    "tropical_wet": _("Tropical, wet"),
    "tropical_montane": _("Tropical, montane"),
    "polar": _("Polar"),
}
LAND_USES = {
    "native": _("Forest or other native land"),
    "grassland": _("Grassland"),
    "annual": _("Annual crops for over 20 years"),
    "paddy": _("Paddy rice"),
    "perennial": _("Perennial crops"),
    "set_aside": _("Set aside for less than 20 years"),
}
TILLAGES = {"full": _("Full tillage"), "reduced": _("Reduced tillage"), "no_till": _("No-till")}
RESIDUE_INPUTS = {
    "low": _("Low: residues taken off or burnt"),
    "medium": _("Medium: residues of cereals left"),
    "high": _("High: much residue, cover crops, no manure"),
    "high_manure": _("High, with manure every year"),
}
# Classes of table 6.2, named here for its factor FMG; the last has its higher factor FI too.
GRASSLANDS = {
    "nominal": _("As it should be"),
    "high_intensity": _("Intensely grazed (edition 2019)"),
    "moderately_degraded": _("Moderately degraded (edition 2006)"),
    "severely_degraded": _("Severely degraded"),
    "improved": _("Improved by one measure"),
    "improved_high": _("Improved by several measures"),
}
FLU, FMG, FI = "FLU", "FMG", "FI"


@dataclass(frozen=True, slots=True)
class Measured:
    """A printed mean and its standard deviation, in the unit of the mean."""

    mean: Fraction
    deviation: Fraction


@dataclass(frozen=True, slots=True)
class SocEdition:
    """One edition: `reference` in t C/ha to 30 cm by soil and climate; `factors` by the factor's
    name, its class and climate."""

    name: str
    reference: Mapping[tuple[str, str], Measured]
    factors: Mapping[tuple[str, str, str], Measured]


# The climates in the order of the columns below; the boreal row of stocks serves dry and moist.
_STOCK_COLUMNS_2019 = (
    ("warm_temperate_moist",),
    ("warm_temperate_dry",),
    ("cool_temperate_moist",),
    ("cool_temperate_dry",),
    ("polar",),
    ("boreal_dry", "boreal_moist"),
    ("tropical_montane",),
    ("tropical_wet",),
    ("tropical_moist",),
    ("tropical_dry",),
)
# Table 2.3 of 2019: mean ± 95% confidence in per cent.
_STOCKS_2019 = """
hac 64±5 24±5 81±5 43±8 59±41 63±18 51±10 60±8 40±7 21±5
lac 55±8 19±16 76±51 33±90 - - 44±11 52±6 38±5 19±10
sandy 36±23 10±5 51±13 13±33 27±67 10±90 52±34 46±20 27±12 9±9
spodic 143±30 - 128±14 - - 117±90 - - - -
volcanic 138±12 84±65 136±14 20±90 - 20±90 96±31 77±27 70±90 50±90
wetland 135±28 74±17 128±13 87±90 - 116±65 82±50 49±19 68±17 22±17
"""
_SOIL_COLUMNS = tuple(SOILS)
# Table 2.3 of 2006: every mean is ± 90%, two standard deviations.
_STOCKS_2006 = """
boreal_dry 68 - 10 117 20 146
boreal_moist 68 - 10 117 20 146
cool_temperate_dry 50 33 34 - 20 87
cool_temperate_moist 95 85 71 115 130 87
warm_temperate_dry 38 24 19 - 70 88
warm_temperate_moist 88 63 34 - 80 88
tropical_dry 38 35 31 - 50 86
tropical_moist 65 47 39 - 70 86
tropical_wet 44 60 66 - 130 86
tropical_montane 88 63 34 - 80 86
"""

_FACTOR_COLUMNS = (
    ("cool_temperate_dry", "boreal_dry"),
    ("cool_temperate_moist", "boreal_moist"),
    ("warm_temperate_dry",),
    ("warm_temperate_moist",),
    ("tropical_dry",),
    ("tropical_moist", "tropical_wet"),
    ("tropical_montane",),
)
# Table 5.5 of 2019: mean ± two standard deviations in per cent. Reduced tillage in dry climates is
# below 1 in print.
_FACTORS_2019 = """
FLU annual .77±14 .70±12 .76±12 .69±16 .92±13 .83±11 .86±50
FLU paddy 1.35±4 1.35±4 1.35±4 1.35±4 1.35±4 1.35±4 1.35±4
FLU perennial .72±22 .72±22 .72±22 .72±22 1.01±25 1.01±25 1.01±25
FLU set_aside .93±11 .82±17 .93±11 .82±17 .93±11 .82±17 .88±50
FMG full 1 1 1 1 1 1 1
FMG reduced .98±5 1.04±4 .99±3 1.05±4 .99±7 1.04±7 1.02±50
FMG no_till 1.03±4 1.09±4 1.04±3 1.10±4 1.04±7 1.10±5 1.08±50
FI low .95±13 .92±14 .95±13 .92±14 .95±13 .92±14 .94±50
FI medium 1 1 1 1 1 1 1
FI high 1.04±13 1.11±10 1.04±13 1.11±10 1.04±13 1.11±10 1.08±50
FI high_manure 1.37±12 1.44±13 1.37±12 1.44±13 1.37±12 1.44±13 1.41±50
FLU native 1 1 1 1 1 1 1
FLU grassland 1 1 1 1 1 1 1
FMG nominal 1 1 1 1 1 1 1
FMG high_intensity .9±8 .9±8 .9±8 .9±8 .9±8 .9±8 .9±8
FMG severely_degraded .7±40 .7±40 .7±40 .7±40 .7±40 .7±40 .7±40
FMG improved 1.14±11 1.14±11 1.14±11 1.14±11 1.17±9 1.17±9 1.16±40
FMG improved_high 1.14±11 1.14±11 1.14±11 1.14±11 1.17±9 1.17±9 1.16±40
FI improved_high 1.11±7 1.11±7 1.11±7 1.11±7 1.11±7 1.11±7 1.11±7
"""
_FACTORS_2006 = """
FLU annual .80±9 .69±12 .80±9 .69±12 .58±61 .48±46 .64±50
FLU paddy 1.10±50 1.10±50 1.10±50 1.10±50 1.10±50 1.10±50 1.10±50
FLU perennial 1±50 1±50 1±50 1±50 1±50 1±50 1±50
FLU set_aside .93±11 .82±17 .93±11 .82±17 .93±11 .82±17 .88±50
FMG full 1 1 1 1 1 1 1
FMG reduced 1.02±6 1.08±5 1.02±6 1.08±5 1.09±9 1.15±8 1.09±50
FMG no_till 1.10±5 1.15±4 1.10±5 1.15±4 1.17±8 1.22±7 1.16±50
FI low .95±13 .92±14 .95±13 .92±14 .95±13 .92±14 .94±50
FI medium 1 1 1 1 1 1 1
FI high 1.04±13 1.11±10 1.04±13 1.11±10 1.04±13 1.11±10 1.08±50
FI high_manure 1.37±12 1.44±13 1.37±12 1.44±13 1.37±12 1.44±13 1.41±50
FLU native 1 1 1 1 1 1 1
FLU grassland 1 1 1 1 1 1 1
FMG nominal 1 1 1 1 1 1 1
FMG severely_degraded .7±40 .7±40 .7±40 .7±40 .7±40 .7±40 .7±40
FMG improved 1.14±11 1.14±11 1.14±11 1.14±11 1.17±9 1.17±9 1.16±40
FMG improved_high 1.14±11 1.14±11 1.14±11 1.14±11 1.17±9 1.17±9 1.16±40
FI improved_high 1.11±7 1.11±7 1.11±7 1.11±7 1.11±7 1.11±7 1.11±7
"""

# How a printed percentage becomes a deviation: "two standard deviations", or a 95% interval.
_TWO_DEVIATIONS = Fraction(2)
_INTERVAL_95 = Fraction("1.96")


def _measured(cell: str, divisor: Fraction) -> Measured:
    mean, _sign, error = cell.partition("±")
    value = Fraction(mean)
    return Measured(value, value * Fraction(error or 0) / 100 / divisor)


def _stocks_2019() -> dict[tuple[str, str], Measured]:
    found = {}
    for line in _STOCKS_2019.strip().splitlines():
        soil, *cells = line.split()
        for climates, cell in zip(_STOCK_COLUMNS_2019, cells, strict=True):
            for climate in climates if cell != "-" else ():
                found[soil, climate] = _measured(cell, _INTERVAL_95)
    return found


def _stocks_2006() -> dict[tuple[str, str], Measured]:
    found = {}
    for line in _STOCKS_2006.strip().splitlines():
        climate, *cells = line.split()
        for soil, cell in zip(_SOIL_COLUMNS, cells, strict=True):
            if cell != "-":
                found[soil, climate] = _measured(f"{cell}±90", _TWO_DEVIATIONS)
    return found


def _factors(table: str) -> dict[tuple[str, str, str], Measured]:
    found = {}
    for line in table.strip().splitlines():
        factor, kind, *cells = line.split()
        for climates, cell in zip(_FACTOR_COLUMNS, cells, strict=True):
            for climate in climates:
                found[factor, kind, climate] = _measured(cell, _TWO_DEVIATIONS)
    return found


SOC_EDITIONS = {
    "2019": SocEdition("IPCC 2019 Refinement, Vol. 4", _stocks_2019(), _factors(_FACTORS_2019)),
    "2006": SocEdition("IPCC 2006 Guidelines, Vol. 4", _stocks_2006(), _factors(_FACTORS_2006)),
}
