"""A project's situations as the part of its form that follows from the chosen methodology.

The controls are those of the page of estimates, made from the same schema; each is named by its
place, so that what the methodology refuses stands where it was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from credits.estimating.form import (
    Control,
    change_rows,
    draw_form,
    drop_empty_rows,
    list_places,
    read_form,
)
from credits.estimating.input_problems import placed_text
from credits.methodologies.inputs import InputProblem
from credits.methodologies.situations import BySituation
from credits.pooling.projects import as_input_problem

_MORE, _LESS = "more", "less"


class SituationPart:
    """What was typed of a methodology's parameters, and what is wrong with it once checked."""

    def __init__(self, methodology: BySituation, sent: Mapping[str, Any]) -> None:
        self._methodology = methodology
        self._schema = methodology.schema
        typed = read_form(self._schema, sent)
        self.wants_rows = _MORE in sent or _LESS in sent
        for word in (_MORE, _LESS):
            if word in sent:
                change_rows(typed, str(sent[word])[:200], grow=word == _MORE)
        self.parameters = typed if self.wants_rows else _given(drop_empty_rows(self._schema, typed))
        self.problems: list[InputProblem] = []

    def check(self) -> bool:
        """Whether the methodology can use them."""
        found = self._methodology.check_parameters(self.parameters)
        self.problems = [as_input_problem(each) for each in found]
        return not self.problems

    def draw(self) -> Control:
        return draw_form(self._schema, self.parameters, self.problems)

    def elsewhere(self) -> list[str]:
        """Problems at places that the form does not show."""
        shown = list_places(self.draw())
        return [
            placed_text(each, self._schema) for each in self.problems if each.place not in shown
        ]


def _given(value: Any) -> Any:
    """Without lists that have no rows: what was left empty is no parameter."""
    if isinstance(value, list):
        return [_given(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _given(one) for name, one in value.items() if one != []}
