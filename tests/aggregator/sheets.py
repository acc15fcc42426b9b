"""Spreadsheets made for the tests of the importers, and numbers that pass their check digits."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from stdnum import luhn
from stdnum.iso7064 import mod_11_2

HEADINGS = ("农户编码", "村编码", "村名", "户主姓名", "身份证号", "手机号")


def identity(number: int) -> str:
    """A resident identity number of a person born on 1 January 1960."""
    stem = f"35062719600101{number:03d}"
    return stem + mod_11_2.calc_check_digit(stem)


def bank_card(number: int) -> str:
    stem = f"622202000000{number:03d}"
    return stem + luhn.calc_check_digit(stem)


def write_xlsx(path: Path, rows: list[list[Any]]) -> Path:
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    workbook.save(path)
    return path


def write_csv(
    path: Path, rows: list[list[str]], *, encoding: str = "utf-8", delimiter: str = ","
) -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def household(number: int, **changes: str) -> dict[str, str]:
    """A sound household by column key."""
    return {
        "household_code": f"Q{number:03d}",
        "village_code": "V1",
        "head_name": f"王{number}",
        "identity_number": identity(number),
        "phone": f"138000000{number:02d}",
        "member_since": "2020-01-01",
        "agreement_code": f"XY{number:03d}",
        "agreement_signed_on": "2020-01-01",
        "agreement_starts_on": "2020-01-01",
        "agreement_ends_on": "2029-12-31",
        "bank_name": "农商银行",
        "account_number": bank_card(number),
        **changes,
    }


def write_households(path: Path, *rows: dict[str, str]) -> Path:
    """A CSV whose columns are all those that any of the rows has."""
    keys = list(dict.fromkeys(key for row in rows for key in row))
    return write_csv(path, [keys, *([row.get(key, "") for key in keys] for row in rows)])
