"""What every methodology of projects keeps to, whatever it calculates."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from aggregator.canonical import canonical_json
from aggregator.periods import Period, year_period
from credits.methodologies.base import Activity, Methodology, Quantity
from credits.registry import BY_SITUATION, ESTIMATORS, METHODOLOGIES
from tests.credits.methodology_cases import HECTARE_KG, PROJECTS

YEAR = year_period(2025)
HECTARE = Decimal("10000.00")


@pytest.fixture(params=sorted(METHODOLOGIES))
def methodology(request: pytest.FixtureRequest) -> Methodology:
    return METHODOLOGIES[request.param]


def activity(
    *practices: str,
    area_m2: Decimal = HECTARE,
    irrigated: bool = False,
    span: Period = YEAR,
    period: Period = YEAR,
) -> Activity:
    return Activity(area_m2, practices, irrigated, span, period)


def count(methodology: Methodology, facts: Activity) -> Quantity:
    return methodology.quantify(facts, PROJECTS[methodology.id])


def exact(quantity: Quantity) -> Fraction:
    return Fraction(quantity.terms["gross_before_floor_kg"])


def test_every_estimator_that_credits_counts_projects() -> None:
    credit = {id for id, one in ESTIMATORS.items() if one.estimate(one.example).credited_kg}
    assert credit == BY_SITUATION.keys()
    assert METHODOLOGIES.keys() == {"ccx-soil", *credit} == PROJECTS.keys()


def test_an_id_and_a_version_name_it(methodology: Methodology) -> None:
    assert METHODOLOGIES[methodology.id] is methodology
    assert 0 < len(methodology.version) <= 16
    assert methodology.practices


def test_its_parameters_can_be_used_and_hashed(methodology: Methodology) -> None:
    parameters = PROJECTS[methodology.id]
    before = canonical_json(parameters)
    assert methodology.check_parameters(parameters) == []
    count(methodology, activity("no_till"))
    assert canonical_json(parameters) == before


def test_a_hectare_earns_what_was_worked_by_hand(methodology: Methodology) -> None:
    found = count(methodology, activity("no_till", "straw_return"))
    gross, emitted = HECTARE_KG[methodology.id]
    assert float(exact(found)) == pytest.approx(gross, abs=1e-5)
    assert float(found.emissions_kg) == pytest.approx(emitted, abs=1e-9)
    assert (found.gross_kg, found.practice) == (int(gross), "no_till")


def test_kilograms_are_whole_and_rounded_down(methodology: Methodology) -> None:
    for area in ("10000.00", "666.67", "123456.78"):
        found = count(methodology, activity("no_till", area_m2=Decimal(area)))
        assert found.gross_kg <= exact(found) < found.gross_kg + 1


def test_twice_the_area_is_twice_the_carbon(methodology: Methodology) -> None:
    once = count(methodology, activity("no_till", area_m2=Decimal("7000.00")))
    twice = count(methodology, activity("no_till", area_m2=Decimal("14000.00")))
    assert abs(exact(twice) - 2 * exact(once)) <= Fraction("0.000002")
    assert twice.emissions_kg == 2 * once.emissions_kg


def test_days_are_shared_and_none_counts_twice(methodology: Methodology) -> None:
    first = Period(date(2025, 1, 1), date(2025, 6, 30))
    rest = Period(date(2025, 7, 1), date(2025, 12, 31))
    whole, *parts = (
        count(methodology, activity("no_till", span=span)) for span in (YEAR, first, rest)
    )
    assert abs(sum(map(exact, parts)) - exact(whole)) <= Fraction("0.000002")
    assert sum(part.emissions_kg for part in parts) == whole.emissions_kg


def test_without_land_or_practice_nothing_is_earned(methodology: Methodology) -> None:
    for facts in (
        activity("no_till", area_m2=Decimal("0.00")),
        activity(),
        activity("conventional"),
        activity("fallow"),
    ):
        found = count(methodology, facts)
        assert (found.gross_kg, found.practice, found.emissions_kg) == (0, "", 0)
        assert found.terms["reason"]


def test_terms_are_texts(methodology: Methodology) -> None:
    terms = count(methodology, activity("no_till")).terms
    assert all(isinstance(text, str) and text for text in terms.values())
    assert canonical_json(terms)


def test_asked_again_it_answers_the_same(methodology: Methodology) -> None:
    assert count(methodology, activity("no_till")) == count(methodology, activity("no_till"))


def test_parameters_changed_in_place_are_read_anew(methodology: Methodology) -> None:
    parameters = copy.deepcopy(PROJECTS[methodology.id])
    assert methodology.quantify(activity("no_till"), parameters).gross_kg
    rows = parameters.get("situations") or parameters["rates"]
    rows[0]["practice"] = "grass"
    assert not methodology.quantify(activity("no_till"), parameters).gross_kg


def paths_of(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of every value that is not a group or a list."""
    if isinstance(data, dict | list):
        pairs = data.items() if isinstance(data, dict) else enumerate(data)
        for name, value in pairs:
            yield from paths_of(value, (*path, name))
    else:
        yield path


def place_of(path: tuple[Any, ...]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".")


@pytest.mark.parametrize("id", sorted(BY_SITUATION))
def test_nonsense_anywhere_is_refused_at_its_place(id: str) -> None:
    methodology, parameters = BY_SITUATION[id], PROJECTS[id]
    for path in paths_of(parameters):
        changed = copy.deepcopy(parameters)
        inner: Any = changed
        for part in path[:-1]:
            inner = inner[part]
        inner[path[-1]] = {"colour": "red"}
        places = [problem.place for problem in methodology.check_parameters(changed)]
        assert place_of(path) in places


@pytest.mark.parametrize("parameters", [{}, {"situations": []}, {"situations": "many"}, []])
def test_a_project_without_situations_is_refused(parameters: Any) -> None:
    for methodology in BY_SITUATION.values():
        [problem] = methodology.check_parameters(parameters)
        assert problem.place in ("situations", "inputs")
