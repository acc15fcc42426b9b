"""Refused inputs in sentences: the place in words, the unit and the bounds."""

from __future__ import annotations

from typing import Any

import pytest

from credits.estimating.estimation import describe_problems
from credits.estimating.input_problems import caution_text, find_place, placed_text, problem_text
from credits.methodologies.estimates import Caution
from credits.methodologies.inputs import Input, InputProblem, InputsRefused, Number, Schema
from credits.registry import ESTIMATORS

pytestmark = pytest.mark.usefixtures("in_english")
SOIL = ESTIMATORS["ipcc-soc-tier1"]


def refuse(id: str, data: Any) -> list[InputProblem]:
    with pytest.raises(InputsRefused) as refusal:
        ESTIMATORS[id].estimate(data)
    return refusal.value.problems


def test_a_bound_is_named_with_its_unit() -> None:
    problems = refuse("ipcc-soc-tier1", dict(SOIL.example) | {"area_ha": "1000000001"})
    assert [placed_text(each, SOIL.schema) for each in problems] == [
        "Area (area_ha): Too large: at most 1,000,000,000 ha."
    ]


def test_a_place_inside_rows_is_named_by_its_labels() -> None:
    place = find_place(SOIL.schema, "changes[1].tillage")
    assert place.words == "Changes, row 2, Tillage"
    assert place.item is not None
    assert place.item.name == "tillage"


def test_a_bound_that_may_not_be_reached_is_not_called_the_least() -> None:
    schema = Schema((Input("depth", "Depth", Number("cm", minimum="0", above=True)),))
    with pytest.raises(InputsRefused) as refusal:
        schema.read({"depth": 0})
    text = problem_text(refusal.value.problems[0], schema)
    assert text == "Too small: it must be more than 0 cm."


def test_years_and_ratios_are_written_without_a_unit() -> None:
    schema = Schema((Input("year", "Year", Number("year", minimum="1990")),))
    with pytest.raises(InputsRefused) as refusal:
        schema.read({"year": 12})
    # A year has no thousands to group.
    assert problem_text(refusal.value.problems[0], schema) == "Too small: at least 1990."


def test_what_no_schema_knows_is_named_as_it_was_written() -> None:
    problems = refuse("ipcc-soc-tier1", dict(SOIL.example) | {"colour": "red"})
    assert describe_problems(SOIL, problems) == [
        {
            "place": "colour",
            "where": "colour",
            "code": "unknown_input",
            "text": ("This methodology asks for no such input. Mend the name or leave it out."),
        }
    ]


def test_a_caution_names_its_part_in_words() -> None:
    text = caution_text(Caution("no_baseline", {"part": "nitrogen"}))
    assert text.startswith("For fertiliser only the project was given.")


def test_a_code_of_another_version_is_shown_as_it_stands() -> None:
    assert problem_text(InputProblem("area_ha", "too_blue"), SOIL.schema) == "too_blue"
    assert caution_text(Caution("too_blue")) == "too_blue"
