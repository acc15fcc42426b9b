"""Spreadsheets among the uploads: opened row by row, and laid out again as the readers' table.

Holds no rule of its own: cells are judged by `aggregator.tabular`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from django.utils.translation import gettext_lazy

from aggregator.files import FileRefused
from aggregator.importing import RowError
from aggregator.tabular import (
    MAX_ROWS,
    Cell,
    Column,
    NoRows,
    Row,
    Table,
    TooManyRows,
    clean_text,
    describe_fault,
    holds_long_number,
    open_sheet,
)
from aggregator.upload_kinds import Draft, OpenedFile, RawRow


class NumbersForHeadings(FileRefused):
    code = "numbers_for_headings"
    message = gettext_lazy(
        "The row that should name the columns holds long numbers. Put a row of headings above the "
        "first row of data."
    )


def open_table(path: Path, columns: Sequence[Column]) -> OpenedFile:
    """A spreadsheet's headings, each with a name of its own, and the rows below as they stand.

    Raises:
        FileRefused: it cannot be read, or has a row of data where the headings should be.
    """
    sheet = open_sheet(path, columns)
    # Headings are kept and remembered in plain: a person's numbers must not become some.
    if any(holds_long_number(text) for text in sheet.texts):
        raise NumbersForHeadings
    headings = name_headings(sheet.texts)
    return OpenedFile([name for name in headings if name], _raw_rows(sheet.rows, headings))


def name_headings(texts: Sequence[str]) -> list[str]:
    """Headings by place: twins are told apart by their column's letter, blank ones stay blank."""
    named: list[str] = []
    for at, text in enumerate(texts):
        name = " ".join(clean_text(text).split())[:100]
        named.append(f"{name} [{column_letter(at)}]" if name in named and name else name)
    return named


def column_letter(at: int) -> str:
    """``0`` is A, ``26`` is AA."""
    return (column_letter(at // 26 - 1) if at >= 26 else "") + chr(ord("A") + at % 26)


def make_table(draft: Draft, columns: Sequence[Column]) -> Table:
    """The draft as the table that a reader of the same kind of file gets."""
    known = {column.key: column for column in columns}
    table = Table(known, draft.headings, draft.unread)
    for row in draft.watch(draft.rows):
        if not any(row.texts[key] for key in draft.headings) and not row.faults:
            continue
        for key, reason in row.faults.items():
            heading = draft.headings.get(key, key)
            quoted = known[key].quote(row.texts[key])
            table.errors.append(RowError(row.number, heading, reason, quoted))
        cells = {key: text for key, text in row.texts.items() if key not in row.faults}
        table.rows.append(Row(row.number, cells, frozenset(row.faults)))
    table.rows = draft.watch(table.rows)
    return table


def _raw_rows(rows: Iterator[tuple[int, list[Cell]]], headings: list[str]) -> Iterator[RawRow]:
    empty = True
    for number, cells in rows:
        places = enumerate(zip(headings, cells, strict=False))
        named = [(at, name, cell) for at, (name, cell) in places if name]
        if not any(cell.text or cell.problem for _at, _name, cell in named):
            continue
        if number > MAX_ROWS:
            raise TooManyRows(limit=MAX_ROWS)
        empty = False
        faults = {name: describe_fault(cell, at=at, number=number) for at, name, cell in named}
        yield RawRow(
            number,
            {name: cell.text for _at, name, cell in named},
            {name: fault for name, fault in faults.items() if fault},
        )
    if empty:
        raise NoRows
