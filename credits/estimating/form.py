"""A form made from a methodology's schema: controls named by their places, rows added and removed.

A control's name is the place a problem names (``changes[0].tillage``), so that what is refused
stands where it was typed. Holds no markup and reads no row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext

from credits.estimating.input_problems import problem_text, unit_text
from credits.methodologies.inputs import (
    Choice,
    Day,
    Flag,
    Group,
    Input,
    InputProblem,
    InputsRefused,
    Number,
    Rows,
    Schema,
)

# A page of more rows is no page: a long list comes through the API or the shell.
MOST_ROWS = 40
_MOST_OPEN = 3
# Stands in a row's number of controls for "so many rows are on the page".
_COUNT = "#"


@dataclass(slots=True)
class Row:
    """One row of a list of rows, numbered from 1."""

    place: str
    number: int
    controls: list[Control]

    @property
    def words(self) -> str:
        """Its first few values, to know it by where it is folded."""
        return " · ".join([text for one in self.controls if (text := one.words)][:4])

    @property
    def stays_open(self) -> bool:
        """A row still empty or with something wrong in it is not folded."""
        return not any(one.is_used for one in self.controls) or any(
            one.is_wrong for one in self.controls
        )

    @property
    def first(self) -> list[Control]:
        return [one for one in self.controls if one.main]

    @property
    def more(self) -> list[Control]:
        return [one for one in self.controls if not one.main]

    @property
    def more_used(self) -> bool:
        return any(one.is_used for one in self.more)


@dataclass(slots=True)
class Control:
    """One input as the page shows it. `more` are a group's inputs that fold away."""

    kind: str
    place: str
    label: str
    help: str = ""
    unit: str = ""
    required: bool = False
    main: bool = False
    value: str = ""
    hint: str = ""
    error: str = ""
    options: list[tuple[str, str]] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    can_grow: bool = False

    @property
    def first(self) -> list[Control]:
        return [one for one in self.controls if one.main]

    @property
    def more(self) -> list[Control]:
        return [one for one in self.controls if not one.main]

    @property
    def words(self) -> str:
        """What a plain control says: the label of a choice, a number with its unit."""
        if self.kind == "choice":
            return dict(self.options).get(self.value, "")
        return f"{self.value} {self.unit}".strip() if self.value else ""

    @property
    def folds(self) -> bool:
        """So many rows push everything else out of sight."""
        return len(self.rows) > _MOST_OPEN

    @property
    def is_wrong(self) -> bool:
        inner = [*self.controls, *(one for row in self.rows for one in row.controls)]
        return bool(self.error) or any(one.is_wrong for one in inner)

    @property
    def is_used(self) -> bool:
        """Something is filled in or wrong here or below: what folds away stays open."""
        inner = [*self.controls, *(one for row in self.rows for one in row.controls)]
        return bool(self.value or self.error or self.rows or any(one.is_used for one in inner))

    @property
    def more_used(self) -> bool:
        return any(one.is_used for one in self.more)


def read_form(schema: Schema, posted: Mapping[str, str], *, stem: str = "") -> dict[str, Any]:
    """Nested inputs out of what a form sent; what was left empty is absent, numbers stay text.

    A row left empty stays, as an empty one: `drop_empty_rows` takes it off before the arithmetic.
    """
    data: dict[str, Any] = {}
    for item in schema.inputs:
        value = _read_control(item, posted, f"{stem}{item.name}")
        if value not in (None, "", {}) or (item.required and isinstance(item.kind, Group)):
            data[item.name] = value
    return data


def _read_control(item: Input, posted: Mapping[str, str], place: str) -> Any:
    kind = item.kind
    if isinstance(kind, Group):
        return read_form(kind.schema, posted, stem=f"{place}.")
    if isinstance(kind, Rows):
        count = _read_count(posted.get(f"{place}{_COUNT}", ""))
        return [read_form(kind.schema, posted, stem=f"{place}[{row}].") for row in range(count)]
    if isinstance(kind, Flag):
        return True if f"{place}" in posted else None
    return posted.get(place, "").strip()[:200]


def _read_count(text: str) -> int:
    return min(int(text), MOST_ROWS) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def drop_empty_rows(schema: Schema, data: dict[str, Any]) -> dict[str, Any]:
    """The same inputs without rows in which nothing was typed."""
    kept = dict(data)
    for item in schema.inputs:
        value = kept.get(item.name)
        if isinstance(item.kind, Rows) and isinstance(value, list):
            rows = [drop_empty_rows(item.kind.schema, row) for row in value]
            kept[item.name] = [row for row in rows if not _is_empty(row)]
        elif isinstance(item.kind, Group) and isinstance(value, dict):
            kept[item.name] = drop_empty_rows(item.kind.schema, value)
    return kept


def _is_empty(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_is_empty(one) for one in value.values())
    return value == []


def change_rows(data: dict[str, Any], place: str, *, grow: bool) -> None:
    """Add an empty row at the list `place`, or take the row `place` off; unknown places do nothing.

    Args:
        data: as `read_form` gives it; changed in place.
        place: ``changes`` for one more row, ``changes[1]`` to take that one off.
    """
    path = place.replace("]", "").replace("[", ".").split(".")
    inner: Any = data
    for name in path[:-1]:
        inner = _step(inner, name)
    last = path[-1]
    if grow and isinstance(inner, dict):
        rows = inner.setdefault(last, [])
        if isinstance(rows, list) and len(rows) < MOST_ROWS:
            rows.append({})
    elif isinstance(inner, list) and last.isdigit() and int(last) < len(inner):
        del inner[int(last)]


def _step(inner: Any, name: str) -> Any:
    if isinstance(inner, dict):
        return inner.setdefault(name, {})
    if isinstance(inner, list) and name.isdigit() and int(name) < len(inner):
        return inner[int(name)]
    return None


def draw_form(
    schema: Schema, data: Mapping[str, Any], problems: Sequence[InputProblem] = ()
) -> Control:
    """The whole form as one group of controls, filled with `data`, problems at their places."""
    said: dict[str, str] = {}
    for problem in problems:
        said.setdefault(problem.place, problem_text(problem, schema))
    return Control("group", "", "", controls=_draw_all(schema, data, said, stem=""))


def list_places(control: Control) -> set[str]:
    """Every place the form shows: a problem elsewhere must be said apart."""
    inner = [*control.controls, *(one for row in control.rows for one in row.controls)]
    return {control.place}.union(*(list_places(one) for one in inner))


def is_cut(schema: Schema, data: Mapping[str, Any]) -> bool:
    """Whether some list has more rows than the form shows."""
    for item in schema.inputs:
        value, inner = data.get(item.name), getattr(item.kind, "schema", None)
        if inner is None:
            continue
        rows = value if isinstance(value, list) else [value]
        if len(rows) > MOST_ROWS or any(is_cut(inner, _mapping(row)) for row in rows):
            return True
    return False


def _draw_all(
    schema: Schema, data: Mapping[str, Any], said: Mapping[str, str], *, stem: str
) -> list[Control]:
    return [_draw(item, _find(item, data), said, f"{stem}{item.name}") for item in schema.inputs]


def _find(item: Input, data: Mapping[str, Any]) -> Any:
    """A file may give a number by another unit's name; the page shows it in its own."""
    try:
        value = item.find(data, "")[1]
    except InputsRefused:
        return data.get(item.name)
    return f"{float(value):.12g}" if isinstance(value, Fraction) else value


def _draw(item: Input, value: Any, said: Mapping[str, str], place: str) -> Control:
    control = Control(
        kind=_kind_word(item),
        place=place,
        label=gettext(item.label),
        help=gettext(item.help) if item.help else "",
        required=item.required,
        main=item.required or item.main,
        error=said.get(place, ""),
    )
    kind = item.kind
    if isinstance(kind, Group):
        control.controls = _draw_all(kind.schema, _mapping(value), said, stem=f"{place}.")
    elif isinstance(kind, Rows):
        fewest = max(kind.fewest, 1) if item.required else kind.fewest
        rows = [_mapping(row) for row in value] if isinstance(value, list) else []
        rows += [{}] * (fewest - len(rows))
        control.rows = [
            Row(
                f"{place}[{number}]",
                number + 1,
                _draw_all(kind.schema, row, said, stem=f"{place}[{number}]."),
            )
            for number, row in enumerate(rows[:MOST_ROWS])
        ]
        control.can_grow = len(rows) < min(kind.most, MOST_ROWS)
    else:
        _fill(control, item, value)
    return control


def _mapping(value: Any) -> Mapping[str, Any]:
    """A file may hold anything where a group belongs; what is no group is shown as an empty one."""
    return value if isinstance(value, Mapping) else {}


def _fill(control: Control, item: Input, value: Any) -> None:
    """The value of a plain control, and what is taken where it is left empty."""
    kind, default = item.kind, item.default
    plain = isinstance(value, str | int | float | Decimal) and value is not False
    control.value = str(value) if plain else ""
    if isinstance(kind, Number):
        control.unit = unit_text(kind.unit)
    if isinstance(kind, Choice):
        control.options = [(code, gettext(label)) for code, label in kind.options.items()]
        default = dict(control.options).get(str(default)) if default is not None else None
    if default is not None and not isinstance(default, bool | list):
        control.hint = str(default)


def _kind_word(item: Input) -> str:
    words: dict[type, str] = {
        Number: "number",
        Choice: "choice",
        Day: "day",
        Flag: "flag",
        Group: "group",
        Rows: "rows",
    }
    return words.get(type(item.kind), "text")
