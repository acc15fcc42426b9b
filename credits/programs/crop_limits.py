"""How often a program lets a field grow what leaves the soil bare: years within, years beyond.

Imports no Django. A year is a contract year, counted from 1 on the contract's first day.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any

from credits.methodologies.base import anniversary

LOW_RESIDUE, SOYBEANS = "too_many_low_residue_years", "too_many_soybean_years"
SOYBEAN = "soybean"


def limited_crops(terms: Mapping[str, Any]) -> set[str]:
    """Codes of the crops whose years are counted; none where the program sets no limit."""
    crops = set(terms.get("low_residue_crops", []))
    return crops | {SOYBEAN} if "soybean_rate" in terms else crops


def years_beyond(
    terms: Mapping[str, Any], grown: Mapping[int, Collection[str]], *, contract_years: int
) -> dict[int, str]:
    """The contract years in which a field grew more than its program lets it.

    Args:
        terms: of the project.
        grown: contract year -> codes of the crops grown in it.
        contract_years: whole years of the contract.

    Returns:
        Year -> code of the limit. The years within a limit, counted from the first, stay good.

    Source: CCX Offset Project Protocol 2009-09-30: low-residue crops (beans, peas, lentils) in at
        most three contract years; soybeans in at most 50% of the enrolled years.
    """
    beyond: dict[int, str] = {}
    if "soybean_rate" in terms:
        most = floor(Fraction(terms["soybean_rate"]) * contract_years)
        years = [year for year in sorted(grown) if SOYBEAN in grown[year]]
        beyond |= dict.fromkeys(years[most:], SOYBEANS)
    if "low_residue_years" in terms:
        low = set(terms["low_residue_crops"])
        years = [year for year in sorted(grown) if low & set(grown[year])]
        beyond |= dict.fromkeys(years[terms["low_residue_years"] :], LOW_RESIDUE)
    return beyond


def contract_year(day: date, *, starts_on: date) -> int:
    """In which year of a contract a day lies; the first is 1, days before it are 0 and less."""
    years = day.year - starts_on.year
    return years + 1 if anniversary(starts_on, years) <= day else years
