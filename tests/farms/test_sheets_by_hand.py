"""What hands do to a season sheet, merged cells and renamed headings, loses no tick in silence."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from aggregator import merged_cells
from aggregator.importing import ImportReport
from aggregator.merged_cells import read_merged
from farms.models import PracticeRecord, Season
from farms.season_sheets import write_sheet
from tests.cast import Cast
from tests.farms import uploading
from tests.farms.test_season_sheets import Paper

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.fixture
def paper(sunrise: Cast, tmp_path: Path, settings: Any) -> Paper:
    settings.MEDIA_ROOT = tmp_path / "media"
    season = Season.objects.create(
        cooperative=sunrise.cooperative,
        code="2025",
        starts_on=date(2025, 1, 1),
        ends_on=date(2025, 12, 31),
    )
    return Paper(write_sheet(season, sunrise.village), tmp_path)


def said(report: ImportReport) -> list[tuple[int | None, str]]:
    return [(error.row, error.reason) for error in report.errors]


def test_a_tick_merged_over_rows_is_refused_by_cell(paper: Paper, sunrise: Cast) -> None:
    paper.put("F001", "No-till", "✓")
    # Column G is the first practice; rows 5 to 7 are the three plots.
    paper.sheet.merge_cells("G5:G7")
    merged = (
        "merged with those above or before it (G5:G7): what is written there counts for its first "
        "cell only. Undo the merging and fill in every cell."
    )
    assert said(paper.bring_in(sunrise)) == [(6, f"Cell G6: {merged}"), (7, f"Cell G7: {merged}")]
    assert not PracticeRecord.objects.exists()


def test_a_tick_merged_over_columns_is_refused_by_cell(paper: Paper, sunrise: Cast) -> None:
    paper.put("F001", "No-till", "✓")
    paper.sheet.merge_cells("G5:H5")
    merged = (
        "merged with those above or before it (G5:H5): what is written there counts for its first "
        "cell only. Undo the merging and fill in every cell."
    )
    assert said(paper.bring_in(sunrise)) == [(5, f"Cell H5: {merged}")]
    assert not PracticeRecord.objects.exists()


def test_a_tick_merged_over_rows_and_columns_is_refused_but_once(
    paper: Paper, sunrise: Cast
) -> None:
    paper.put("F001", "No-till", "✓")
    paper.sheet.merge_cells("G5:H6")
    rows = [row for row, _reason in said(paper.bring_in(sunrise))]
    # H5 beside the first cell, G6 and H6 below it.
    assert rows == [5, 6, 6]


def test_a_clerk_sees_the_merged_cells_among_the_rows(paper: Paper, sunrise: Cast) -> None:
    paper.put("F001", "No-till", "✓")
    paper.sheet.merge_cells("G5:G6")
    paper.book.save(paper.path)
    upload = uploading.check(paper.path, sunrise, kind="practices")
    [(row, level, _kind)] = uploading.problems(upload)
    assert (row, level) == (6, "error")


def test_merged_cells_that_say_nothing_and_merged_heads_are_no_matter(
    paper: Paper, sunrise: Cast
) -> None:
    paper.put("F003", "No-till", "✓")
    paper.sheet.merge_cells("H5:H6")
    paper.sheet.merge_cells("C3:C4")
    assert said(paper.bring_in(sunrise)) == []
    assert PracticeRecord.objects.count() == 1


def test_a_renamed_heading_of_ticks_is_an_error_that_names_it(paper: Paper, sunrise: Cast) -> None:
    paper.put("F001", "No-till", "✓")
    paper.put("F001", "Straw return", "✓")
    paper.sheet.cell(4, paper.headings["No-till"]).value = "direct sowing"
    report = paper.bring_in(sunrise)
    [error] = report.errors
    assert (error.column, error.code) == ("direct sowing", "heading_lost")
    assert "which now lacks: No-till." in error.reason
    assert not PracticeRecord.objects.exists()


def test_a_clerk_may_say_what_a_renamed_heading_is(paper: Paper, sunrise: Cast) -> None:
    paper.put("F001", "No-till", "✓")
    paper.sheet.cell(4, paper.headings["No-till"]).value = "direct sowing"
    paper.book.save(paper.path)
    upload = uploading.check(paper.path, sunrise, kind="practices")
    assert [problem["kind"] for problem in upload.problems] == ["heading_lost"]
    upload = uploading.match_as(upload, sunrise, no_till="direct sowing")
    assert upload.problems == []
    assert uploading.write(upload, sunrise).status == "done"
    assert PracticeRecord.objects.get().practice == "no_till"


def test_a_column_of_ones_own_beside_a_whole_sheet_stays_a_note(
    paper: Paper, sunrise: Cast
) -> None:
    paper.put("F001", "No-till", "✓")
    paper.sheet.cell(4, len(paper.headings) + 1).value = "seen by"
    report = paper.bring_in(sunrise)
    assert said(report) == []
    assert [note.column for note in report.notes] == ["seen by"]


@pytest.mark.parametrize("before", [0, 1, 20, 40])
def test_ranges_are_found_wherever_the_reading_breaks_off(monkeypatch: Any, before: int) -> None:
    monkeypatch.setattr(merged_cells, "_CHUNK", 16)
    marks = b'<x:mergeCell ref="A1:P1"/><x:mergeCell ref="AA10:AB12"/><mergeCell ref=\'B5:B6\'/>'
    found = read_merged(BytesIO(b" " * before + marks))
    assert found == [
        ("A1:P1", 1, 1, 0, 15),
        ("B5:B6", 5, 6, 1, 1),
        ("AA10:AB12", 10, 12, 26, 27),
    ]
