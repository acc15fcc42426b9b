"""A form out of a schema: what is sent is what the methodology reads, at the same places."""

from __future__ import annotations

from typing import Any

import pytest

from credits.estimating.form import (
    MOST_ROWS,
    Control,
    change_rows,
    draw_form,
    drop_empty_rows,
    read_form,
)
from credits.methodologies.estimates import Estimator
from credits.methodologies.inputs import (
    Flag,
    Input,
    InputProblem,
    InputsRefused,
    Number,
    Rows,
    Schema,
)
from credits.registry import ESTIMATORS

pytestmark = pytest.mark.usefixtures("in_english")
SOIL = ESTIMATORS["ipcc-soc-tier1"]


@pytest.fixture(params=sorted(ESTIMATORS))
def estimator(request: pytest.FixtureRequest) -> Estimator:
    return ESTIMATORS[request.param]


def sent(control: Control) -> dict[str, str]:
    """What a browser would send of a form as it stands."""
    fields: dict[str, str] = {}
    if control.kind == "rows":
        fields[f"{control.place}#"] = str(len(control.rows))
    elif control.kind == "flag":
        fields |= {control.place: "1"} if control.value else {}
    elif control.kind != "group":
        fields[control.place] = control.value
    for inner in (*control.controls, *(one for row in control.rows for one in row.controls)):
        fields |= sent(inner)
    return fields


def test_an_example_filled_in_and_sent_gives_the_examples_answer(estimator: Estimator) -> None:
    form = draw_form(estimator.schema, estimator.example)
    data = drop_empty_rows(estimator.schema, read_form(estimator.schema, sent(form)))
    again, once = estimator.estimate(data), estimator.estimate(estimator.example)
    assert again.gases_kg == once.gases_kg
    assert again.terms == once.terms


def test_an_empty_form_sent_names_exactly_what_is_needed(estimator: Estimator) -> None:
    data = read_form(estimator.schema, sent(draw_form(estimator.schema, {})))
    with pytest.raises(InputsRefused) as refusal:
        estimator.estimate(drop_empty_rows(estimator.schema, data))
    problems = refusal.value.problems
    form = draw_form(estimator.schema, data, problems)
    assert {problem.place for problem in problems} == set(errors_of(form))


def errors_of(control: Control) -> dict[str, str]:
    found = {control.place: control.error} if control.error else {}
    for inner in (*control.controls, *(one for row in control.rows for one in row.controls)):
        found |= errors_of(inner)
    return found


def test_a_problem_inside_a_row_stands_at_its_control() -> None:
    data: dict[str, Any] = dict(SOIL.example) | {"changes": [{"year": "2025"}]}
    with pytest.raises(InputsRefused) as refusal:
        SOIL.estimate(data)
    said = errors_of(draw_form(SOIL.schema, data, refusal.value.problems))
    assert said == {
        "changes[0].tillage": "Nothing is given here. It is needed.",
        "changes[0].residue_input": "Nothing is given here. It is needed.",
    }


def test_a_default_is_shown_where_nothing_is_typed() -> None:
    controls = {each.place: each for each in draw_form(SOIL.schema, {}).controls}
    assert controls["years_to_equilibrium"].hint == "20"
    assert controls["years_to_equilibrium"].unit == "years"
    assert controls["gwp"].hint == "AR5"
    assert controls["area_ha"].hint == ""


def test_rows_are_added_and_taken_off() -> None:
    data: dict[str, Any] = {"changes": [{"year": "1"}, {"year": "2"}]}
    change_rows(data, "changes", grow=True)
    assert data["changes"] == [{"year": "1"}, {"year": "2"}, {}]
    change_rows(data, "changes[0]", grow=False)
    assert data["changes"] == [{"year": "2"}, {}]


def test_a_row_inside_a_row_of_a_group_is_reached() -> None:
    data: dict[str, Any] = {"seasons": [{}]}
    change_rows(data, "seasons[0].baseline.amendments", grow=True)
    assert data == {"seasons": [{"baseline": {"amendments": [{}]}}]}


@pytest.mark.parametrize("place", ["", "nothing[3]", "changes[9]", "a.b.c", "[[", "changes[-1]"])
def test_a_place_that_is_not_there_takes_nothing_off(place: str) -> None:
    data: dict[str, Any] = {"changes": [{"year": "1"}]}
    change_rows(data, place, grow=False)
    assert data["changes"] == [{"year": "1"}]


def test_there_are_never_more_rows_than_a_page_holds() -> None:
    schema = Schema((Input("rows", "Rows", Rows(Schema((Input("x", "X", Number("1")),)))),))
    data = read_form(schema, {"rows#": "99999"})
    assert len(data["rows"]) == MOST_ROWS
    change_rows(data, "rows", grow=True)
    assert len(data["rows"]) == MOST_ROWS
    assert not draw_form(schema, data).controls[0].can_grow
    assert read_form(schema, {"rows#": "many"})["rows"] == []


def test_empty_rows_count_for_nothing_wherever_they_stand() -> None:
    schema = Schema(
        (
            Input(
                "rows",
                "Rows",
                Rows(
                    Schema((Input("x", "X", Number("1")), Input("y", "Y", Flag(), required=False)))
                ),
            ),
        )
    )
    data = read_form(schema, {"rows#": "3", "rows[0].x": " ", "rows[1].x": "5", "rows[2].y": "1"})
    assert drop_empty_rows(schema, data) == {"rows": [{"x": "5"}, {"y": True}]}


def test_many_rows_fold_under_what_they_say_and_an_empty_or_wrong_one_stays_open() -> None:
    rows: list[dict[str, Any]] = [
        {"year": 2000 + number, "tillage": "no_till", "residue_input": "low"} for number in range(4)
    ]
    data = dict(SOIL.example) | {"changes": [*rows, {}]}
    form = draw_form(SOIL.schema, data, [InputProblem("changes[1].year", "not_after_the_last")])
    changes = next(one for one in form.controls if one.place == "changes")
    assert changes.folds
    assert changes.rows[0].words.startswith("2000")
    assert "No-till" in changes.rows[0].words
    assert [row.stays_open for row in changes.rows] == [False, True, False, False, True]
    changes.rows = changes.rows[:3]
    assert not changes.folds
