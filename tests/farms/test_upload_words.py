"""What the import pages call things: plain words, in the language of whoever reads them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import translation

from aggregator.tabular import read_table
from farms.upload_kinds import KINDS, known_columns
from tests.aggregator.sheets import household, write_csv, write_households
from tests.cast import Cast
from tests.farms import uploading
from tests.farms.layer_files import field, square, write_geojson

TABLES = ("households", "practices")


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def reader(cast: Cast, language: str) -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(cast.operator)
    return client


@pytest.mark.parametrize("kind", [*KINDS])
def test_in_english_no_column_is_called_by_a_machine_word(kind: str) -> None:
    with translation.override("en"):
        titles = [column.title for column in KINDS[kind].columns]
    assert not [title for title in titles if "_" in title]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_empty_workbook_is_read_as_it_was_given(
    kind: str, language: str, sunrise: Cast, tmp_path: Path
) -> None:
    answer = reader(sunrise, language).get(f"/admin/import/{kind}/template.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    book.active.append(["x"] * book.active.max_column)
    path = tmp_path / "a.xlsx"
    book.save(path)
    # Whoever reads it later may have another language.
    with translation.override("zh-hans" if language == "en" else "en"):
        table = read_table(path, KINDS[kind].columns)
    assert table.headings.keys() == {column.key for column in known_columns(kind)}
    assert table.ignored == []


def test_the_empty_workbook_has_no_hidden_number_of_a_season_sheet(sunrise: Cast) -> None:
    answer = reader(sunrise, "zh-hans").get("/admin/import/practices/template.xlsx")
    (headings,) = openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(
        max_row=1, values_only=True
    )
    assert "地块编码" in headings
    assert not {"表内编号", "sheet_key"} & set(headings)


def test_the_key_of_a_column_is_a_heading_still(sunrise: Cast, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv",
        [["household_code", "village code", "Name of the head"], ["Q1", "V1", "王镕"]],
    )
    upload = uploading.check(path, sunrise, kind="households")
    assert (upload.counts["created"], upload.counts["errors"]) == (1, 0)


def test_a_practice_file_without_its_season_is_told_so_once(sunrise: Cast, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["地块编码", "农事措施"], ["F001", "免耕"]])
    upload = uploading.read(path, sunrise, kind="practices")
    uploading.match(upload, sunrise)
    assert [problem["kind"] for problem in upload.problems] == ["layout_refused"]
    assert "season" in upload.problems[0]["reason"]


def test_one_season_for_all_rows_is_a_season(sunrise: Cast, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["地块编码", "农事措施"], ["F001", "免耕"]])
    upload = uploading.match(
        uploading.read(path, sunrise, kind="practices"), sunrise, season="2025"
    )
    assert (upload.problems, upload.counts["errors"]) == ([], 0)


def test_a_record_brought_in_by_the_page_is_confirmed_by_the_clerk(
    sunrise: Cast, tmp_path: Path
) -> None:
    from farms.models import Field, PracticeRecord, Season

    season = Season.objects.create(
        cooperative=sunrise.cooperative, code="2025", starts_on="2025-01-01", ends_on="2025-12-31"
    )
    record = PracticeRecord.objects.create(
        cooperative=sunrise.cooperative,
        field=Field.objects.get(code="F001"),
        season=season,
        practice="no_till",
        status=PracticeRecord.Status.REPORTED,
    )
    rows = [["地块编码", "季", "农事措施"], ["F001", "2025", "免耕"]]
    upload = uploading.check(write_csv(tmp_path / "a.csv", rows), sunrise, kind="practices")
    uploading.write(upload, sunrise)
    record.refresh_from_db()
    assert (record.status, record.decided_by) == ("confirmed", sunrise.operator)


def test_reasons_are_told_anew_in_the_language_of_whoever_reads_them(
    sunrise: Cast, tmp_path: Path
) -> None:
    with translation.override("zh-hans"):
        path = write_households(tmp_path / "a.csv", household(1, member_since="2019-02-30"))
        upload = uploading.check(path, sunrise, kind="households")
    address = f"/admin/import/uploads/{upload.pk}/"
    english, chinese = reader(sunrise, "en"), reader(sunrise, "zh-hans")
    offer = "Say the reasons in English"
    assert offer in english.get(address).content.decode()
    assert "upload-language" not in chinese.get(address).content.decode()
    english.post(f"{address}check/")
    uploading.work(upload)
    shown = english.get(address).content.decode()
    assert "There is no such day." in shown
    assert offer not in shown
    assert "upload-language" in chinese.get(address).content.decode()


def test_a_column_that_the_file_lacks_is_named_in_words(sunrise: Cast, tmp_path: Path) -> None:
    with translation.override("en"):
        path = write_geojson(tmp_path / "a.geojson", [({"地块编码": "P1"}, square(0))])
        upload = uploading.check(path, sunrise, kind="fields")
    (problem,) = uploading.row_of(upload, 1).problems
    assert (problem["key"], problem["column"]) == ("village_code", "village code")
    assert field("P1")["field_code"] == "P1"
