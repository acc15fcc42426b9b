"""What can be done with many chosen fields at once; every floor registers its own.

The choice is kept in the reader's session. An action is a page of its own that asks
`chosen_fields(request)` for the rows and calls one rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise

from aggregator.models import User
from farms.models import Field
from farms.models.field import FieldQuerySet

MOST_CHOSEN = 5_000
_KEY = "chosen_fields"
_ACTIONS: list[FieldAction] = []


@dataclass(frozen=True, kw_only=True)
class FieldAction:
    """A link on the page of chosen fields: `url_name` takes no arguments and answers a GET."""

    name: str
    label: str | Promise
    explain: str | Promise
    url_name: str
    roles: frozenset[str]


def register_field_action(action: FieldAction) -> None:
    """Offer an action on chosen fields."""
    _ACTIONS.append(action)


def actions_for(user: User) -> list[FieldAction]:
    return [each for each in _ACTIONS if user.is_superuser or user.role in each.roles]


def choose_fields(request: HttpRequest, field_ids: Iterable[int]) -> int:
    """Keep a choice of the reader's own fields; others, and those beyond the most, are dropped."""
    asked = sorted({int(key) for key in field_ids})[:MOST_CHOSEN]
    own = Field.objects.for_user(_reader(request)).filter(pk__in=asked)
    request.session[_KEY] = list(own.order_by("pk").values_list("pk", flat=True))
    return len(request.session[_KEY])


def chosen_fields(request: HttpRequest) -> FieldQuerySet:
    """The fields the reader chose, as far as they are still the reader's to see."""
    keys = request.session.get(_KEY, [])
    chosen: FieldQuerySet = Field.objects.for_user(_reader(request)).filter(pk__in=keys)
    return chosen


def _reader(request: HttpRequest) -> Any:
    return request.user
