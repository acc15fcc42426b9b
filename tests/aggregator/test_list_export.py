"""A list taken along as a file holds what the screen shows, and nothing a spreadsheet runs."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from aggregator.list_files import Figure, harmless, read_figure
from aggregator.models import AuditEvent, Household, User
from farms.models import Field, Season
from tests.admin_pages import signed_in, words
from tests.cast import Cast, make_cast
from tests.whole_line import make_whole_line

FIELDS = "/admin/farms/field/"


def fetch(client: Client, address: str) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return b"".join(answer.streaming_content)  # type: ignore[arg-type]


def read_rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_csv_has_the_columns_and_rows_of_the_screen(sunrise: Cast) -> None:
    client = signed_in(sunrise.operator)
    heading, *rows = read_rows(fetch(client, f"{FIELDS}export/csv/"))
    assert heading[:2] == ["Field code", "Name"]
    assert [row[0] for row in rows] == ["F001", "F002", "F003"]
    # 10,000 m² are 15 mu.
    assert rows[0][heading.index("Geodesic area")] == "15.00 mu"
    page = words(client.get(FIELDS))
    assert all(cell in page for row in rows for cell in row if cell)


def test_search_filter_and_order_of_the_screen_hold_in_the_file(sunrise: Cast) -> None:
    sunrise.fields[0].land_class = Field.LandClass.GENERAL
    sunrise.fields[0].save()
    Field.objects.filter(pk=sunrise.fields[2].pk).update(land_class="general")
    client = signed_in(sunrise.operator)
    query = "?land_class__exact=general&o=-1"
    _heading, *rows = read_rows(fetch(client, f"{FIELDS}export/csv/{query}"))
    assert [row[0] for row in rows] == ["F003", "F001"]
    _heading, *rows = read_rows(fetch(client, f"{FIELDS}export/csv/?q=H002"))
    assert [row[0] for row in rows] == ["F002"]


def test_the_links_on_the_list_keep_its_search_and_not_its_page(sunrise: Cast) -> None:
    page = signed_in(sunrise.operator).get(f"{FIELDS}?q=F00&p=1").content.decode()
    assert f"{FIELDS}export/xlsx/?q=F00" in page
    assert f"{FIELDS}export/gpkg/?q=F00" in page


def test_the_workbook_holds_numbers_that_sum_and_look_as_on_the_screen(sunrise: Cast) -> None:
    content = fetch(signed_in(sunrise.operator), f"{FIELDS}export/xlsx/")
    sheet = load_workbook(io.BytesIO(content)).active
    heading = [cell.value for cell in sheet[1]]
    area = sheet.cell(2, heading.index("Geodesic area") + 1)
    assert (area.value, area.number_format) == (15, '#,##0.00" mu"')


def test_days_are_days_in_the_workbook(sunrise: Cast) -> None:
    Season.objects.create(
        cooperative=sunrise.cooperative,
        code="2025",
        starts_on=date(2025, 1, 1),
        ends_on=date(2025, 12, 31),
    )
    content = fetch(signed_in(sunrise.operator), "/admin/farms/season/export/xlsx/")
    row = [cell.value for cell in load_workbook(io.BytesIO(content)).active[2]]
    assert [value.date() for value in row[2:4]] == [date(2025, 1, 1), date(2025, 12, 31)]


@pytest.mark.parametrize(
    "name", ["=1+1", "+86", "-cmd", "@SUM(A1)", "＝1+1", "\t=1", "=HYPERLINK()"]
)
def test_no_cell_is_a_formula(sunrise: Cast, name: str) -> None:
    Field.objects.filter(pk=sunrise.fields[0].pk).update(name=name)
    client = signed_in(sunrise.operator)
    _heading, row, *_rest = read_rows(fetch(client, f"{FIELDS}export/csv/"))
    assert row[1] == f"'{name}"
    content = fetch(client, f"{FIELDS}export/xlsx/")
    cell = load_workbook(io.BytesIO(content)).active["B2"]
    assert cell.data_type == "s"
    assert cell.value.strip() == name.strip()


@pytest.mark.parametrize("text", ["-12.50", "-1,234", "3", "H001", "张三", ""])
def test_a_plain_number_or_word_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize(
    ("shown", "figure"),
    [
        ("1,234.50 mu", Figure(Decimal("1234.50"), "", 2, " mu")),
        ("¥-12.00", Figure(Decimal("-12.00"), "¥", 2, "")),
        ("3 t", Figure(Decimal(3), "", 0, " t")),
    ],
)
def test_a_figure_is_read_and_written_as_shown(shown: str, figure: Figure) -> None:
    assert read_figure(shown) == figure
    assert str(figure) == shown


def test_a_control_character_does_not_break_the_workbook(sunrise: Cast) -> None:
    Field.objects.filter(pk=sunrise.fields[0].pk).update(name="东\x0b坡")
    content = fetch(signed_in(sunrise.operator), f"{FIELDS}export/xlsx/")
    assert load_workbook(io.BytesIO(content)).active["B2"].value == "东坡"


def test_the_geopackage_has_the_outline_in_force_of_each_field(
    sunrise: Cast, tmp_path: Path
) -> None:
    sunrise.fields[2].boundaries.all().delete()
    path = tmp_path / "list.gpkg"
    path.write_bytes(fetch(signed_in(sunrise.operator), f"{FIELDS}export/gpkg/"))
    about, _fids, shapes, columns = pyogrio.raw.read(path)
    assert about["crs"] == "EPSG:4326"
    codes = dict(zip(about["fields"], columns, strict=True))
    assert list(codes["Field code"]) == ["F001", "F002", "F003"]
    assert list(codes["Geodesic area"])[:2] == [15.0, 15.0]
    bounds = shapely.bounds(shapely.from_wkb(shapes[:2]))
    assert bounds[0] == pytest.approx([118.002, 30.0, 118.003, 30.001])
    assert shapes[2] is None


def test_an_empty_list_is_a_file_with_its_columns(sunrise: Cast, tmp_path: Path) -> None:
    client = signed_in(sunrise.operator)
    assert len(read_rows(fetch(client, f"{FIELDS}export/csv/?q=nothing"))) == 1
    path = tmp_path / "list.gpkg"
    path.write_bytes(fetch(client, f"{FIELDS}export/gpkg/?q=nothing"))
    assert pyogrio.read_info(path)["features"] == 0


def test_a_list_taken_along_is_in_the_audit_log_without_the_search(sunrise: Cast) -> None:
    phone = sunrise.households[0].phone
    fetch(
        signed_in(sunrise.viewer), f"/admin/aggregator/household/export/csv/?q={phone.lstrip('+')}"
    )
    event = AuditEvent.objects.get(action="export_list")
    assert event.by == sunrise.viewer
    assert event.details == {"list": "household", "format": "csv", "rows": 1}


def test_numbers_are_masked_in_the_file_as_on_the_screen(sunrise: Cast) -> None:
    content = fetch(signed_in(sunrise.operator), "/admin/aggregator/household/export/csv/")
    for household in Household.objects.all():
        assert household.phone.encode() not in content
        assert household.phone[-11:].encode() not in content
    assert sunrise.households[0].masked_phone.encode() in content


def test_who_may_not_see_a_list_may_not_take_it_along(sunrise: Cast) -> None:
    answer = signed_in(sunrise.verifier).get("/admin/aggregator/auditevent/export/csv/")
    assert answer.status_code == 403
    assert not AuditEvent.objects.exists()


def test_another_cooperatives_rows_are_not_in_the_file(sunrise: Cast, riverbend: Cast) -> None:
    _heading, *rows = read_rows(
        fetch(signed_in(riverbend.operator), "/admin/farms/field/export/csv/")
    )
    assert len(rows) == 1


def test_an_unknown_format_is_not_found(sunrise: Cast) -> None:
    assert signed_in(sunrise.operator).get(f"{FIELDS}export/exe/").status_code == 404


@pytest.mark.django_db
def test_every_list_is_taken_along_in_as_many_queries_for_many_rows_as_for_few() -> None:
    few = make_cast("few", name="少", households=2, east=118.0)
    many = make_cast("many", name="多", households=9, east=119.0)
    make_whole_line(few)
    make_whole_line(many)
    grown: dict[str, Any] = {}
    asked = 0
    for model, shown_by in admin.site._registry.items():
        if not hasattr(shown_by, "export"):
            continue
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/export/csv/"
        counts = []
        for user in (few.operator, many.operator):
            with CaptureQueriesContext(connection) as queries:
                answer = signed_in(user).get(address)
                assert answer.status_code in (200, 403), address
            counts.append(len(queries))
        asked += 1
        if counts[1] > counts[0]:
            grown[address] = counts
    assert grown == {}
    assert asked > 25


def test_a_superusers_file_is_told_to_every_cooperative(sunrise: Cast, riverbend: Cast) -> None:
    root = User.objects.create_superuser("root", password="r")
    assert len(read_rows(fetch(signed_in(root), f"{FIELDS}export/csv/"))) == 1 + 4
    assert AuditEvent.objects.filter(action="export_list").count() == 2
