"""Asks a methodology from the shell: ``manage.py estimate ipcc-rice-ch4 --input field.json``.

Needs no database. What it cannot use it names on the error stream, and ends with 2.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from aggregator.errors import DomainError
from credits.estimating import estimation
from credits.estimating.input_problems import placed_text
from credits.estimating.text import write_text
from credits.methodologies.estimates import Estimator
from credits.methodologies.gwp import GWP_SETS
from credits.methodologies.inputs import InputsRefused


class Command(BaseCommand):
    help = "Estimate greenhouse gases by a methodology: every term, its source, what to beware of."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", nargs="?", help="the methodology; --list names them")
        parser.add_argument("--input", metavar="FILE", help="JSON with the inputs; - reads stdin")
        parser.add_argument("--gwp", choices=GWP_SETS, help="weigh by this set, whatever FILE says")
        parser.add_argument("--text", action="store_true", help="a table to read instead of JSON")
        parser.add_argument("--list", action="store_true", help="name the methodologies")
        parser.add_argument("--schema", action="store_true", help="the JSON Schema of the inputs")
        parser.add_argument("--example", action="store_true", help="inputs of an example, as JSON")
        parser.add_argument(
            "--language", choices=[code for code, _name in settings.LANGUAGES], default="en"
        )

    def handle(self, **options: Any) -> None:
        with translation.override(options["language"]):
            try:
                self.stdout.write(_answer(options))
            except DomainError as refusal:
                raise CommandError(str(refusal), returncode=2) from refusal


def _answer(options: dict[str, Any]) -> str:
    if options["list"]:
        return "\n".join(
            f"{each['id']:<22}{each['version']:<6}{each['title']}"
            for each in estimation.list_methodologies()
        )
    if not options["id"]:
        raise CommandError("Which methodology? --list names them.", returncode=2)
    estimator = estimation.find_estimator(options["id"])
    if options["schema"]:
        return _write_json(estimation.describe_schema(estimator))
    if options["example"]:
        return _write_json(dict(estimator.example))
    answer = _ask(estimator, _read_file(options["input"]), options["gwp"])
    return write_text(answer) if options["text"] else _write_json(answer)


def _ask(estimator: Estimator, text: bytes, gwp: str | None) -> dict[str, Any]:
    data = estimation.read_inputs(text)
    if gwp and isinstance(data, dict):
        data = {**data, "gwp": gwp}
    try:
        return estimation.answer_estimate(estimator, data)
    except InputsRefused as refusal:
        lines = [placed_text(problem, estimator.schema) for problem in refusal.problems]
        raise CommandError("\n".join(lines), returncode=2) from refusal


def _read_file(name: str | None) -> bytes:
    if name is None:
        raise CommandError("Which inputs? Add --input FILE.json, or - to type them.", returncode=2)
    # One more than may be read tells a file that is too large without reading all of it.
    most = estimation.MAX_BYTES + 1
    if name == "-":
        return sys.stdin.buffer.read(most)
    try:
        with Path(name).open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.", returncode=2) from error


def _write_json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)
