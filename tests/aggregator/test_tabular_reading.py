"""What a sheet shows is what the reader gives: text, no guessed types."""

from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from aggregator.tabular import Column, Table, clean_text, number_text, read_table
from tests.aggregator.sheets import write_csv, write_xlsx

COLUMNS = (
    Column("code", ("编码",), required=True, code=True),
    Column("name", ("姓名",)),
    Column("day", ("日期",)),
    Column("amount", ("数量",)),
)


def _texts(table: Table) -> list[tuple[int, dict[str, str]]]:
    return [(row.number, {k: v for k, v in row.cells.items() if v}) for row in table.rows]


def test_title_rows_above_the_headings_are_skipped_and_row_numbers_stay(tmp_path: Path) -> None:
    workbook = Workbook()
    sheet = workbook.active
    sheet.append(["青山合作社 2025 年名册"])
    sheet.merge_cells("A1:C1")
    sheet.append([])
    sheet.append(["编码", "姓名"])
    sheet.append(["A1", "王"])
    sheet.append([])
    sheet.append(["A2", "李"])
    workbook.save(tmp_path / "a.xlsx")
    table = read_table(tmp_path / "a.xlsx", COLUMNS)
    assert _texts(table) == [(4, {"code": "A1", "name": "王"}), (6, {"code": "A2", "name": "李"})]


def test_numbers_and_dates_come_as_the_sheet_shows_them(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "a.xlsx",
        [
            ["编码", "姓名", "日期", "数量"],
            [350627, 12.0, date(2024, 5, 1), 0.1 + 0.2],
            ["00123", True, datetime(2024, 5, 1), 1e-7],
        ],
    )
    rows = [row.cells for row in read_table(path, COLUMNS).rows]
    assert rows[0] == {"code": "350627", "name": "12", "day": "2024-05-01", "amount": "0.3"}
    assert rows[1] == {"code": "00123", "name": "True", "day": "2024-05-01", "amount": "0.0000001"}


def test_a_number_under_a_format_of_zeros_keeps_its_leading_zeros(tmp_path: Path) -> None:
    workbook = Workbook()
    workbook.active.append(["编码"])
    workbook.active.append([123])
    workbook.active["A2"].number_format = "000000"
    workbook.save(tmp_path / "a.xlsx")
    assert read_table(tmp_path / "a.xlsx", COLUMNS).rows[0].cells["code"] == "000123"


def test_the_sheet_with_the_headings_is_found_and_hidden_ones_are_not_read(tmp_path: Path) -> None:
    workbook = Workbook()
    workbook.active.append(["说明"])
    hidden = workbook.create_sheet("旧")
    hidden.sheet_state = "hidden"
    for row in (["编码", "姓名", "日期"], ["OLD", "旧", ""]):
        hidden.append(row)
    wanted = workbook.create_sheet("名册")
    for row in (["编码", "姓名"], ["A1", "王"]):
        wanted.append(row)
    workbook.save(tmp_path / "a.xlsx")
    assert _texts(read_table(tmp_path / "a.xlsx", COLUMNS)) == [(2, {"code": "A1", "name": "王"})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_is_read_in_every_alphabet_and_with_every_delimiter(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    rows = [["编码", "姓名"], ["A1", "王桂英"]]
    path = write_csv(tmp_path / "a.csv", rows, encoding=encoding, delimiter=delimiter)
    assert _texts(read_table(path, COLUMNS)) == [(2, {"code": "A1", "name": "王桂英"})]


def test_a_rare_character_survives_gb18030_and_a_quoted_delimiter_is_text(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["编码", "姓名"], ["A1", "𠮷, 𫚉"]], encoding="gb18030")
    assert read_table(path, COLUMNS).rows[0].cells["name"] == "𠮷, 𫚉"


def test_full_width_digits_become_plain_and_rare_names_are_left_alone() -> None:
    assert clean_text("　１２３ＡＢ－４ \u200b") == "123AB-4"
    # A compatibility ideograph: NFKC would turn this surname's form into another.
    assert clean_text("\ufa19，（大）") == "\ufa19，（大）"


def test_numbers_are_written_without_exponent_or_binary_tail() -> None:
    assert number_text(3.0) == "3"
    assert number_text(0.1 + 0.2) == "0.3"
    assert number_text(1.5e-5) == "0.000015"


def test_columns_nobody_knows_are_named(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["编码", "手机号码 ", "_Name*"], ["A1", "x", "王"]])
    table = read_table(path, COLUMNS)
    assert table.ignored == ["手机号码"]
    assert table.rows[0].cells["name"] == "王"


def test_notes_beside_the_table_make_no_row(tmp_path: Path) -> None:
    rows = [["编码", "", "备忘"], ["A1", "", "x"], ["", "", "=SUM(A1:A2)"]]
    assert len(read_table(write_xlsx(tmp_path / "a.xlsx", rows), COLUMNS).rows) == 1
