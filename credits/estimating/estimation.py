"""Asking a methodology: inputs as JSON in, the answer with every term and its source out.

Reads and writes no row: the inputs are the asker's own, and the answer is kept by nobody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aggregator.errors import BadInput, DomainError
from credits.estimating.input_problems import caution_text, find_place, problem_text
from credits.methodologies.estimates import Estimate, Estimator, describe_estimate, plain_number
from credits.methodologies.inputs import InputProblem
from credits.registry import ESTIMATORS

# A year of a thousand soil cores has less; a list without end is an attack.
MAX_BYTES = 1024 * 1024
MAX_DEPTH = 12
JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema"


class UnknownMethodology(DomainError):
    code = "unknown_methodology"
    message = _("There is no methodology %(id)s. There are: %(ids)s.")
    status = 404


class BadJson(BadInput):
    code = "bad_json"
    message = _("This is not JSON: line %(line)s, column %(column)s.")


class RepeatedName(BadInput):
    code = "repeated_name"
    message = _("%(name)s stands twice in the same place. Leave one out.")


class TooDeep(BadInput):
    code = "too_deep"
    message = _("Lists and groups stand in one another more than %(depth)s deep.")


class TooLarge(BadInput):
    code = "too_large"
    message = _("The inputs are larger than %(kib)s KiB.")
    status = 413


class RefusedInputs(BadInput):
    code = "inputs_refused"
    message = _("The inputs cannot be used as they are; each place is named.")


def find_estimator(id: str) -> Estimator:
    """The methodology of that id.

    Raises:
        UnknownMethodology: none has it; the answer names those there are.
    """
    estimator = ESTIMATORS.get(id)
    if estimator is None:
        raise UnknownMethodology(id=id[:64], ids=", ".join(sorted(ESTIMATORS)))
    return estimator


def read_inputs(text: bytes | str) -> Any:
    """JSON with every number exact.

    Raises:
        TooLarge, TooDeep, RepeatedName, BadJson: it cannot be read, or not for certain.
    """
    if len(text) > MAX_BYTES:
        raise TooLarge(kib=MAX_BYTES // 1024)
    try:
        data = json.loads(
            text,
            parse_float=_read_exactly,
            parse_int=_read_exactly,
            object_pairs_hook=_refuse_repeated,
        )
    except json.JSONDecodeError as error:
        raise BadJson(line=error.lineno, column=error.colno) from error
    except UnicodeDecodeError as error:
        raise BadJson(line=1, column=error.start + 1) from error
    except RecursionError as error:
        raise TooDeep(depth=MAX_DEPTH) from error
    _refuse_depth(data, MAX_DEPTH)
    return data


def answer_estimate(estimator: Estimator, data: Any) -> dict[str, Any]:
    """Run it and describe the answer.

    Raises:
        InputsRefused: the inputs cannot be used; every problem names its place.
    """
    return describe_answer(estimator, data, estimator.estimate(data))


def describe_answer(estimator: Estimator, data: Any, estimate: Estimate) -> dict[str, Any]:
    """The answer as JSON has it: who calculated, from which inputs, and what to beware of."""
    return {
        "methodology": _describe_head(estimator),
        "inputs": _plain(estimator.schema.read(data)),
        **describe_estimate(estimate),
        "cautions": [
            {"code": each.code, "values": dict(each.values), "text": caution_text(each)}
            for each in estimate.cautions
        ],
    }


def describe_problems(estimator: Estimator, problems: list[InputProblem]) -> list[dict[str, str]]:
    """Every problem with its place as a program names it and as a reader does, and a sentence."""
    return [
        {
            "place": problem.place,
            "where": find_place(estimator.schema, problem.place).words,
            "code": problem.code,
            "text": problem_text(problem, estimator.schema),
        }
        for problem in problems
    ]


def describe_methodology(estimator: Estimator, *, schema_url: str = "") -> dict[str, Any]:
    """All one needs to ask it: schema, example, sources and version."""
    return {
        **_describe_head(estimator),
        "schema": describe_schema(estimator, url=schema_url),
        "example": dict(estimator.example),
    }


def describe_schema(estimator: Estimator, *, url: str = "") -> dict[str, Any]:
    """The JSON Schema as a document of its own, its words in the active language."""
    return {
        "$schema": JSON_SCHEMA,
        "$id": url or f"urn:tianhui:methodology:{estimator.id}:{estimator.version}",
        "title": gettext(estimator.title),
        **_translate(estimator.schema.describe()),
    }


def list_methodologies() -> list[dict[str, Any]]:
    return [_describe_head(estimator) for estimator in ESTIMATORS.values()]


def _describe_head(estimator: Estimator) -> dict[str, Any]:
    return {
        "id": estimator.id,
        "version": estimator.version,
        "title": gettext(estimator.title),
        "sources": list(estimator.sources),
    }


def _translate(schema: dict[str, Any]) -> dict[str, Any]:
    """Titles and descriptions of the inputs; never the catalogue's own head for an empty text."""
    shown = dict(schema)
    for word in ("title", "description"):
        if isinstance(shown.get(word), str) and shown[word]:
            shown[word] = gettext(shown[word])
    if "labels" in shown:
        shown["labels"] = {code: gettext(label) for code, label in shown["labels"].items()}
    if "items" in shown:
        shown["items"] = _translate(shown["items"])
    if "properties" in shown:
        shown["properties"] = {name: _translate(one) for name, one in shown["properties"].items()}
    return shown


def _plain(value: Any) -> Any:
    """Inputs as read, as JSON has them; what was not given is left out."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return plain_number(value) if isinstance(value, Fraction | date) else value


def _read_exactly(digits: str) -> Decimal | str:
    """A number with all its digits; one beyond any arithmetic stays a text, to be refused."""
    try:
        return Decimal(digits)
    except InvalidOperation:
        return digits


def _refuse_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise RepeatedName(name=name[:64])
        found[name] = value
    return found


def _refuse_depth(data: Any, left: int) -> None:
    if not isinstance(data, dict | list):
        return
    if not left:
        raise TooDeep(depth=MAX_DEPTH)
    for inner in data.values() if isinstance(data, dict) else data:
        _refuse_depth(inner, left - 1)
