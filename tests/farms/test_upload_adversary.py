"""What an impatient, unlucky or spiteful clerk does to an import: clean, or refused in words."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from shapely.geometry import Polygon

from aggregator import upload_mending as mending
from aggregator import uploads
from aggregator.models import Household, ImportRun, Upload
from farms.models import Boundary, Field, Tenure
from farms.offsets import gcj02_to_wgs84, wgs84_to_gcj02
from tests.aggregator.sheets import household, write_csv, write_households, write_xlsx
from tests.cast import Cast
from tests.farms import test_land_registry as registry
from tests.farms import uploading
from tests.farms.layer_files import field, square, write_geojson


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path, in_english: None) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def clerk(sunrise: Cast) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(sunrise.operator)
    return client


def choose(client: Client, kind: str, name: str, data: bytes) -> Upload:
    client.post(f"/admin/import/{kind}/", {"file": SimpleUploadedFile(name, data)})
    return uploading.work(Upload.objects.latest("pk"))


def address(upload: Upload, rest: str = "") -> str:
    return f"/admin/import/uploads/{upload.pk}/{rest}"


def test_two_clerks_bring_in_the_same_households_and_they_are_there_once(
    sunrise: Cast, tmp_path: Path
) -> None:
    path = write_households(tmp_path / "a.csv", household(1), household(2))
    one = uploading.check(path, sunrise, kind="households")
    two = uploading.check(path, sunrise, kind="households")
    assert (one.counts["created"], two.counts["created"]) == (2, 2)
    uploads.request_write(one, by=sunrise.operator)
    uploads.request_write(two, by=sunrise.operator)
    assert uploading.work(two).status == "done"
    assert uploading.work(one).status == "done"
    assert one.run is not None
    # Planned anew when it was written, so it says what it really did.
    assert one.run.counts["created"] == 0
    assert Household.objects.filter(code__startswith="Q").count() == 2


def test_every_button_pressed_on_a_page_left_long_ago_says_so(
    clerk: Client, sunrise: Cast, tmp_path: Path
) -> None:
    """The browser's back button shows a page of a file that is on record by now."""
    path = write_households(tmp_path / "a.csv", household(1))
    upload = uploading.write(uploading.check(path, sunrise, kind="households"), sunrise)
    for button in ("check/", "write/", "cancel/", "columns/"):
        clerk.post(address(upload, button))
    assert clerk.post(address(upload, "kinds/"), {"kind": "phone"}).status_code == 302
    assert clerk.post(address(upload, "rows/2/"), {"do": "leave_out"}).status_code == 404
    upload.refresh_from_db()
    assert upload.status == "done"
    assert ImportRun.objects.count() == 1


def test_pressing_bring_in_twice_writes_once(clerk: Client, sunrise: Cast, tmp_path: Path) -> None:
    path = write_households(tmp_path / "a.csv", household(1))
    upload = uploading.check(path, sunrise, kind="households")
    clerk.post(address(upload, "write/"))
    page = clerk.post(address(upload, "write/"), follow=True).content.decode()
    assert "This file is being written by now." in page
    uploading.work(upload)
    assert ImportRun.objects.count() == 1


def test_a_cell_mended_into_another_error_stays_an_error(sunrise: Cast, tmp_path: Path) -> None:
    path = write_households(tmp_path / "a.csv", household(1, phone="1"))
    upload = uploading.check(path, sunrise, kind="households")
    for text in ("=1+1", "1.38E+10", "x" * 5000, "\x00\x1b", "13800000001\n2"):
        row = uploading.row_of(upload, 2)
        mending.mend_row(row, texts={"phone": text}, by=sunrise.operator)
        uploading.check_again(upload, sunrise)
        assert upload.counts["errors"] == 1, text


def test_a_formula_is_an_error_of_its_cell_and_can_be_typed_over(
    sunrise: Cast, tmp_path: Path
) -> None:
    rows = [["农户编码", "村编码", "户主姓名"], ["Q1", "V1", "=A2"], ["Q2", "V1", "王镕"]]
    upload = uploading.check(write_xlsx(tmp_path / "a.xlsx", rows), sunrise, kind="households")
    assert uploading.problems(upload) == [(2, "error", "head_name")]
    row = uploading.row_of(upload, 2)
    mending.mend_row(row, texts={"head_name": "王"}, by=sunrise.operator)
    assert uploading.check_again(upload, sunrise).counts["errors"] == 0


def test_of_two_rows_with_one_code_either_may_be_left_out(sunrise: Cast, tmp_path: Path) -> None:
    path = write_geojson(
        tmp_path / "a.geojson", [(field("P1"), square(0)), (field("P1"), square(2))]
    )
    upload = uploading.check(path, sunrise, kind="fields")
    assert upload.counts["errors"] == 1
    mending.leave_out_row(uploading.row_of(upload, 1), by=sunrise.operator)
    uploading.check_again(upload, sunrise)
    assert upload.counts["errors"] == 0
    uploading.write(upload, sunrise)
    boundary = Boundary.objects.get(field__code="P1")
    assert boundary.min_x == pytest.approx(120.002)


@pytest.mark.parametrize("name", ["a.csv", "a.geojson"])
def test_signs_that_no_page_can_show_do_not_stop_the_worker(
    clerk: Client, sunrise: Cast, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    if name == "a.csv":
        path.write_text("农户编码,村编码,户主姓名,\x01\nQ1,V1,王\x00\x1b,x\n")
    else:
        write_geojson(path, [(field("P1", field_name="NAME", HEADING="x"), square(0))])
        text = path.read_text().replace("NAME", r"\ud800\u0000").replace("HEADING", r"\udc00a")
        path.write_text(text)
    kind = "households" if name == "a.csv" else "fields"
    upload = choose(clerk, kind, name, path.read_bytes())
    if upload.status == "matching":
        uploading.match(upload, sunrise)
    assert upload.status in {"checked", "refused"}
    for query in ("", "?show=all", "?kind=%00", "?kind=' OR 1", "?show=all&from=" + "9" * 40):
        assert clerk.get(address(upload) + query, follow=True).status_code == 200
    posted = {"column-0": "", "constant-village_code": "a\x00b"}
    assert clerk.post(address(upload, "columns/"), posted).status_code in {200, 302}


@pytest.mark.parametrize("kind", ["households", "practices"])
def test_a_layer_on_the_wrong_tab_is_refused_in_words(
    clerk: Client, sunrise: Cast, tmp_path: Path, kind: str
) -> None:
    path = write_geojson(tmp_path / "a.geojson", [(field("P1"), square(0))])
    upload = choose(clerk, kind, "a.geojson", path.read_bytes())
    assert upload.status == "refused"
    assert upload.run is not None
    assert "a GeoJSON file" in upload.run.errors[0]["reason"]


def test_a_member_list_on_the_tab_of_fields_is_refused_in_words(
    clerk: Client, sunrise: Cast, tmp_path: Path
) -> None:
    path = write_households(tmp_path / "a.csv", household(1))
    upload = choose(clerk, "fields", "a.csv", path.read_bytes())
    assert upload.status == "refused"
    assert upload.run is not None
    assert "text file" in upload.run.errors[0]["reason"]


def test_a_member_list_on_the_tab_of_practices_cannot_be_brought_in(
    clerk: Client, sunrise: Cast, tmp_path: Path
) -> None:
    path = write_households(tmp_path / "a.csv", household(1))
    upload = choose(clerk, "practices", "a.csv", path.read_bytes())
    assert upload.status == "matching"
    page = clerk.post(address(upload, "columns/"), {"column-0": ""}).content.decode()
    assert "Say where these are: field code." in page


def test_gb18030_with_its_own_byte_order_mark_is_read(sunrise: Cast, tmp_path: Path) -> None:
    rows = [["农户编码", "村编码", "户主姓名"], ["Q1", "V1", "王镕"]]
    path = write_csv(tmp_path / "a.csv", rows, encoding="gb18030")
    path.write_bytes("\ufeff".encode("gb18030") + path.read_bytes())
    upload = uploading.check(path, sunrise, kind="households")
    assert upload.headings[0] == "农户编码"
    assert (upload.counts["created"], upload.counts["errors"]) == (1, 0)


def test_a_kmz_comes_in_by_the_pages(clerk: Client, sunrise: Cast, tmp_path: Path) -> None:
    corners = " ".join(f"{x},{y},0" for x, y in square(0).exterior.coords)
    kml = (
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>P1</name>'
        f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{corners}</coordinates>"
        "</LinearRing></outerBoundaryIs></Polygon></Placemark></Document></kml>"
    )
    path = tmp_path / "a.kmz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("doc.kml", kml)
    upload = choose(clerk, "fields", "a.kmz", path.read_bytes())
    columns = clerk.get(address(upload, "columns/")).context["columns"]
    posted = {c.name: "field_code" if "P1" in c.samples else "" for c in columns}
    clerk.post(address(upload, "columns/"), posted | {"constant-village_code": "V1"})
    uploading.work(upload)
    clerk.post(address(upload, "write/"))
    assert uploading.work(upload).status == "done", (upload.problems, uploading.problems(upload))
    assert Field.objects.filter(code="P1").exists()


def test_an_offset_is_taken_back_undone_and_taken_back_again(
    clerk: Client, sunrise: Cast, tmp_path: Path
) -> None:
    shifted = []
    for known in Boundary.objects.order_by("field__code"):
        west, south, east, north = known.min_x, known.min_y, known.max_x, known.max_y
        corners = np.array([[west, south], [east, south], [east, north], [west, north]])
        said = {"field_code": known.field.code}
        shifted.append((said, Polygon(wgs84_to_gcj02(corners))))
    path = write_geojson(tmp_path / "a.geojson", shifted)
    upload = uploading.check(path, sunrise, kind="fields")
    for system in ("gcj02", "", "gcj02"):
        clerk.post(address(upload, "offset/"), {"system": system})
        uploading.work(upload)
        assert (
            "All outlines are taken back" in clerk.get(address(upload)).content.decode()
        ) == bool(system)
    before = Boundary.objects.count()
    clerk.post(address(upload, "write/"))
    uploading.work(upload)
    # Taken back they are the plots on record: no outline is another.
    assert (upload.status, Boundary.objects.count()) == ("done", before)


def test_a_household_gone_between_the_check_and_the_write_writes_nothing(
    sunrise: Cast, tmp_path: Path
) -> None:
    path = write_geojson(tmp_path / "a.geojson", [(field("P1", household_code="H003"), square(0))])
    upload = uploading.check(path, sunrise, kind="fields")
    uploads.request_write(upload, by=sunrise.operator)
    gone, kept = sunrise.households[2], sunrise.households[0]
    gone.merged_into = kept
    gone.save(update_fields=["merged_into"])
    uploading.work(upload)
    # Merged meanwhile: the land goes to the household that is kept, and the run says so.
    assert upload.status == "done"
    assert Tenure.objects.get(field__code="P1").household == kept
    assert upload.run is not None
    assert "household_merged" in {note["code"] for note in upload.run.notes}


def test_the_way_back_is_the_way_there(sunrise: Cast) -> None:
    corners = np.array([[118.0, 30.0], [119.5, 31.0]])
    assert np.allclose(gcj02_to_wgs84(wgs84_to_gcj02(corners)), corners, atol=1e-8)


def test_a_registry_export_with_its_ownership_table_comes_in_by_the_pages(
    clerk: Client, sunrise: Cast, tmp_path: Path
) -> None:
    Household.objects.filter(pk=sunrise.households[0].pk).update(code=registry.HOLDER)
    contract = f"{registry.HOLDER}J"
    owners = [[code, registry.HOLDER, contract, "110", "15.00"] for code in registry.PARCELS]
    path = registry.write_export(
        tmp_path,
        registry.write_dbf(tmp_path / "CBDKXX.dbf", registry.TABLE + owners),
        write_csv(
            tmp_path / "CBHT.csv",
            [["CBHTBM", "CBQXQ", "CBQXZ"], [contract, "2018-01-01", "2047-12-31"]],
        ),
    )
    upload = choose(clerk, "fields", "export.zip", path.read_bytes())
    columns = clerk.get(address(upload, "columns/")).context["columns"]
    clerk.post(address(upload, "columns/"), {c.name: c.chosen for c in columns})
    uploading.work(upload)
    clerk.post(address(upload, "write/"))
    assert uploading.work(upload).status == "done", (upload.problems, uploading.problems(upload))
    held = Tenure.objects.filter(field__code__in=registry.PARCELS)
    assert {(tenure.household.code, str(tenure.starts_on)) for tenure in held} == {
        (registry.HOLDER, "2018-01-01")
    }
    assert held.count() == len(registry.PARCELS)
