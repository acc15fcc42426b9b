"""What a program's preset is: the terms a project copies when it is set up.

The copy is what counts afterwards: a preset that changes changes no project.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Program:
    """A program's rules as JSON-able terms: rates as decimal strings, tonnes and years whole.

    ``reserve_rate`` part of the tonnes held until the contract's last day; ``minimum_lot_t``
    smallest sale; ``minimum_term_years`` shortest contract; ``sample_rate`` and ``sample_minimum``
    size the verifier's sample; ``minimum_area_m2`` smallest field; ``excluded_land_classes`` and
    ``excluded_crops`` what may not be enrolled; ``grain_guard`` what China's rules of cropland do
    here: nothing (empty), "flag" a field, or "refuse" it; ``retroactive_agreements`` whether a
    signature also confirms days of its term that lie before it; ``fees`` what the program is known
    to take, as information for the waterfall's set-up.
    """

    id: str
    name: Promise | str
    terms: Mapping[str, Any]
