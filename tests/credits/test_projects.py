"""Setting up a pool: the preset is copied, and what cannot be used is refused by name."""

from datetime import date
from typing import Any

import pytest

from aggregator.errors import DomainError, NotAllowed
from aggregator.models import AuditEvent
from aggregator.roles import NotYours
from credits.models import Project
from credits.pooling.projects import (
    BadParameters,
    BadProject,
    ContractTooShort,
    ProjectCodeTaken,
    UnknownMethodology,
    UnknownProgram,
    create_project,
)
from credits.registry import METHODOLOGIES, METHODOLOGY_NAMES, PROGRAMS
from credits.terms.program_terms import BadTerm
from tests.cast import Cast
from tests.credits.line import PARAMETERS, make_pool


def test_a_pool_copies_the_program_s_terms_and_keeps_what_was_adapted(sunrise: Cast) -> None:
    project = make_pool(sunrise, terms={"minimum_lot_t": 100})
    assert project.terms["minimum_lot_t"] == 100
    assert project.terms["reserve_rate"] == "0.20"
    assert PROGRAMS["ccx"].terms["minimum_lot_t"] == 12_500
    assert AuditEvent.objects.get(action="create_project").by == sunrise.operator


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"program": "hope"}, UnknownProgram),
        ({"code": "two words"}, BadProject),
        ({"name": ""}, BadProject),
        ({"methodology": "hope"}, UnknownMethodology),
        ({"parameters": {"region": "mars"}}, BadParameters),
        ({"terms": {"reserve_rate": "1.5"}}, BadTerm),
        ({"terms": {"reserve_rate": 0.2}}, BadTerm),
        ({"terms": {"minimum_lot_t": "many"}}, BadTerm),
        ({"terms": {"excluded_crops": "tea"}}, BadTerm),
        ({"terms": {"no_such_term": 1}}, BadTerm),
        ({"ends_on": date(2028, 12, 30)}, ContractTooShort),
        ({"ends_on": date(2023, 12, 31)}, ContractTooShort),
        (
            {"ends_on": date(2023, 12, 31), "terms": {"minimum_term_years": 0}},
            ContractTooShort,
        ),
    ],
)
def test_a_pool_that_cannot_be_is_refused_and_nothing_kept(
    sunrise: Cast, facts: dict[str, Any], error: type[DomainError]
) -> None:
    with pytest.raises(error) as refusal:
        make_pool(sunrise, **facts)
    assert str(refusal.value)
    assert not Project.objects.exists()


def test_a_shorter_contract_passes_where_the_terms_allow_it(sunrise: Cast) -> None:
    terms = {"minimum_term_years": 1}
    assert make_pool(sunrise, ends_on=date(2024, 12, 31), terms=terms).pk


def test_all_problems_of_the_parameters_come_with_the_refusal(sunrise: Cast) -> None:
    with pytest.raises(BadParameters) as refusal:
        make_pool(sunrise, parameters={"rates": [{"practice": "no_till"}]})
    places = [problem.place for problem in refusal.value.problems]
    row = ["rates[0].region", "rates[0].source", "rates[0].vintage_from", "rates[0]"]
    assert places == ["region", *row]


def test_a_code_is_taken_once_in_a_cooperative_only(sunrise: Cast, riverbend: Cast) -> None:
    make_pool(sunrise)
    assert make_pool(riverbend).pk
    with pytest.raises(ProjectCodeTaken):
        make_pool(sunrise)


def test_only_the_cooperative_s_own_operator_sets_up_a_pool(sunrise: Cast, riverbend: Cast) -> None:
    facts: Any = {
        "code": "hills",
        "name": "坡地",
        "program": "ccx",
        "methodology": "ccx-soil",
        "parameters": PARAMETERS,
        "starts_on": date(2024, 1, 1),
        "ends_on": date(2028, 12, 31),
    }
    with pytest.raises(NotAllowed):
        create_project(sunrise.cooperative, by=sunrise.approver, **facts)
    with pytest.raises(NotYours):
        create_project(sunrise.cooperative, by=riverbend.operator, **facts)


def test_every_methodology_has_a_name_and_its_own_id() -> None:
    assert METHODOLOGIES.keys() == METHODOLOGY_NAMES.keys()
    assert all(key == methodology.id for key, methodology in METHODOLOGIES.items())
    assert all(key == program.id for key, program in PROGRAMS.items())
