"""What a program's preset is: the terms a project copies when it is set up.

The copy is what counts afterwards: a preset that changes changes no project.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

# Sample rules that need no part of the fields.
_SIZED_BY_ITSELF = ("sqrt", "sqf")
# Where a program's text has no rule there is none; where it must have a figure that was not read,
# the term is None, and whoever sets up a project is asked.
_SILENT: dict[str, Any] = {
    "minimum_term_years": None,
    "uncertainty_by_period": False,
    "uncertainty_rate": "0",
    "leakage_rate": "0",
    "first_hold_rate": "0",
    "permanence_rate": "0",
    "reserve_rate": None,
    "reserve_release": None,
    "reserve_release_years": [],
    "reserve_rounding": "floor",
    "minimum_lot_t": 0,
    "sample_rule": "rate",
    "sample_rate": None,
    "sample_minimum": 1,
    "correction_rule": None,
    "reversal_rule": "buffer",
    "longest_period_years": 0,
    "lookback_years": 0,
    "minimum_area_m2": "0",
    "farm_below_m2": "0",
    "excluded_land_classes": [],
    "excluded_crops": [],
    "grain_guard": "",
    "retroactive_agreements": False,
    "documents": [],
    "conditions": [],
    "fees": {"aggregator_rate": None},
}


@dataclass(frozen=True, slots=True)
class Program:
    """A program's rules as JSON-able terms: rates as decimal strings, tonnes and years whole.

    ``minimum_term_years`` shortest contract; ``uncertainty_rate``, ``leakage_rate``,
    ``first_hold_rate`` (of the first period only) and ``permanence_rate`` are deducted in that
    order and never come back; ``uncertainty_by_period`` whether each period has an uncertainty of
    its own, which is then asked there; ``reserve_rate`` part of the tonnes held back,
    ``reserve_release`` and ``reserve_release_years`` when they come free, ``reserve_rounding``
    whether the reserve is rounded down beside the credits or up out of them; ``minimum_lot_t``
    smallest sale; ``sample_rule``, ``sample_rate`` and ``sample_minimum`` size the verifier's
    sample; ``correction_rule`` what a verifier's deviations take, as it is proposed to him: the
    deviating fields ("void"), or a part of all ("extrapolate"); ``reversal_rule`` what a loss
    takes: all tonnes of the land ("void") or what was lost ("buffer"); ``longest_period_years`` how
    long a period may be before it is verified, and ``lookback_years`` for how many years before the
    contract a practice must be new, each 0 where nothing is asked; ``minimum_area_m2`` smallest
    field; ``farm_below_m2`` what all land of a household must stay below, 0 for any;
    ``excluded_land_classes`` and ``excluded_crops`` what may not be enrolled; ``grain_guard`` what
    China's rules of cropland do here: nothing (empty), "flag" a field, or "refuse" it;
    ``retroactive_agreements`` whether a signature also confirms days of its term that lie before
    it; ``documents`` to be at hand; ``conditions`` that a person has to check; ``fees`` what is
    taken off the money, from which the waterfall's rules are proposed.

    Only where a program has them: ``permanence_years``, ``vesting``, ``least_price`` of a tonne in
    its ``least_price_currency``, and the limits of crops
    ``low_residue_crops``, ``low_residue_years``, ``soybean_rate``, ``no_till_crops``.

    A term that is None is not known. `source` is where the terms were read, `sources` where single
    ones were read elsewhere. `smallest_fields` holds other smallest fields, in m², for projects
    that begin up to a day.
    """

    id: str
    name: Promise | str
    terms: Mapping[str, Any]
    source: str
    sources: Mapping[str, str] = field(default_factory=dict)
    smallest_fields: Sequence[tuple[date, str]] = ()

    def terms_from(self, starts_on: date) -> dict[str, Any]:
        """The terms for a project that begins on a day."""
        terms = dict(self.terms)
        for last_day, area_m2 in self.smallest_fields:
            if starts_on <= last_day:
                return terms | {"minimum_area_m2": area_m2}
        return terms

    def source_of(self, term: str) -> str:
        return self.sources.get(term, self.source)


def make_terms(**terms: Any) -> dict[str, Any]:
    """A program's terms, with those on which its text is silent."""
    return _SILENT | terms


def find_unknown(terms: Mapping[str, Any]) -> list[str]:
    """Names of the terms that nobody knows yet; of fees with a dot: ``fees.aggregator_rate``.

    A release needs no rule where nothing is held back, a sample no part where it has none, and a
    project no uncertainty where each period has its own.
    """
    names = [name for name, term in terms.items() if term is None]
    names += [f"fees.{name}" for name, fee in terms.get("fees", {}).items() if fee is None]
    needless = set()
    if terms.get("reserve_rate") is not None and not Decimal(terms["reserve_rate"]):
        needless.add("reserve_release")
    if terms.get("sample_rule", "").startswith(_SIZED_BY_ITSELF):
        needless.add("sample_rate")
    if terms.get("uncertainty_by_period"):
        needless.add("uncertainty_rate")
    return [name for name in names if name not in needless]
