"""The corpus of bad household sheets, each with every sentence the clerk must read."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.aggregator.sheets import (
    HEADINGS,
    household,
    identity,
    write_households,
    write_xlsx,
)

Writer = Callable[[Path], Path]


def members(*rows: dict[str, str], **changes: str) -> Writer:
    rows = rows or (household(1, **changes),)
    return lambda folder: write_households(folder / "a.csv", *rows)


def raw(data: bytes | str, name: str = "a.csv") -> Writer:
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    return write


def workbook(*rows: list[Any]) -> Writer:
    return lambda folder: write_xlsx(folder / "a.xlsx", list(rows))


def zipped(name: str, data: str, target: str = "a.xlsx") -> Writer:
    def write(folder: Path) -> Path:
        with zipfile.ZipFile(folder / target, "w") as archive:
            archive.writestr(name, data)
        return folder / target

    return write


def _mistyped(number: str) -> str:
    """The number with another check digit."""
    return number[:-1] + ("1" if number[-1] != "1" else "2")


ROW = ["Q001", "V1", "一村", "王一", identity(1), "13800000001"]

# Name: how the file is written, and (row, sentence) of every error in it.
BAD_HOUSEHOLDS: dict[str, tuple[Writer, list[tuple[int | None, str]]]] = {
    "empty-file": (raw(b""), [(None, "The file is empty. Save it again and choose the new one.")]),
    "a-picture": (
        raw(b"\x89PNG\r\n", "a.xlsx"),
        [(None, ("This file is a picture; needed is an Excel workbook (.xlsx) or a CSV file."))],
    ),
    "an-old-workbook": (
        raw(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xls"),
        [
            (
                None,
                (
                    "This is an old Excel workbook (.xls). Open it in Excel or WPS, choose File, "
                    "then Save As, take “Excel Workbook (*.xlsx)” as the type, and choose the new "
                    "file here."
                ),
            )
        ],
    ),
    "a-map": (
        raw('{"type": "FeatureCollection"}'),
        [
            (
                None,
                ("This file is a GeoJSON file; needed is an Excel workbook (.xlsx) or a CSV file."),
            )
        ],
    ),
    "headings-missing": (
        raw("a,b\n1,2\n"),
        [
            (
                None,
                (
                    "These columns are missing: household_code 农户编码, head_name 户主姓名. Put "
                    "their names into the heading row."
                ),
            )
        ],
    ),
    "no-rows": (
        raw(",".join(HEADINGS) + "\n"),
        [(None, "There is a heading row but not one row of data below it.")],
    ),
    "neither-utf-8-nor-gb18030": (
        raw(b"\xef\xbb\xbfhousehold_code\n\xff\xff\n"),
        [
            (
                None,
                (
                    "The characters of this file are neither UTF-8 nor GB18030. Save it as "
                    ".xlsx, or as CSV UTF-8."
                ),
            )
        ],
    ),
    "quote-left-open": (
        raw('household_code,village_code,head_name\n"A,1,2\n'),
        [(None, "Line 2: a quotation mark is opened and never closed.")],
    ),
    "heading-twice": (
        raw("household_code,农户编码,village_code,head_name\nA,A,V1,B\n"),
        [
            (
                None,
                (
                    "Two columns both say household_code: household_code / 农户编码. Delete one "
                    "of them."
                ),
            )
        ],
    ),
    "zip-that-is-no-workbook": (
        zipped("a.txt", "x"),
        [
            (
                None,
                ("This file is a zip archive; needed is an Excel workbook (.xlsx) or a CSV file."),
            )
        ],
    ),
    "workbook-cut-short": (
        raw(b"PK\3\4 and no more", "a.xlsx"),
        [(None, ("The file is damaged and cannot be read to its end. Save or send it again."))],
    ),
    "workbook-without-sheets": (
        zipped("xl/workbook.xml", "<workbook/>"),
        [(None, ("The file is damaged and cannot be read to its end. Save or send it again."))],
    ),
    "code-missing": (members(household_code=""), [(2, "This cell is empty and must not be.")]),
    "village-missing": (
        members(village_code=""),
        [(2, "A new household needs its village, code or name.")],
    ),
    "head-missing": (members(head_name=""), [(2, "This cell is empty and must not be.")]),
    "identity-number-mistyped": (
        members(identity_number=_mistyped(identity(1))),
        [
            (
                2,
                "A digit is wrong: birthday and last place do not fit together. "
                "Compare it with the card.",
            )
        ],
    ),
    "identity-number-eaten": (
        members(identity_number="3.50627E+17"),
        [
            (
                2,
                (
                    "Cell D2: a long number was shortened into powers of ten and its digits "
                    "are lost. Format the column as text and enter the number again."
                ),
            )
        ],
    ),
    "phone-too-short": (members(phone="1380000"), [(2, "7 digits, a mobile number has 11.")]),
    "account-number-mistyped": (
        members(account_number="6222020000000010"),
        [(2, "A digit is wrong: this is no card number. Compare it with the card.")],
    ),
    "no-such-day": (members(member_since="2020-02-30"), [(2, "There is no such day.")]),
    "agreement-that-ends-before-it-starts": (
        members(agreement_ends_on="2019-01-01"),
        [(2, "The end is before the start (agreement_starts_on 2020-01-01).")],
    ),
    "the-same-code-twice": (
        members(household(1), household(2, household_code="Q001")),
        [(3, "Row 2 has the same.")],
    ),
    "the-same-identity-twice": (
        members(household(1), household(2, identity_number=identity(1))),
        [(3, "Row 2 has the same.")],
    ),
    "language-unknown": (
        members(language="latin"),
        [(2, "This word is not known here. Known are: 中文, 英文, zh-hans, en, 汉语, 英语.")],
    ),
    "formula": (
        workbook([*HEADINGS], ["=A1", *ROW[1:]]),
        [(2, "Cell A2: a formula. Copy the column and paste it back as values.")],
    ),
    "code-eaten-in-a-workbook": (
        workbook([*HEADINGS], [3.5062710220300012e17, *ROW[1:]]),
        [
            (
                2,
                (
                    "Cell A2: a long number was shortened into powers of ten and its digits "
                    "are lost. Format the column as text and enter the number again."
                ),
            )
        ],
    ),
}
