"""Cells of a sheet that were merged over several rows or columns, read from the sheet's own XML.

openpyxl tells nothing of them while it reads row by row. Judges nothing; knows places only.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, NamedTuple, TypeVar

from openpyxl.utils import column_index_from_string

from aggregator.files import FileDamaged

Cell = TypeVar("Cell")
_MERGED = re.compile(
    rb"<(?:\w+:)?mergeCell\s+ref=[\"']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})[\"']"
)
_CHUNK = 1 << 20
# Longer than any match, so that none is cut in two.
_TAIL = 200
# No more can lie beside one another in a sound sheet that is read to this many columns.
_MOST_AT_ONCE = 1_000


class TooManyMerged(FileDamaged):
    """More ranges over one another than a sheet can have."""


class Merged(NamedTuple):
    """A range of cells, both ends inclusive; columns from 0, rows from 1."""

    name: str
    first_row: int
    last_row: int
    first_column: int
    last_column: int


def read_merged(sheet: IO[bytes]) -> list[Merged]:
    """The ranges of a sheet's XML that span more than one cell."""
    found: dict[str, Merged] = {}
    tail = b""
    while chunk := sheet.read(_CHUNK):
        for match in _MERGED.finditer(tail + chunk):
            left, top, right, bottom = (part.decode("ascii") for part in match.groups())
            if (left, int(top)) != (right, int(bottom)):
                columns = column_index_from_string(left) - 1, column_index_from_string(right) - 1
                name = f"{left}{top}:{right}{bottom}"
                found[name] = Merged(name, int(top), int(bottom), *columns)
        tail = (tail + chunk)[-_TAIL:]
    return sorted(found.values(), key=lambda each: each.first_row)


def mark_merged(
    rows: Iterable[tuple[int, list[Cell]]],
    ranges: Sequence[Merged],
    *,
    speaks: Callable[[Cell], bool],
    refuse: Callable[[Cell, str], Cell],
) -> Iterator[tuple[int, list[Cell]]]:
    """The numbered rows with `refuse` in place of what is one cell with a speaking one before it.

    Ranges that begin before the first of the rows, such as those of headings, say nothing of them.

    Raises:
        TooManyMerged: so many over one another that the file was made to be slow.
    """
    waiting, begun = deque(ranges), list[Merged]()
    for number, cells in rows:
        begun = [each for each in begun if each.last_row >= number]
        while waiting and waiting[0].first_row <= number:
            each = waiting.popleft()
            at = each.first_column
            if each.first_row == number and at < len(cells) and speaks(cells[at]):
                begun.append(each)
        if len(begun) > _MOST_AT_ONCE:
            raise TooManyMerged
        covered = {
            column: each.name
            for each in begun
            for column in range(each.first_column, min(each.last_column + 1, len(cells)))
            if (number, column) != (each.first_row, each.first_column)
        }
        yield (
            number,
            [refuse(cell, covered[at]) if at in covered else cell for at, cell in enumerate(cells)],
        )
