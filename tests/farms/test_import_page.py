"""The upload page: what a clerk sees, who is let in, and that a file's text stays text."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from aggregator.files import MEGABYTE
from aggregator.models import Household, ImportRun
from farms import tasks
from farms.models import Evidence, Field
from tests.aggregator.sheets import household, write_csv, write_households
from tests.cast import Cast
from tests.farms.layer_files import square, write_geojson

pytestmark = pytest.mark.usefixtures("in_english")

PAGE = "/admin/import/households/"


@pytest.fixture
def clerk(sunrise: Cast) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(sunrise.operator)
    return client


def choose(client: Client, path: Path, page: str = PAGE, **data: Any) -> str:
    """Send a file, let the worker read it, and give the address where it waits."""
    with path.open("rb") as file:
        answer = client.post(page, {"file": file, **data})
    assert answer.status_code == 302
    return work(answer["Location"])


def work(address: str) -> str:
    tasks.run_upload(int(address.rstrip("/").rsplit("/", 1)[-1]))
    return address


def guessed(client: Client, address: str) -> dict[str, str]:
    """The form of the columns page as it is offered."""
    context = client.get(f"{address}columns/").context
    return {column.name: column.chosen for column in context["columns"]}


def look(client: Client, path: Path, page: str = PAGE, **data: Any) -> str:
    """Choose a file, take its columns as guessed, and give the address of its preview."""
    address = choose(client, path, page, **data)
    client.post(f"{address}columns/", guessed(client, address))
    return work(address)


def shown(client: Client, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def bring_in(client: Client, path: Path, page: str = PAGE, **data: Any) -> str:
    """All steps of a clean file, and the page that comes of it."""
    address = look(client, path, page, **data)
    client.post(f"{address}write/")
    return shown(client, work(address))


def test_a_clean_file_is_counted(clerk: Client, tmp_path: Path) -> None:
    path = write_households(tmp_path / "农户.csv", household(1), household(2))
    page = bring_in(clerk, path)
    assert "Brought in." in page
    assert "<dt>new</dt><dd>2</dd>" in page
    assert Household.objects.filter(code__startswith="Q").count() == 2
    assert ImportRun.objects.get().file_name == "农户.csv"


def test_looking_at_a_file_writes_nothing(clerk: Client, tmp_path: Path) -> None:
    page = shown(clerk, look(clerk, write_households(tmp_path / "a.csv", household(1))))
    assert "No row has an error." in page
    assert "<dt>new</dt><dd>1</dd>" in page
    assert not Household.objects.filter(code="Q001").exists()
    assert not ImportRun.objects.exists()


def test_errors_are_shown_by_row_and_markup_stays_text(clerk: Client, tmp_path: Path) -> None:
    nasty = "<script>alert(1)</script>"
    path = write_households(tmp_path / "a.csv", household(1, language=nasty, **{nasty: "x"}))
    address = look(clerk, path)
    page = shown(clerk, address)
    assert "1 row has an error." in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert nasty not in page
    assert nasty not in shown(clerk, f"{address}columns/")
    assert nasty not in shown(clerk, f"{address}rows/2/")


def test_reloading_the_result_brings_nothing_in_again(clerk: Client, tmp_path: Path) -> None:
    address = look(clerk, write_households(tmp_path / "a.csv", household(1)))
    for _ in range(2):
        clerk.post(f"{address}write/")
        work(address)
        assert "Brought in." in shown(clerk, address)
    assert ImportRun.objects.count() == 1


def test_fields_may_be_mapped_on_the_page(clerk: Client, tmp_path: Path) -> None:
    path = write_geojson(tmp_path / "a.geojson", [({"ID": "P1"}, square(0))])
    address = choose(clerk, path, "/admin/import/fields/")
    headings = [column.heading for column in clerk.get(f"{address}columns/").context["columns"]]
    chosen = {f"column-{headings.index('ID')}": "field_code"}
    refused = clerk.post(f"{address}columns/", {"constant-village_code": "V1"})
    assert "Say where these are: field code." in refused.content.decode()
    clerk.post(f"{address}columns/", {**chosen, "constant-village_code": "V1"})
    clerk.post(f"{work(address)}write/")
    work(address)
    assert Field.objects.filter(code="P1").exists()


def test_the_layout_is_remembered_and_the_next_file_goes_straight_to_the_check(
    clerk: Client, tmp_path: Path
) -> None:
    bring_in(clerk, write_households(tmp_path / "a.csv", household(1)))
    address = choose(clerk, write_households(tmp_path / "b.csv", household(2)))
    page = shown(clerk, address)
    assert "The columns are matched as last time." in page
    assert "No row has an error." in page
    assert f"{address}columns/" in page
    other = choose(clerk, write_households(tmp_path / "c.csv", household(3, 备注="x")))
    assert "Which column is which?" in shown(clerk, other)


def test_evidence_comes_as_a_zip_beside_the_list(
    clerk: Client, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    rows = [["地块编码", "季", "农事措施", "佐证文件"], ["F001", "2025", "免耕", "a.jpg"]]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as new:
        new.writestr("照片/a.jpg", b"photo")
    evidence = SimpleUploadedFile("photos.zip", archive.getvalue())
    path = write_csv(tmp_path / "a.csv", rows)
    assert "Brought in." in bring_in(clerk, path, "/admin/import/practices/", evidence=evidence)
    assert Evidence.objects.get().file.read() == b"photo"
    broken = SimpleUploadedFile("photos.zip", b"no zip at all")
    again = choose(clerk, path, "/admin/import/practices/", evidence=broken)
    assert "damaged" in shown(clerk, again)


def test_two_photos_of_one_name_are_not_taken_for_one_another(
    clerk: Client, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    rows = [["地块编码", "季", "农事措施", "佐证文件"], ["F001", "2025", "免耕", "1.jpg"]]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as new:
        new.writestr("东/1.jpg", b"east")
        new.writestr("西/1.jpg", b"west")
    evidence = SimpleUploadedFile("photos.zip", archive.getvalue())
    path = write_csv(tmp_path / "a.csv", rows)
    page = shown(clerk, look(clerk, path, "/admin/import/practices/", evidence=evidence))
    assert "Two files in different folders have this name." in page
    assert not Evidence.objects.exists()


def test_a_name_of_nothing_but_signs_is_no_obstacle(clerk: Client, tmp_path: Path) -> None:
    path = write_households(tmp_path / "（）", household(1))
    assert "Brought in." in bring_in(clerk, path)


def test_an_empty_upload_and_none_at_all_are_told(clerk: Client, tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    assert "The file is empty." in shown(clerk, choose(clerk, tmp_path / "a.csv"))
    assert clerk.post(PAGE, {}).status_code == 200
    assert ImportRun.objects.count() == 1


def test_a_file_far_too_large_is_answered_before_it_is_parsed(clerk: Client) -> None:
    # Not even multipart: a parser that touched it would answer 400.
    answer = clerk.generic(
        "POST", PAGE, b"\0" * (90 * MEGABYTE), content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 413
    assert "up to 64 MB is read" in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_the_page_is_protected_against_forged_requests(sunrise: Cast, tmp_path: Path) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(sunrise.operator)
    with write_households(tmp_path / "a.csv", household(1)).open("rb") as file:
        assert client.post(PAGE, {"file": file}).status_code == 403
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize("role", ["approver", "verifier", "viewer"])
def test_only_operators_bring_in(role: str, sunrise: Cast, tmp_path: Path) -> None:
    client = Client()
    client.force_login(getattr(sunrise, role))
    assert client.get(PAGE).status_code == 403
    assert client.get(f"{PAGE}template.xlsx").status_code == 403
    with write_households(tmp_path / "a.csv", household(1)).open("rb") as file:
        assert client.post(PAGE, {"file": file}).status_code == 403
    assert not ImportRun.objects.exists()


def test_strangers_are_sent_to_sign_in_and_other_cooperatives_runs_are_not_found(
    clerk: Client, riverbend: Cast, tmp_path: Path
) -> None:
    assert "/admin/login/" in Client().get(PAGE)["Location"]
    bring_in(clerk, write_households(tmp_path / "a.csv", household(1)))
    run = ImportRun.objects.get()
    stranger = Client()
    stranger.force_login(riverbend.operator)
    assert stranger.get(f"/admin/import/runs/{run.pk}/").status_code == 404
    assert clerk.get("/admin/import/moon/").status_code == 404


def test_the_empty_workbook_has_the_headings_and_keeps_codes_as_text(clerk: Client) -> None:
    answer = clerk.get(f"{PAGE}template.xlsx")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet["A1"].value == "household code"
    assert sheet["A2"].number_format == "@"
    assert clerk.get("/admin/import/fields/template.xlsx").status_code == 404


@pytest.mark.parametrize("kind", ["households", "fields", "practices"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_form_is_shown_in_both_languages(kind: str, language: str, sunrise: Cast) -> None:
    client = Client(headers={"accept-language": language})
    client.force_login(sunrise.operator)
    page = client.get(f"/admin/import/{kind}/").content.decode()
    assert 'enctype="multipart/form-data"' in page
    headings = {"en": ("household code", "field code"), "zh-hans": ("农户编码", "地块编码")}
    assert headings[language][kind != "households"] in page
    assert "_code" not in page
    assert "sheet_key" not in page
