"""The list a sample is drawn from: made of a run, published with its hash, read back, redrawn.

The published file names fields by place and a salted hash alone. Whoever has the file and the seed
can draw the sample again; `find_redraw_faults` does so with what is stored.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from aggregator.canonical import sha256_of
from credits.models import QuantificationRun, SampledField, Verification
from credits.verifying.sample_rules import REJECTED, Entry, Step, draw_by_rule, stored_rule
from credits.verifying.sampling import draw_positions, sample_size

COLUMNS = ("place", "field_sha256", "area_m2", "claimed_kg", "practice")


def list_population(run: QuantificationRun) -> list[str]:
    """Codes of the fields that earned in a run, sorted: place n of the draw is the n-th of them."""
    earned = run.results.filter(gross_kg__gt=0).order_by("field__code")
    return list(earned.values_list("field__code", flat=True).distinct())


def hash_population(run: QuantificationRun, codes: list[str]) -> str:
    """The hash that binds the list to the figures being verified; it takes both to make it."""
    return sha256_of({"results": run.results_sha256, "fields": codes})


def write_population(run: QuantificationRun, codes: list[str], *, salt: str) -> bytes:
    """The list as a CSV file for anyone: no code of a field, no name, no place on earth."""
    entries = _entries_by_code(run)
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for place, code in enumerate(codes, start=1):
        entry = entries[code]
        # As it is kept: with two decimals.
        area_m2 = f"{entry.area_cm2 // 10_000}.{entry.area_cm2 // 100 % 100:02d}"
        rows.writerow(
            [place, hash_field(code, salt=salt), area_m2, entry.claimed_kg, entry.practice]
        )
    return text.getvalue().encode()


def hash_field(code: str, *, salt: str) -> str:
    """How the list names a field: without the salt, nobody can try codes until one fits."""
    return hashlib.sha256(f"{salt}\n{code}".encode()).hexdigest()


def pack_list(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def unpack_list(verification: Verification) -> bytes:
    """The published list as it was published."""
    return gzip.decompress(bytes(verification.population_list.content))


def read_entries(content: bytes) -> list[Entry]:
    """The entries of a published list, in its order."""
    rows = csv.DictReader(io.StringIO(content.decode()))
    return [
        Entry(int(Fraction(row["area_m2"]) * 10_000), int(row["claimed_kg"]), row["practice"])
        for row in rows
    ]


def draw_again(verification: Verification) -> list[Step]:
    """The draw out of the published list, rule and seed alone."""
    if not verification.rule:
        return _draw_unlisted(verification)
    entries = read_entries(unpack_list(verification))
    return draw_by_rule(stored_rule(verification.rule), entries, key=verification.seed)


def find_redraw_faults(verification: Verification) -> Iterator[str]:
    """What of a drawn sample does not come out again, in sentences."""
    codes = list_population(verification.run)
    if hash_population(verification.run, codes) != verification.population_sha256:
        yield _("The population's hash does not agree with the run's results.")
    if verification.rule:
        yield from _find_list_faults(verification, codes)
    if not verification.seed:
        return
    steps = draw_again(verification)
    if verification.rule and [[step.place, step.fate] for step in steps] != verification.steps:
        yield _("The steps of the draw are not those stored.")
    places = [step.place for step in steps if step.fate != REJECTED]
    rows = verification.sample.order_by("position").values_list("result__field__code", flat=True)
    known = len(codes)
    if [codes[place - 1] if place <= known else "" for place in places] != list(rows):
        yield _("The fields drawn are not those of the stored sample.")


def _find_list_faults(verification: Verification, codes: list[str]) -> Iterator[str]:
    content = unpack_list(verification)
    if hashlib.sha256(content).hexdigest() != verification.list_sha256:
        yield _("The published list does not have the published hash.")
    salt = verification.population_list.salt
    if write_population(verification.run, codes, salt=salt) != content:
        yield _("The published list is not that of the run's results.")


def _draw_unlisted(verification: Verification) -> list[Step]:
    """The draw of a verification from before lists were published: a part, with a minimum."""
    terms: dict[str, Any] = verification.period.project.terms
    count = sample_size(
        verification.population_size,
        rate=Fraction(terms["sample_rate"]),
        minimum=terms["sample_minimum"],
    )
    places = draw_positions(key=verification.seed, pool=verification.population_size, count=count)
    return [Step(place, SampledField.Chosen.DRAWN) for place in places]


def _entries_by_code(run: QuantificationRun) -> dict[str, Entry]:
    """Each field once: its kilograms together, its area and practice as its first result has them.

    A field that changed hands in mid-period has two results of one area.
    """
    found: dict[str, Entry] = {}
    rows = run.results.filter(gross_kg__gt=0).order_by("starts_on")
    for code, area_m2, kg, practice in rows.values_list(
        "field__code", "area_m2", "gross_kg", "practice"
    ):
        known = found.get(code)
        if known is None:
            found[code] = Entry(int(area_m2 * 10_000), kg, practice)
        else:
            found[code] = Entry(known.area_cm2, known.claimed_kg + kg, known.practice)
    return found
