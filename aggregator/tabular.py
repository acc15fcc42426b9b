"""The one reader of spreadsheets: XLSX and CSV as rows of text, with the row number people see.

Guesses no types: a number is the text that the sheet shows, a date is ISO text, and whatever the
sheet no longer holds exactly (formulas, codes eaten into 1.3E+17) is refused by cell, not repaired.
"""

from __future__ import annotations

import csv
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from io import BytesIO, StringIO
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from aggregator.encryption import mask_number
from aggregator.files import (
    ZIP_ERRORS,
    FileDamaged,
    FileRefused,
    check_size,
    check_zip,
    refuse_kind,
    sniff_kind,
)
from aggregator.importing import RowError
from aggregator.merged_cells import Merged, mark_merged, read_merged

MAX_ROWS = 200_000
# Excel's own last row: a stray format far down makes no sheet long, a row number beyond it lies.
_LAST_ROW = 1_048_576
MAX_COLUMNS = 200
HEADER_SEARCH_ROWS = 20

# Full-width digits, letters and the signs inside numbers and dates, as typed on Chinese keyboards.
# Not NFKC: that would also rewrite rare characters of names.
_FULL_WIDTH: dict[int, int | str | None] = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF1A)}
_FULL_WIDTH |= {code: code - 0xFEE0 for code in (*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_FULL_WIDTH |= {0xFF0B: "+", 0xFF0D: "-", 0xFF0E: ".", 0xFF0F: "/", 0xFF3F: "_", 0x3000: " "}
# Signs that show nothing, which come along when numbers are copied from windows and web pages.
_UNSEEN = (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A))
_FULL_WIDTH |= dict.fromkeys((*_UNSEEN, 0xFEFF))
_EATEN = re.compile(r"[0-9](\.[0-9]+)?[Ee]\+[0-9]{2,}")
_LONG_NUMBER = re.compile(r"[0-9]{11,}")
# A double keeps 15 digits; Excel writes zeros for the rest.
EXACT_BELOW = 10**15
_XLSX_ERRORS: tuple[type[Exception], ...] = (
    *ZIP_ERRORS,
    InvalidFileException,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
)
_XLSX_ERRORS += (AttributeError, SyntaxError)


class NotText(FileRefused):
    code = "not_text"
    message = gettext_lazy(
        "The characters of this file are neither UTF-8 nor GB18030. "
        "Save it as .xlsx, or as CSV UTF-8."
    )


class QuoteLeftOpen(FileRefused):
    code = "quote_left_open"
    message = gettext_lazy("Line %(line)s: a quotation mark is opened and never closed.")


class HeadingsMissing(FileRefused):
    code = "headings_missing"
    message = gettext_lazy(
        "These columns are missing: %(columns)s. Put their names into the heading row."
    )


class HeadingTwice(FileRefused):
    code = "heading_twice"
    message = gettext_lazy("Two columns both say %(column)s: %(headings)s. Delete one of them.")


class SheetsAlike(FileRefused):
    code = "sheets_alike"
    message = gettext_lazy(
        "Several sheets of this workbook have these columns: %(sheets)s. Only one can be read: put "
        "all rows into one sheet, or save each sheet as a file of its own."
    )


class NoRows(FileRefused):
    code = "no_rows"
    message = gettext_lazy("There is a heading row but not one row of data below it.")


class TooManyRows(FileRefused):
    code = "too_many_rows"
    message = gettext_lazy("The file has more than %(limit)s rows. Split it into parts.")


@dataclass(frozen=True, slots=True)
class Column:
    """One column a file may have: its key, its other headings, and how it is treated.

    `words` are what a person calls it, before translation, and a heading like the others.
    `private` numbers are masked wherever they are quoted; a `code` is quoted whole, in any other
    column a long number is masked, since it may be a personal one that slipped in.
    """

    key: str
    headings: tuple[str, ...] = ()
    words: str = ""
    required: bool = False
    private: bool = False
    code: bool = False

    @property
    def label(self) -> str:
        return f"{self.key} {self.headings[0]}" if self.headings else self.key

    @property
    def title(self) -> str:
        """What the reader calls it: in Chinese the first heading that people write."""
        in_chinese = (get_language() or "").startswith("zh")
        if in_chinese and self.headings and not self.headings[0].isascii():
            return self.headings[0]
        return _(self.words) if self.words else self.key.replace("_", " ")

    @property
    def names(self) -> tuple[str, ...]:
        """Every heading it is known by."""
        return (self.key, *self.headings, *([self.words] if self.words else []))

    def quote(self, text: str) -> str:
        """The text as it may be shown in an error."""
        if self.private:
            return mask_number(text)
        if not self.code:
            text = _LONG_NUMBER.sub(lambda run: mask_number(run.group()), text)
        return text if len(text) <= 80 else f"{text[:80]}…"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of text by column key. `refused` keys have an error already and hold nothing."""

    number: int
    cells: Mapping[str, str]
    refused: frozenset[str] = frozenset()


@dataclass(slots=True)
class Table:
    """Rows below a heading row; `headings` are the words the file itself uses for each key."""

    columns: dict[str, Column]
    headings: dict[str, str]
    ignored: list[str]
    rows: list[Row] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell says; `problem` is why that is not what was meant."""

    text: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet that knows the most headings; `rows` are read as they are asked for.

    `known` is how many columns its heading row names: 0 where only a person can tell.
    """

    known: int
    texts: list[str]
    rows: Iterator[tuple[int, list[Cell]]]


class _Reading(NamedTuple):
    """One way to read a file; `merged` is asked of the chosen one only."""

    name: str
    rows: Iterator[list[Cell]]
    merged: Callable[[], list[Merged]] = list


_NOTHING = Cell("")


def read_table(path: Path, columns: Sequence[Column]) -> Table:
    """Read the first sheet that has the headings.

    Raises:
        FileRefused: the file as a whole cannot be used; single cells come as errors of the table.
    """
    sheet = open_sheet(path, columns)
    if not sheet.known:
        raise HeadingsMissing(columns=", ".join(c.label for c in columns if c.required))
    table, positions = _open_table(sheet.texts, columns)
    _fill(table, positions, sheet.rows)
    if not table.rows and not table.errors:
        raise NoRows
    return table


def open_sheet(path: Path, columns: Sequence[Column]) -> Sheet:
    """Find the sheet (or the delimiter of a CSV) and the heading row, whatever its words are.

    Raises:
        FileRefused: no spreadsheet, damaged, or nothing in it.
    """
    check_size(path)
    kind = sniff_kind(path)
    if kind == "xlsx":
        check_zip(path)
        return _best_sheet(_xlsx_sheets(path), columns)
    if kind == "text":
        return _best_sheet(_csv_readings(path), columns)
    raise refuse_kind(kind, wanted=gettext_lazy("an Excel workbook (.xlsx) or a CSV file"))


def holds_long_number(text: str) -> bool:
    """Whether there is a number in it that may be a person's: a phone, an identity, an account."""
    return _LONG_NUMBER.search(text) is not None


def describe_fault(cell: Cell, *, at: int, number: int) -> str:
    """``Cell C17: a formula. …``, or nothing where the cell is as it was typed."""
    problem = cell.problem or eaten_reason(cell.text)
    if not problem:
        return ""
    place = f"{get_column_letter(at + 1)}{number}"
    return _("Cell %(cell)s: %(problem)s") % {"problem": problem, "cell": place}


def clean_text(text: str) -> str:
    """Text as it was meant: full-width digits and letters made plain, outer spaces gone."""
    return text.translate(_FULL_WIDTH).replace("\xa0", " ").strip()


def number_text(value: float) -> str:
    """A number as a sheet shows it: no ``.0``, no binary tail, never an exponent."""
    if isinstance(value, int) or value.is_integer():
        return str(int(value))
    return format(Decimal(format(value, ".15g")), "f")


def eaten_reason(text: str) -> str:
    """Why the text cannot be the code that was typed, or nothing."""
    if not _EATEN.fullmatch(text):
        return ""
    return _(
        "a long number was shortened into powers of ten and its digits are lost. "
        "Format the column as text and enter the number again."
    )


def heading_key(text: str) -> str:
    """A heading reduced to what tells it from others: no case, spaces, underscores or stars."""
    return re.sub(r"[\s_*＊]+", "", clean_text(text)).casefold()


def match_headings(
    texts: Sequence[str], columns: Sequence[Column]
) -> tuple[dict[int, Column], list[str]]:
    """Find which heading is which column.

    Returns:
        Positions of known headings with their column, and the headings that none knows.

    Raises:
        HeadingTwice: two headings mean the same column.
    """
    known = {heading_key(name): column for column in columns for name in column.names}
    found: dict[int, Column] = {}
    ignored: list[str] = []
    for position, text in enumerate(texts):
        column = known.get(heading_key(text))
        if column is None:
            ignored += [clean_text(text)] if clean_text(text) else []
            continue
        twins = [texts[at].strip() for at, other in found.items() if other is column]
        if twins:
            raise HeadingTwice(column=column.key, headings=" / ".join([*twins, text.strip()]))
        found[position] = column
    return found, ignored


def require_headings(found: Iterable[Column], columns: Sequence[Column]) -> None:
    """Raise naming every required column that is not among the found ones."""
    present = {column.key for column in found}
    missing = [column.label for column in columns if column.required and column.key not in present]
    if missing:
        raise HeadingsMissing(columns=", ".join(missing))


def _best_sheet(sheets: Iterable[_Reading], columns: Sequence[Column]) -> Sheet:
    """The reading whose heading row knows the most columns; of unknown ones the widest."""
    best: tuple[tuple[int, int], int, list[list[Cell]], _Reading] | None = None
    failure: QuoteLeftOpen | None = None
    alike: dict[int, list[str]] = {}
    for sheet in sheets:
        name = sheet.name
        try:
            head = list(islice(sheet.rows, HEADER_SEARCH_ROWS))
        except QuoteLeftOpen as error:
            # With another delimiter the same quotation marks may be in order.
            failure = failure or error
            continue
        ranks = [_rank(row, columns) for row in head]
        top = max(ranks, default=(0, 0))
        if name and any(cell.text for row in head[_place(ranks) + 1 :] for cell in row):
            alike.setdefault(top[0], []).append(name)
        if best is None or top > best[0]:
            best = (top, _place(ranks), head, sheet)
    if best is None or best[0] == (0, 0) or (failure and not best[0][0]):
        raise failure or HeadingsMissing(columns=", ".join(c.label for c in columns if c.required))
    (known, _width), at, head, chosen = best
    if known and len(alike.get(known, [])) > 1:
        raise SheetsAlike(sheets=", ".join(alike[known]))
    rest = chain(head[at + 1 :], chosen.rows)
    below: Iterator[tuple[int, list[Cell]]] = enumerate(rest, start=at + 2)
    if merged := chosen.merged():
        below = mark_merged(below, merged, speaks=lambda c: bool(c.text), refuse=_refuse_merged)
    return Sheet(known, [cell.text for cell in head[at]], below)


def _refuse_merged(cell: Cell, name: str) -> Cell:
    reason = _(
        "merged with those above or before it (%(cells)s): what is written there counts for its "
        "first cell only. Undo the merging and fill in every cell."
    )
    return Cell(cell.text, reason % {"cells": name})


def _place(ranks: list[tuple[int, int]]) -> int:
    return ranks.index(max(ranks)) if ranks else 0


def _rank(row: list[Cell], columns: Sequence[Column]) -> tuple[int, int]:
    known = _score(row, columns)
    return known, 0 if known else sum(bool(cell.text) for cell in row)


def _score(row: list[Cell], columns: Sequence[Column]) -> int:
    known = {heading_key(name) for c in columns for name in c.names}
    return len(known & {heading_key(cell.text) for cell in row})


def _open_table(texts: list[str], columns: Sequence[Column]) -> tuple[Table, dict[int, Column]]:
    positions, ignored = match_headings(texts, columns)
    require_headings(positions.values(), columns)
    headings = {column.key: clean_text(texts[at]) for at, column in positions.items()}
    return Table({c.key: c for c in positions.values()}, headings, ignored), positions


def _fill(
    table: Table, positions: dict[int, Column], rows: Iterable[tuple[int, list[Cell]]]
) -> None:
    for number, row in rows:
        # Judged on the known columns: stray notes and formulas to the right of a table are no rows.
        known = {at: row[at] for at in positions if at < len(row)}
        if not any(cell.text or cell.problem for cell in known.values()):
            continue
        if number > MAX_ROWS:
            raise TooManyRows(limit=MAX_ROWS)
        cells, refused = {}, []
        for at, cell in known.items():
            column = positions[at]
            if fault := describe_fault(cell, at=at, number=number):
                refused.append(column.key)
                heading = table.headings[column.key]
                table.errors.append(RowError(number, heading, fault, column.quote(cell.text)))
            else:
                cells[column.key] = cell.text
        table.rows.append(Row(number, cells, frozenset(refused)))


def _xlsx_sheets(path: Path) -> Iterator[_Reading]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            workbook = load_workbook(BytesIO(path.read_bytes()), read_only=True)
    except _XLSX_ERRORS as error:
        raise FileDamaged from error
    for sheet in workbook.worksheets:
        if sheet.sheet_state == "visible":
            # The stored dimensions may lie; a wrong one would cut rows off without a word.
            sheet.reset_dimensions()
            yield _Reading(str(sheet.title), _xlsx_rows(sheet), partial(_merged_in, sheet))


def _merged_in(sheet: Any) -> list[Merged]:
    try:
        # What openpyxl itself reads the rows from.
        with sheet._get_source() as source:
            return read_merged(source)
    except _XLSX_ERRORS as error:
        raise FileDamaged from error


def _xlsx_rows(sheet: Any) -> Iterator[list[Cell]]:
    try:
        last = None
        for row in sheet.iter_rows(max_row=_LAST_ROW, max_col=MAX_COLUMNS):
            # A gap may be a million rows long; openpyxl gives one and the same empty row for all.
            yield [] if row is last else [_xlsx_cell(cell) for cell in row]
            last = row
    except FileRefused:
        raise
    except _XLSX_ERRORS as error:
        raise FileDamaged from error


def _xlsx_cell(cell: ReadOnlyCell) -> Cell:
    value = cell.value
    if value is None and cell.data_type == "n":
        return _NOTHING
    if cell.data_type == "f":
        formula = clean_text(str(getattr(value, "text", value)))
        return Cell(formula, _("a formula. Copy the column and paste it back as values."))
    if cell.data_type == "e":
        return Cell(str(value), _("the spreadsheet could not work it out."))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if abs(value) >= EXACT_BELOW:
            return Cell(str(value), eaten_reason("1E+18"))
        return Cell(_padded(number_text(value), cell.number_format))
    return Cell(_value_text(value))


def _padded(text: str, number_format: str) -> str:
    """A code typed as a number under the format ``000000`` is shown with its leading zeros."""
    zeros = re.fullmatch("0{2,}", number_format or "")
    return text.zfill(len(number_format)) if zeros and text.isdigit() else text


def _value_text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else clean_text(str(value))


def _csv_readings(path: Path) -> Iterator[_Reading]:
    text = _decode(path.read_bytes())
    for delimiter in (",", "\t", ";", "|"):
        yield _Reading("", _csv_rows(text, delimiter))


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif data.startswith(b"\xef\xbb\xbf"):
        # It says that it is UTF-8: with a broken byte, GB18030 would make garbled names of it.
        encodings = ["utf-8-sig"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotText


def _csv_rows(text: str, delimiter: str) -> Iterator[list[Cell]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            line = reader.line_num + 1
            yield [_csv_cell(value) for value in row[:MAX_COLUMNS]]
    except csv.Error as error:
        raise QuoteLeftOpen(line=line) from error


def _csv_cell(value: str) -> Cell:
    text = clean_text(value)
    if text.startswith("="):
        return Cell(text, _("a formula. Copy the column and paste it back as values."))
    return Cell(text)
