"""Default factors of nitrous oxide from soils, edition by edition, and of crop residues.

Imports no Django. A cell that is None is printed without a value, and stays without one.

Source: IPCC 2019 Refinement, Volume 4, chapter 11, tables 11.1, 11.1A, 11.2 and 11.3; IPCC 2006
Guidelines, same volume and tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from credits.methodologies.inputs import gettext_noop as _

WET, DRY, UNKNOWN = "wet", "dry", "unknown"
SYNTHETIC, OTHER = "synthetic", "other"


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition's factors.

    `ef1` in kg N2O-N per kg N by kind of nitrogen and climate; `ef1_rice` by water; `ef3` of dung
    and urine on the field by animals and climate; `gasf` lost as ammonia and NOx by fertiliser.
    """

    name: str
    ef1: Mapping[tuple[str, str], Fraction]
    ef1_rice: Mapping[str, Fraction]
    ef3: Mapping[tuple[str, str], Fraction]
    ef4: Mapping[str, Fraction]
    ef5: Fraction
    gasf: Mapping[str, Fraction]
    gasm: Fraction
    leach: Fraction


def _by_climate(wet: str, dry: str, unknown: str) -> dict[str, Fraction]:
    return {WET: Fraction(wet), DRY: Fraction(dry), UNKNOWN: Fraction(unknown)}


def _by_kind(**rows: tuple[str, str, str]) -> dict[tuple[str, str], Fraction]:
    return {
        (kind, climate): value
        for kind, row in rows.items()
        for climate, value in _by_climate(*row).items()
    }


FERTILISERS = {
    "urea": _("Urea"),
    "ammonium": _("Ammonium"),
    "nitrate": _("Nitrate"),
    "ammonium_nitrate": _("Ammonium nitrate"),
    "other": _("Other, also compound and mixed with organic"),
}

EDITIONS = {
    "2019": Edition(
        name="IPCC 2019 Refinement, Vol. 4, ch. 11",
        ef1=_by_kind(
            synthetic=("0.016", "0.005", "0.010"),
            other=("0.006", "0.005", "0.010"),
        ),
        ef1_rice={
            "continuous": Fraction("0.003"),
            "drained": Fraction("0.005"),
            "flooded": Fraction("0.004"),
        },
        ef3=_by_kind(
            cattle_poultry_pigs=("0.006", "0.002", "0.004"),
            sheep_and_others=("0.003", "0.003", "0.003"),
        ),
        ef4=_by_climate("0.014", "0.005", "0.010"),
        ef5=Fraction("0.011"),
        gasf={
            "urea": Fraction("0.15"),
            "ammonium": Fraction("0.08"),
            "nitrate": Fraction("0.01"),
            "ammonium_nitrate": Fraction("0.05"),
            "other": Fraction("0.11"),
        },
        gasm=Fraction("0.21"),
        leach=Fraction("0.24"),
    ),
    "2006": Edition(
        name="IPCC 2006 Guidelines, Vol. 4, ch. 11",
        ef1=_by_kind(
            synthetic=("0.01", "0.01", "0.01"),
            other=("0.01", "0.01", "0.01"),
        ),
        ef1_rice=dict.fromkeys(("continuous", "drained", "flooded"), Fraction("0.003")),
        ef3={},
        ef4=_by_climate("0.010", "0.010", "0.010"),
        ef5=Fraction("0.0075"),
        gasf=dict.fromkeys(FERTILISERS, Fraction("0.10")),
        gasm=Fraction("0.20"),
        leach=Fraction("0.30"),
    ),
}

# Tonnes of carbon in a tonne. Source: IPCC 2006 Guidelines, Vol. 4, equations 11.12 and 11.13.
UREA_CARBON = Fraction("0.20")
LIMESTONE_CARBON = Fraction("0.12")
DOLOMITE_CARBON = Fraction("0.13")


@dataclass(frozen=True, slots=True)
class Crop:
    """A row of tables 11.1A and 11.2: nitrogen above and below ground (kg/kg dry), residue to
    yield and root to shoot (kg/kg), dry share of the fresh yield; `slope` and `intercept_t_per_ha`
    give residue from yield where table 11.2 has the crop."""

    label: str
    n_above: Fraction
    n_below: Fraction | None
    residue_ratio: Fraction | None
    root_ratio: Fraction | None
    dry_share: Fraction
    slope: Fraction | None = None
    intercept_t_per_ha: Fraction | None = None


def _crop(label: str, row: str) -> Crop:
    cells = [None if cell == "-" else Fraction(cell) for cell in row.split()]
    above, below, ratio, roots, dry, *line = cells
    if above is None or dry is None:
        raise ValueError(f"{label} lacks nitrogen or dry share")
    return Crop(label, above, below, ratio, roots, dry, *line)


# N above, N below, residue ratio, root ratio, dry share; slope, intercept (t/ha). The 2019 heading
# of table 11.2 says kg for its intercepts; their size, and the 2006 table, say tonnes.
CROPS = {
    "generic": _crop(_("Any crop"), "0.008 0.009 1.0 0.22 0.85"),
    "grains": _crop(_("Grains in general"), "0.006 0.009 1.3 0.22 0.88 1.09 0.88"),
    "wheat": _crop(_("Wheat"), "0.006 0.009 1.3 0.23 0.89 1.51 0.52"),
    "winter_wheat": _crop(_("Winter wheat"), "0.006 0.009 1.3 0.23 0.89 1.61 0.40"),
    "spring_wheat": _crop(_("Spring wheat"), "0.006 0.009 1.3 0.28 0.89 1.29 0.75"),
    "barley": _crop(_("Barley"), "0.007 0.014 1.2 0.22 0.89 0.98 0.59"),
    "oats": _crop(_("Oats"), "0.007 0.008 1.3 0.25 0.89 0.91 0.89"),
    "maize": _crop(_("Maize"), "0.006 0.007 1.0 0.22 0.87 1.03 0.61"),
    "rye": _crop(_("Rye"), "0.005 0.011 1.6 - 0.88 1.09 0.88"),
    "rice": _crop(_("Rice"), "0.007 - 1.4 0.16 0.89 0.95 2.46"),
    "millet": _crop(_("Millet"), "0.007 - 1.4 - 0.90 1.43 0.14"),
    "sorghum": _crop(_("Sorghum"), "0.007 0.006 1.4 - 0.89 0.88 1.33"),
    "beans": _crop(_("Beans and pulses"), "0.008 0.008 2.1 0.19 0.91 1.13 0.85"),
    "soybean": _crop(_("Soybean"), "0.008 0.008 2.1 0.19 0.91 0.93 1.35"),
    "potato": _crop(_("Potato"), "0.019 0.014 0.4 0.20 0.22 0.10 1.06"),
    "peanut": _crop(_("Peanut"), "0.016 - 1.0 - 0.94 1.07 1.54"),
    "alfalfa": _crop(_("Alfalfa"), "0.027 0.019 - 0.40 0.90 0.29 0"),
    "hay": _crop(_("Hay without legumes"), "0.015 0.012 - 0.54 0.90 0.18 0"),
    "nitrogen_fixing_forage": _crop(
        _("Forage that fixes nitrogen"), "0.027 0.022 0.3 0.40 0.90 0.3 0"
    ),
    "other_forage": _crop(_("Other forage"), "0.015 0.012 0.3 0.54 0.90 0.3 0"),
    "perennial_grass": _crop(_("Perennial grass"), "0.015 0.012 0.3 0.80 0.90 0.3 0"),
    "grass_clover": _crop(_("Grass with clover"), "0.025 0.016 0.3 0.80 0.90 0.3 0"),
}
# Names under which published examples give the same rows.
OTHER_NAMES = {
    "corn": "maize",
    "paddy": "rice",
    "soybeans": "soybean",
    "soya": "soybean",
    "soy": "soybean",
    "beans_pulses": "beans",
    "beans_and_pulses": "beans",
    "pulses": "beans",
    "potatoes": "potato",
    "potatoes_and_tubers": "potato",
    "peanuts": "peanut",
    "groundnut": "peanut",
    "generic_grains": "grains",
    "cereals": "grains",
    "lucerne": "alfalfa",
    "non_legume_hay": "hay",
    "n_fixing_forages": "nitrogen_fixing_forage",
    "non_n_fixing_forages": "other_forage",
    "perennial_grasses": "perennial_grass",
    "grass_clover_mixtures": "grass_clover",
}
