"""Typed values out of rows of text, every fault noted with its row and the file's own heading.

Knows the forms of dates, numbers and codes, and nothing of households or fields.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from django.utils.translation import gettext as _

from aggregator.importing import RowError
from aggregator.tabular import Column, Row, clean_text

Value = TypeVar("Value")

_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]00:00(?::00)?)?"
)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
# The words people should write come first in each vocabulary; the rest are read in silence.
_WORDS_SHOWN = 6
_YEARS = range(1949, 2101)


class RowReader:
    """Reads one row; `errors` is the list all rows of a file share."""

    def __init__(
        self,
        row: Row,
        columns: Mapping[str, Column],
        headings: Mapping[str, str],
        errors: list[RowError],
    ) -> None:
        self.row = row
        self.columns = columns
        self.headings = headings
        self.errors = errors
        self.clean = not row.refused

    def refuse(self, key: str, reason: str, text: str | None = None, *, code: str = "") -> None:
        """Note that the cell `key` is wrong and why; quotes the cell unless `text` is given."""
        column = self.columns.get(key, Column(key))
        quoted = column.quote(self.row.cells.get(key, "") if text is None else text)
        self.errors.append(RowError(self.row.number, self.heading(key), reason, quoted, code))
        self.clean = False

    def refuse_whole(self, about: str, reason: str, text: str = "", *, code: str = "") -> None:
        """Note what is wrong with the row but in none of its cells."""
        self.errors.append(RowError(self.row.number, about, reason, text, code))
        self.clean = False

    def heading(self, key: str) -> str:
        return self.headings.get(key, key)

    def text(self, key: str, *, required: bool = False, most: int = 100) -> str:
        text = clean_text(self.row.cells.get(key, ""))
        if not text:
            if required and key not in self.row.refused:
                self.refuse(key, _("This cell is empty and must not be."))
            return ""
        if len(text) > most:
            self.refuse(
                key,
                _("%(length)d characters, up to %(most)d fit.")
                % {"length": len(text), "most": most},
            )
            return ""
        if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in text):
            self.refuse(key, _("There is a line break or a control character in it."))
            return ""
        return text

    def code(self, key: str, *, required: bool = False, most: int = 32) -> str:
        text = self.text(key, required=required, most=most)
        if re.search(r"\s", text):
            self.refuse(key, _("A code has no space in it."))
            return ""
        return text

    def day(self, key: str, *, required: bool = False) -> date | None:
        text = self.text(key, required=required)
        if not text:
            return None
        match = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
        if match is None:
            self.refuse(key, _("Not a date. Write year, month, day, such as 2024-05-01."))
            return None
        year, month, day = map(int, match.groups())
        try:
            if year not in _YEARS:
                raise ValueError(year)
            return date(year, month, day)
        except ValueError:
            self.refuse(key, _("There is no such day."))
            return None

    def whole(self, key: str) -> int | None:
        """A whole number from zero up."""
        text = self.text(key)
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,9}", text):
            self.refuse(key, _("Not a whole number."))
            return None
        return int(text)

    def area(self, key: str) -> Decimal | None:
        """A number above zero with a decimal point; commas are refused, not guessed at."""
        text = self.text(key)
        if not text:
            return None
        try:
            value = Decimal(text) if re.fullmatch(r"[0-9.]+", text) else Decimal("NaN")
        except InvalidOperation:
            value = Decimal("NaN")
        if value.is_nan():
            self.refuse(key, _("Not a number. Write it with digits and a point, such as 4.62."))
            return None
        if not 0 < value < 10**10:
            self.refuse(key, _("An area is larger than 0, and smaller than a province."))
            return None
        return value

    def choice(self, key: str, words: Mapping[str, Value]) -> Value | None:
        """The meaning of a word; case, spaces and dashes make no difference."""
        text = self.text(key)
        if not text:
            return None
        found = {word_key(word): value for word, value in words.items()}.get(word_key(text))
        if found is None:
            self.refuse(
                key,
                _("This word is not known here. Known are: %(words)s.")
                % {"words": ", ".join([*words][:_WORDS_SHOWN])},
            )
        return found

    def number(self, key: str, read: Callable[[str], str]) -> str:
        """A personal number through its own check, which raises ValueError with the sentence."""
        text = self.text(key)
        if not text:
            return ""
        try:
            return read(text)
        except ValueError as error:
            self.refuse(key, str(error))
            return ""

    def check_order(
        self, starts_key: str, starts: date | None, ends_key: str, ends: date | None
    ) -> None:
        """Refuse an end before its start."""
        if starts and ends and ends < starts:
            self.refuse(
                ends_key,
                _("The end is before the start (%(column)s %(day)s).")
                % {"column": self.heading(starts_key), "day": starts.isoformat()},
            )


def word_key(text: str) -> str:
    """A word reduced to what tells it from others."""
    return re.sub(r"[\s_-]+", "", text).casefold()


def read_code(reader: RowReader, key: str, *, digits: int, most: int = 32) -> str:
    """A required code; a national one (digits only) that lost or gained some is refused.

    Codes of other lengths are the cooperative's own.
    """
    code = reader.code(key, required=True, most=most)
    if not (code.isascii() and code.isdigit()) or not 0 < abs(len(code) - digits) <= 2:
        return code
    reader.refuse(
        key,
        _("%(count)d digits, this code has %(digits)d. Compare it with the certificate.")
        % {"count": len(code), "digits": digits},
    )
    return ""


def refuse_twins(values: Sequence[tuple[RowReader, str]], key: str) -> None:
    """Refuse what an earlier row already has; empty text is nobody's twin."""
    first: dict[str, int] = {}
    for reader, value in values:
        if value and value in first:
            reader.refuse(key, _("Row %(row)d has the same.") % {"row": first[value]})
        elif value:
            first[value] = reader.row.number


def note_unread(headings: Iterable[str]) -> list[RowError]:
    """A note for each heading nobody knows: a misspelt one would else lose its data in silence."""
    reason = _("This column is not known here and was not read.")
    return [RowError(None, heading, reason) for heading in headings]
