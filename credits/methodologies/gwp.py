"""Global warming potentials over 100 years: how a kilogram of each gas weighs against CO2.

Imports no Django. Methane here is never fossil: it comes from paddy soil and burnt straw, so the
sixth report's set takes its non-fossil value.

Source: IPCC SAR WG I (1995) table 4; TAR WG I (2001) table 6.7; AR4 WG I (2007) table 2.14; AR5
WG I (2013) table 8.A.1, and table 8.7 with climate–carbon feedback; AR6 WG I (2021) table 7.15,
and 7.SM.7 for the generic methane value.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from credits.methodologies.inputs import Choice, Input
from credits.methodologies.inputs import gettext_noop as _

CO2, CH4, N2O = "co2", "ch4", "n2o"
# Mass of the compound for one of its carbon or nitrogen: CO2 from C, CH4 from C, N2O from N.
CO2_PER_C = Fraction(44, 12)
CH4_PER_C = Fraction(16, 12)
N2O_PER_N = Fraction(44, 28)

GWP_SETS: Mapping[str, Mapping[str, Fraction]] = {
    name: {CO2: Fraction(1), CH4: Fraction(methane), N2O: Fraction(nitrous)}
    for name, methane, nitrous in (
        ("SAR", "21", "310"),
        ("TAR", "23", "296"),
        ("AR4", "25", "298"),
        ("AR5", "28", "265"),
        ("AR5-feedback", "34", "298"),
        ("AR6", "27.0", "273"),
        ("AR6-generic", "27.9", "273"),
        ("AR6-fossil", "29.8", "273"),
    )
}
DEFAULT_GWP = "AR5"

GWP_INPUT = Input(
    name="gwp",
    label=_("Global warming potentials"),
    kind=Choice({name: name for name in GWP_SETS}),
    help=_(
        "The IPCC report whose 100-year values weigh methane and nitrous oxide; AR5 is what most"
        " standards ask for today."
    ),
    required=False,
    default=DEFAULT_GWP,
)


def co2e_of(gases_kg: Mapping[str, Fraction], *, gwp: str) -> Fraction:
    """Weigh gases in one number.

    Args:
        gases_kg: kilograms of each gas (``co2``, ``ch4``, ``n2o``); positive is an emission,
            negative a removal.
        gwp: name of a set, e.g. ``"AR5"``.

    Returns:
        Kilograms CO2e, the same sign.

    Raises:
        KeyError: no such set, or a gas the set does not know.
    """
    return sum((GWP_SETS[gwp][gas] * mass for gas, mass in gases_kg.items()), Fraction(0))
