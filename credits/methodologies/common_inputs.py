"""Inputs that several methodologies share, and the units in which published examples give them.

Imports no Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from aggregator.units import M2_PER_ACRE, M2_PER_HECTARE, M2_PER_MU
from credits.methodologies.inputs import Input, Number
from credits.methodologies.inputs import gettext_noop as _

Units = Mapping[str, tuple[str, Fraction]]
KG_PER_POUND = Fraction("0.45359237")
_MU_PER_HECTARE = M2_PER_HECTARE / M2_PER_MU

AREA_UNITS: Units = {
    "area_m2": ("m2", 1 / M2_PER_HECTARE),
    "area_km2": ("km2", Fraction(100)),
    "area_acre": ("acre", M2_PER_ACRE / M2_PER_HECTARE),
    "area_mu": ("mu", M2_PER_MU / M2_PER_HECTARE),
}


def area_input(
    label: str = _("Area"), *, help: str = "", required: bool = True, main: bool = True
) -> Input:
    """The land in question, in hectares or by another unit's name."""
    kind = Number("ha", maximum="1000000000")
    return Input("area_ha", label, kind, help, required, also=AREA_UNITS, main=main)


def tonnes_per_ha(stem: str) -> Units:
    """Other units of an amount in t/ha named ``<stem>_t_per_ha``."""
    return {
        f"{stem}_kg_per_ha": ("kg/ha", Fraction(1, 1000)),
        f"{stem}_kg_per_mu": ("kg/mu", _MU_PER_HECTARE / 1000),
        f"{stem}_g_per_m2": ("g/m2", Fraction(1, 100)),
    }


def kilograms_per_ha(stem: str) -> Units:
    """Other units of an amount in kg/ha named ``<stem>_kg_per_ha``."""
    return {
        f"{stem}_t_per_ha": ("t/ha", Fraction(1000)),
        f"{stem}_kg_per_mu": ("kg/mu", _MU_PER_HECTARE),
        f"{stem}_lb_per_acre": ("lb/acre", KG_PER_POUND * M2_PER_HECTARE / M2_PER_ACRE),
        f"{stem}_g_per_m2": ("g/m2", Fraction(10)),
    }
