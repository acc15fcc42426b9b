"""Setting up a pool: the program's terms are copied, and all is checked before it is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NotRequired, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.errors import BadInput, DomainError
from aggregator.models import Cooperative, User
from aggregator.roles import NotYours, require_role
from credits.estimating.input_problems import find_place
from credits.estimating.input_problems import problem_text as input_problem_text
from credits.methodologies.base import ParameterProblem, anniversary
from credits.methodologies.inputs import InputProblem, Schema
from credits.models import Project
from credits.registry import BY_SITUATION, METHODOLOGIES, PROGRAMS
from credits.terms.names import TERM_NAMES
from credits.terms.period_uncertainty import BY_PERIOD
from credits.terms.program_terms import adapt_terms


class UnknownProgram(BadInput):
    code = "unknown_program"
    message = _("There is no program “%(program)s”.")


class UnknownMethodology(BadInput):
    code = "unknown_methodology"
    message = _("There is no methodology “%(methodology)s”.")


class BadParameters(BadInput):
    """The first problem is told in the sentence; all stand in `problems`."""

    code = "bad_parameters"
    message = _("The methodology's parameter %(place)s cannot be used: %(problem)s")

    def __init__(self, problems: list[ParameterProblem], schema: Schema | None = None) -> None:
        self.problems = problems
        first = problems[0]
        if schema is None:
            super().__init__(place=place_text(first.place), problem=problem_text(first))
        else:
            asked = as_input_problem(first)
            words = find_place(schema, asked.place).words
            place = f"{words} ({asked.place})"
            super().__init__(place=place, problem=input_problem_text(asked, schema))


class BadProject(BadInput):
    code = "bad_project"
    message = _("The project cannot be set up: %(problem)s")


class ContractTooShort(DomainError):
    code = "contract_too_short"
    message = _("The contract must run for at least %(years)s years, to %(until)s or later.")


class ProjectCodeTaken(DomainError):
    code = "project_code_taken"
    message = _("The cooperative already has a project “%(code)s”.")


class DeductedTwice(DomainError):
    code = "deducted_twice"
    message = _(
        "“%(term)s” is taken in %(place)s of the methodology already and once more by the "
        "program's terms. Set one of the two to 0."
    )


_ROW = re.compile(r"rates\[(\d+)\](?:\.(\w+))?")
_PROBLEMS = {
    "missing": _("it is missing."),
    "not_a_list": _("it is not a list."),
    "not_an_object": _("it is not a set of named values."),
    "unknown_practice": _("the methodology does not know this practice."),
    "not_yes_or_no": _("it is neither yes nor no."),
    "not_a_year": _("it is not a year."),
    "ends_before_start": _("it ends before it starts."),
    "one_rate_needed": _("it needs one rate, per acre or per hectare."),
    "not_a_decimal_string": _("it is not a decimal number written as text."),
    "not_positive": _("it must not be negative."),
    "too_high": _("it is too high for any soil; check the unit."),
    "overlapping_rate": _("another rate holds for the same practice in the same years."),
    "no_rate": _("there is no rate for this region."),
}


def place_text(place: str) -> str:
    """Where a methodology's problem stands, in words: ``rates[1].source`` is row 2, source."""
    found = _ROW.fullmatch(place)
    if found is None:
        return str(TERM_NAMES.get(place, place))
    row = _("row %(row)s of the rates") % {"row": int(found[1]) + 1}
    return f"{row}, {TERM_NAMES.get(found[2], found[2])}" if found[2] else str(row)


def problem_text(problem: ParameterProblem) -> str:
    """A methodology's problem as a sentence in the reader's language."""
    return str(_PROBLEMS[problem.code])


def as_input_problem(problem: ParameterProblem) -> InputProblem:
    """A problem of a situation, for the sentences that estimates have."""
    return InputProblem(problem.place, problem.code, problem.values)


class ProjectFacts(TypedDict):
    """What a pool is; `terms` adapt the program's preset, `parameters` are the methodology's."""

    code: str
    name: str
    name_en: NotRequired[str]
    program: str
    methodology: str
    starts_on: date
    ends_on: date
    terms: NotRequired[Mapping[str, Any]]
    parameters: NotRequired[Mapping[str, Any]]


def create_project(cooperative: Cooperative, *, by: User, **facts: Unpack[ProjectFacts]) -> Project:
    """Set up a pool of a cooperative.

    Raises:
        UnknownProgram, UnknownMethodology, BadTerm, BadParameters, BadProject: what was sent
            cannot be used.
        TermsUnknown: the program does not know all its terms, and they were not given.
        FarmersGetTooLittle, DeductedTooMuch: the terms do not go together.
        DeductedTwice: program and methodology would take the same.
        ContractTooShort: the program asks for a longer contract.
        ProjectCodeTaken: the code is in use.
    """
    if not by.is_superuser and by.cooperative_id != cooperative.pk:
        raise NotYours
    require_role(by, "operator", of=Project(cooperative=cooperative))
    if facts["program"] not in PROGRAMS:
        raise UnknownProgram(program=facts["program"])
    project = Project(
        cooperative=cooperative,
        code=facts["code"],
        name=facts["name"],
        name_en=facts.get("name_en", ""),
        program=facts["program"],
        methodology=facts["methodology"],
        terms=adapt_terms(
            PROGRAMS[facts["program"]],
            facts.get("terms", {}),
            cooperative=cooperative,
            starts_on=facts["starts_on"],
        ),
        parameters=_checked_parameters(facts["methodology"], facts.get("parameters", {})),
        starts_on=facts["starts_on"],
        ends_on=facts["ends_on"],
    )
    _check_length(project)
    _check_deducted_once(project)
    if Project.objects.for_cooperative(cooperative).filter(code=project.code).exists():
        raise ProjectCodeTaken(code=project.code)
    try:
        project.clean_fields()
        with transaction.atomic():
            project.save()
            audit.record_event(project, action="create_project", by=by, code=project.code)
    except ValidationError as error:
        raise BadProject(problem=" ".join(error.messages)) from error
    except IntegrityError as error:
        raise ProjectCodeTaken(code=project.code) from error
    return project


def _checked_parameters(methodology: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    if methodology not in METHODOLOGIES:
        raise UnknownMethodology(methodology=methodology)
    plain: dict[str, Any] = _write_numbers(dict(parameters))
    problems = METHODOLOGIES[methodology].check_parameters(plain)
    if problems:
        situations = BY_SITUATION.get(methodology)
        raise BadParameters(problems, situations.schema if situations else None)
    return plain


def _write_numbers(value: Any) -> Any:
    """Numbers with decimals as texts: parameters are hashed, and a float is not exact."""
    if isinstance(value, Mapping):
        return {name: _write_numbers(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_write_numbers(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, float | Decimal) else value


def _check_deducted_once(project: Project) -> None:
    situations = BY_SITUATION.get(project.methodology)
    if situations is None:
        return
    for name, place in situations.deducts(project.parameters).items():
        if _takes(project.terms, name):
            words = find_place(situations.schema, place).words
            raise DeductedTwice(term=TERM_NAMES.get(name, name), place=words)


def _check_length(project: Project) -> None:
    years = project.terms["minimum_term_years"]
    until = anniversary(project.starts_on, years) - timedelta(days=1)
    if project.ends_on < max(until, project.starts_on):
        raise ContractTooShort(years=years, until=until.isoformat())


def _takes(terms: Mapping[str, Any], name: str) -> bool:
    """Whether a deduction of the terms takes anything; an uncertainty of each period does."""
    by_period = name == "uncertainty_rate" and terms.get(BY_PERIOD)
    return bool(by_period or Fraction(terms.get(name) or "0"))
