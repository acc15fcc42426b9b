"""Zips and sheets as careless programs and careful attackers make them."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font

from aggregator.files import (
    FileDamaged,
    FileRefused,
    NameTooLong,
    check_zip,
    sniff_kind,
    unpack_zip,
)
from aggregator.household_rows import COLUMNS
from aggregator.tabular import NotText, TooManyRows, clean_text, read_table
from tests.aggregator.sheets import write_xlsx

HEADINGS = ["household_code", "head_name", "village_code"]


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_with_flipped_bytes_is_refused_or_read(tmp_path: Path, method: int) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("田.shp", "hi" * 5000)
    whole = path.read_bytes()
    dice = random.Random(1)
    refused = 0
    for _ in range(600):
        data = bytearray(whole)
        data[dice.randrange(len(data))] = dice.randrange(256)
        path.write_bytes(data)
        try:
            if sniff_kind(path) in ("zip", "xlsx"):
                check_zip(path)
        except FileRefused:
            refused += 1
    assert refused > 100


def test_a_member_name_that_is_not_what_it_claims_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("田.jpg", "x")
    path.write_bytes(path.read_bytes().replace("田".encode(), b"\xe7\xe7\xe7"))
    with pytest.raises(FileDamaged):
        sniff_kind(path)


def test_a_member_name_no_file_system_takes_is_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("照" * 86 + ".jpg", "x")
    with pytest.raises(NameTooLong):
        unpack_zip(tmp_path / "a.zip", tmp_path)


def test_members_of_one_name_are_all_kept(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        # A member may be called as a folder for the others would be.
        archive.writestr("2", "两")
        for folder in ("东", "西", "北"):
            archive.writestr(f"{folder}/1.jpg", folder)
    (tmp_path / "out").mkdir()
    parts = unpack_zip(tmp_path / "a.zip", tmp_path / "out")
    assert [part.read_text() for part in parts] == ["两", "东", "西", "北"]
    assert [part.name for part in parts] == ["2", "1.jpg", "1.jpg", "1.jpg"]


def test_a_stray_format_in_the_last_row_makes_no_sheet_too_long(tmp_path: Path) -> None:
    workbook = Workbook()
    workbook.active.append(HEADINGS)
    workbook.active.append(["Q001", "王一", "V1"])
    workbook.active.cell(1_048_576, 1).font = Font(bold=True)
    workbook.save(tmp_path / "a.xlsx")
    assert [row.number for row in read_table(tmp_path / "a.xlsx", COLUMNS).rows] == [2]


def test_a_row_far_below_the_limit_is_not_dropped_in_silence(tmp_path: Path) -> None:
    workbook = Workbook()
    workbook.active.append(HEADINGS)
    workbook.active.cell(300_000, 1, "Q001")
    workbook.save(tmp_path / "a.xlsx")
    with pytest.raises(TooManyRows):
        read_table(tmp_path / "a.xlsx", COLUMNS)


def test_signs_that_show_nothing_make_no_other_code(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "a.xlsx", [HEADINGS, ["\u202dQ001\u202c", "\u200e王\u00ad一", "V1\u2069"]]
    )
    [row] = read_table(path, COLUMNS).rows
    assert [row.cells[key] for key in HEADINGS] == ["Q001", "王一", "V1"]
    # A variation selector is part of how a name is written.
    assert clean_text("葛\U000e0100") == "葛\U000e0100"


def test_a_file_that_says_utf8_is_not_read_as_another_alphabet(tmp_path: Path) -> None:
    text = "\ufeff" + ",".join(HEADINGS) + "\nQ001,王X,V1\n"
    # The last of the three bytes of 小 is lost: read as GB18030 it would be a wrong name.
    (tmp_path / "a.csv").write_bytes(text.encode().replace(b"X", "小".encode()[:2]))
    with pytest.raises(NotText):
        read_table(tmp_path / "a.csv", COLUMNS)
