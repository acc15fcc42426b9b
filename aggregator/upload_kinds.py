"""What every kind of uploaded file answers, and the forms in which rows pass between the steps.

Holds no rule and asks no database; the kinds themselves stand where their columns are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from aggregator.importing import Plan
from aggregator.models import Cooperative, User
from aggregator.signs_of_life import Watch
from aggregator.tabular import Column

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row or feature in the file's own words.

    `faults` say why a cell is not what was meant; `marks` are what the reader found out about the
    shape (WKB in the file's own coordinates); `box` is around it in longitude and latitude.
    """

    number: int
    texts: Mapping[str, str]
    faults: Mapping[str, str] = field(default_factory=dict)
    marks: Sequence[str] = ()
    shape: bytes | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file about to be read row by row; `total` is 0 where nobody can know yet."""

    headings: list[str]
    rows: Iterator[RawRow]
    total: int = 0
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DraftRow:
    """One row by our own keys, mended; `faults` are of cells that nobody mended yet."""

    number: int
    texts: dict[str, str]
    faults: dict[str, str]
    marks: frozenset[str]
    shape: bytes | None
    is_repaired: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """What an upload would bring in: its rows that were not left out, ready for a plan."""

    cooperative: Cooperative
    by: User | None
    headings: dict[str, str]
    unread: list[str]
    rows: list[DraftRow]
    options: dict[str, Any]
    details: dict[str, Any]
    watch: Watch
    # Lives as long as the plan; what came along with the file is unpacked here.
    folder: Path
    evidence: Path | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What a kind finds out beyond its plan: outlines it proposes by row, and the whole file's."""

    repairs: dict[int, bytes] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)


class UploadKind(Protocol):
    """One kind of file that may be brought in step by step."""

    @property
    def columns(self) -> Sequence[Column]:
        """What it is made of."""

    def open(self, path: Path) -> OpenedFile:
        """Its headings and rows; raises FileRefused where the file as a whole cannot be read."""

    def looks(self, key: str, text: str) -> bool:
        """Whether a text looks like what belongs into a column."""

    def plan(self, draft: Draft) -> Plan:
        """What bringing it in would do."""

    def look_over(self, draft: Draft, plan: Plan, /) -> Findings:
        """What else a clerk should see."""
