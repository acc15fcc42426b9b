"""Values of a .dbf that its column's width cuts in the middle of a character.

Programs that count bytes leave half a Chinese character at the end of a long name, and no alphabet
reads it. Takes such halves away and names their places; asks no database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ENCODINGS = ("utf-8", "gb18030")
# What a decoder says of bytes that are the beginning of a character.
_HALF = ("unexpected end of data", "incomplete multibyte sequence")
_DELETED = ord("*")
_DESCRIPTOR = 32


@dataclass(frozen=True, slots=True)
class Cut:
    """A value that lost half a character; `row` counts the rows that are not deleted, from 1."""

    row: int
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class _Place:
    """A column of text within each record."""

    name: bytes
    start: int
    end: int


def drop_halves(data: bytes) -> tuple[bytes, list[Cut]]:
    """The table without half characters at the ends of its values, and where they stood.

    A table that is read by no alphabet even then comes back as it is.
    """
    header = int.from_bytes(data[8:10], "little")
    width = int.from_bytes(data[10:12], "little")
    if header < _DESCRIPTOR or width < 2 or len(data) < header + width:
        return data, []
    count = min(int.from_bytes(data[4:8], "little"), (len(data) - header) // width)
    places = [place for place in _find_places(data[:header]) if place.end <= width]
    body = np.frombuffer(data, dtype=np.uint8, count=count * width, offset=header)
    records = body.reshape(count, width)
    for encoding in ENCODINGS:
        mended = records.copy()
        try:
            cuts = list(_drop(mended, places, encoding))
        except UnicodeDecodeError:
            continue
        if cuts:
            return data[:header] + mended.tobytes() + data[header + count * width :], cuts
        return data, []
    return data, []


def _find_places(header: bytes) -> Iterator[_Place]:
    start = 1  # after the mark of deletion
    for at in range(_DESCRIPTOR, len(header) - _DESCRIPTOR + 1, _DESCRIPTOR):
        if header[at] == 0x0D:
            return
        end = start + header[at + 16]
        if header[at + 11 : at + 12] == b"C":
            yield _Place(header[at : at + 11].split(b"\0")[0], start, end)
        start = end


def _drop(records: NDArray[np.uint8], places: list[_Place], encoding: str) -> Iterator[Cut]:
    """Blank the halves in place.

    Raises:
        UnicodeDecodeError: a value is not of this alphabet, or not at its end alone.
    """
    rows = np.cumsum(records[:, 0] != _DELETED)
    for place in places:
        # Letters and digits are the same in both alphabets: only others are looked at.
        strange = np.flatnonzero((records[:, place.start : place.end] >= 0x80).any(axis=1))
        for at in strange.tolist():
            value = records[at, place.start : place.end].tobytes()
            kept = _whole(value.rstrip(b" \0"), encoding)
            if kept is not None:
                records[at, place.start + len(kept) : place.end] = ord(" ")
                yield Cut(
                    int(rows[at]), place.name.decode(encoding, "ignore"), kept.decode(encoding)
                )


def _whole(value: bytes, encoding: str) -> bytes | None:
    """The value without the half character at its end; None where it has none."""
    try:
        value.decode(encoding)
    except UnicodeDecodeError as error:
        if error.reason not in _HALF or error.end != len(value):
            raise
        return value[: error.start]
    return None
