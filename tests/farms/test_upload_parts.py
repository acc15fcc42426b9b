"""A feature of several parts becomes a plot of each on the pages; nothing of it is silent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from shapely.geometry import MultiPolygon

from aggregator.models import AuditEvent, Upload
from farms import upload_parts
from farms.models import Boundary, Field
from tests.cast import Cast
from tests.farms import uploading
from tests.farms.layer_files import field, square, write_geojson

TWO_PARTS = MultiPolygon([square(0), square(3)])


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path, in_english: None) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def clerk(sunrise: Cast) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(sunrise.operator)
    return client


def check(tmp_path: Path, cast: Cast, code: str = "P1", **said: str) -> Upload:
    features = [(field(code, **said), TWO_PARTS), (field("P2"), square(6))]
    return uploading.check(write_geojson(tmp_path / "a.geojson", features), cast, kind="fields")


def address(upload: Upload, rest: str = "") -> str:
    return f"/admin/import/uploads/{upload.pk}/{rest}"


def test_the_parts_are_brought_in_under_the_suggested_codes(
    clerk: Client, sunrise: Cast, tmp_path: Path
) -> None:
    upload = check(tmp_path, sunrise, contract_area_mu="31")
    (shown,) = clerk.get(address(upload)).context["page"].rows
    assert shown.parts == ["P1-1", "P1-2"]
    posted = {"do": "split", "part": shown.parts}
    page = clerk.post(address(upload, "rows/1/"), posted, follow=True).content.decode()
    assert "Row 1 is left out; its parts are rows 3, 4." in page
    uploading.check_again(upload, sunrise)
    assert uploading.problems(upload) == []
    uploading.write(upload, sunrise)
    areas = dict(
        Boundary.objects.filter(field__code__startswith="P").values_list("field__code", "area_m2")
    )
    assert sorted(areas) == ["P1-1", "P1-2", "P2"]
    # 31 mu of contract are of the whole: neither part may claim them.
    assert Field.objects.get(code="P1-1").contract_area_m2 is None
    assert [note["reason"] for note in upload.run.notes if note["code"] == "left_out"] == [
        "Left out by the clerk; its parts are rows 3, 4."
    ]
    assert AuditEvent.objects.filter(action="split_row").count() == 1


def test_a_national_code_is_never_lengthened(clerk: Client, sunrise: Cast, tmp_path: Path) -> None:
    code = "3501020010010100001"
    upload = check(tmp_path, sunrise, code=code)
    page = clerk.get(address(upload))
    assert page.context["page"].rows[0].parts == ["", ""]
    assert "A national code has 19 digits" in page.content.decode()
    typed = ["3501020010010100002", "3501020010010100003"]
    clerk.post(address(upload, "rows/1/"), {"do": "split", "part": typed})
    uploading.check_again(upload, sunrise)
    assert upload.counts["errors"] == 0, uploading.problems(upload)


@pytest.mark.parametrize("typed", [["A", ""], ["A", "A"], ["A"], ["A", "B", "C"], []])
def test_each_part_needs_its_own_code(
    clerk: Client, sunrise: Cast, tmp_path: Path, typed: list[str]
) -> None:
    upload = check(tmp_path, sunrise)
    posted = {"do": "split", "part": typed}
    page = clerk.post(address(upload, "rows/1/"), posted, follow=True).content.decode()
    assert "Each part needs a field code of its own." in page
    assert upload.rows.count() == 2


def test_a_code_that_is_taken_is_found_by_the_check(sunrise: Cast, tmp_path: Path) -> None:
    upload = check(tmp_path, sunrise)
    row = uploading.row_of(upload, 1)
    upload_parts.split_row(row, codes=["P2", "P3"], by=sunrise.operator)
    uploading.check_again(upload, sunrise)
    assert ("error", "field_code") in {kind[1:] for kind in uploading.problems(upload)}


def test_the_whole_taken_back_beside_its_parts_is_not_brought_in(
    clerk: Client, sunrise: Cast, tmp_path: Path
) -> None:
    upload = check(tmp_path, sunrise)
    posted = {"do": "split", "part": ["P1-1", "P1-2"]}
    clerk.post(address(upload, "rows/1/"), posted)
    assert (
        "cannot be made"
        in clerk.post(address(upload, "rows/1/"), posted, follow=True).content.decode()
    )
    clerk.post(address(upload, "rows/1/"), {"do": "take_back"})
    uploading.check_again(upload, sunrise)
    assert upload.counts["errors"] == 1


def test_one_part_is_no_matter_for_it(sunrise: Cast, tmp_path: Path) -> None:
    upload = check(tmp_path, sunrise)
    with pytest.raises(upload_parts.NoParts):
        upload_parts.split_row(uploading.row_of(upload, 2), codes=["A", "B"], by=sunrise.operator)
