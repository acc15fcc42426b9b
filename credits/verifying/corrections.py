"""What a sample's findings take from the fields: of those seen what was too much, of others a part.

Reads the sample and the run; writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from credits.models import FieldResult, SampledField, Verification
from credits.verifying.population import read_entries, unpack_list
from credits.verifying.sample_estimates import (
    Overstatement,
    Seen,
    estimate_by_area,
    estimate_simple,
    spread_reduction,
)
from credits.verifying.sample_rules import (
    AREA,
    OUTLIERS,
    find_outliers,
    size_sample,
    split_certain,
    stored_rule,
)

Chosen = SampledField.Chosen


@dataclass(frozen=True, slots=True)
class Correction:
    """What an extrapolation takes: kilograms by result, and how they came about.

    `reduced_kg` holds results that lose something; those of `sampled_ids` lose what was found.
    """

    overstatement: Overstatement
    seen: list[Seen]
    population: int
    reduced_kg: dict[int, int]
    sampled_ids: frozenset[int]
    unsampled_claim_kg: int
    unsampled_taken_kg: int
    found_kg: int


def extrapolate(verification: Verification) -> Correction:
    """The correction of a drawn sample; a field without a finding counts as found in order."""
    results = list(
        verification.run.results.filter(gross_kg__gt=0).order_by("field__code", "starts_on")
    )
    claims: dict[int, int] = {}
    for result in results:
        claims[result.field_id] = claims.get(result.field_id, 0) + result.gross_kg
    sample = list(verification.sample.select_related("result"))
    found = {row.result.field_id: overclaim_of(row, claims[row.result.field_id]) for row in sample}
    overstatement, seen, population = _estimate(verification, sample, claims, found)
    reduced = _take_found(results, found)
    others = [result for result in results if result.field_id not in found]
    taken = spread_reduction([result.gross_kg for result in others], overstatement.ratio)
    reduced |= {result.pk: kg for result, kg in zip(others, taken, strict=True) if kg}
    return Correction(
        overstatement=overstatement,
        seen=seen,
        population=population,
        reduced_kg=reduced,
        sampled_ids=frozenset(result.pk for result in results if result.field_id in found),
        unsampled_claim_kg=sum(result.gross_kg for result in others),
        unsampled_taken_kg=sum(taken),
        found_kg=sum(found.values()),
    )


def overclaim_of(sampled: SampledField, claimed_kg: int) -> int:
    """What a field claimed too much: nothing, what the verifier found, or all of it."""
    if sampled.finding != SampledField.Finding.DEVIATES:
        return 0
    return claimed_kg if sampled.overclaimed_kg is None else sampled.overclaimed_kg


def _take_found(results: list[FieldResult], found: dict[int, int]) -> dict[int, int]:
    """What was found too much on a field, over its results in proportion to their kilograms."""
    by_field: dict[int, list[FieldResult]] = {}
    for result in results:
        if found.get(result.field_id):
            by_field.setdefault(result.field_id, []).append(result)
    reduced: dict[int, int] = {}
    for field_id, rows in by_field.items():
        claims = [row.gross_kg for row in rows]
        parts = spread_reduction(claims, Fraction(found[field_id], sum(claims)))
        reduced |= {row.pk: kg for row, kg in zip(rows, parts, strict=True) if kg}
    return reduced


def _estimate(
    verification: Verification,
    sample: list[SampledField],
    claims: dict[int, int],
    found: dict[int, int],
) -> tuple[Overstatement, list[Seen], int]:
    """The overstatement by the rule of the draw, of the fields that were left to chance."""
    entries = read_entries(unpack_list(verification)) if verification.rule else []
    by_chance = [row for row in sample if row.chosen == Chosen.DRAWN]
    seen = [
        Seen(
            claims[row.result.field_id],
            found[row.result.field_id],
            entries[(row.place or row.position) - 1].area_cm2 if entries else 0,
        )
        for row in by_chance
    ]
    if not seen:
        # All were certain: what is too much is known, and no field is left to extrapolate to.
        return Overstatement(Fraction(0), Fraction(0), Fraction(0), Fraction(0)), [], 0
    rule = stored_rule(verification.rule) if verification.rule else None
    if rule is not None and rule.name == AREA:
        areas = [entry.area_cm2 for entry in entries]
        _certain, rest = split_certain(areas, size_sample(rule, len(entries)))
        left = [entries[place - 1] for place in rest]
        return (
            estimate_by_area(
                seen,
                whole_area_cm2=sum(entry.area_cm2 for entry in left),
                claimed_kg=sum(entry.claimed_kg for entry in left),
            ),
            seen,
            len(left),
        )
    outliers = len(find_outliers(entries)) if rule is not None and rule.name == OUTLIERS else 0
    population = verification.population_size - outliers
    return estimate_simple(seen, population=population), seen, population
