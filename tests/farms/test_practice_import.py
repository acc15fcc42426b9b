"""Practices come in with their evidence, once, and name what they cannot find."""

from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from aggregator.importing import ImportReport
from aggregator.models import ImportRun
from farms.models import Evidence, PracticeRecord, Season
from farms.practice_import import import_practices
from farms.redrawing import split_field
from tests.aggregator.sheets import write_csv
from tests.cast import Cast
from tests.farms.land import MIDDLE, MIDSUMMER

pytestmark = pytest.mark.usefixtures("in_english")

HEADINGS = ["地块编码", "季", "农事措施", "作物", "灌溉", "日期", "备注", "佐证文件"]


class Importer:
    """Writes rows in the order of HEADINGS to a file and brings it in for Sunrise."""

    def __init__(self, cast: Cast, folder: Path) -> None:
        self.cast = cast
        self.path = folder / "practices.csv"
        self.photos = folder / "photos"
        self.photos.mkdir()

    def __call__(self, *rows: list[str], **options: Any) -> ImportReport:
        filled = [row + [""] * (len(HEADINGS) - len(row)) for row in rows]
        write_csv(self.path, [HEADINGS, *filled])
        return import_practices(
            self.path, cooperative=self.cast.cooperative, by=self.cast.operator, **options
        )


@pytest.fixture
def bring_in(sunrise: Cast, tmp_path: Path, settings: Any) -> Importer:
    settings.MEDIA_ROOT = tmp_path / "media"
    return Importer(sunrise, tmp_path)


def counts(report: ImportReport) -> tuple[int, ...]:
    assert report.errors == []
    return tuple(report.counts[key] for key in ("created", "updated", "unchanged"))


def test_a_row_becomes_a_record_and_a_year_becomes_a_season(bring_in: Importer) -> None:
    row = ["F001", "2025年", "免耕", "水稻", "是", "2025-03-01", "头季"]
    assert counts(bring_in(row)) == (1, 0, 0)
    record = PracticeRecord.objects.get()
    assert (record.field.code, record.practice, record.crop) == ("F001", "no_till", "水稻")
    assert (record.irrigated, record.done_on, record.note) == (True, date(2025, 3, 1), "头季")
    season = Season.objects.get()
    assert (season.code, season.starts_on, season.ends_on) == (
        "2025",
        date(2025, 1, 1),
        date(2025, 12, 31),
    )
    assert counts(bring_in(row)) == (0, 0, 1)
    assert counts(bring_in(["F001", "2025", "no-till", "小麦"])) == (0, 1, 0)
    record.refresh_from_db()
    assert (record.crop, record.irrigated) == ("小麦", True)


@pytest.mark.parametrize(
    ("word", "practice"),
    [
        ("No-Till", "no_till"),
        ("reduced till", "reduced_till"),
        ("秸秆还田", "straw_return"),
        ("organic_fertiliser", "organic_fertiliser"),
        ("测土配方施肥", "soil_test_fertilising"),
        ("间歇灌溉", "intermittent_irrigation"),
        ("轮作休耕", "fallow"),
        ("grass planting", "grass"),
    ],
)
def test_practices_are_known_by_their_words_in_both_languages(
    word: str, practice: str, bring_in: Importer
) -> None:
    assert counts(bring_in(["F001", "2025", word])) == (1, 0, 0)
    assert PracticeRecord.objects.get().practice == practice


def test_several_practices_in_a_cell_are_several_records(bring_in: Importer) -> None:
    assert counts(bring_in(["F001", "2025", "免耕+秸秆还田、有机肥"])) == (3, 0, 0)


def test_every_error_of_every_row_is_named(bring_in: Importer) -> None:
    report = bring_in(
        ["F999", "2025", "免耕"],
        ["F001", "春", "深翻", "", "maybe", "2025-02-30"],
        ["", "", ""],
        ["F002", "2025", "免耕", "", "", "", "", "a.jpg"],
        ["F002", "2025", "免耕+秸秆还田"],
        ["350627102203000001", "2025", "免耕"],
    )
    assert sorted((e.row, e.column, e.text) for e in report.errors) == [
        (2, "地块编码", "F999"),
        (3, "农事措施", "深翻"),
        (3, "季", "春"),
        (3, "日期", "2025-02-30"),
        (3, "灌溉", "maybe"),
        (5, "佐证文件", "a.jpg"),
        (6, "农事措施", "免耕+秸秆还田"),
        (7, "地块编码", "350627102203000001"),
    ]
    assert not PracticeRecord.objects.exists()
    assert not Season.objects.exists()


def test_a_day_outside_the_season_is_noted_not_refused(bring_in: Importer) -> None:
    report = bring_in(["F001", "2025", "免耕", "", "", "2024-11-02"])
    assert counts(report) == (1, 0, 0)
    assert [(n.row, n.column, n.text) for n in report.notes] == [(2, "日期", "2024-11-02")]


def test_evidence_is_found_hashed_and_kept_under_its_hash(bring_in: Importer) -> None:
    (bring_in.photos / "村一").mkdir()
    (bring_in.photos / "村一" / "IMG_1.JPG").write_bytes(b"photo one")
    (bring_in.photos / "invoice.pdf").write_bytes(b"invoice")
    row = ["F001", "2025", "免耕", "", "", "", "", "img_1.jpg；invoice.pdf"]
    assert counts(bring_in(row, evidence_dir=bring_in.photos)) == (1, 0, 0)
    photo, invoice = Evidence.objects.order_by("file_name")
    assert photo.sha256 == sha256(b"photo one").hexdigest()
    assert photo.file.read() == b"photo one"
    assert photo.file.name.endswith(f"{photo.sha256}.jpg")
    assert invoice.file_name == "invoice.pdf"
    assert counts(bring_in(row, evidence_dir=bring_in.photos)) == (0, 0, 1)
    assert counts(bring_in(row)) == (0, 0, 1)


def test_one_photo_may_show_many_fields_and_is_kept_once(
    bring_in: Importer, tmp_path: Path
) -> None:
    (bring_in.photos / "a.jpg").write_bytes(b"photo")
    rows = [[f"F00{n}", "2025", "免耕+秸秆还田", "", "", "", "", "a.jpg"] for n in (1, 2, 3)]
    assert counts(bring_in(*rows, evidence_dir=bring_in.photos)) == (6, 0, 0)
    assert Evidence.objects.count() == 6
    assert len([p for p in (tmp_path / "media").rglob("*") if p.is_file()]) == 1


def test_a_refused_file_keeps_no_evidence(bring_in: Importer, tmp_path: Path) -> None:
    (bring_in.photos / "a.jpg").write_bytes(b"photo")
    row = ["F001", "2025", "免耕", "", "", "", "", "a.jpg"]
    assert bring_in(row, ["F999", "2025", "免耕"], evidence_dir=bring_in.photos).refused
    assert not bring_in(row, evidence_dir=bring_in.photos, dry_run=True).refused
    assert not (tmp_path / "media").exists()


def test_evidence_of_the_wrong_kind_or_twice_is_refused(bring_in: Importer, tmp_path: Path) -> None:
    (bring_in.photos / "page.html").write_bytes(b"<script>")
    (bring_in.photos / "empty.jpg").touch()
    for folder in ("one", "two"):
        (bring_in.photos / folder).mkdir()
        (bring_in.photos / folder / "same.jpg").write_bytes(folder.encode())
    secret = tmp_path / "secret.pdf"
    secret.write_bytes(b"not evidence")
    (bring_in.photos / "link.pdf").symlink_to(secret)
    names = "page.html;empty.jpg;same.jpg;link.pdf;../secret.pdf"
    row = ["F001", "2025", "免耕", "", "", "", "", names]
    report = bring_in(row, evidence_dir=bring_in.photos)
    assert [error.text for error in report.errors] == names.split(";")


def test_fields_of_another_cooperative_are_unknown(
    bring_in: Importer, riverbend: Cast, sunrise: Cast
) -> None:
    report = import_practices(
        write_csv(bring_in.path, [HEADINGS[:3], ["F003", "2025", "免耕"]]),
        cooperative=riverbend.cooperative,
        by=riverbend.operator,
    )
    assert report.refused
    assert ImportRun.objects.get().cooperative == riverbend.cooperative


def test_a_field_has_no_record_of_a_season_outside_its_life(bring_in: Importer) -> None:
    bring_in(["F001", "2026", "免耕"])
    assert counts(bring_in(["F002", "2024", "免耕"])) == (1, 0, 0)
    parts = split_field(
        bring_in.cast.fields[0],
        cut=MIDDLE,
        codes=["F001-1", "F001-2"],
        on=MIDSUMMER,
        by=bring_in.cast.operator,
    )
    # What was entered before the split was written down may come again.
    assert counts(bring_in(["F001", "2026", "免耕"])) == (0, 0, 1)
    report = bring_in(["F001", "2026", "秸秆还田"], [parts[0].code, "2024", "免耕"])
    assert [(error.row, error.code, error.reason) for error in report.errors] == [
        (
            2,
            "not_in_season",
            "This field ended on 2025-06-30. The fields that came of it: F001-1, F001-2.",
        ),
        (
            3,
            "not_in_season",
            "This field exists from 2025-07-01 on, after the season 2024.",
        ),
    ]
