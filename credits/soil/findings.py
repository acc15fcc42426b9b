"""What is wrong, or merely unusual, with layers that a laboratory measured.

Imports no Django. Answers with codes and values; the sentences stand in `credits.soil.results`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any

CARBON, DENSITY, COARSE, MASS = (
    "carbon_g_per_kg",
    "bulk_density_g_per_cm3",
    "coarse_percent",
    "mass_g",
)
# Peat has 580 g of carbon in a kilogram; rock weighs 2.65 g/cm³, peat may weigh 0.1.
RANGES: Mapping[str, tuple[Decimal, Decimal]] = {
    CARBON: (Decimal(0), Decimal(600)),
    DENSITY: (Decimal("0.1"), Decimal("2.65")),
    COARSE: (Decimal(0), Decimal(95)),
    MASS: (Decimal("0.1"), Decimal(100_000)),
    "top_cm": (Decimal(0), Decimal(300)),
    "bottom_cm": (Decimal("0.5"), Decimal(300)),
}
OUTLIER_DEVIATIONS = Decimal("3.5")
# What makes a median absolute deviation a standard deviation where figures are spread normally.
NORMAL_SCALE = Decimal("1.4826")
# Of fewer values a median absolute deviation says nothing.
LEAST_FOR_OUTLIERS = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """One layer: the row it stands in (0: on record already), its bag, stratum and figures."""

    row: int
    bag: str
    stratum: str
    top_cm: Decimal
    bottom_cm: Decimal
    figures: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to tell: the row and column it stands in, a code, and what the sentence names."""

    row: int
    column: str
    code: str
    values: Mapping[str, Any]


def is_in_range(column: str, value: Decimal) -> bool:
    """Whether a figure can be true at all."""
    least, most = RANGES[column]
    return least <= value <= most


def check_depths(layers: Sequence[Measured], *, deepest_cm: int) -> Iterator[tuple[bool, Finding]]:
    """Gaps and overlaps of one bag's layers, which refuse it; a core too short is only unusual.

    Args:
        layers: all layers of one bag, in any order; at least one.
        deepest_cm: how deep the round's plan goes.

    Yields:
        Whether it refuses the row, and the finding.
    """
    reached = Decimal(0)
    for layer in sorted(layers, key=lambda layer: (layer.top_cm, layer.bottom_cm)):
        if layer.top_cm > reached:
            yield True, _at_depth(layer, "depth_missing", top=reached, bottom=layer.top_cm)
        elif layer.top_cm < reached:
            yield True, _at_depth(layer, "depth_twice", top=layer.top_cm, bottom=reached)
        reached = max(reached, layer.bottom_cm)
        last = layer
    if reached < deepest_cm:
        yield False, _at_depth(last, "core_too_short", reached=reached, wanted=deepest_cm)


def find_outliers(layers: Sequence[Measured]) -> Iterator[Finding]:
    """Figures of the file's rows that lie far from those of their stratum at the same depth.

    An outlier lies more than 3.5 median absolute deviations, scaled by 1.4826, from the median; of
    fewer than five values, or where more than half are the same, none is called one.

    Source: Iglewicz and Hoaglin (1993), How to Detect and Handle Outliers: the modified z-score.
    """
    groups: dict[tuple[str, Decimal, Decimal, str], list[Measured]] = {}
    for layer in layers:
        for column in (CARBON, DENSITY):
            if column in layer.figures:
                key = (layer.stratum, layer.top_cm, layer.bottom_cm, column)
                groups.setdefault(key, []).append(layer)
    for (stratum, _top, _bottom, column), members in groups.items():
        if len(members) < LEAST_FOR_OUTLIERS:
            continue
        middle = median(each.figures[column] for each in members)
        spread = median(abs(each.figures[column] - middle) for each in members)
        for each in members:
            off = abs(each.figures[column] - middle)
            if each.row and spread and off > OUTLIER_DEVIATIONS * NORMAL_SCALE * spread:
                told = {"value": each.figures[column], "middle": middle, "stratum": stratum}
                yield Finding(each.row, column, "outlier", told)


def _at_depth(layer: Measured, code: str, **values: Any) -> Finding:
    return Finding(layer.row, "top_cm", code, {"bag": layer.bag, **values})
