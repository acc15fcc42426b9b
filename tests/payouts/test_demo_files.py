"""The demonstration's files look like a cooperative's own and say the same for the same seed."""

from pathlib import Path

import openpyxl
import pyogrio
import pytest
from PIL import Image

from payouts.demo.files import DemoFiles, write_files


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> DemoFiles:
    return write_files(tmp_path_factory.mktemp("demo"))


def _rows(path: Path) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True))


def test_the_register_has_a_title_row_above_its_header_and_text_in_every_cell(
    files: DemoFiles,
) -> None:
    rows = _rows(files.members)
    assert "演示数据" in str(rows[0][0])
    assert rows[1][:2] == ("农户编码", "村编码")
    assert len(rows) == 242
    assert all(cell is None or isinstance(cell, str) for row in rows for cell in row)


def test_the_fields_are_in_a_chinese_three_degree_zone(files: DemoFiles) -> None:
    facts = pyogrio.read_info(files.fields)
    assert facts["crs"] == "EPSG:4548"
    assert 850 <= facts["features"] <= 950


def test_every_evidence_file_named_in_the_records_exists(files: DemoFiles) -> None:
    for path in files.practices.values():
        names = {name for row in _rows(path)[2:] for name in str(row[7]).split(";")}
        assert names
        assert all((files.evidence / name).is_file() for name in names)


def test_pictures_say_that_they_are_drawn_and_carry_place_and_day(files: DemoFiles) -> None:
    picture = next(files.evidence.glob("*.jpg"))
    exif = Image.open(picture).getexif()
    assert "not a photograph" in exif[0x010E]
    assert exif.get_ifd(0x8769)[0x9003].startswith(("2024", "2025"))
    latitude = exif.get_ifd(0x8825)[2]
    assert 25 <= float(latitude[0]) + float(latitude[1]) / 60 < 26
    assert picture.stat().st_size < 30_000


def test_writing_again_writes_the_same_rows(files: DemoFiles, tmp_path: Path) -> None:
    again = write_files(tmp_path)
    assert _rows(again.members) == _rows(files.members)
    assert _rows(again.practices[2024]) == _rows(files.practices[2024])
    first, second = (pyogrio.raw.read(path) for path in (files.fields, again.fields))
    assert first[2].tolist() == second[2].tolist()
