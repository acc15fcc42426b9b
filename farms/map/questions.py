"""What the map's script may ask, read from an address: box, zoom, colouring, season, village."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from aggregator.errors import BadInput
from aggregator.keys import read_key
from aggregator.models import User, Village
from farms.map.plots import Box, View
from farms.map.shades import Colouring, colourings_for
from farms.models import Season

_ZOOMS = range(26)


class BadQuestion(BadInput):
    code = "bad_question"
    message = _("The map asked for something that does not exist. Load the page again.")


def read_view(asked: QueryDict, *, user: User) -> View:
    """The view that an address asks for.

    Raises:
        BadQuestion: the box, the zoom or the way to colour cannot be read.
    """
    return View(
        box=_box(asked.get("box", "")),
        zoom=_zoom(asked.get("zoom", "")),
        colouring=find_colouring(asked.get("colour", ""), user=user),
        season=own_row(Season, asked.get("season"), user=user),
        village=own_row(Village, asked.get("village"), user=user),
    )


def find_colouring(name: str, *, user: User) -> Colouring:
    """The way to colour of that name; without a name the first.

    Raises:
        BadQuestion: there is none of that name for the reader.
    """
    ways = colourings_for(user)
    found = next((way for way in ways if way.name == name), None if name else ways[0])
    if found is None:
        raise BadQuestion
    return found


def own_row(model: Any, key: str | None, *, user: User) -> Any:
    """The reader's row with a key, None where no key is given.

    Raises:
        BadQuestion: the key is none of the reader's rows.
    """
    if not key:
        return None
    found = model.objects.for_user(user).filter(pk=read_key(key)).first()
    if found is None:
        raise BadQuestion
    return found


def season_of_today(user: User, today: date) -> Season | None:
    """The season that began last: what a clerk most often looks at."""
    begun = Season.objects.for_user(user).filter(starts_on__lte=today)
    return begun.order_by("-starts_on", "-pk").first()


def _box(text: str) -> Box:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise BadQuestion from error
    if not all(map(math.isfinite, (west, south, east, north))):
        raise BadQuestion
    return west, south, east, north


def _zoom(text: str) -> int:
    zoom = read_key(text)
    if zoom is None or zoom not in _ZOOMS:
        raise BadQuestion
    return zoom
