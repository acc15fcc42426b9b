"""Layers broken on purpose or by a careless program: each ends in a sentence, never in a crash."""

from __future__ import annotations

import json
import random
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from django.test import Client
from django.urls import reverse
from shapely.geometry import Polygon

from aggregator.files import FileRefused, WrongKind
from farms.field_import import import_fields
from farms.geometry import CrsError, read_crs, read_outlines, same_outline
from farms.layers import CrsUnknown, NoShapefile, NotJson, read_layer
from farms.models import Boundary
from tests.cast import Cast
from tests.farms.layer_files import field, square, write_geojson, write_ogr, zip_shapefile

# A circle's arc as WKB: CurvePolygon of one CircularString of five points.
_ARC_POINTS = np.array([[0, 0], [1, 1], [2, 0], [1, -1], [0, 0]], dtype=float).tobytes()
ARC = bytes.fromhex("010a000000010000000108000000") + (5).to_bytes(4, "little") + _ARC_POINTS
ONE_SHAPE = {"primary_column": "shape", "columns": {"shape": {"encoding": "WKB"}}}


def write_parquet(path: Path, geo: Any, columns: dict[str, Any]) -> Path:
    table = pa.table(columns).replace_schema_metadata({"geo": json.dumps(geo)})
    pq.write_table(table, path)
    return path


@pytest.mark.parametrize(
    "crs",
    [
        pytest.param("IAU_2015:30100", id="moon"),
        pytest.param('TIMECRS["x",TDATUM["t"],CS[TemporalDateTime,1],AXIS["T",future]]', id="time"),
    ],
)
def test_a_system_that_is_not_of_the_earths_surface_is_refused(tmp_path: Path, crs: str) -> None:
    member = {"type": "name", "properties": {"name": crs}}
    path = write_geojson(tmp_path / "a.json", [(field("X1"), square(3))], crs=member)
    with pytest.raises(CrsUnknown):
        read_layer(path)


def test_a_zone_with_a_height_system_is_read_without_its_heights() -> None:
    # CGCS2000 / 3-degree zone 40 with the 1985 national height datum.
    assert read_crs("EPSG:4549+5737") == read_crs("EPSG:4549")
    with pytest.raises(CrsError, match="unknown"):
        read_crs("EPSG:5737")


def test_a_number_of_thousands_of_digits_is_no_geojson(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"type": "FeatureCollection", "features": [{"a": ' + "1" * 5000 + "}]}")
    with pytest.raises(NotJson):
        read_layer(path)


@pytest.mark.parametrize("sign", ["\ud800", "\0", "\x1b"])
def test_signs_that_no_page_can_show_are_refused_and_shown_as_such(
    sunrise: Cast, tmp_path: Path, sign: str
) -> None:
    path = tmp_path / "a.json"
    write_geojson(path, [(field("X1"), square(3))])
    data = json.loads(path.read_text())
    data["features"][0]["properties"] |= {"field_code": f"X{sign}1", f"a{sign}b": "1"}
    path.write_text(json.dumps(data))
    report = import_fields(path, cooperative=sunrise.cooperative, by=sunrise.operator)
    assert [error.text for error in report.errors] == ["X\ufffd1"]
    assert report.notes[0].column == "a\ufffdb"
    clerk = Client()
    clerk.force_login(sunrise.operator)
    page = clerk.get(reverse("import-run", args=[report.run_id]))
    assert "X\ufffd1" in page.content.decode()


@pytest.mark.parametrize(
    "geo",
    [
        [1],
        {"primary_column": "gone", "columns": {"gone": {"encoding": "WKB"}}},
        {"primary_column": "number", "columns": {"number": {"encoding": "WKB"}}},
        {"primary_column": "shape", "columns": {"shape": None}},
        {"primary_column": ["shape"], "columns": {}},
    ],
)
def test_parquet_whose_map_part_is_nonsense_is_refused(tmp_path: Path, geo: Any) -> None:
    columns = {"number": [1], "shape": [square(3).wkb]}
    with pytest.raises(WrongKind):
        read_layer(write_parquet(tmp_path / "a.parquet", geo, columns))


def test_a_day_beyond_every_calendar_is_refused(tmp_path: Path) -> None:
    days = pa.array([10**8], pa.int32()).cast(pa.date32())
    columns = {"field_code": ["A1"], "tenure_starts_on": days, "shape": [square(3).wkb]}
    with pytest.raises(WrongKind):
        read_layer(write_parquet(tmp_path / "a.parquet", ONE_SHAPE, columns))


def test_arcs_are_unreadable_and_leave_the_others_alone(tmp_path: Path) -> None:
    columns = {"field_code": ["A1", "A2"], "shape": [ARC, square(3).wkb]}
    layer = read_layer(write_parquet(tmp_path / "a.parquet", ONE_SHAPE, columns))
    assert layer.unreadable == {0}
    assert layer.shapes[1] == square(3)


def test_two_shapefiles_of_one_name_in_two_folders_are_two(tmp_path: Path) -> None:
    target = tmp_path / "z.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for folder in ("east", "west"):
            (tmp_path / folder).mkdir()
            write_ogr(tmp_path / folder / "land.shp", [({"DKBM": folder}, square(3))])
            for part in (tmp_path / folder).iterdir():
                archive.write(part, f"{folder}/{part.name}")
    with pytest.raises(NoShapefile):
        read_layer(target)


def test_a_shapefile_with_flipped_bytes_is_refused_or_read(tmp_path: Path) -> None:
    write_ogr(tmp_path / "b.shp", [(field("X1"), square(3))])
    parts = {part.suffix: part.read_bytes() for part in tmp_path.glob("b.*")}
    dice = random.Random(5)
    for _ in range(150):
        broken = dice.choice([".shp", ".dbf", ".shx", ".prj"])
        with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
            for suffix, whole in parts.items():
                data = bytearray(whole)
                if suffix == broken:
                    data[dice.randrange(len(data))] = dice.randrange(256)
                archive.writestr(f"b{suffix}", bytes(data))
        try:
            layer = read_layer(tmp_path / "z.zip")
        except FileRefused:
            continue
        assert len(read_outlines(layer.shapes, layer.crs)) == len(layer.rows)


def test_an_unreadable_prj_is_an_unknown_system(tmp_path: Path) -> None:
    path = write_ogr(tmp_path / "b.shp", [(field("X1"), square(3))])
    prj = path.with_suffix(".prj")
    # A name in GBK.
    prj.write_bytes(prj.read_bytes().replace(b"GCS_WGS_1984", "中国".encode("gbk")))
    with pytest.raises(CrsUnknown):
        read_layer(zip_shapefile(path))


@pytest.mark.parametrize(
    "areas", [{"contract_area_m2": "0.001"}, {"contract_area_mu": "9999999999"}]
)
def test_an_area_that_rounds_to_nothing_or_fits_no_column_is_refused(
    sunrise: Cast, tmp_path: Path, areas: dict[str, str]
) -> None:
    path = write_geojson(tmp_path / "a.json", [(field("X1", **areas), square(3))])
    report = import_fields(path, cooperative=sunrise.cooperative, by=sunrise.operator)
    assert [(error.column, error.text) for error in report.errors] == list(areas.items())


def test_days_of_a_transfer_without_anyone_are_refused(sunrise: Cast, tmp_path: Path) -> None:
    lone = {"field_code": "X1", "village_code": "V1", "transfer_starts_on": "2024-01-01"}
    path = write_geojson(tmp_path / "a.json", [(lone, square(3))])
    report = import_fields(path, cooperative=sunrise.cooperative, by=sunrise.operator)
    assert [error.column for error in report.errors] == ["operator_code"]


def test_the_same_outline_with_noise_in_its_corners_makes_no_version(
    sunrise: Cast, tmp_path: Path
) -> None:
    corners = [(120.5, 31), (120.501, 31), (120.501, 31.001), (120.5, 31.001)]
    # The western corners tie but for the noise, which decides where a ring is said to start.
    noisy = [*corners[:3], (120.5 - 1e-12, 31.001)]
    for shape in (Polygon(corners), Polygon(noisy[::-1])):
        path = write_geojson(tmp_path / "a.json", [(field("X1"), shape)])
        report = import_fields(path, cooperative=sunrise.cooperative, by=sunrise.operator)
        assert not report.refused
    assert report.counts == {"created": 0, "updated": 0, "unchanged": 1}
    assert Boundary.objects.filter(field__code="X1").count() == 1


def test_the_same_corners_in_another_order_are_another_outline() -> None:
    bay = Polygon([(0, 0), (4, 0), (4, 4), (2, 1), (0, 4)])
    assert not same_outline(bay, Polygon([(0, 0), (2, 1), (4, 0), (4, 4), (0, 4)]))
    assert same_outline(bay, shapely.reverse(bay))
