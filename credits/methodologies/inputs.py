"""What a methodology asks for: typed, bounded inputs with units, read strictly or refused by name.

Imports no Django, reads no file. Labels are English sentences, marked for translation and
translated where they are shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Protocol

# A number beyond these powers of ten is a slip, and an exponent of a million digits an attack.
_MAX_EXPONENT = 15
_MAX_DIGITS = 40


def gettext_noop(text: str) -> str:
    """Mark a text for translation; the catalogue's tool knows this name, and ``_`` for it."""
    return text


@dataclass(frozen=True, slots=True)
class InputProblem:
    """An input that cannot be used: where it stands, a code, and what the sentence names."""

    place: str
    code: str
    values: Mapping[str, str] = field(default_factory=dict)


class InputsRefused(ValueError):
    """Inputs that cannot be used; every problem found stands in `problems`."""

    def __init__(self, problems: Sequence[InputProblem]) -> None:
        super().__init__(", ".join(f"{problem.place}: {problem.code}" for problem in problems))
        self.problems = list(problems)


class Kind(Protocol):
    """A kind of value: how JSON becomes the value used, and how a JSON Schema describes it."""

    def read(self, value: Any, place: str) -> Any:
        """The value, or InputsRefused naming `place`."""
        ...

    def describe(self) -> dict[str, Any]:
        """Its JSON Schema (draft 2020-12)."""
        ...


@dataclass(frozen=True, slots=True)
class Number:
    """A number within bounds, both ends allowed unless `above` is set; read as a Fraction.

    `unit` stands in the answer and on the page: ``"t/ha"``; ``"1"`` is a plain ratio.
    """

    unit: str
    minimum: str | None = "0"
    maximum: str | None = None
    above: bool = False
    whole: bool = False

    def read(self, value: Any, place: str) -> Fraction:
        number = _fraction(value)
        if number is None:
            raise InputsRefused([InputProblem(place, "not_a_number")])
        code = self._problem(number)
        if code:
            bounds = {"minimum": self.minimum or "", "maximum": self.maximum or ""}
            raise InputsRefused([InputProblem(place, code, bounds | {"unit": self.unit})])
        return number

    def describe(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "integer" if self.whole else "number", "unit": self.unit}
        if self.minimum is not None:
            name = "exclusiveMinimum" if self.above else "minimum"
            schema[name] = _plain(self.minimum)
        if self.maximum is not None:
            schema["maximum"] = _plain(self.maximum)
        return schema

    def _problem(self, number: Fraction) -> str:
        if self.whole and number.denominator != 1:
            return "not_whole"
        if self.minimum is not None:
            least = Fraction(self.minimum)
            if number < least or (self.above and number == least):
                return "too_low"
        if self.maximum is not None and number > Fraction(self.maximum):
            return "too_high"
        return ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few codes; `options` gives each its label, `also` other names that are published
    for one (``{"high_activity_clay": "hac"}``). Capitals, blanks and hyphens do not matter."""

    options: Mapping[str, str]
    also: Mapping[str, str] = field(default_factory=dict)

    def read(self, value: Any, place: str) -> str:
        if isinstance(value, str) and value in self.options:
            return value
        code = self._codes().get(_plain_word(value)) if isinstance(value, str) else None
        if code is None:
            values = {"options": ", ".join(self.options)}
            raise InputsRefused([InputProblem(place, "not_a_choice", values)])
        return code

    def describe(self) -> dict[str, Any]:
        labels = {code: label for code, label in self.options.items() if label != code}
        schema: dict[str, Any] = {"type": "string", "enum": list(self.options)}
        return schema | ({"labels": labels} if labels else {})

    def _codes(self) -> dict[str, str]:
        """Every name of every code; a code's own name goes before any label."""
        named = {_plain_word(label): code for code, label in self.options.items()}
        named |= {_plain_word(name): code for name, code in self.also.items()}
        return named | {_plain_word(code): code for code in self.options}


@dataclass(frozen=True, slots=True)
class Text:
    """A short text, such as a code or the source of a figure."""

    longest: int = 200

    def read(self, value: Any, place: str) -> str:
        if not isinstance(value, str) or not value.strip():
            raise InputsRefused([InputProblem(place, "not_text")])
        if len(value) > self.longest:
            raise InputsRefused([InputProblem(place, "too_long", {"maximum": str(self.longest)})])
        return value.strip()

    def describe(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": self.longest}


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day, written ``2025-06-30``."""

    def read(self, value: Any, place: str) -> date:
        if isinstance(value, date):
            return value
        try:
            if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
                raise ValueError(value)
            return date.fromisoformat(value)
        except ValueError:
            raise InputsRefused([InputProblem(place, "not_a_day")]) from None

    def describe(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    def read(self, value: Any, place: str) -> bool:
        if not isinstance(value, bool):
            raise InputsRefused([InputProblem(place, "not_yes_or_no")])
        return value

    def describe(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Group:
    """A set of named values of its own."""

    schema: Schema

    def read(self, value: Any, place: str) -> dict[str, Any]:
        return self.schema.read(value, place=place)

    def describe(self) -> dict[str, Any]:
        return self.schema.describe()


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of rows, each with the values of `schema`."""

    schema: Schema
    fewest: int = 0
    most: int = 10_000

    def read(self, value: Any, place: str) -> list[dict[str, Any]]:
        if not isinstance(value, list):
            raise InputsRefused([InputProblem(place, "not_a_list")])
        if not self.fewest <= len(value) <= self.most:
            few = len(value) < self.fewest
            values = {"minimum": str(self.fewest), "maximum": str(self.most)}
            code = "too_few_rows" if few else "too_many_rows"
            raise InputsRefused([InputProblem(place, code, values)])
        rows, problems = [], []
        for number, row in enumerate(value):
            try:
                rows.append(self.schema.read(row, place=f"{place}[{number}]"))
            except InputsRefused as refusal:
                problems += refusal.problems
        if problems:
            raise InputsRefused(problems)
        return rows

    def describe(self) -> dict[str, Any]:
        bounds = {"minItems": self.fewest, "maxItems": self.most}
        return {"type": "array", "items": self.schema.describe(), **bounds}


@dataclass(frozen=True, slots=True)
class Input:
    """One named input. Without a `default` an optional input that is absent is read as None.

    `label` is a few words for a page, `help` a sentence with the source of the default. `also`
    are the same number by other names and units, each with its unit and its size in this one's:
    ``{"area_km2": ("km2", Fraction(100))}``. `main` shows an optional one without unfolding.
    """

    name: str
    label: str
    kind: Kind
    help: str = ""
    required: bool = True
    default: Any = None
    also: Mapping[str, tuple[str, Fraction]] = field(default_factory=dict)
    main: bool = False

    def find(self, data: Mapping[str, Any], stem: str) -> tuple[str, Any]:
        """The name under which it is given, and the value in this input's own unit.

        Raises:
            InputsRefused: it is given twice, or by another name and is no number.
        """
        names = [name for name in (self.name, *self.also) if data.get(name) is not None]
        if len(names) > 1:
            options = {"options": ", ".join((self.name, *self.also))}
            raise InputsRefused([InputProblem(f"{stem}{names[1]}", "give_one_of", options)])
        name = names[0] if names else self.name
        if name == self.name:
            return name, data.get(name)
        number = _fraction(data[name])
        if number is None:
            raise InputsRefused([InputProblem(f"{stem}{name}", "not_a_number")])
        return name, number * self.also[name][1]

    def describe(self) -> dict[str, Any]:
        """Its JSON Schema under each of its names."""
        schema = {"title": self.label} | self.kind.describe()
        if self.help:
            schema["description"] = self.help
        if self.default is not None:
            schema["default"] = self.default
        others = {
            name: {"title": self.label, "type": "number", "unit": unit, "insteadOf": self.name}
            for name, (unit, _size) in self.also.items()
        }
        return {self.name: schema, **others}


@dataclass(frozen=True, slots=True)
class Schema:
    """A methodology's inputs, in the order of its page."""

    inputs: tuple[Input, ...]

    def read(self, data: Any, *, place: str = "") -> dict[str, Any]:
        """Every input by name, defaults filled in.

        Args:
            data: an object as read from JSON; numbers may be numbers or decimal strings.
            place: where the object stands in a larger one, for the places of problems.

        Raises:
            InputsRefused: with every problem found, each with its place (``layers[2].depth_cm``).
        """
        if not isinstance(data, Mapping):
            raise InputsRefused([InputProblem(place or "inputs", "not_an_object")])
        stem = f"{place}." if place else ""
        values: dict[str, Any] = {}
        known = {name for item in self.inputs for name in (item.name, *item.also)}
        problems = [
            InputProblem(f"{stem}{name}", "unknown_input") for name in data if name not in known
        ]
        for item in self.inputs:
            try:
                name, given = item.find(data, stem)
                if given is None and item.required:
                    problems.append(InputProblem(f"{stem}{name}", "missing"))
                    continue
                given = item.default if given is None else given
                values[item.name] = None if given is None else item.kind.read(given, stem + name)
            except InputsRefused as refusal:
                problems += refusal.problems
        if problems:
            raise InputsRefused(problems)
        return values

    def without(self, *names: str) -> Schema:
        """The same inputs but for some, for a methodology that brings them itself."""
        return Schema(tuple(item for item in self.inputs if item.name not in names))

    def describe(self) -> dict[str, Any]:
        """The JSON Schema (draft 2020-12) of an object with these inputs."""
        properties: dict[str, Any] = {}
        for item in self.inputs:
            properties |= item.describe()
        choices = [
            {"oneOf": [{"required": [name]} for name in (item.name, *item.also)]}
            for item in self.inputs
            if item.required and item.also
        ]
        return {
            "type": "object",
            "properties": properties,
            "required": [item.name for item in self.inputs if item.required and not item.also],
            "additionalProperties": False,
        } | ({"allOf": choices} if choices else {})


def _plain_word(text: str) -> str:
    return re.sub(r"[\W_]+", "_", text.casefold()).strip("_")


def _fraction(value: Any) -> Fraction | None:
    """An exact number; None for anything that is not a number of ordinary size."""
    if isinstance(value, Fraction):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    text = str(value).strip()
    if len(text) > _MAX_DIGITS:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or (number and abs(number.adjusted()) > _MAX_EXPONENT):
        return None
    return Fraction(number)


def _plain(bound: str) -> int | float:
    number = Fraction(bound)
    return number.numerator if number.denominator == 1 else float(number)
