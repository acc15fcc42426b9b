"""Inputs of methodologies are read exactly, or refused with the place of every problem."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import jsonschema
import pytest

from credits.methodologies.inputs import (
    Choice,
    Day,
    Flag,
    Group,
    Input,
    InputsRefused,
    Number,
    Rows,
    Schema,
    Text,
)

LAYER = Schema(
    (
        Input("depth_cm", "Depth", Number("cm", above=True, maximum="300")),
        Input("carbon_g_per_kg", "Carbon", Number("g/kg", maximum="600")),
    )
)
SCHEMA = Schema(
    (
        Input("area_ha", "Area", Number("ha")),
        Input("days", "Days", Number("d", maximum="366", whole=True), required=False, default=112),
        Input("water", "Water", Choice({"single": "One drainage", "many": "Several"})),
        Input("sown_on", "Sown", Day(), required=False),
        Input("burnt", "Burnt", Flag(), required=False, default=False),
        Input("note", "Note", Text(longest=5), required=False),
        Input("layers", "Layers", Rows(LAYER, fewest=1, most=2), required=False),
        Input("plot", "Plot", Group(LAYER), required=False),
    )
)
GOOD: dict[str, Any] = {"area_ha": "1.5", "water": "single"}


def problems_of(data: Any) -> list[tuple[str, str]]:
    with pytest.raises(InputsRefused) as refusal:
        SCHEMA.read(data)
    return [(problem.place, problem.code) for problem in refusal.value.problems]


def test_numbers_are_read_exactly_and_defaults_filled_in() -> None:
    values = SCHEMA.read(GOOD | {"sown_on": "2024-02-29", "layers": [LAYER_ROW]})
    assert values["area_ha"] == Fraction(3, 2)
    assert values["days"] == 112
    assert values["sown_on"] == date(2024, 2, 29)
    assert values["layers"][0]["carbon_g_per_kg"] == Fraction(243, 10)
    assert values["burnt"] is False
    assert values["note"] is None


LAYER_ROW = {"depth_cm": 30, "carbon_g_per_kg": 24.3}


def test_a_float_is_taken_as_it_is_written() -> None:
    assert SCHEMA.read(GOOD | {"area_ha": 0.1})["area_ha"] == Fraction(1, 10)
    assert SCHEMA.read(GOOD | {"area_ha": Decimal("0.10")})["area_ha"] == Fraction(1, 10)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (-1, "too_low"),
        ("-0.0001", "too_low"),
        (float("nan"), "not_a_number"),
        (float("inf"), "not_a_number"),
        (True, "not_a_number"),
        ("twelve", "not_a_number"),
        ("1e999999999", "not_a_number"),
        ("9" * 41, "not_a_number"),
        ([], "not_a_number"),
        (None, "missing"),
    ],
)
def test_nonsense_for_a_number_is_refused_by_name(value: Any, code: str) -> None:
    assert problems_of(GOOD | {"area_ha": value}) == [("area_ha", code)]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("days", 1.5, "not_whole"),
        ("days", 367, "too_high"),
        ("water", "double", "not_a_choice"),
        ("water", ["single"], "not_a_choice"),
        ("sown_on", "2025-02-29", "not_a_day"),
        ("sown_on", "20250228", "not_a_day"),
        ("burnt", 1, "not_yes_or_no"),
        ("note", "longer", "too_long"),
        ("note", " ", "not_text"),
        ("layers", {}, "not_a_list"),
        ("layers", [], "too_few_rows"),
        ("layers", [LAYER_ROW] * 3, "too_many_rows"),
        ("plot", [], "not_an_object"),
        ("colour", "red", "unknown_input"),
    ],
)
def test_each_kind_refuses_what_it_is_not(name: str, value: Any, code: str) -> None:
    assert problems_of(GOOD | {name: value}) == [(name, code)]


def test_every_problem_is_told_at_once_with_its_place() -> None:
    rows = [LAYER_ROW, {"depth_cm": 0, "carbon": 3}]
    assert problems_of({"water": "dry", "layers": rows, "plot": {"depth_cm": "x"}}) == [
        ("area_ha", "missing"),
        ("water", "not_a_choice"),
        ("layers[1].carbon", "unknown_input"),
        ("layers[1].depth_cm", "too_low"),
        ("layers[1].carbon_g_per_kg", "missing"),
        ("plot.depth_cm", "not_a_number"),
        ("plot.carbon_g_per_kg", "missing"),
    ]


@pytest.mark.parametrize("data", [None, [], "text", 3])
def test_what_is_no_object_is_refused(data: Any) -> None:
    assert problems_of(data) == [("inputs", "not_an_object")]


def test_the_json_schema_tells_types_units_and_bounds() -> None:
    schema = SCHEMA.describe()
    assert schema["required"] == ["area_ha", "water"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["area_ha"] == {
        "title": "Area",
        "type": "number",
        "unit": "ha",
        "minimum": 0,
    }
    assert schema["properties"]["days"]["default"] == 112
    layer = schema["properties"]["layers"]["items"]["properties"]["depth_cm"]
    assert (layer["exclusiveMinimum"], layer["maximum"]) == (0, 300)


UNITS = Schema(
    (
        Input(
            "area_ha", "Area", Number("ha", maximum="10"), also={"area_km2": ("km2", Fraction(100))}
        ),
        Input(
            "soil",
            "Soil",
            Choice({"hac": "High activity clay", "lac": "Low activity clay"}, {"vertisol": "hac"}),
            required=False,
        ),
    )
)


def test_a_number_by_another_unit_s_name_is_converted_exactly() -> None:
    assert UNITS.read({"area_km2": "0.05"})["area_ha"] == 5


@pytest.mark.parametrize(
    ("data", "place", "code"),
    [
        ({"area_km2": 1}, "area_km2", "too_high"),
        ({"area_km2": "wide"}, "area_km2", "not_a_number"),
        ({"area_ha": 1, "area_km2": 0.01}, "area_km2", "give_one_of"),
        ({}, "area_ha", "missing"),
    ],
)
def test_another_unit_is_refused_by_the_name_it_was_given(
    data: dict[str, Any], place: str, code: str
) -> None:
    with pytest.raises(InputsRefused) as refusal:
        UNITS.read(data)
    assert [(each.place, each.code) for each in refusal.value.problems] == [(place, code)]


@pytest.mark.parametrize(
    ("written", "code"),
    [("HAC", "hac"), ("high-activity clay", "hac"), ("Vertisol", "hac"), ("LAC", "lac")],
)
def test_a_choice_is_known_by_its_code_its_label_and_other_published_names(
    written: str, code: str
) -> None:
    assert UNITS.read({"area_ha": 1, "soil": written})["soil"] == code


def test_the_json_schema_takes_exactly_one_of_a_number_s_names() -> None:
    schema = UNITS.describe()
    valid = jsonschema.Draft202012Validator(schema).is_valid
    assert valid({"area_ha": 1})
    assert valid({"area_km2": 0.01})
    assert not valid({"area_ha": 1, "area_km2": 0.01})
    assert not valid({})
    assert schema["properties"]["area_km2"]["unit"] == "km2"
    assert schema["properties"]["soil"]["labels"]["lac"] == "Low activity clay"
