"""What the map tells about one plot: its names, who works it, its area, and each legend's word."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from aggregator.models import Cooperative, Household, User
from aggregator.periods import Period
from aggregator.units import m2_to
from farms.map.plots import living_boundaries
from farms.map.shades import colourings_for
from farms.models import Boundary, Season
from farms.tenure import operator_spans


def describe_plot(boundary: Boundary, *, user: User, season: Season | None) -> dict[str, Any]:
    """The panel of a plot, as words."""
    field = boundary.field
    return {
        "id": field.pk,
        "title": str(field),
        "lines": [
            [_("Village"), str(field.village)],
            [_("Household"), _operator(boundary)],
            [_("Area"), area_text(boundary.area_m2, field.cooperative)],
            *_words(boundary, user, season),
        ],
        "links": [
            [_("Open the field"), reverse("admin:farms_field_change", args=[field.pk])],
            [_("Boundaries over time"), reverse("field-boundaries", args=[field.pk])],
        ],
    }


def area_text(area_m2: Decimal | None, cooperative: Cooperative) -> str:
    """An area in the cooperative's own unit."""
    if area_m2 is None:
        return "—"
    return f"{m2_to(area_m2, cooperative.area_unit):,} {cooperative.get_area_unit_display()}"


def _operator(boundary: Boundary) -> str:
    today = timezone.localdate()
    spans = operator_spans([boundary.field_id], Period(today, today))[boundary.field_id]
    if not spans:
        return _("nobody on record today")
    household = Household.objects.get(pk=spans[0][0])
    head = household.persons.filter(is_head=True).first()
    return f"{household} {head.name}" if head else str(household)


def _words(boundary: Boundary, user: User, season: Season | None) -> list[list[str]]:
    ways = [way for way in colourings_for(user) if season is not None or not way.by_season]
    row = living_boundaries(user).filter(pk=boundary.pk)
    shades = row.annotate(
        **{f"shade_{at}": way.expression(season) for at, way in enumerate(ways)}
    ).values_list(*(f"shade_{at}" for at in range(len(ways))))
    keys = shades[0]
    lines = []
    for way, key in zip(ways, keys, strict=True):
        word = next((shade.word for shade in way.shades if shade.key == key), key)
        lines.append([capfirst(str(way.label)), str(word)])
    return lines
