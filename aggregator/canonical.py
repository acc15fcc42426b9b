"""One way to write data as bytes, so that the same facts always give the same hash.

Imports no Django.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

_ENCODER = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":")
)


def canonical_json(data: Any) -> bytes:
    """JSON with sorted keys, no spaces and real characters, as UTF-8; floats are refused.

    Raises:
        ValueError: a float is in the data; amounts are integers or decimal strings.
    """
    _refuse_floats(data)
    return _ENCODER.encode(data).encode()


def sha256_of(data: Any) -> str:
    """Hexadecimal SHA-256 of the canonical JSON of `data`."""
    return hashlib.sha256(canonical_json(data)).hexdigest()


class RowsHash:
    """`sha256_of` of a list of rows, or of `header` with the list under `name`, row by row.

    The text of a million rows is a gigabyte; here one row of it is in memory at a time.
    """

    def __init__(self, *, header: Mapping[str, Any] | None = None, name: str = "") -> None:
        before = {key: value for key, value in (header or {}).items() if key < name}
        after = {key: value for key, value in (header or {}).items() if key > name}
        start, self._end = b"[", b"]"
        if name:
            start = canonical_json(before)[:-1] + (b"," if before else b"")
            start += canonical_json(name) + b":["
            self._end += (b"," if after else b"") + canonical_json(after)[1:]
        self._digest = hashlib.sha256(start)
        self._separator = b""

    def add(self, row: bytes) -> None:
        """The next row, as `canonical_json` writes it."""
        self._digest.update(self._separator + row)
        self._separator = b","

    def hexdigest(self) -> str:
        """The hash of the rows so far."""
        digest = self._digest.copy()
        digest.update(self._end)
        return digest.hexdigest()


def sha256_of_rows(
    rows: Iterable[Any], *, header: Mapping[str, Any] | None = None, name: str = ""
) -> str:
    """The `RowsHash` of all rows."""
    digest = RowsHash(header=header, name=name)
    for row in rows:
        digest.add(canonical_json(row))
    return digest.hexdigest()


def _refuse_floats(data: Any) -> None:
    if isinstance(data, float):
        raise ValueError(f"{data!r} is a float: write it as an integer or a decimal string")
    if isinstance(data, dict):
        data = data.values()
    elif not isinstance(data, (list, tuple)):
        return
    for value in data:
        # Nearly all are texts; a million rows have tens of millions.
        if type(value) is not str:
            _refuse_floats(value)
