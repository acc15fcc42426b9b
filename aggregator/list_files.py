"""Rows of a list as a CSV file or an Excel workbook, written batch by batch.

Knows cells and no model: a cell is text, a whole number, a day, or a `Figure` as the screen writes
it. Nothing in a cell can be taken for a formula.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.functional import Promise
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

# The row that is shown, for writers that need more of it than its cells, and the cells.
Line = tuple[Any, list[Any]]
Batches = Iterable[list[Line]]
SHEET_ROWS = 1_000_000
_WIDEST = 40
# Spreadsheets take these for a formula, full-width ones among them, and trim what is before.
_FORMULA = re.compile(r"^[\s\u00a0\u3000]*[=+\-@＝＋－＠|%]|^[\t\r\n]")
_PLAIN_NUMBER = re.compile(r"^-?\d[\d,]*(\.\d+)?$")
_FIGURE = re.compile(r"^([^\d-]*)(-?[\d,]+(?:\.(\d+))?)(.*)$", re.DOTALL)


class Figure(NamedTuple):
    """A number with what stands before and after it on the screen: ``¥12.50``, ``3.2 mu``."""

    value: Decimal
    before: str
    decimals: int
    after: str

    def __str__(self) -> str:
        return f"{self.before}{self.value:,.{self.decimals}f}{self.after}"

    @property
    def number_format(self) -> str:
        """How Excel writes the same, and still sums it."""
        digits = "#,##0" + ("." + "0" * self.decimals if self.decimals else "")
        return f"{_quote(self.before)}{digits}{_quote(self.after)}"


def read_figure(shown: str) -> Figure | str:
    """The number in a text such as ``1,234.50 mu``; the text itself where there is none."""
    match = _FIGURE.match(shown)
    if match is None:
        return shown
    before, digits, decimals, after = match.groups()
    return Figure(Decimal(digits.replace(",", "")), before, len(decimals or ""), after)


@dataclass(frozen=True)
class ListFormat:
    """One kind of file a list can be taken along as."""

    name: str
    label: str | Promise
    content_type: str
    write: Callable[[Path, Sequence[str], Batches], int]
    # For kinds that take long over a row: how many are worth waiting for, and how many a worker
    # writes between two signs of life, which may take a minute at most.
    rows_at_once: int | None = None
    batch: int | None = None


def write_csv(path: Path, headings: Sequence[str], batches: Batches) -> int:
    """UTF-8 with the mark by which Excel knows it; returns the number of rows."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([harmless(heading) for heading in headings])
        for batch in batches:
            writer.writerows([harmless(_text(cell)) for cell in cells] for _row, cells in batch)
            count += len(batch)
    return count


def write_xlsx(path: Path, headings: Sequence[str], batches: Batches) -> int:
    """A workbook; beyond a million rows it goes on in a further sheet."""
    book = Workbook(write_only=True)
    sheet, count = None, 0
    for batch in batches:
        for _row, cells in batch:
            if sheet is None or count % SHEET_ROWS == 0:
                sheet = _open_sheet(book, headings, cells)
            sheet.append([_sheet_cell(sheet, cell) for cell in cells])
            count += 1
    if sheet is None:
        _open_sheet(book, headings, [])
    book.save(path)
    return count


def harmless(text: str) -> str:
    """The text so that no spreadsheet computes it; a plain number stays a number."""
    if _FORMULA.match(text) and not _PLAIN_NUMBER.match(text):
        return f"'{text}"
    return text


def _open_sheet(book: Any, headings: Sequence[str], first: list[Any]) -> Any:
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for number, heading in enumerate(headings):
        sample = _text(first[number]) if number < len(first) else ""
        letter = chr(ord("A") + number) if number < 26 else None
        if letter:
            # A Chinese character is twice as wide as a digit.
            width = max(_width(heading), _width(sample)) + 3
            sheet.column_dimensions[letter].width = min(width, _WIDEST)
    sheet.append([_heading_cell(sheet, heading) for heading in headings])
    return sheet


def _width(text: str) -> int:
    return sum(2 if ord(mark) > 0x2E80 else 1 for mark in text)


def _heading_cell(sheet: Any, heading: str) -> Any:
    cell = _text_cell(sheet, heading)
    cell.font = Font(bold=True)
    return cell


def _sheet_cell(sheet: Any, value: Any) -> Any:
    if isinstance(value, Figure):
        cell = WriteOnlyCell(sheet, value.value)
        cell.number_format = value.number_format
        return cell
    if isinstance(value, datetime):
        cell = WriteOnlyCell(sheet, timezone.localtime(value).replace(tzinfo=None))
        cell.number_format = "yyyy-mm-dd hh:mm"
        return cell
    if isinstance(value, date):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = "yyyy-mm-dd"
        return cell
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return WriteOnlyCell(sheet, value)
    return _text_cell(sheet, _text(value)) if value not in (None, "") else None


def _text_cell(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text))
    # As text whatever it begins with: openpyxl would make a formula of "=1+1".
    cell.data_type = "s"
    return cell


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _quote(text: str) -> str:
    return f'"{text.replace(chr(34), "")}"' if text else ""
