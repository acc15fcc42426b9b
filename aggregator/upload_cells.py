"""The cells of an uploaded row: as the file says them, as a clerk mended them, by our own keys.

Knows nothing of what the columns mean; asks no database.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from aggregator.models import UploadRow
from aggregator.tabular import eaten_reason
from aggregator.upload_kinds import DraftRow, RawRow

# Half a character, and the end of all strings: no database keeps them, GeoJSON can say them.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean_heading(text: str) -> str:
    """A heading with a sign in place of what cannot be stored."""
    return _UNSTORABLE.sub("\ufffd", text)


def pack_cells(raw: RawRow) -> str:
    """A row's texts, faults and marks as `UploadRow.cells` keeps them."""
    # A control character in place of what cannot be stored: the readers refuse it in words.
    texts = {clean_heading(name): _UNSTORABLE.sub("\x1a", text) for name, text in raw.texts.items()}
    packed: dict[str, Any] = {"texts": texts}
    if raw.faults:
        packed["faults"] = {clean_heading(name): fault for name, fault in raw.faults.items()}
    if raw.marks:
        packed["marks"] = list(raw.marks)
    return json.dumps(packed, ensure_ascii=False)


def read_texts(row: UploadRow) -> dict[str, str]:
    """A row's texts by the file's headings."""
    texts: dict[str, str] = json.loads(row.cells).get("texts", {})
    return texts


def read_mended(row: UploadRow) -> dict[str, str]:
    """The texts that a clerk put into a row, by our keys."""
    mended: dict[str, str] = json.loads(row.mended) if row.mended else {}
    return mended


def lay_out(
    row: UploadRow, *, headings: Mapping[str, str], constants: Mapping[str, str]
) -> DraftRow:
    """A row by our keys: what was mended, else what the file says, else what all rows have."""
    packed = json.loads(row.cells)
    said, wrong = packed.get("texts", {}), packed.get("faults", {})
    mended = read_mended(row)
    texts = dict(constants)
    faults = {}
    for key, heading in headings.items():
        texts[key] = said.get(heading, "")
        if heading in wrong:
            faults[key] = wrong[heading]
    for key, text in mended.items():
        texts[key] = text
        faults.pop(key, None)
        if reason := eaten_reason(text):
            faults[key] = reason
    is_repaired = row.repair_accepted and row.repaired_shape is not None
    shape = row.repaired_shape if is_repaired else row.shape
    return DraftRow(
        number=row.number,
        texts=texts,
        faults=faults,
        marks=frozenset(packed.get("marks", ())),
        shape=None if shape is None else bytes(shape),
        is_repaired=is_repaired,
    )
