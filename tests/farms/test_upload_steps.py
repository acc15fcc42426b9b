"""The steps of a staged import: read, matched, checked, mended, written, for all three kinds."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import Polygon

from aggregator import upload_mending as mending
from aggregator import uploads
from aggregator.errors import NotAllowed
from aggregator.models import AuditEvent, Household, ImportRun, Upload, UploadRow
from aggregator.roles import NotYours
from farms.models import Evidence, Field, PracticeRecord
from tests.aggregator.sheets import household, identity, write_csv, write_households
from tests.cast import Cast
from tests.farms import uploading
from tests.farms.layer_files import field, square, write_geojson


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def test_households_go_from_file_to_record(sunrise: Cast, tmp_path: Path) -> None:
    path = write_households(tmp_path / "农户.csv", household(1), household(2))
    upload = uploading.read(path, sunrise, kind="households")
    assert (upload.status, upload.rows.count()) == ("matching", 2)
    uploading.match(upload, sunrise)
    assert (upload.status, upload.counts["created"], upload.counts["errors"]) == ("checked", 2, 0)
    assert not Household.objects.filter(code="Q001").exists()
    uploading.write(upload, sunrise)
    assert upload.status == "done"
    assert Household.objects.filter(code__in=["Q001", "Q002"]).count() == 2
    run = ImportRun.objects.get()
    assert (upload.run, run.file_name, run.counts["created"]) == (run, "农户.csv", 2)


def test_a_gb18030_file_with_title_rows_is_read_below_its_titles(
    sunrise: Cast, tmp_path: Path
) -> None:
    rows = [
        ["二〇二五年农户登记表", "", ""],
        ["填表人：王", "", ""],
        ["农户编码", "村编码", "户主姓名"],
        ["Q001", "V1", "王镕"],
    ]
    path = write_csv(tmp_path / "a.csv", rows, encoding="gb18030")
    upload = uploading.check(path, sunrise, kind="households")
    assert upload.headings == ["农户编码", "村编码", "户主姓名"]
    assert (uploading.row_of(upload, 4).number, upload.counts["created"]) == (4, 1)


def test_bad_households_are_mended_to_clean(sunrise: Cast, tmp_path: Path) -> None:
    path = write_households(
        tmp_path / "a.csv",
        household(1),
        household(2, identity_number=identity(2)[:-1]),
        household(3, agreement_signed_on="31.12.2019"),
    )
    upload = uploading.check(path, sunrise, kind="households")
    assert uploading.problems(upload) == [
        (3, "error", "identity_number"),
        (4, "error", "agreement_signed_on"),
    ]
    with pytest.raises(uploads.ErrorsLeft):
        uploads.request_write(upload, by=sunrise.operator)
    by = sunrise.operator
    bad = uploading.row_of(upload, 3)
    mending.mend_row(bad, texts={"identity_number": identity(2)}, by=by)
    mending.leave_out_row(uploading.row_of(upload, 4), by=by)
    with pytest.raises(uploads.NotCheckedAgain):
        uploads.request_write(upload, by=by)
    uploading.check_again(upload, sunrise)
    assert upload.counts["errors"] == 0
    uploading.write(upload, sunrise)
    assert {*Household.objects.filter(code__startswith="Q").values_list("code", flat=True)} == {
        "Q001",
        "Q002",
    }
    assert [(note["row"], note["code"]) for note in upload.run.notes] == [(4, "left_out")]


def test_bad_fields_are_mended_to_clean(sunrise: Cast, tmp_path: Path) -> None:
    bow = Polygon([(120.1, 30), (120.101, 30.001), (120.101, 30), (120.1, 30.001)])
    path = write_geojson(
        tmp_path / "a.geojson",
        [
            (field("P1"), square(0)),
            (field("P2", household_code="H999"), square(2)),
            (field("P3"), bow),
            (field("P4"), square(0)),
        ],
    )
    upload = uploading.check(path, sunrise, kind="fields")
    assert {number for number, level, _kind in uploading.problems(upload) if level == "error"} == {
        2,
        3,
        4,
    }
    by = sunrise.operator
    mending.mend_row(uploading.row_of(upload, 2), texts={"household_code": "H002"}, by=by)
    for number in (3, 4):
        mending.leave_out_row(uploading.row_of(upload, number), by=by)
    uploading.check_again(upload, sunrise)
    assert upload.counts["errors"] == 0, uploading.problems(upload)
    uploading.write(upload, sunrise)
    assert {*Field.objects.filter(code__startswith="P").values_list("code", flat=True)} == {
        "P1",
        "P2",
    }


def test_a_row_left_out_does_not_renumber_the_others(sunrise: Cast, tmp_path: Path) -> None:
    path = write_geojson(
        tmp_path / "a.geojson",
        [
            (field("P1"), square(0)),
            (field("P2"), square(2)),
            (field("P2", household_code="H999"), square(4)),
        ],
    )
    upload = uploading.check(path, sunrise, kind="fields")
    mending.leave_out_row(uploading.row_of(upload, 1), by=sunrise.operator)
    uploading.check_again(upload, sunrise)
    reasons = {(p["kind"], p["reason"]) for p in uploading.row_of(upload, 3).problems}
    assert {kind for kind, _reason in reasons} >= {"field_code", "household_code"}
    assert any("2" in reason for kind, reason in reasons if kind == "field_code")


def test_practices_come_with_their_evidence_and_are_mended(sunrise: Cast, tmp_path: Path) -> None:
    rows = [
        ["地块编码", "季", "农事措施", "佐证文件"],
        ["F001", "2025", "免耕", "a.jpg"],
        ["F002", "2025", "深耕", ""],
        ["F003", "2025", "免耕", "b.jpg"],
    ]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as new:
        new.writestr("照片/a.jpg", b"photo")
    path = write_csv(tmp_path / "a.csv", rows)
    upload = uploading.check(path, sunrise, kind="practices", evidence=archive.getvalue())
    assert uploading.problems(upload) == [(3, "error", "practice"), (4, "error", "evidence")]
    by = sunrise.operator
    mending.mend_row(uploading.row_of(upload, 3), texts={"practice": "免耕"}, by=by)
    mending.mend_row(uploading.row_of(upload, 4), texts={"evidence": ""}, by=by)
    uploading.check_again(upload, sunrise)
    uploading.write(upload, sunrise)
    assert upload.status == "done", uploading.problems(upload)
    assert PracticeRecord.objects.count() == 3
    assert Evidence.objects.get().file.read() == b"photo"


def test_evidence_that_is_no_zip_refuses_the_file_as_a_whole(sunrise: Cast, tmp_path: Path) -> None:
    rows = [["地块编码", "季", "农事措施"], ["F001", "2025", "免耕"]]
    path = write_csv(tmp_path / "a.csv", rows)
    upload = uploading.check(path, sunrise, kind="practices", evidence=b"no zip at all")
    assert [problem["kind"] for problem in upload.problems] == ["evidence_refused"]
    with pytest.raises(uploads.FileErrorsLeft):
        uploads.request_write(upload, by=sunrise.operator)


def test_one_value_for_all_rows_stands_in_for_a_column(sunrise: Cast, tmp_path: Path) -> None:
    path = write_geojson(tmp_path / "a.geojson", [({"地块编码": "P1"}, square(0))])
    upload = uploading.read(path, sunrise, kind="fields")
    uploading.match(upload, sunrise, village_code="V1")
    uploading.write(upload, sunrise)
    assert Field.objects.get(code="P1").village == sunrise.village


def test_the_rows_and_the_file_are_gone_when_it_is_done_or_given_up(
    sunrise: Cast, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    path = write_households(tmp_path / "a.csv", household(1))
    with django_capture_on_commit_callbacks(execute=True):
        done = uploading.write(uploading.check(path, sunrise, kind="households"), sunrise)
        given_up = uploading.begin(path, sunrise, kind="households")
        uploads.cancel_upload(given_up, by=sunrise.operator)
    assert not UploadRow.objects.exists()
    assert not [file for file in (tmp_path / "media").rglob("*") if file.is_file()]
    assert (done.status, given_up.status) == ("done", "cancelled")


def test_what_nobody_finishes_in_a_week_is_forgotten(sunrise: Cast, tmp_path: Path) -> None:
    from datetime import timedelta

    from django.utils.timezone import now

    path = write_households(tmp_path / "a.csv", household(1))
    upload = uploading.check(path, sunrise, kind="households")
    uploads.forget_uploads(at=now() + timedelta(days=6))
    assert UploadRow.objects.count() == 1
    uploads.forget_uploads(at=now() + timedelta(days=8))
    upload.refresh_from_db()
    assert upload.status == "cancelled"
    assert not UploadRow.objects.exists()


def test_personal_numbers_are_ciphertext_at_rest_and_in_no_problem(
    sunrise: Cast, tmp_path: Path
) -> None:
    from django.db import connection

    number = identity(1)
    broken = number[:-1] + ("1" if number[-1] != "1" else "2")
    path = write_households(tmp_path / "a.csv", household(1, identity_number=broken))
    upload = uploading.check(path, sunrise, kind="households")
    mending.mend_row(
        uploading.row_of(upload, 2), texts={"identity_number": number}, by=sunrise.operator
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT cells, mended, problems FROM aggregator_uploadrow")
        stored = str(cursor.fetchall())
    assert broken not in stored
    assert number not in stored
    assert number not in str(AuditEvent.objects.values_list("details", flat=True))


def test_only_operators_of_the_cooperative_take_a_step(
    sunrise: Cast, riverbend: Cast, tmp_path: Path
) -> None:
    path = write_households(tmp_path / "a.csv", household(1))
    upload = uploading.check(path, sunrise, kind="households")
    row = uploading.row_of(upload, 2)
    for step in (
        lambda by: uploads.request_check(upload, by=by),
        lambda by: uploads.request_write(upload, by=by),
        lambda by: uploads.cancel_upload(upload, by=by),
        lambda by: uploads.convert_offset(upload, system="gcj02", by=by),
        lambda by: mending.mend_row(row, texts={"head_name": "李"}, by=by),
        lambda by: mending.leave_out_row(row, by=by),
    ):
        with pytest.raises(NotAllowed):
            step(sunrise.viewer)
        with pytest.raises(NotYours):
            step(riverbend.operator)
    assert Upload.objects.get().status == "checked"


def test_a_change_on_record_since_the_check_sends_the_clerk_back_and_writes_nothing(
    sunrise: Cast, tmp_path: Path
) -> None:
    path = write_geojson(
        tmp_path / "a.geojson", [(field("P1"), square(0)), (field("P2"), square(2))]
    )
    upload = uploading.check(path, sunrise, kind="fields")
    uploads.request_write(upload, by=sunrise.operator)
    Household.objects.filter(code="H001").update(code="H001-old")
    uploading.work(upload)
    assert (upload.status, upload.counts["errors"]) == ("checked", 2)
    assert upload.details["surprised"]
    assert not Field.objects.filter(code="P1").exists()
    assert not ImportRun.objects.exists()
