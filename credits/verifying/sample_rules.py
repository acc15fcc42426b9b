"""Which fields a verifier looks at: the published rules, each drawn so that anyone can draw again.

Imports no Django. Takes the population list, the rule and the seed; knows no database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, isqrt
from statistics import median
from typing import Any

from credits.verifying.sampling import MAX_DRAWS, SamplingError, draw_positions, sample_size

PERCENTAGE, OUTLIERS, AREA, SQF = "rate", "outliers", "area", "sqf"
# Factor of the square root, squared: the size is then compared in whole numbers.
_ROOTS = {
    "sqrt": Fraction(1),
    "sqrt_surveillance": Fraction(36, 100),
    "sqrt_renewal": Fraction(64, 100),
}
RULES = (PERCENTAGE, *_ROOTS, SQF, OUTLIERS, AREA)

# How many median absolute deviations from the median of its practice make a field an outlier.
OUTLIER_DEVIATIONS = 3
# Rounding down to whole kilograms takes less than one from each of a field's two holders.
ROUNDING_KG = 2

DRAWN, CERTAIN, REJECTED = "drawn", "certain", "rejected"
OUTLIER = "outlier"


@dataclass(frozen=True, slots=True)
class Entry:
    """One place of the population list: its area in square centimetres and what it claims."""

    area_cm2: int
    claimed_kg: int
    practice: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's name with the part and the least number that size it, where it is sized by them."""

    name: str
    rate: Fraction
    minimum: int

    def as_terms(self) -> dict[str, Any]:
        return {"name": self.name, "rate": str(self.rate), "minimum": self.minimum}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a draw: the place, and whether it was drawn, certain, an outlier or rejected."""

    place: int
    fate: str


def read_rule(terms: Mapping[str, Any]) -> Rule:
    """The rule of a project's terms; terms that name none sample a percentage with a minimum."""
    name = str(terms.get("sample_rule", PERCENTAGE))
    # A rule that sizes itself needs no part: its program says none.
    return Rule(name, Fraction(terms.get("sample_rate") or 0), int(terms["sample_minimum"]))


def stored_rule(stored: Mapping[str, Any]) -> Rule:
    """The rule as it was published with a list."""
    return Rule(stored["name"], Fraction(stored["rate"]), stored["minimum"])


def size_sample(rule: Rule, population: int) -> int:
    """How many fields a rule takes of a population (outliers come on top of that).

    Args:
        rule: the rule.
        population: fields to draw from.

    Returns:
        A whole number from 0 to `population`.

    Raises:
        SamplingError: there is no such rule.

    Source: IAF MD1 (⌈√x⌉, ⌈0.6√x⌉, ⌈0.8√x⌉); SQF multi-site table (below 75 sites ⌊1.5√x⌋ and at
    least 5 below 20; 75 to 100 2√x; above 100 20%, both rounded up, where the table is silent).
    """
    if rule.name in _ROOTS:
        return min(population, _root_up(_ROOTS[rule.name] * population))
    if rule.name == SQF:
        return min(population, _size_sqf(population))
    if rule.name in RULES:
        return sample_size(population, rate=rule.rate, minimum=rule.minimum)
    raise SamplingError(f"there is no rule {rule.name}")


def _root_up(square: Fraction) -> int:
    """The square root rounded up, exactly."""
    whole = ceil(square)
    root = isqrt(whole)
    return root if root * root >= square else root + 1


def _size_sqf(population: int) -> int:
    if population > 100:
        return ceil(Fraction(population, 5))
    if population >= 75:
        return _root_up(Fraction(4 * population))
    # The square of 1.5 is 9/4: the floor of a root is that of its whole part.
    size = isqrt(9 * population // 4)
    return max(size, 5) if population < 20 else size


def find_outliers(entries: Sequence[Entry]) -> list[int]:
    """Places whose kilograms per area lie far from the others' with the same practice.

    A field is an outlier when its kilograms differ from its practice's median per area, times its
    own area, by more than 3 median absolute deviations per area, times its area, and 2 kg more.

    Args:
        entries: the population in its order; areas above 0.

    Returns:
        Places counted from 1, rising.
    """
    by_practice: dict[str, list[Fraction]] = {}
    for entry in entries:
        yields = by_practice.setdefault(entry.practice, [])
        yields.append(Fraction(entry.claimed_kg, entry.area_cm2))
    middles = {practice: median(yields) for practice, yields in by_practice.items()}
    spreads = {
        practice: median(abs(each - middles[practice]) for each in yields)
        for practice, yields in by_practice.items()
    }
    found = []
    for place, entry in enumerate(entries, start=1):
        off_kg = abs(entry.claimed_kg - middles[entry.practice] * entry.area_cm2)
        allowed = OUTLIER_DEVIATIONS * spreads[entry.practice] * entry.area_cm2
        if off_kg > allowed + ROUNDING_KG:
            found.append(place)
    return found


def draw_by_rule(rule: Rule, entries: Sequence[Entry], *, key: str) -> list[Step]:
    """Draw a sample of the population by a rule and a seed.

    Args:
        rule: what sizes the sample and how it is drawn.
        entries: the population in the order of the published list.
        key: the seed's canonical string.

    Returns:
        The steps in their order, rejected draws among them; every place at most once but for those.

    Raises:
        SamplingError: no key, or more rounds than the algorithm has.
    """
    if rule.name == AREA:
        return _draw_by_area(rule, entries, key)
    if rule.name == OUTLIERS:
        return _draw_beside_outliers(rule, entries, key)
    count = size_sample(rule, len(entries))
    places = draw_positions(key=key, pool=len(entries), count=count)
    return [Step(place, DRAWN) for place in places]


def _draw_beside_outliers(rule: Rule, entries: Sequence[Entry], key: str) -> list[Step]:
    """Outliers always; then the whole list is drawn from, and a draw of an outlier is rejected."""
    outliers = find_outliers(entries)
    known = set(outliers)
    wanted = size_sample(rule, len(entries) - len(outliers))
    # So many draws hold enough others even if every outlier is drawn.
    most = min(len(entries), wanted + len(outliers))
    steps = [Step(place, OUTLIER) for place in outliers]
    for place in draw_positions(key=key, pool=len(entries), count=most if wanted else 0):
        steps.append(Step(place, REJECTED if place in known else DRAWN))
        wanted -= place not in known
        if not wanted:
            break
    return steps


def _draw_by_area(rule: Rule, entries: Sequence[Entry], key: str) -> list[Step]:
    """Systematically on the cumulated area, in random order, from a random start.

    Fields as large as the interval are certain. The order is RFC 3797's of those left, and the
    start its next round's number modulo their whole area. All is multiplied by the count, so that
    the interval is the whole area and every comparison is of whole numbers.
    """
    certain, rest = split_certain(
        [entry.area_cm2 for entry in entries], size_sample(rule, len(entries))
    )
    steps = [Step(place, CERTAIN) for place in certain]
    count = size_sample(rule, len(entries)) - len(certain)
    if not count:
        return steps
    if len(rest) >= MAX_DRAWS:
        raise SamplingError(f"a random order of {len(rest)} is longer than {MAX_DRAWS - 1}")
    order = [rest[at - 1] for at in draw_positions(key=key, pool=len(rest), count=len(rest))]
    whole = sum(entries[place - 1].area_cm2 for place in order)
    mark = _round_number(key, len(rest)) % whole
    reached = 0
    for place in order:
        reached += entries[place - 1].area_cm2 * count
        if mark < reached:
            steps.append(Step(place, DRAWN))
            mark += whole
    return steps


def split_certain(areas: Sequence[int], count: int) -> tuple[list[int], list[int]]:
    """Places as large as the sampling interval, which are taken, and those left to draw from."""
    certain: list[int] = []
    rest = list(range(1, len(areas) + 1))
    while len(certain) < count:
        whole = sum(areas[place - 1] for place in rest)
        wanted = count - len(certain)
        large = [place for place in rest if areas[place - 1] * wanted >= whole]
        if not large:
            break
        # Taking the largest away shortens the interval of those left: they are asked again.
        certain += large
        rest = [place for place in rest if areas[place - 1] * wanted < whole]
    return sorted(certain), rest


def _round_number(key: str, number: int) -> int:
    """RFC 3797's number of a round: the MD5 of n‖key‖n, n in two octets."""
    octets = number.to_bytes(2, "big")
    digest = hashlib.md5(octets + key.encode() + octets, usedforsecurity=False).digest()
    return int.from_bytes(digest, "big")
