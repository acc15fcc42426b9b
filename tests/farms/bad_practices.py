"""The corpus of bad practice sheets, with every sentence; Sunrise's fields and the season 2024."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.aggregator.sheets import write_csv

Writer = Callable[[Path], Path]
SOUND = {"field_code": "F001", "season": "2024", "practice": "no_till", "crop": "rice"}


def records(*rows: dict[str, str], **changes: str) -> Writer:
    rows = rows or (SOUND | changes,)
    keys = list(dict.fromkeys(key for row in rows for key in row))
    cells = [[row.get(key, "") for key in keys] for row in rows]
    return lambda folder: write_csv(folder / "a.csv", [keys, *cells])


def raw(data: bytes) -> Writer:
    def write(folder: Path) -> Path:
        path = folder / "a.csv"
        path.write_bytes(data)
        return path

    return write


BAD_PRACTICES: dict[str, tuple[Writer, list[tuple[int | None, str]]]] = {
    "empty-file": (raw(b""), [(None, "The file is empty. Save it again and choose the new one.")]),
    "a-pdf": (
        raw(b"%PDF-1.7"),
        [(None, ("This file is a PDF; needed is an Excel workbook (.xlsx) or a CSV file."))],
    ),
    "headings-missing": (
        raw(b"a,b\n1,2\n"),
        [
            (
                None,
                (
                    "These columns are missing: field_code 地块编码. Put their names into the "
                    "heading row."
                ),
            )
        ],
    ),
    "field-missing": (records(field_code=""), [(2, "This cell is empty and must not be.")]),
    "field-unknown": (
        records(field_code="F999"),
        [(2, "There is no such field here. Bring the fields in first.")],
    ),
    "season-unknown": (
        records(season="1066"),
        [(2, "There is no such season here. Write a year, or add it.")],
    ),
    "practice-unknown": (
        records(practice="dance"),
        [
            (
                2,
                (
                    "This practice is not known here. Known are: no-till, reduced till, straw "
                    "return, organic fertiliser, soil-test fertilising, intermittent "
                    "irrigation, fallow rotation, grass planting, ordinary tillage."
                ),
            )
        ],
    ),
    "the-same-twice": (
        records(SOUND, SOUND),
        [(3, "Row 2 has the same field, season and practice.")],
    ),
    "no-date": (
        records(done_on="in May"),
        [(2, "Not a date. Write year, month, day, such as 2024-05-01.")],
    ),
    "irrigated-neither-yes-nor-no": (
        records(irrigated="perhaps"),
        [(2, "This word is not known here. Known are: 是, 否, yes, no, y, true.")],
    ),
    "evidence-not-there": (
        records(evidence="photo.jpg"),
        [(2, "No file of this name came along.")],
    ),
}
