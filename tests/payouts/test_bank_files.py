"""What a bank gets: every number as text, control totals, and no cell that runs."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook

from payouts.bank_files.base import PaymentLine, PaymentList
from payouts.bank_files.registry import FORMATS

PAYMENTS = PaymentList(
    lines=[
        PaymentLine(1, "张伟", "6222021234567890123", "农商银行", "312.45", "CNY", "sunrise-1-1"),
        PaymentLine(2, "𠀀丽\n", "0012", "=1+1", "7.00", "CNY", "sunrise-1-2"),
    ],
    count=2,
    total="319.45",
    currency="CNY",
)


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def read_xlsx(content: bytes) -> list[list[str]]:
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    return [[cell.value or "" for cell in row] for row in sheet.iter_rows()]


READERS = {"generic-csv": read_csv, "generic-xlsx": read_xlsx}


def test_every_format_of_the_registry_is_read_back_here() -> None:
    assert set(FORMATS) == set(READERS)


@pytest.mark.parametrize("name", READERS)
def test_a_line_a_payment_and_the_control_totals(name: str) -> None:
    rows = READERS[name](FORMATS[name].write(PAYMENTS))
    assert [column.split()[-1] for column in rows[0]] == [
        "Line",
        "Payee",
        "number",
        "Bank",
        "Amount",
        "Currency",
        "Reference",
    ]
    assert rows[1] == [
        "1",
        "张伟",
        "6222021234567890123",
        "农商银行",
        "312.45",
        "CNY",
        "sunrise-1-1",
    ]
    assert rows[3] == ["合计 Total", "2", "", "", "319.45", "CNY", ""]
    assert len(rows) == 4


@pytest.mark.parametrize("name", READERS)
def test_rare_characters_and_leading_zeros_stay_and_line_breaks_go(name: str) -> None:
    row = READERS[name](FORMATS[name].write(PAYMENTS))[2]
    assert row[1:3] == ["𠀀丽", "0012"]


def test_csv_opens_in_excel_with_its_chinese() -> None:
    assert FORMATS["generic-csv"].write(PAYMENTS).startswith(b"\xef\xbb\xbf")


def test_a_cell_that_looks_like_a_formula_does_not_run() -> None:
    assert read_csv(FORMATS["generic-csv"].write(PAYMENTS))[2][3] == "'=1+1"
    # In the workbook the text stays as it is: its type says that it is no formula.
    assert read_xlsx(FORMATS["generic-xlsx"].write(PAYMENTS))[2][3] == "=1+1"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "＝"])
def test_every_way_to_start_a_formula_is_quoted_in_csv(start: str) -> None:
    line = PaymentLine(1, f"{start}cmd", "1", "", "1.00", "CNY", "r")
    content = FORMATS["generic-csv"].write(PaymentList([line], 1, "1.00", "CNY"))
    assert read_csv(content)[1][1].startswith("'")
