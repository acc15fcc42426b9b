"""The pages of a file on its way in: what is shown masked, what a button does, who sees nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from shapely.geometry import Polygon

from aggregator.models import Household, Upload
from farms import upload_map
from farms.models import Boundary, Field
from farms.offsets import wgs84_to_gcj02
from tests.aggregator.sheets import household, identity, write_csv, write_households
from tests.cast import Cast
from tests.farms import uploading
from tests.farms.layer_files import field, square, write_geojson

# A corner pulled a little across the opposite side: cutting it off costs a thousandth of the area.
BOW = Polygon(
    [
        *((120.1, 30), (120.101, 30), (120.101, 30.001), (120.1005, 30.001)),
        *((120.1005, 30.00101), (120.10051, 30.0009), (120.1, 30.001)),
    ]
)


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path, in_english: None) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def clerk(sunrise: Cast) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(sunrise.operator)
    return client


def address(upload: Upload, rest: str = "") -> str:
    return f"/admin/import/uploads/{upload.pk}/{rest}"


def page(client: Client, upload: Upload, rest: str = "") -> str:
    answer = client.get(address(upload, rest), follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_progress_is_told_as_numbers_and_words(
    clerk: Client, sunrise: Cast, tmp_path: Path
) -> None:
    path = write_households(tmp_path / "a.csv", household(1))
    upload = uploading.begin(path, sunrise, kind="households")
    waiting = clerk.get(address(upload, "progress.json")).json()
    assert waiting.pop("words") == "Waiting for its turn."
    assert waiting == {"at_work": True, "done": 0, "total": 0, "time": ""}
    shown = page(clerk, upload)
    assert "<progress" in shown
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in shown
    uploading.work(upload)
    assert clerk.get(address(upload, "progress.json")).json()["at_work"] is False


def test_columns_show_three_samples_with_personal_numbers_masked(
    clerk: Client, sunrise: Cast, tmp_path: Path
) -> None:
    rows = [["编码", "姓名", "证件", "联系"]]
    rows += [[f"Q{n}", "王镕", identity(n), f"1380000000{n}"] for n in range(1, 6)]
    path = write_csv(tmp_path / "a.csv", rows)
    upload = uploading.read(path, sunrise, kind="households")
    shown = page(clerk, upload, "columns/")
    columns = {c.heading: c for c in clerk.get(address(upload, "columns/")).context["columns"]}
    assert columns["证件"].chosen == "identity_number"
    assert columns["联系"].chosen == "phone"
    assert columns["编码"].samples == ["Q1", "Q2", "Q3"]
    assert columns["证件"].samples == [f"•••• {identity(n)[-4:]}" for n in (1, 2, 3)]
    assert not any(identity(n) in shown or f"1380000000{n}" in shown for n in range(1, 6))


def test_two_columns_said_to_be_the_same_are_refused_and_the_choice_is_kept(
    clerk: Client, sunrise: Cast, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "a.csv", [["甲", "乙"], ["1", "2"]])
    upload = uploading.read(path, sunrise, kind="households")
    posted = {"column-0": "household_code", "column-1": "household_code"}
    answer = clerk.post(address(upload, "columns/"), posted)
    assert "Two are said to be the same: 甲 / 乙." in answer.content.decode()
    upload.refresh_from_db()
    assert upload.status == "matching"


def test_a_personal_number_is_masked_and_typed_anew(
    clerk: Client, sunrise: Cast, tmp_path: Path
) -> None:
    broken = identity(1)[:-1]
    path = write_households(tmp_path / "a.csv", household(1, identity_number=broken))
    upload = uploading.check(path, sunrise, kind="households")
    for shown in (page(clerk, upload), page(clerk, upload, "rows/2/")):
        assert broken not in shown
        assert f"•••• {broken[-4:]}" in shown
    row = address(upload, "rows/2/")
    clerk.post(row, {"do": "mend", "cell-identity_number": "", "cell-phone": ""})
    assert uploading.row_of(upload, 2).mended == ""
    clerk.post(row, {"do": "mend", "cell-identity_number": identity(1)})
    assert "1 thing was changed since the last check." in page(clerk, upload)
    clerk.post(address(upload, "check/"))
    uploading.work(upload)
    assert "No row has an error." in page(clerk, upload)
    clerk.post(address(upload, "write/"))
    uploading.work(upload)
    assert Household.objects.filter(code="Q001").exists()


def test_a_masked_cell_can_be_emptied(clerk: Client, sunrise: Cast, tmp_path: Path) -> None:
    path = write_households(tmp_path / "a.csv", household(1, phone="1380000"))
    upload = uploading.check(path, sunrise, kind="households")
    posted = {"do": "mend", "cell-phone": "", "cell-phone-clear": "on"}
    clerk.post(address(upload, "rows/2/"), posted)
    uploading.check_again(upload, sunrise)
    assert upload.counts["errors"] == 0


def test_a_row_is_left_out_and_taken_back(clerk: Client, sunrise: Cast, tmp_path: Path) -> None:
    path = write_households(tmp_path / "a.csv", household(1), household(2, phone="1"))
    upload = uploading.check(path, sunrise, kind="households")
    row = address(upload, "rows/3/")
    answer = clerk.post(row, {"do": "leave_out", "back": "show=error&from=3#row-3"})
    assert answer["Location"] == address(upload, "?show=error&from=3#row-3")
    assert "Take back in" in page(clerk, upload, "?show=left_out")
    clerk.post(row, {"do": "take_back"})
    assert not uploading.row_of(upload, 3).left_out
    assert clerk.post(row, {"do": "dance"}).status_code == 404


def test_an_outline_is_shown_before_and_after_and_the_repair_taken(
    clerk: Client, sunrise: Cast, tmp_path: Path
) -> None:
    path = write_geojson(tmp_path / "a.geojson", [(field("P1"), BOW), (field("P2"), square(5))])
    upload = uploading.check(path, sunrise, kind="fields")
    (kind,) = {kind for _row, level, kind in uploading.problems(upload) if level == "error"}
    shown = page(clerk, upload, f"?kind={kind}")
    # Before and after, and the pulled corner of each magnified.
    assert shown.count('<svg viewBox="0 0 100 100"') == 4
    assert shown.count("<circle") == 2
    assert "Take all repairs of this kind" in shown
    clerk.post(address(upload, "kinds/"), {"kind": kind, "do": "accept"})
    uploading.check_again(upload, sunrise)
    assert upload.counts["errors"] == 0
    uploading.write(upload, sunrise)
    assert Boundary.objects.get(field__code="P1").origin == "repair"


def test_a_shifted_file_is_taken_back_as_a_whole(
    clerk: Client, sunrise: Cast, tmp_path: Path
) -> None:
    shifted = []
    for known in Boundary.objects.order_by("field__code"):
        west, south, east, north = known.min_x, known.min_y, known.max_x, known.max_y
        corners = np.array([[west, south], [east, south], [east, north], [west, north]])
        shifted.append((field(known.field.code), Polygon(wgs84_to_gcj02(corners))))
    path = write_geojson(tmp_path / "a.geojson", shifted)
    upload = uploading.check(path, sunrise, kind="fields")
    assert "Take all outlines back from GCJ-02" in page(clerk, upload)
    clerk.post(address(upload, "offset/"), {"system": "gcj02"})
    uploading.work(upload)
    assert "All outlines are taken back from GCJ-02." in page(clerk, upload)
    # Back on the plots on record, to the millimetre.
    assert upload.counts["unchanged"] + upload.counts["updated"] == 3
    assert Boundary.objects.count() == 3
    assert clerk.post(address(upload, "offset/"), {"system": "mars"}).status_code == 404


def test_the_map_gets_the_outlines_of_its_box_and_says_when_some_are_missing(
    clerk: Client, sunrise: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    features = [(field(f"P{n}"), square(2 * n)) for n in range(4)]
    features[3][0]["household_code"] = "H999"
    upload = uploading.check(
        write_geojson(tmp_path / "a.geojson", features), sunrise, kind="fields"
    )
    shapes = address(upload, "shapes.json")
    everywhere = clerk.get(shapes, {"bbox": "117,29,121,31"}).json()
    assert (everywhere["shown"], everywhere["total"]) == (4, 4)
    states = [one["properties"]["state"] for one in everywhere["shapes"]["features"]]
    assert states == ["error", "good", "good", "good"]
    assert len(everywhere["known"]["features"]) == 3
    Field.objects.filter(pk=sunrise.fields[0].pk).update(ends_on=date(2025, 6, 30))
    known = clerk.get(shapes, {"bbox": "117,29,121,31"}).json()["known"]["features"]
    assert [one["properties"]["code"] for one in known] == ["F002", "F003"]
    assert clerk.get(shapes, {"bbox": "100,20,101,21"}).json()["total"] == 0
    monkeypatch.setattr(upload_map, "MOST_SHAPES", 2)
    capped = clerk.get(shapes, {"bbox": "117,29,121,31"}).json()
    assert (capped["shown"], capped["total"]) == (2, 4)
    assert clerk.get(shapes, {"bbox": "here"}).status_code == 404


def test_rows_are_paged_by_number(
    clerk: Client, sunrise: Cast, tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    rows = [["农户编码", "村编码", "户主姓名"]]
    rows += [[f"Q{n:03d}", "V1", f"王{n}"] for n in range(1, 121)]
    upload = uploading.check(write_csv(tmp_path / "a.csv", rows), sunrise, kind="households")
    with django_assert_max_num_queries(20):
        first = clerk.get(address(upload, "?show=all")).context["page"]
    assert [first.rows[0].row.number, first.after, first.before] == [2, 52, None]
    second = clerk.get(address(upload, "?show=all&from=52")).context["page"]
    assert [second.rows[0].row.number, second.after, second.before] == [52, 102, 2]


def test_a_stranger_finds_nothing_and_a_viewer_may_not(
    clerk: Client, sunrise: Cast, riverbend: Cast, tmp_path: Path
) -> None:
    path = write_geojson(tmp_path / "a.geojson", [(field("P1"), square(0))])
    upload = uploading.check(path, sunrise, kind="fields")
    places = ("", "progress.json", "columns/", "shapes.json?bbox=1,1,2,2", "rows/1/")
    buttons = ("check/", "write/", "cancel/", "offset/", "kinds/", "rows/1/", "columns/")
    for user, status in ((riverbend.operator, 404), (sunrise.viewer, 403)):
        client = Client()
        client.force_login(user)
        assert {client.get(address(upload, place)).status_code for place in places} == {status}
        assert {client.post(address(upload, place)).status_code for place in buttons} == {status}
    assert not Field.objects.filter(code="P1").exists()
    assert clerk.get(address(upload, "write/")).status_code == 405


def test_an_unfinished_file_waits_on_the_upload_page(
    clerk: Client, sunrise: Cast, riverbend: Cast, tmp_path: Path
) -> None:
    path = write_households(tmp_path / "名册.csv", household(1))
    upload = uploading.read(path, sunrise, kind="households")
    start = "/admin/import/households/"
    assert address(upload) in clerk.get(start).content.decode()
    stranger = Client()
    stranger.force_login(riverbend.operator)
    assert "名册" not in stranger.get(start).content.decode()
    clerk.post(address(upload, "cancel/"))
    assert "This file was given up." in page(clerk, upload)
    assert address(upload) not in clerk.get(start).content.decode()
