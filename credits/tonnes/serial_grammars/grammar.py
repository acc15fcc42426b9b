"""What a grammar of serial numbers is: named parts between fixed signs. Imports no Django."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

# The kinds of parts: what each may hold. Leading zeros stand, since a printed serial is a name.
COUNTRY = "[A-Z]{2}"
NUMBER = "[0-9]{1,19}"
YEAR = "[0-9]{4}"
DAY = "[0-9]{8}"
PLACE = re.compile(r"\{([a-z_]+)\}")


class SerialsNotRead(ValueError):
    """A text that is no range of serials; `hint` is the shape of the registry it is nearest to."""

    def __init__(self, text: str, *, registry: str, hint: str, fault: str = "") -> None:
        self.text, self.registry, self.hint, self.fault = text, registry, hint, fault
        super().__init__(f"{text!r} is no serial range: {fault or f'{registry} writes {hint}'}")


@dataclass(frozen=True, slots=True)
class Serials:
    """A range of one registry: its parts as printed, and its two ends as numbers."""

    registry: str
    parts: Mapping[str, str]

    @property
    def start(self) -> int:
        return int(self.parts["start"])

    @property
    def end(self) -> int:
        return int(self.parts["end"])

    @property
    def quantity(self) -> int:
        """Tonnes in the range."""
        return self.end - self.start + 1


@dataclass(frozen=True)
class Grammar:
    """One registry's way of printing: `shape` with a place in braces for each part.

    `parts` says by a regular expression what each part may hold; `start` and `end` are numbers,
    and parts of the kind `DAY` are days written day, month, year.
    """

    registry: str
    shape: str
    parts: Mapping[str, str]
    example: str
    source: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        pieces = PLACE.split(self.shape)
        for place in range(1, len(pieces), 2):
            pieces[place] = f"(?P<{pieces[place]}>{self.parts[pieces[place]]})"
        pieces[::2] = map(re.escape, pieces[::2])
        return re.compile("".join(pieces))

    def fault_of(self, parts: Mapping[str, str]) -> str:
        """Why parts that fit the shape are no range; empty where they are one."""
        if missing := sorted(set(self.parts) ^ set(parts)):
            return f"parts missing or unknown: {', '.join(missing)}"
        for name, kind in self.parts.items():
            if not re.fullmatch(kind, parts[name], re.ASCII):
                return f"{parts[name]!r} cannot stand as {name}"
            if kind == DAY and not _is_day(parts[name]):
                return f"{parts[name]} is no day (day, month, year)"
        if not 1 <= int(parts["start"]) <= int(parts["end"]):
            return f"{parts['start']} to {parts['end']} is not a range"
        return ""


def _is_day(text: str) -> bool:
    try:
        date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except ValueError:
        return False
    return True
