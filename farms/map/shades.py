"""By what the plots on the map are coloured: each way gives every plot one word of a legend.

A shade is an expression of the database, so that 200,000 plots are counted without being read.
Other floors register further ways.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aggregator.models import User
from farms.models import Field, Observation, Overlap, Practice, PracticeRecord, Season

Words = str | Promise
NONE = "none"


@dataclass(frozen=True, slots=True)
class Shade:
    """A word of a legend, with its colour of the palette, its pattern and its sign."""

    key: str
    word: Words
    tone: str
    sign: str
    pattern: str = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Colouring:
    """A way to colour: `expression` gives each boundary row (by its `field_id`) a shade's key."""

    name: str
    label: Words
    shades: Sequence[Shade]
    expression: Callable[[Season | None], Any] = field(repr=False)
    by_season: bool = False


Source = Callable[[User], list[Colouring]]
_SOURCES: list[Source] = []


def register_colourings(source: Source) -> None:
    """Let an upper floor add ways to colour: called with who looks, returns what applies."""
    _SOURCES.append(source)


def colourings_for(user: User) -> list[Colouring]:
    """All ways to colour that the reader can choose from."""
    return [*OWN, *(each for source in _SOURCES for each in source(user))]


def text(value: str) -> Value:
    return Value(value, output_field=CharField())


def first_of(rows: QuerySet[Any], column: str) -> Any:
    """The value of the first related row, or ``none``."""
    return Coalesce(Subquery(rows.values(column)[:1]), text(NONE), output_field=CharField())


def _records(season: Season | None) -> QuerySet[Any]:
    return PracticeRecord.objects.confirmed().filter(field=OuterRef("field_id"), season=season)


def _practice(season: Season | None) -> Any:
    found = _records(season).order_by().values("field").annotate(n=Count("pk"), one=Min("practice"))
    named = found.annotate(shade=Case(When(n=1, then=F("one")), default=text("several")))
    return first_of(named, "shade")


def _evidence(season: Season | None) -> Any:
    return Case(
        When(~Exists(_records(season)), then=text(NONE)),
        When(Exists(_records(season).filter(evidence=None)), then=text("lacks")),
        default=text("has"),
    )


def _overlap(_season: Season | None) -> Any:
    open_ones = Overlap.objects.unresolved()
    found = Q(Exists(open_ones.filter(field=OuterRef("field_id"))))
    found |= Q(Exists(open_ones.filter(other=OuterRef("field_id"))))
    return Case(When(found, then=text("overlaps")), default=text(NONE))


def _condition(_season: Season | None) -> Any:
    seen = Observation.objects.filter(field=OuterRef("field_id")).order_by("-seen_on", "-pk")
    return first_of(seen, "seen")


def _land_class(_season: Season | None) -> Any:
    return Case(
        When(field__land_class="", then=text(NONE)),
        default=F("field__land_class"),
        output_field=CharField(),
    )


_PRACTICE_LOOKS = {
    Practice.NO_TILL: ("paddy", "N", "plain"),
    Practice.REDUCED_TILL: ("paddy", "R", "hatch"),
    Practice.STRAW_RETURN: ("wheat", "S", "plain"),
    Practice.ORGANIC_FERTILISER: ("soil", "O", "plain"),
    Practice.SOIL_TEST_FERTILISING: ("soil", "T", "hatch"),
    Practice.INTERMITTENT_IRRIGATION: ("sky", "I", "plain"),
    Practice.FALLOW: ("wheat", "F", "hatch"),
    Practice.GRASS: ("sky", "G", "hatch"),
    Practice.CONVENTIONAL: ("muted", "C", "hatch"),
}
_CONDITION_LOOKS = {
    Observation.Seen.CULTIVATED: ("paddy", "✓", "plain"),
    Observation.Seen.ABANDONED: ("brick", "✕", "plain"),
    Observation.Seen.TREES: ("soil", "T", "hatch"),
    Observation.Seen.POND: ("sky", "P", "hatch"),
    Observation.Seen.BUILT: ("brick", "B", "hatch"),
}

OWN = [
    Colouring(
        name="practice",
        label=_("practice of the season"),
        by_season=True,
        expression=_practice,
        shades=[
            *(
                Shade(key.value, key.label, tone, sign, pattern)
                for key, (tone, sign, pattern) in _PRACTICE_LOOKS.items()
            ),
            Shade("several", _("several practices"), "paddy", "+", "cross"),
            Shade(NONE, _("no practice recorded"), "muted", "–"),
        ],
    ),
    Colouring(
        name="evidence",
        label=_("evidence of the season"),
        by_season=True,
        expression=_evidence,
        shades=[
            Shade("has", _("has evidence"), "paddy", "✓"),
            Shade("lacks", _("lacks evidence"), "wheat", "!", "hatch"),
            Shade(NONE, _("no practice recorded"), "muted", "–"),
        ],
    ),
    Colouring(
        name="land_class",
        label=_("land class"),
        expression=_land_class,
        shades=[
            Shade("permanent_basic", Field.LandClass.PERMANENT_BASIC.label, "paddy", "P"),
            Shade("high_standard", Field.LandClass.HIGH_STANDARD.label, "sky", "H", "hatch"),
            Shade("general", Field.LandClass.GENERAL.label, "soil", "G"),
            Shade(NONE, Field.LandClass.UNKNOWN.label, "muted", "–"),
        ],
    ),
    Colouring(
        name="overlap",
        label=_("overlap"),
        expression=_overlap,
        shades=[
            Shade("overlaps", _("overlaps another field"), "brick", "✕", "cross"),
            Shade(NONE, _("no overlap found"), "paddy", "✓"),
        ],
    ),
    Colouring(
        name="condition",
        label=_("condition last seen"),
        expression=_condition,
        shades=[
            *(
                Shade(key.value, key.label, tone, sign, pattern)
                for key, (tone, sign, pattern) in _CONDITION_LOOKS.items()
            ),
            Shade(NONE, _("never observed"), "muted", "–"),
        ],
    ),
]
