"""Serial numbers of credits as text: ``TH-CCX-qingshan-2025-1-1280``. Imports no Django.

One number is one tonne; both ends are inclusive, so the quantity is always end − start + 1.
"""

from __future__ import annotations

from dataclasses import dataclass

from credits.tonnes.serial_grammars import SerialsNotRead, print_serials, read_serials


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
        return print_serials(
            "tianhui",
            {
                "program": program,
                "project": self.project,
                "vintage": f"{self.vintage:04d}",
                "start": str(self.start),
                "end": str(self.end),
            },
        )


def parse_serials(text: str) -> SerialRange:
    """Read a serial range.

    Args:
        text: as printed; the program's id in capitals. The project's code may hold hyphens: the
            last three parts are always vintage, start and end.

    Raises:
        SerialError: it is not one of ours.
    """
    try:
        parts = read_serials(text, registry="tianhui").parts
    except SerialsNotRead as refusal:
        raise SerialError(str(refusal)) from refusal
    return SerialRange(
        program=parts["program"],
        project=parts["project"],
        vintage=int(parts["vintage"]),
        start=int(parts["start"]),
        end=int(parts["end"]),
    )
