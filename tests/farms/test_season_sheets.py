"""A season sheet goes out to a village, is filled in, and comes back as records."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from aggregator.importing import ImportReport
from aggregator.models import Village
from farms.models import Field, PracticeRecord, Season
from farms.practice_import import import_practices
from farms.season_sheets import export_season_sheets, write_sheet
from tests.aggregator.sheets import write_csv
from tests.cast import Cast, make_field, make_season

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.fixture
def season(sunrise: Cast) -> Season:
    make_season(sunrise, 2024, practice="straw_return")
    return Season.objects.create(
        cooperative=sunrise.cooperative,
        code="2025",
        starts_on=date(2025, 1, 1),
        ends_on=date(2025, 12, 31),
    )


class Paper:
    """A sheet in the clerk's hands: cells are found by the heading and the plot's row."""

    def __init__(self, content: bytes, folder: Path) -> None:
        self.path = folder / "sheet.xlsx"
        self.path.write_bytes(content)
        self.book: Workbook = load_workbook(self.path)
        self.sheet: Worksheet = self.book.worksheets[0]
        self.headings = {cell.value: cell.column for cell in self.sheet[4]}

    def row_of(self, code: str) -> int:
        column = self.headings.get("field code") or self.headings["地块编码"]
        return next(
            row
            for row in range(5, 5 + self.sheet.max_row)
            if self.sheet.cell(row, column).value == code
        )

    def put(self, code: str, heading: str, value: Any) -> None:
        self.sheet.cell(self.row_of(code), self.headings[heading]).value = value

    def get(self, code: str, heading: str) -> Any:
        return self.sheet.cell(self.row_of(code), self.headings[heading]).value

    def bring_in(self, cast: Cast, **options: Any) -> ImportReport:
        self.book.save(self.path)
        return import_practices(
            self.path, cooperative=cast.cooperative, by=cast.operator, **options
        )


@pytest.fixture
def paper(sunrise: Cast, season: Season, tmp_path: Path) -> Paper:
    return Paper(write_sheet(season, sunrise.village), tmp_path)


def facts() -> list[tuple[Any, ...]]:
    records = PracticeRecord.objects.filter(season__code="2025").order_by("field__code", "practice")
    return [(r.field.code, r.practice, r.crop, r.irrigated, r.done_on, r.note) for r in records]


def test_a_sheet_that_was_filled_in_becomes_records(paper: Paper, sunrise: Cast) -> None:
    paper.put("F001", "No-till", "✓")
    paper.put("F001", "Straw return", "✓")
    paper.put("F001", "crop", "winter wheat+corn")
    paper.put("F001", "irrigated", "yes")
    paper.put("F001", "done on", date(2025, 6, 12))
    paper.put("F003", "Ordinary tillage", "✓")
    paper.put("F003", "note", "late")
    report = paper.bring_in(sunrise)
    assert report.errors == []
    assert report.counts == {"created": 3, "updated": 0, "unchanged": 0}
    day = date(2025, 6, 12)
    assert facts() == [
        ("F001", "no_till", "winter wheat, maize", True, day, ""),
        ("F001", "straw_return", "winter wheat, maize", True, day, ""),
        ("F003", "conventional", "", False, None, "late"),
    ]
    assert paper.bring_in(sunrise).counts == {"created": 0, "updated": 0, "unchanged": 3}


def test_a_sheet_nobody_wrote_on_changes_nothing(paper: Paper, sunrise: Cast) -> None:
    report = paper.bring_in(sunrise)
    assert (report.errors, report.notes) == ([], [])
    assert report.counts == {"created": 0, "updated": 0, "unchanged": 0}


def test_the_sheet_in_chinese_is_read_too(sunrise: Cast, season: Season, tmp_path: Path) -> None:
    with translation.override("zh-hans"):
        paper = Paper(write_sheet(season, sunrise.village), tmp_path)
    paper.put("F002", "免耕", "√")
    paper.put("F002", "作物", "苞谷")
    assert paper.bring_in(sunrise).errors == []
    assert facts() == [("F002", "no_till", "玉米", False, None, "")]


def test_it_says_what_each_plot_is_and_what_was_done_last_season(paper: Paper) -> None:
    assert paper.get("F001", "household") == "户主1 H001"
    assert paper.get("F001", "area (mu)") == "15.00"  # 10,000 m² are 15 mu
    assert paper.get("F001", "last season") == "straw return"


def test_what_is_on_record_is_ticked_already_and_an_emptied_tick_is_noted_not_deleted(
    sunrise: Cast, season: Season, tmp_path: Path
) -> None:
    record = PracticeRecord.objects.create(
        cooperative=sunrise.cooperative,
        field=sunrise.fields[0],
        season=season,
        practice="no_till",
        crop="小麦",
    )
    paper = Paper(write_sheet(season, sunrise.village), tmp_path)
    assert (paper.get("F001", "No-till"), paper.get("F001", "crop")) == ("✓", "小麦")
    paper.put("F001", "No-till", None)
    paper.put("F001", "Fallow", "✓")
    report = paper.bring_in(sunrise)
    assert report.errors == []
    assert [(note.column, note.text) for note in report.notes] == [("No-till", "F001")]
    assert "stays" in report.notes[0].reason
    record.refresh_from_db()
    assert record.status == "confirmed"


def test_rows_in_another_order_still_find_their_plots(paper: Paper, sunrise: Cast) -> None:
    paper.put("F003", "Fallow", "✓")
    first, last = paper.row_of("F001"), paper.row_of("F003")
    for column in range(1, len(paper.headings) + 1):
        one, other = paper.sheet.cell(first, column), paper.sheet.cell(last, column)
        one.value, other.value = other.value, one.value
    assert paper.bring_in(sunrise).errors == []
    assert [(fact[0], fact[1]) for fact in facts()] == [("F003", "fallow")]


def test_a_changed_code_is_told_by_its_cell(paper: Paper, sunrise: Cast) -> None:
    row = paper.row_of("F002")
    paper.put("F002", "No-till", "✓")
    paper.sheet.cell(row, paper.headings["field code"]).value = "F009"
    report = paper.bring_in(sunrise)
    assert [(e.row, e.column, e.text) for e in report.errors] == [(row, "field code", "F009")]
    assert report.errors[0].reason == (
        "This code was changed; this row of the sheet is of field F002."
    )
    assert facts() == []


def test_a_row_that_was_copied_is_told_by_the_row_it_repeats(paper: Paper, sunrise: Cast) -> None:
    paper.put("F001", "No-till", "✓")
    row, end = paper.row_of("F001"), paper.sheet.max_row + 1
    for column in range(1, len(paper.headings) + 1):
        paper.sheet.cell(end, column).value = paper.sheet.cell(row, column).value
    report = paper.bring_in(sunrise)
    assert [error.row for error in report.errors] == [end]
    assert f"Row {row} has the same field" in report.errors[0].reason


def test_another_cooperatives_sheet_is_refused_without_saying_whose_it_is(
    paper: Paper, riverbend: Cast
) -> None:
    report = paper.bring_in(riverbend)
    assert report.refused
    assert {error.reason for error in report.errors} == {
        "This season sheet is of another cooperative."
    }
    assert "sunrise" not in str(report.errors)


def test_a_season_that_is_gone_is_told(paper: Paper, sunrise: Cast, season: Season) -> None:
    paper.put("F001", "No-till", "✓")
    season.delete()
    report = paper.bring_in(sunrise)
    assert report.refused
    assert {e.reason for e in report.errors} == {"There is no season 2025 here any more."}


def test_a_key_somebody_typed_over_is_told(paper: Paper, sunrise: Cast) -> None:
    paper.put("F001", "No-till", "✓")
    paper.put("F001", "sheet key", "TH9|x")
    report = paper.bring_in(sunrise)
    assert "The hidden number of this row was changed" in report.errors[0].reason


def test_a_crop_without_a_tick_asks_for_the_tick(paper: Paper, sunrise: Cast) -> None:
    paper.put("F001", "crop", "wheat")
    report = paper.bring_in(sunrise)
    assert [(e.row, e.column) for e in report.errors] == [(paper.row_of("F001"), "No-till")]
    assert "Tick what was done" in report.errors[0].reason


def test_a_word_that_is_no_tick_is_refused(paper: Paper, sunrise: Cast) -> None:
    paper.put("F001", "No-till", "perhaps")
    assert paper.bring_in(sunrise).refused


def test_the_page_prints_across_a4_with_headings_on_every_page(paper: Paper) -> None:
    sheet = paper.sheet
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows == "$4:$4"
    assert sheet.oddHeader.center.text == "一村"
    assert sheet.oddHeader.right.text == "2025"
    assert sheet.oddFooter.center.text == "&P / &N"
    # A header stands between the paper's edge and the table, not upon it.
    assert sheet.page_margins.header + 0.3 <= sheet.page_margins.top
    # The key is outside of what is printed, and hidden.
    assert sheet.print_area == "'Season sheet'!$A$1:$S$7"
    assert sheet.column_dimensions["T"].hidden


def test_the_columns_fill_the_page_so_that_the_type_is_printed_as_large_as_it_is(
    paper: Paper,
) -> None:
    shown = [each for each in paper.sheet.column_dimensions.values() if not each.hidden]
    # A4 across, less the margins, holds 144 digits of eleven points, of 7 pixels at 96 an inch.
    assert 130 <= sum(each.width for each in shown) <= 150
    assert {cell.font.name for cell in paper.sheet[5]} == {"Arial"}


def test_a_long_name_makes_its_row_higher(sunrise: Cast, season: Season, tmp_path: Path) -> None:
    Field.objects.filter(pk=sunrise.fields[0].pk).update(name="老槐树" * 10)
    paper = Paper(write_sheet(season, sunrise.village), tmp_path)
    heights = paper.sheet.row_dimensions
    # 30 characters of 9 points, 5 to a line of the column, are six lines.
    assert heights[paper.row_of("F001")].height == 6 * 13
    assert heights[paper.row_of("F002")].height == 24


def test_only_what_is_to_be_filled_in_is_unlocked(paper: Paper) -> None:
    row = paper.row_of("F001")
    open_cells = {
        heading
        for heading, column in paper.headings.items()
        if not paper.sheet.cell(row, column).protection.locked
    }
    assert paper.sheet.protection.sheet
    assert open_cells == {
        *("No-till", "Reduced till", "Straw return", "Organic fertiliser", "Ordinary tillage"),
        *("Soil-test fertilising", "Intermittent irrigation", "Fallow", "Grass planting"),
        *("crop", "irrigated", "done on", "note"),
    }


def test_a_name_that_looks_like_a_formula_stays_a_name(
    sunrise: Cast, season: Season, tmp_path: Path
) -> None:
    field = sunrise.fields[0]
    field.name = '=HYPERLINK("http://x")'
    field.save()
    paper = Paper(write_sheet(season, sunrise.village), tmp_path)
    cell = paper.sheet.cell(paper.row_of("F001"), 3)
    assert (cell.data_type, cell.value) == ("s", field.name)


def test_several_villages_come_as_one_zip_and_one_village_as_a_workbook(
    sunrise: Cast, season: Season
) -> None:
    assert export_season_sheets(season, by=sunrise.viewer).name == "2025_一村_V1.xlsx"
    other = Village.objects.create(cooperative=sunrise.cooperative, code="V2", name="二村")
    make_field(other, sunrise.households[0], 9, east=118.5)
    both = export_season_sheets(season, by=sunrise.viewer)
    assert (both.name, both.content[:2]) == ("sunrise_2025.zip", b"PK")


def test_the_command_writes_the_sheet_of_one_village(
    sunrise: Cast, season: Season, tmp_path: Path
) -> None:
    common = ["--cooperative", "sunrise", "--season", season.code, "--to", str(tmp_path)]
    call_command("export_season_sheets", *common, "--village", "V1", stdout=StringIO())
    assert (tmp_path / "2025_一村_V1.xlsx").read_bytes()[:2] == b"PK"
    with pytest.raises(CommandError):
        call_command("export_season_sheets", *common, "--village", "V9", stdout=StringIO())


def test_a_list_with_ticks_and_a_season_column_is_read_without_a_key(
    sunrise: Cast, season: Season, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    write_csv(path, [["地块编码", "年度", "免耕", "秸秆还田"], ["F001", "2025", "√", ""]])
    report = import_practices(path, cooperative=sunrise.cooperative, by=sunrise.operator)
    assert (report.errors, report.notes) == ([], [])
    assert facts() == [("F001", "no_till", "", False, None, "")]


def test_a_list_without_season_or_practice_is_told_what_is_missing(
    sunrise: Cast, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    write_csv(path, [["地块编码", "作物"], ["F001", "小麦"]])
    report = import_practices(path, cooperative=sunrise.cooperative, by=sunrise.operator)
    assert "season 季, practice 农事措施" in report.errors[0].reason


def test_a_second_sheet_in_the_workbook_is_not_passed_over(paper: Paper, sunrise: Cast) -> None:
    paper.put("F001", "No-till", "✓")
    copy = paper.book.copy_worksheet(paper.sheet)
    copy.title = "二村"
    copy.cell(paper.row_of("F002"), paper.headings["Fallow"]).value = "✓"
    report = paper.bring_in(sunrise)
    assert report.refused
    assert "Season sheet, 二村" in report.errors[0].reason
    assert facts() == []


def test_a_second_sheet_without_rows_or_out_of_sight_does_no_harm(
    paper: Paper, sunrise: Cast
) -> None:
    paper.put("F001", "No-till", "✓")
    hidden = paper.book.copy_worksheet(paper.sheet)
    hidden.sheet_state = "hidden"
    empty = paper.book.copy_worksheet(paper.sheet)
    empty.delete_rows(5, 10)
    report = paper.bring_in(sunrise)
    assert report.errors == []
    assert [fact[:2] for fact in facts()] == [("F001", "no_till")]
