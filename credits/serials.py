"""Serial numbers of credits as text: ``TH-CCX-qingshan-2025-1-1280``. Imports no Django.

One number is one tonne; both ends are inclusive, so the quantity is always end − start + 1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_GRAMMAR = re.compile(
    r"TH-(?P<program>[A-Z0-9_]+)-(?P<project>[A-Za-z0-9_-]+)-(?P<vintage>[0-9]{4})"
    r"-(?P<start>[1-9][0-9]*)-(?P<end>[1-9][0-9]*)"
)


class SerialError(ValueError):
    """A text that is no serial range of ours, or a range that ends before it starts."""


@dataclass(frozen=True, slots=True)
class SerialRange:
    """The tonnes `start` to `end` of a project's vintage under a program."""

    program: str
    project: str
    vintage: int
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 1 <= self.start <= self.end:
            raise SerialError(f"{self.start} to {self.end} is not a range")

    @property
    def quantity(self) -> int:
        """Tonnes in the range."""
        return self.end - self.start + 1

    def __str__(self) -> str:
        program = self.program.upper().replace("-", "_")
        return f"TH-{program}-{self.project}-{self.vintage:04d}-{self.start}-{self.end}"


def parse_serials(text: str) -> SerialRange:
    """Read a serial range.

    Args:
        text: as printed; the program's id in capitals. The project's code may hold hyphens: the
            last three parts are always vintage, start and end.

    Raises:
        SerialError: it is not one of ours.
    """
    match = _GRAMMAR.fullmatch(text)
    if match is None:
        raise SerialError(f"{text!r} is not a serial range")
    return SerialRange(
        program=match["program"],
        project=match["project"],
        vintage=int(match["vintage"]),
        start=int(match["start"]),
        end=int(match["end"]),
    )
