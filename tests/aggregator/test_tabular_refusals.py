"""Files and cells the reader of spreadsheets refuses, each with a sentence that helps."""

import io
import os
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.formula import ArrayFormula

from aggregator import files, tabular
from aggregator.tabular import Column, read_table
from tests.aggregator.sheets import write_csv, write_xlsx

pytestmark = pytest.mark.usefixtures("in_english")

COLUMNS = (
    Column("code", ("编码",), required=True, code=True),
    Column("name", ("姓名",), required=True),
    Column("identity", ("身份证号",), private=True),
)


def _sound(path: Path) -> Path:
    return write_xlsx(path, [["编码", "姓名"], ["A1", "王"]])


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.touch()
    with pytest.raises(files.FileEmpty):
        read_table(path, COLUMNS)


def test_one_megabyte_over_the_limit_is_refused_before_a_byte_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.truncate(65 * files.MEGABYTE)

    def never(*_args: Any, **_options: Any) -> None:
        raise AssertionError("the file was opened")

    monkeypatch.setattr(Path, "open", never)
    monkeypatch.setattr(Path, "read_bytes", never)
    with pytest.raises(files.FileTooLarge) as refusal:
        read_table(path, COLUMNS)
    assert "The file has 65 MB; up to 64 MB is read." in str(refusal.value)


def test_a_pdf_named_xlsx_is_called_a_pdf(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"%PDF-1.7\n" + b"x" * 100)
    with pytest.raises(files.WrongKind) as refusal:
        read_table(path, COLUMNS)
    expected = "This file is a PDF; needed is an Excel workbook (.xlsx) or a CSV file."
    assert str(refusal.value) == expected


@pytest.mark.parametrize(
    "head", [b"\x89PNG\r\n\x1a\n", b"\x7fELF\0\0\0", b"SQLite format 3\0", b'{"a": 1}']
)
def test_other_kinds_are_refused_by_content(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(head + b"\0" * 20)
    with pytest.raises(files.WrongKind):
        read_table(path, COLUMNS)


def test_a_password_and_an_old_xls_are_told_apart(tmp_path: Path) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    locked, old = tmp_path / "locked.xlsx", tmp_path / "old.xls"
    locked.write_bytes(ole + "EncryptedPackage".encode("utf-16-le"))
    old.write_bytes(ole + "Workbook".encode("utf-16-le"))
    with pytest.raises(files.FileLocked):
        read_table(locked, COLUMNS)
    with pytest.raises(files.OldWorkbook, match=r"Save As, take “Excel Workbook \(\*\.xlsx\)”"):
        read_table(old, COLUMNS)


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9, 0.99])
def test_a_file_cut_short_is_called_damaged(tmp_path: Path, cut: float) -> None:
    path = _sound(tmp_path / "a.xlsx")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * cut)])
    with pytest.raises(files.FileDamaged):
        read_table(path, COLUMNS)


def test_flipped_bytes_end_in_a_refusal_or_in_rows_never_in_a_crash(tmp_path: Path) -> None:
    path = _sound(tmp_path / "a.xlsx")
    data = path.read_bytes()
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    for step in range(150):
        broken = bytearray(data)
        at = (seed + step * 7919) % len(data)
        broken[at] ^= 1 + step % 255
        path.write_bytes(broken)
        try:
            read_table(path, COLUMNS)
        except files.FileRefused:
            continue


def test_a_zip_bomb_is_refused_by_what_its_directory_claims(tmp_path: Path) -> None:
    path = _sound(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros", b"\0" * (60 * files.MEGABYTE))
    assert path.stat().st_size < files.MEGABYTE
    with pytest.raises(files.UnpacksTooLarge):
        read_table(path, COLUMNS)


def test_a_zip_bomb_with_a_lying_directory_is_refused_too(tmp_path: Path) -> None:
    path = _sound(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros", b"\0" * (60 * files.MEGABYTE))
    lie = path.read_bytes().replace(struct.pack("<L", 60 * files.MEGABYTE), struct.pack("<L", 9))
    path.write_bytes(lie)
    with pytest.raises(files.FileDamaged):
        read_table(path, COLUMNS)


def test_what_really_inflates_is_counted(tmp_path: Path, settings: Any) -> None:
    settings.IMPORT_MAX_UNPACKED_BYTES = 5000
    with pytest.raises(files.UnpacksTooLarge):
        read_table(_sound(tmp_path / "a.xlsx"), COLUMNS)


def test_entities_that_multiply_are_refused(tmp_path: Path) -> None:
    path = _sound(tmp_path / "a.xlsx")
    laughs = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">' for n in range(9)
    )
    bomb = f"<?xml version='1.0'?><!DOCTYPE x [{laughs}]><worksheet>&l8;</worksheet>"
    data = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(data, "w") as new:
        for name in old.namelist():
            new.writestr(name, bomb if name.endswith("sheet1.xml") else old.read(name))
    path.write_bytes(data.getvalue())
    with pytest.raises(files.FileDamaged):
        read_table(path, COLUMNS)


def test_every_missing_column_is_named(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["身份证号", "说明"], ["1", "2"]])
    with pytest.raises(tabular.HeadingsMissing) as refusal:
        read_table(path, COLUMNS)
    assert "code 编码, name 姓名" in str(refusal.value)


def test_a_file_without_any_known_heading_is_told_what_is_missing(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["甲", "乙"], ["1", "2"]])
    with pytest.raises(tabular.HeadingsMissing):
        read_table(path, COLUMNS)


def test_two_columns_of_one_meaning_are_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["编码", "姓名", "code"], ["1", "2", "3"]])
    with pytest.raises(tabular.HeadingTwice) as refusal:
        read_table(path, COLUMNS)
    assert "编码 / code" in str(refusal.value)


def test_headings_without_rows_are_told(tmp_path: Path) -> None:
    with pytest.raises(tabular.NoRows):
        read_table(write_csv(tmp_path / "a.csv", [["编码", "姓名"]]), COLUMNS)


def test_bytes_of_no_alphabet_and_an_open_quote_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("编码,姓名\n".encode() + b"\xff\xff\xff,1\n")
    with pytest.raises(tabular.NotText):
        read_table(path, COLUMNS)
    path.write_text('编码,姓名\nA1,"王\nA2,李\n')
    with pytest.raises(tabular.QuoteLeftOpen):
        read_table(path, COLUMNS)


def test_formulas_of_every_sort_are_refused_by_cell(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    workbook = Workbook()
    sheet = workbook.active
    sheet.append(["编码", "姓名"])
    sheet.append(['="A"&1', "王"])
    sheet.append(["A2", None])
    sheet["B3"] = ArrayFormula("B3", "=A1:A2")
    workbook.save(path)
    table = read_table(path, COLUMNS)
    assert [(e.row, e.column, e.reason.split(":")[0]) for e in table.errors] == [
        (2, "编码", "Cell A2"),
        (3, "姓名", "Cell B3"),
    ]
    assert table.errors[0].text == '="A"&1'
    assert all("formula" in error.reason for error in table.errors)


def test_a_formula_in_a_csv_is_refused_and_a_plus_is_not(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["编码", "姓名"], ["=cmd()", "+86 138"]])
    errors = read_table(path, COLUMNS).errors
    assert [(error.row, error.column) for error in errors] == [(2, "编码")]


def test_codes_eaten_into_powers_of_ten_are_refused_by_cell(tmp_path: Path) -> None:
    rows = [["编码", "姓名"], ["3.50627E+17", "王"], [350627196001010019, "李"], ["A3", "5E+3"]]
    table = read_table(write_xlsx(tmp_path / "a.xlsx", rows), COLUMNS)
    assert [error.reason[:8] for error in table.errors] == ["Cell A2:", "Cell A3:"]
    assert table.rows[0].refused == {"code"}
    assert "code" not in table.rows[0].cells


def test_an_error_value_of_the_sheet_is_refused(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [["编码", "姓名"], ["A1", "王"]])
    workbook = load_workbook(path)
    workbook.active["B2"] = "#N/A"
    workbook.active["B2"].data_type = "e"
    workbook.save(path)
    assert [error.text for error in read_table(path, COLUMNS).errors] == ["#N/A"]


def test_private_numbers_are_masked_and_long_ones_elsewhere_too(tmp_path: Path) -> None:
    number = "350627196001010019"
    rows = [["编码", "姓名", "身份证号"], ["=1", f"={number}", f"={number}"]]
    for error in read_table(write_csv(tmp_path / "a.csv", rows), COLUMNS).errors:
        assert number not in error.text
