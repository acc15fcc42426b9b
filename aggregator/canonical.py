"""One way to write data as bytes, so that the same facts always give the same hash.

Imports no Django.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any


def canonical_json(data: Any) -> bytes:
    """JSON with sorted keys, no spaces and real characters, as UTF-8; floats are refused.

    Raises:
        ValueError: a float is in the data; amounts are integers or decimal strings.
    """
    _refuse_floats(data)
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def sha256_of(data: Any) -> str:
    """Hexadecimal SHA-256 of the canonical JSON of `data`."""
    return hashlib.sha256(canonical_json(data)).hexdigest()


def sha256_of_rows(
    rows: Iterable[Any], *, header: Mapping[str, Any] | None = None, name: str = ""
) -> str:
    """`sha256_of` of a list of rows, or of `header` with the list under `name`, row by row.

    The text of a million rows is a gigabyte; here one row of it is in memory at a time.
    """
    before = {key: value for key, value in (header or {}).items() if key < name}
    after = {key: value for key, value in (header or {}).items() if key > name}
    start = b"["
    if name:
        start = canonical_json(before)[:-1] + (b"," if before else b"")
        start += canonical_json(name) + b":["
    digest = hashlib.sha256(start)
    separator = b""
    for row in rows:
        digest.update(separator + canonical_json(row))
        separator = b","
    digest.update(b"]")
    if name:
        digest.update((b"," if after else b"") + canonical_json(after)[1:])
    return digest.hexdigest()


def _refuse_floats(data: Any) -> None:
    if isinstance(data, float):
        raise ValueError(f"{data!r} is a float: write it as an integer or a decimal string")
    if isinstance(data, dict):
        for value in data.values():
            _refuse_floats(value)
    elif isinstance(data, (list, tuple)):
        for value in data:
            _refuse_floats(value)
