"""What every registered estimator keeps to, whatever it calculates."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import jsonschema
import pytest

from credits.methodologies.estimates import Estimate, Estimator, describe_estimate
from credits.methodologies.gwp import GWP_SETS, co2e_of
from credits.methodologies.inputs import InputsRefused, Number
from credits.registry import ESTIMATORS

# Where an estimator has no plain `area_ha`: the change of its example that leaves nothing to count.
NOTHING: dict[str, dict[str, Any]] = {"practice-rate": {"area": 0}}
NONSENSE = (-1, float("nan"), float("inf"), True, "many", [], {})


@pytest.fixture(params=sorted(ESTIMATORS))
def estimator(request: pytest.FixtureRequest) -> Estimator:
    return ESTIMATORS[request.param]


def example_of(estimator: Estimator, **changes: Any) -> dict[str, Any]:
    return copy.deepcopy(dict(estimator.example)) | changes


def run(estimator: Estimator, **changes: Any) -> Estimate:
    return estimator.estimate(example_of(estimator, **changes))


def refused_places(estimator: Estimator, data: Any) -> list[str]:
    with pytest.raises(InputsRefused) as refusal:
        estimator.estimate(data)
    return [problem.place for problem in refusal.value.problems]


def test_an_id_names_it(estimator: Estimator) -> None:
    assert ESTIMATORS[estimator.id] is estimator
    assert estimator.version
    assert estimator.title
    assert estimator.sources


def test_its_schema_is_a_json_schema_that_its_example_meets(estimator: Estimator) -> None:
    schema = estimator.schema.describe()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(json.dumps(dict(estimator.example))), schema)


def test_every_number_has_a_unit_and_every_input_a_label(estimator: Estimator) -> None:
    schemas = [estimator.schema]
    while schemas:
        for item in schemas.pop().inputs:
            assert item.label, item.name
            if isinstance(item.kind, Number):
                assert item.kind.unit, item.name
            inner = getattr(item.kind, "schema", None)
            if inner is not None:
                schemas.append(inner)


def test_its_answer_tells_gases_terms_units_and_sources(estimator: Estimator) -> None:
    found = run(estimator)
    assert set(found.gases_kg) <= {"co2", "ch4", "n2o"}
    assert found.gases_kg
    assert all(isinstance(mass, Fraction) for mass in found.gases_kg.values())
    assert len({term.name for term in found.terms}) == len(found.terms)
    for term in found.terms:
        assert term.unit, term.name
    json.loads(json.dumps(describe_estimate(found), allow_nan=False))


def test_it_weighs_gases_by_the_set_asked_for(estimator: Estimator) -> None:
    for name in GWP_SETS:
        found = run(estimator, gwp=name)
        assert found.co2e_kg == co2e_of(found.gases_kg, gwp=name)


def test_no_activity_gives_nothing(estimator: Estimator) -> None:
    found = run(estimator, **NOTHING.get(estimator.id, {"area_ha": 0}))
    assert found.co2e_kg == 0
    assert not found.credited_kg


def test_asked_twice_it_answers_the_same_and_leaves_its_example_alone(
    estimator: Estimator,
) -> None:
    before = json.dumps(dict(estimator.example))
    assert run(estimator) == run(estimator)
    assert json.dumps(dict(estimator.example)) == before


def test_what_is_missing_is_named(estimator: Estimator) -> None:
    places = refused_places(estimator, {})
    required = {item.name for item in estimator.schema.inputs if item.required}
    assert required <= set(places)


def test_an_input_nobody_knows_is_named(estimator: Estimator) -> None:
    assert "colour" in refused_places(estimator, example_of(estimator, colour="red"))


def numbers_of(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of every number in an example, also within rows and groups."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield from numbers_of(value, (*path, name))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from numbers_of(value, (*path, number))
    elif isinstance(data, int | float) and not isinstance(data, bool):
        yield path


def place_of(path: tuple[Any, ...]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".")


@pytest.mark.parametrize("nonsense", NONSENSE, ids=repr)
def test_nonsense_for_any_number_is_refused_at_its_place(
    estimator: Estimator, nonsense: Any
) -> None:
    paths = list(numbers_of(dict(estimator.example)))
    assert paths
    for path in paths:
        if nonsense == -1 and _may_be_negative(estimator, path):
            continue
        data = example_of(estimator)
        inner: Any = data
        for part in path[:-1]:
            inner = inner[part]
        inner[path[-1]] = nonsense
        assert place_of(path) in refused_places(estimator, data)


def _may_be_negative(estimator: Estimator, path: tuple[Any, ...]) -> bool:
    schema = estimator.schema.describe()
    for part in path:
        schema = schema["items"] if isinstance(part, int) else schema["properties"][part]
    return schema.get("minimum", schema.get("exclusiveMinimum", -2)) <= -1


@pytest.mark.parametrize("name", [n for n, e in ESTIMATORS.items() if "area_ha" in e.example])
def test_twice_the_area_gives_twice_the_gases(name: str) -> None:
    once, twice = run(ESTIMATORS[name], area_ha=3), run(ESTIMATORS[name], area_ha=6)
    assert {gas: 2 * mass for gas, mass in once.gases_kg.items()} == dict(twice.gases_kg)
