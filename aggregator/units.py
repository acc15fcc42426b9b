"""Units of land and carbon: stored in square metres and kilograms, shown in the reader's own.

Imports no Django.
"""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

# 1 mu = 10,000/15 m². Source: State Council order of 1984 on legal units, cropland mu.
M2_PER_MU = Fraction(10_000, 15)
M2_PER_HECTARE = Fraction(10_000)
# International acre. Source: NIST SP 811 (2008), appendix B.8: 4,046.8564224 m² exactly.
M2_PER_ACRE = Fraction(40_468_564_224, 10_000_000)
KG_PER_TONNE = 1000

M2_PER_UNIT = {"mu": M2_PER_MU, "ha": M2_PER_HECTARE, "acre": M2_PER_ACRE, "m2": Fraction(1)}


def m2_to(area_m2: Decimal, unit: str, places: int = 2) -> Decimal:
    """Convert square metres to `unit` (mu, ha, acre, m2), rounded half up to `places` for show."""
    return _rounded(Fraction(area_m2) / M2_PER_UNIT[unit], places)


def to_m2(area: Decimal, unit: str) -> Decimal:
    """Convert an area in `unit` to square metres with the two decimals that are stored."""
    return _rounded(Fraction(area) * M2_PER_UNIT[unit], 2)


def format_tonnes(mass_kg: int) -> str:
    """Write kilograms as tonnes with three decimals; exact, since 0.001 t is one kilogram."""
    return f"{Decimal(mass_kg).scaleb(-3):,.3f}"


def _rounded(value: Fraction, places: int) -> Decimal:
    scaled = value * 10**places
    # Whole-number arithmetic: a Decimal quotient would already be rounded once.
    doubled = (2 * abs(scaled.numerator) + scaled.denominator) // (2 * scaled.denominator)
    result = Decimal(doubled if scaled >= 0 else -doubled).scaleb(-places)
    return result.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
