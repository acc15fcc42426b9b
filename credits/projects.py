"""Setting up a pool: the program's terms are copied, and all is checked before it is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NotRequired, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.canonical import canonical_json
from aggregator.errors import BadInput, DomainError
from aggregator.models import Cooperative, User
from aggregator.roles import NotYours, require_role
from credits.methodologies.base import ParameterProblem, anniversary
from credits.models import Project
from credits.registry import METHODOLOGIES, PROGRAMS
from credits.term_names import TERM_NAMES
from farms.grain_guard import guards_grain


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

    def __init__(self, problems: list[ParameterProblem]) -> None:
        self.problems = problems
        first = problems[0]
        super().__init__(place=place_text(first.place), problem=problem_text(first))


class BadTerm(BadInput):
    code = "bad_term"
    message = _("The program's term “%(term)s” cannot be “%(value)s”.")


class BadProject(BadInput):
    code = "bad_project"
    message = _("The project cannot be set up: %(problem)s")


class ContractTooShort(DomainError):
    code = "contract_too_short"
    message = _("The contract must run for at least %(years)s years, to %(until)s or later.")


class ProjectCodeTaken(DomainError):
    code = "project_code_taken"
    message = _("The cooperative already has a project “%(code)s”.")


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
        ContractTooShort: the program asks for a longer contract.
        ProjectCodeTaken: the code is in use.
    """
    if not by.is_superuser and by.cooperative_id != cooperative.pk:
        raise NotYours
    project = Project(
        cooperative=cooperative,
        code=facts["code"],
        name=facts["name"],
        name_en=facts.get("name_en", ""),
        program=facts["program"],
        methodology=facts["methodology"],
        terms=_adapted_terms(facts["program"], facts.get("terms", {}), cooperative),
        parameters=_checked_parameters(facts["methodology"], facts.get("parameters", {})),
        starts_on=facts["starts_on"],
        ends_on=facts["ends_on"],
    )
    require_role(by, "operator", of=project)
    _check_length(project)
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


def _adapted_terms(
    program: str, terms: Mapping[str, Any], cooperative: Cooperative
) -> dict[str, Any]:
    if program not in PROGRAMS:
        raise UnknownProgram(program=program)
    preset = PROGRAMS[program].terms
    for name, value in terms.items():
        check = _TERM_CHECKS.get(name)
        if name not in preset or check is None or not check(value):
            raise BadTerm(term=TERM_NAMES.get(name, name), value=value)
    # Where China's rules of cropland hold they are shown, unless the project says otherwise.
    guard = preset["grain_guard"] or ("flag" if guards_grain(cooperative) else "")
    return {**preset, "grain_guard": guard, **terms}


def _checked_parameters(methodology: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    if methodology not in METHODOLOGIES:
        raise UnknownMethodology(methodology=methodology)
    problems = METHODOLOGIES[methodology].check_parameters(parameters)
    if problems:
        raise BadParameters(problems)
    return dict(parameters)


def _check_length(project: Project) -> None:
    years = project.terms["minimum_term_years"]
    until = anniversary(project.starts_on, years) - timedelta(days=1)
    if project.ends_on < max(until, project.starts_on):
        raise ContractTooShort(years=years, until=until.isoformat())


def _is_rate(value: Any) -> bool:
    return _is_decimal(value) and Decimal(value) <= 1


def _is_decimal(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        number = Decimal(value)
    except InvalidOperation:
        return False
    return number.is_finite() and number >= 0


def _is_whole(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) and word for word in value)


def _is_yes_or_no(value: Any) -> bool:
    return isinstance(value, bool)


def _is_plain(value: Any) -> bool:
    try:
        canonical_json(value)
    except (TypeError, ValueError):
        return False
    return isinstance(value, dict)


_TERM_CHECKS = {
    "reserve_rate": _is_rate,
    "minimum_lot_t": _is_whole,
    "minimum_term_years": _is_whole,
    "sample_rate": _is_rate,
    "sample_minimum": _is_whole,
    "minimum_area_m2": _is_decimal,
    "excluded_land_classes": _is_words,
    "excluded_crops": _is_words,
    "fees": _is_plain,
    "grain_guard": lambda value: value in ("", "flag", "refuse"),
    "retroactive_agreements": _is_yes_or_no,
}
