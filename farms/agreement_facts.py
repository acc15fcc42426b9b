"""What an agreement says of a household and its plots, gathered for many at once and frozen.

The frozen text is plain JSON: bodies filled in both languages, people, plots with each one's role,
terms. Page and PDF are made from it and nothing else. Writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import translation

from aggregator.agreement_wording import (
    AgreementProgram,
    fill_paragraphs,
    fill_places,
    find_program,
)
from aggregator.formats import format_area, format_day
from aggregator.models import AgreementTemplate, Cooperative, Household, Person
from aggregator.periods import Period
from farms.boundaries import latest_boundaries
from farms.models import Field, Tenure
from farms.plot_drawing import trace_plots

FORM = 1
CONTRACTOR, OPERATOR = "contractor", "operator"
Text = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Paper:
    """What a household is asked to sign: under which number, by which wording, for which days."""

    template: AgreementTemplate
    code: str
    term: Period
    drafted_on: date
    whole_holding: bool = True
    # The keys of the fields named, where it is not the whole holding.
    field_ids: frozenset[int] = frozenset()
    renews: str = ""


class Holdings:
    """The people and plots of some households over a term, read with a few queries for all."""

    def __init__(
        self, cooperative: Cooperative, households: Sequence[Household], *, term: Period
    ) -> None:
        self.term = term
        touching = Tenure.objects.touching(term.starts_on, term.ends_on)
        mine = touching.filter(household__in=households)
        fields = (
            Field.objects.filter(tenures__in=mine)
            .with_area()
            .select_related("village")
            .distinct()
            .order_by("code")
        )
        self.fields = {
            field.pk: field
            for field in fields
            if field.ends_on is None or field.ends_on >= term.starts_on
        }
        self.tenures: dict[int, list[Tenure]] = defaultdict(list)
        self.held: dict[int, set[int]] = defaultdict(set)
        for tenure in touching.filter(field__in=self.fields).order_by("starts_on", "pk"):
            self.tenures[tenure.field_id].append(tenure)
            self.held[tenure.household_id].add(tenure.field_id)
        self.persons: dict[int, list[Person]] = defaultdict(list)
        for person in Person.objects.filter(household__in=households, left_on__isnull=True):
            self.persons[person.household_id].append(person)
        self.names = _names_of(self.tenures.values())
        self._shapes = _shapes_of(cooperative, self.fields)
        self._cooperative = cooperative
        self._filled: dict[tuple[str, str], Mapping[str, str]] = {}
        self._terms: dict[str, dict[str, Any]] = {}

    def fields_of(self, household: Household) -> list[Field]:
        """The fields it contracts or operates in the term, by code."""
        held = self.held[household.pk]
        return [field for key, field in self.fields.items() if key in held]

    def terms(self, program: AgreementProgram) -> dict[str, Any]:
        """What the program's values rest on; read once for all households."""
        if program.id not in self._terms:
            self._terms[program.id] = dict(program.terms(self._cooperative))
        return self._terms[program.id]

    def fill(self, program: AgreementProgram) -> Mapping[str, str]:
        """The values of the program's own places in the active language; once for all."""
        key = (program.id, translation.get_language() or "")
        if key not in self._filled:
            self._filled[key] = program.fill(self._cooperative)
        return self._filled[key]

    def outlines(self, fields: Iterable[Field]) -> list[dict[str, Any]]:
        numbered = [
            (number, self._shapes[field.pk])
            for number, field in enumerate(fields, start=1)
            if field.pk in self._shapes
        ]
        return [asdict(outline) for outline in trace_plots(numbered)]

    def plot(self, number: int, field: Field, household: Household) -> dict[str, Any]:
        """A line of the table: the plot, what the household is to it, and who else holds it."""
        tenures = self.tenures[field.pk]
        own = [tenure for tenure in tenures if tenure.household_id == household.pk]
        others = [tenure for tenure in tenures if tenure.household_id != household.pk]
        return {
            "number": number,
            "code": field.code,
            "name": field.name,
            "village": field.village.name,
            "village_en": field.village.name_en,
            "contract_m2": _plain(field.contract_area_m2),
            "area_m2": _plain(field.area_m2),  # type: ignore[attr-defined]
            "land_class": field.land_class,
            "roles": sorted({_role(tenure, tenures) for tenure in own}),
            "own": [_days(tenure, self.term) for tenure in own],
            "others": [
                {**self.names[tenure.household_id], **_days(tenure, self.term)} for tenure in others
            ],
        }


def freeze_text(household: Household, *, paper: Paper, holdings: Holdings) -> Text:
    """All that the household signs, in both languages."""
    cooperative = household.cooperative
    fields = holdings.fields_of(household)
    if not paper.whole_holding:
        fields = [field for field in fields if field.pk in paper.field_ids]
    text: Text = {
        "form": FORM,
        "code": paper.code,
        "language": household.language,
        "drafted_on": paper.drafted_on.isoformat(),
        "cooperative": _read_cooperative(cooperative),
        "program": paper.template.program,
        "template_version": paper.template.version,
        "starts_on": paper.term.starts_on.isoformat(),
        "ends_on": paper.term.ends_on.isoformat(),
        "renews": paper.renews,
        "whole_holding": paper.whole_holding,
        "household": _read_household(household, holdings),
        "fields": [holdings.plot(n, field, household) for n, field in enumerate(fields, start=1)],
        "outlines": holdings.outlines(fields),
        "terms": holdings.terms(find_program(paper.template.program)),
    }
    text["words"] = {
        language: _write_words(text, paper.template, holdings, language)
        for language in Household.Language.values
    }
    return text


def facts_of(text: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a frozen text that life may overtake: people, plots with holders, and terms."""
    # A text of form 1 from before terms were kept has none; it is drafted anew to be signed.
    return {name: text.get(name) for name in ("household", "fields", "terms")}


def _write_words(
    text: Text, template: AgreementTemplate, holdings: Holdings, language: str
) -> dict[str, Any]:
    program = find_program(template.program)
    english = language == Household.Language.ENGLISH
    with translation.override(language):
        values = {**_common_values(text, str(program.name)), **holdings.fill(program)}
        return {
            "program": str(program.name),
            "title": fill_places(template.title_en if english else template.title, values),
            "paragraphs": fill_paragraphs(template.body_en if english else template.body, values),
            "promise": fill_places(str(program.promise), values),
            "gain": fill_places(str(program.gain), values),
        }


def _common_values(text: Text, program: str) -> dict[str, str]:
    english = translation.get_language() == Household.Language.ENGLISH
    cooperative, household = text["cooperative"], text["household"]
    return {
        "agreement": text["code"],
        "cooperative": (english and cooperative["name_en"]) or cooperative["name"],
        "phone": cooperative["phone"] or "—",
        "program": program,
        "household": household["code"],
        "head": household["head_name"],
        "village": (english and household["village_en"]) or household["village"],
        "starts_on": format_day(text["starts_on"]),
        "ends_on": format_day(text["ends_on"]),
        "plot_count": str(len(text["fields"])),
        "area": format_area(total_area(text), cooperative["area_unit"]),
    }


def total_area(text: Mapping[str, Any]) -> Decimal:
    """The geodesic area of the plots; of one without an outline, its contract area."""
    areas = (plot["area_m2"] or plot["contract_m2"] or "0" for plot in text["fields"])
    return sum((Decimal(area) for area in areas), Decimal(0))


def _read_cooperative(cooperative: Cooperative) -> dict[str, str]:
    return {
        "code": cooperative.code,
        "name": cooperative.name,
        "name_en": cooperative.name_en,
        "phone": cooperative.phone,
        "area_unit": cooperative.area_unit,
    }


def _read_household(household: Household, holdings: Holdings) -> dict[str, Any]:
    persons = holdings.persons[household.pk]
    heads = [person.name for person in persons if person.is_head]
    return {
        "code": household.code,
        "head_name": next(iter(heads), household.code),
        "village": household.village.name,
        "village_en": household.village.name_en,
        # Masked: the paper goes through many hands, and the whole number is in the register.
        "persons": [
            {"name": person.name, "is_head": person.is_head, "identity": person.masked_identity}
            for person in persons
        ],
    }


def _role(tenure: Tenure, tenures: Iterable[Tenure]) -> str:
    """The contractor of land that somebody else works in the term; else whoever works it."""
    if tenure.kind == Tenure.Kind.TRANSFER:
        return OPERATOR
    given_away = any(
        other.kind == Tenure.Kind.TRANSFER and other.household_id != tenure.household_id
        for other in tenures
    )
    return CONTRACTOR if given_away else OPERATOR


def _days(tenure: Tenure, term: Period) -> dict[str, str]:
    """The days of a tenure inside the term; open where it lasts to the end or beyond."""
    ends = tenure.ends_on if tenure.ends_on and tenure.ends_on < term.ends_on else None
    starts = tenure.starts_on if tenure.starts_on > term.starts_on else None
    return {
        "kind": tenure.kind,
        "starts_on": starts.isoformat() if starts else "",
        "ends_on": ends.isoformat() if ends else "",
    }


def _names_of(tenures: Iterable[list[Tenure]]) -> dict[int, dict[str, str]]:
    keys = {tenure.household_id for held in tenures for tenure in held}
    rows: QuerySet[Any] = Household.objects.filter(pk__in=keys).with_head()
    return {
        pk: {"household": code, "head_name": head or code}
        for pk, code, head in rows.values_list("pk", "code", "head_name")
    }


def _shapes_of(cooperative: Cooperative, fields: Mapping[int, Field]) -> dict[int, bytes]:
    rows = latest_boundaries(cooperative).filter(field__in=fields.keys())
    return {pk: bytes(wkb) for pk, wkb in rows.values_list("field_id", "geometry_wkb")}


def _plain(area_m2: Decimal | None) -> str:
    # Two decimals on purpose: SQLite gives an annotated decimal without its trailing zeros.
    return "" if area_m2 is None else f"{area_m2:.2f}"
