"""What an empty list says: what will stand there, and the page where the next step is taken.

Every floor registers its own lists, by the model's label.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

# Parameters of a list that leave nothing out: order, page, whole length, refused lookup.
_UNFILTERED = frozenset({"o", "p", "all", "e"})
_HINTS: dict[str, EmptyHint] = {}


@dataclass(frozen=True, slots=True)
class EmptyHint:
    """One sentence, and the name and words of the link to the next step."""

    sentence: Any
    address: str
    label: Any

    @property
    def url(self) -> str:
        return reverse(self.address)


def register_empty_hint(model: str, hint: EmptyHint) -> None:
    """Say what an empty list of `model` (its label) means and what to do next."""
    _HINTS[model] = hint


def find_empty_hint(model: str) -> EmptyHint | None:
    return _HINTS.get(model)


def empty_context(request: HttpRequest, model: str) -> dict[str, Any]:
    """What ``admin/empty_state.html`` shows, should the list turn out empty."""
    return {
        "empty_hint": find_empty_hint(model),
        "is_filtered": bool(request.GET.keys() - _UNFILTERED),
    }
