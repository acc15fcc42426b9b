"""No personal number is kept in plain with an upload: not as a heading, not for all rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aggregator import uploads
from aggregator.models import ColumnMatch, RecordChange, Upload
from farms.upload_kinds import KINDS
from tests.admin_pages import signed_in
from tests.aggregator.sheets import household, identity, write_csv, write_households
from tests.cast import Cast
from tests.farms import uploading


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path, in_english: None) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def kept_in_plain() -> str:
    rows = [
        *Upload.objects.values_list("headings", "columns", "constants", "problems", "details"),
        *ColumnMatch.objects.values_list("columns", "constants"),
        *RecordChange.objects.values_list("before", "after"),
    ]
    return json.dumps(rows)


def test_a_list_without_headings_is_refused_and_no_person_becomes_one(
    sunrise: Cast, tmp_path: Path
) -> None:
    rows = [
        [f"Q{number:03d}", "V1", f"王{number}", identity(number), f"1380000000{number}"]
        for number in (1, 2, 3)
    ]
    upload = uploading.read(write_csv(tmp_path / "a.csv", rows), sunrise, kind="households")
    assert upload.status == "refused"
    assert [error["reason"] for error in upload.run.errors] == [
        "The row that should name the columns holds long numbers. Put a row of headings above "
        "the first row of data."
    ]
    assert identity(1) not in kept_in_plain()


@pytest.mark.parametrize(
    ("key", "text"),
    [("identity_number", identity(1)), ("phone", "13800000001"), ("village_name", identity(1))],
)
def test_no_personal_number_is_said_for_all_rows(
    sunrise: Cast, tmp_path: Path, key: str, text: str
) -> None:
    path = write_households(tmp_path / "a.csv", household(1), household(2))
    upload = uploading.read(path, sunrise, kind="households")
    with pytest.raises(uploads.NumberForAll) as refusal:
        uploads.match_columns(
            upload,
            columns={"household_code": "household_code", "head_name": "head_name"},
            constants={key: text},
            known=KINDS["households"].columns,
            by=sunrise.operator,
        )
    assert text not in str(refusal.value)
    assert text not in kept_in_plain()


def test_the_page_offers_no_private_column_for_all_rows(sunrise: Cast, tmp_path: Path) -> None:
    path = write_households(tmp_path / "a.csv", household(1), household(2))
    upload = uploading.read(path, sunrise, kind="households")
    client = signed_in(sunrise.operator)
    shown = client.get(f"/admin/import/uploads/{upload.pk}/", follow=True)
    page = shown.content.decode()
    assert 'name="constant-village_name"' in page
    private = [column.key for column in KINDS["households"].columns if column.private]
    assert {"identity_number", "phone"} <= set(private)
    assert [key for key in private if f"constant-{key}" in page] == []
    # A file's own column may still be read as one.
    assert '<option value="identity_number"' in page
