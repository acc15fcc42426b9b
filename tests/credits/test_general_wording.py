"""Every program has a wording for agreements; the common one says only what is known."""

from __future__ import annotations

import pytest

from aggregator.agreement_wording import find_program, programs_for
from credits.registry import PROGRAMS
from tests.cast import Cast
from tests.credits.line import make_pool
from tests.credits.test_programs import answer

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_fills_its_places_without_a_project(sunrise: Cast, program: str) -> None:
    offered = find_program(program)
    values = offered.fill(sunrise.cooperative)
    assert offered.places.keys() <= values.keys()
    assert all(values[place] for place in offered.places)


def test_what_no_project_says_yet_is_not_stated(sunrise: Cast) -> None:
    values = find_program("car-soil").fill(sunrise.cooperative)
    assert values["kept_back"] == "as the project with this program states it"
    assert values["deductions"] == "as the project with this program states it"


def test_the_project_s_own_figures_are_stated(sunrise: Cast) -> None:
    make_pool(sunrise, program="plan-vivo-5", terms=answer(PROGRAMS["plan-vivo-5"]))
    values = find_program("plan-vivo-5").fill(sunrise.cooperative)
    assert values["kept_back"] == "part held in reserve 20%"
    assert values["release"] == "on 31 December of the contract's last year"
    assert values["deductions"] == "aggregator's part 5%"
    assert values["practices"] == "no-till"


def test_only_the_programs_in_use_are_offered(sunrise: Cast, riverbend: Cast) -> None:
    make_pool(sunrise, program="plan-vivo-5", terms=answer(PROGRAMS["plan-vivo-5"]))
    offered = [program.id for program in programs_for(sunrise.cooperative)]
    assert offered == ["ccx", "plan-vivo-5"]
    assert [program.id for program in programs_for(riverbend.cooperative)] == ["ccx"]
