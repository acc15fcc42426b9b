"""Every kind of layer gives the same rows and shapes, and what is no layer is named."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely
from shapely.geometry import Polygon

from aggregator import files
from farms import layer, layers
from farms.geometry import crs_label
from farms.layers import TooManyFeatures, read_layer
from tests.farms.layer_files import (
    square,
    write_geojson,
    write_geoparquet,
    write_ogr,
    zip_shapefile,
)

pytestmark = pytest.mark.usefixtures("in_english")

ROWS = [
    ({"DKBM": "3506271022030001234", "DKMC": "屋后田"}, square(0)),
    ({"DKBM": "3506271022030001235", "DKMC": "河边田"}, square(1)),
]


def _shapefile(folder: Path, *, encoding: str = "UTF-8", cpg: bool = True) -> Path:
    path = write_ogr(folder / "plots.shp", ROWS, encoding=encoding)
    if not cpg:
        path.with_suffix(".cpg").unlink()
    return path


MAKERS: dict[str, Callable[[Path], Path]] = {
    "geojson": lambda folder: write_geojson(folder / "a.geojson", ROWS),
    "geopackage": lambda folder: write_ogr(folder / "a.gpkg", ROWS),
    "geoparquet": lambda folder: write_geoparquet(folder / "a.parquet", ROWS, crs="EPSG:4326"),
    "geoparquet-default": lambda folder: write_geoparquet(folder / "a.parquet", ROWS, crs=""),
    "shp": _shapefile,
    "zip": lambda folder: zip_shapefile(_shapefile(folder)),
    "zip-in-a-folder": lambda folder: zip_shapefile(_shapefile(folder), folder="地块/"),
    "zip-gbk": lambda folder: zip_shapefile(_shapefile(folder, encoding="GBK", cpg=False)),
    "zip-gb18030": lambda folder: zip_shapefile(_shapefile(folder, encoding="GB18030", cpg=False)),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_every_kind_gives_the_same_rows(kind: str, tmp_path: Path) -> None:
    layer = read_layer(MAKERS[kind](tmp_path))
    assert [(row["DKBM"], row["DKMC"]) for row in layer.rows] == [
        ("3506271022030001234", "屋后田"),
        ("3506271022030001235", "河边田"),
    ]
    assert [shape.normalize() for shape in layer.shapes] == [
        shape.normalize() for _row, shape in ROWS
    ]
    assert crs_label(layer.crs) in ("EPSG:4326", "OGC:CRS84")
    assert layer.unreadable == frozenset()


def test_a_lying_cpg_does_not_garble_names(tmp_path: Path) -> None:
    path = _shapefile(tmp_path, encoding="GBK")
    path.with_suffix(".cpg").write_text("UTF-8")
    assert [row["DKMC"] for row in read_layer(path).rows] == ["屋后田", "河边田"]


def test_numbers_stay_whole_beside_empty_cells(tmp_path: Path) -> None:
    rows = [({"code": 3506271022030001234, "n": 1.0}, square(0)), ({"code": None}, square(1))]
    layer = read_layer(write_geojson(tmp_path / "a.geojson", rows))
    assert layer.rows[0] == {"fid": "1", "code": "3506271022030001234", "n": "1"}
    assert layer.rows[1] == {"fid": "2", "code": ""}


def test_a_code_kept_as_a_real_number_is_not_passed_off_as_whole(tmp_path: Path) -> None:
    rows = [({"code": 3.506271022030001e18}, square(0))]
    text = read_layer(write_geojson(tmp_path / "a.geojson", rows)).rows[0]["code"]
    assert text == "3.506271E+18"


def test_geojson_without_a_crs_is_wgs84_and_a_named_one_is_taken(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    path = write_geojson(tmp_path / "a.geojson", ROWS, crs=crs)
    assert crs_label(read_layer(path).crs) == "EPSG:4490"


def test_a_geojson_crs_on_another_machine_is_not_fetched(tmp_path: Path) -> None:
    crs = {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs"}}
    with pytest.raises(layers.CrsUnknown):
        read_layer(write_geojson(tmp_path / "a.geojson", ROWS, crs=crs))


@pytest.mark.parametrize("kind", ["gpkg", "zip", "parquet"])
def test_a_layer_without_crs_is_refused(tmp_path: Path, kind: str) -> None:
    if kind == "gpkg":
        path = write_ogr(tmp_path / "a.gpkg", ROWS, crs=None)
    elif kind == "zip":
        path = zip_shapefile(_shapefile(tmp_path), without=(".prj",))
    else:
        path = write_geoparquet(tmp_path / "a.parquet", ROWS, crs=None)
    with pytest.raises(layers.CrsMissing) as refusal:
        read_layer(path)
    assert "does not say in which coordinate system" in str(refusal.value)


def test_a_zip_needs_one_whole_shapefile(tmp_path: Path) -> None:
    _shapefile(tmp_path)
    with pytest.raises(layers.PartsMissing, match=r"\.dbf"):
        read_layer(zip_shapefile(tmp_path / "plots.shp", without=(".dbf",)))
    with pytest.raises(layers.NoShapefile):
        read_layer(zip_shapefile(tmp_path / "plots.shp", without=(".shp",)))


def test_a_geopackage_of_two_layers_is_refused_by_their_names(tmp_path: Path) -> None:
    path = write_ogr(tmp_path / "a.gpkg", ROWS, layer="old")
    write_ogr(path, ROWS, layer="new", append=True)
    with pytest.raises(layers.ManyLayers, match="old, new"):
        read_layer(path)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ('{"type": "FeatureCollection", "features": [', layers.NotJson),
        ('{"type": "Topology"}', layers.NotJson),
        ('{"type": "FeatureCollection", "features": [1]}', layers.NotJson),
        ('{"type": "FeatureCollection", "features": []}', layers.NoFeatures),
        ("{" + '"a":{' * 100_000, layers.NotJson),
        ("code,name\n1,2\n", files.WrongKind),
        ("%PDF-1.7", files.WrongKind),
        ("PAR1 but not really", files.WrongKind),
        ("SQLite format 3\0" + "x" * 100, files.WrongKind),
        ("PK\3\4 but not really", files.FileDamaged),
        ("", files.FileEmpty),
    ],
)
def test_what_is_no_layer_is_named(
    tmp_path: Path, text: str, refusal: type[files.FileRefused]
) -> None:
    path = tmp_path / "a.gpkg"
    path.write_text(text)
    with pytest.raises(refusal):
        read_layer(path)


@pytest.mark.parametrize("kind", ["geopackage", "geoparquet", "zip", "geojson"])
@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_a_layer_cut_short_is_refused(tmp_path: Path, kind: str, cut: float) -> None:
    path = MAKERS[kind](tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * cut)])
    with pytest.raises(files.FileRefused):
        read_layer(path)


def test_an_archive_that_would_unpack_to_too_much_is_refused(tmp_path: Path, settings: Any) -> None:
    settings.IMPORT_MAX_UNPACKED_BYTES = 300
    for kind in ("zip", "geoparquet"):
        with pytest.raises(files.UnpacksTooLarge):
            read_layer(MAKERS[kind](tmp_path))


@pytest.mark.parametrize("kind", ["zip", "geopackage"])
def test_features_are_counted_before_they_are_read(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_whole(*_args: Any, **_options: Any) -> Any:
        pytest.fail("the layer was read into memory before it was counted")

    monkeypatch.setattr(layer, "MAX_FEATURES", 1)
    monkeypatch.setattr(pyogrio, "read_arrow", read_whole)
    with pytest.raises(TooManyFeatures):
        read_layer(MAKERS[kind](tmp_path))


def test_a_member_of_a_zip_cannot_climb_out_of_it(tmp_path: Path) -> None:
    archive = zip_shapefile(_shapefile(tmp_path), folder="../../")
    inside = tmp_path / "in" / "side"
    inside.mkdir(parents=True)
    written = files.unpack_zip(archive, inside)
    assert {path.parent for path in written} == {inside}


def test_a_broken_shape_is_told_from_an_open_and_from_a_missing_one(tmp_path: Path) -> None:
    open_ring = {"type": "Polygon", "coordinates": [[[120, 30], [120.1, 30], [120.1, 30.1]]]}
    two_corners = {"type": "Polygon", "coordinates": [[[120, 30], [121, 30]]]}
    rows: list[tuple[dict[str, Any], Any]] = [
        ({"code": "1"}, open_ring),
        ({"code": "2"}, two_corners),
        ({"code": "3"}, None),
    ]
    layer = read_layer(write_geojson(tmp_path / "a.geojson", rows))
    assert (layer.unclosed, layer.unreadable) == ({0}, {1})
    assert shapely.equals(layer.shapes[0], Polygon([(120, 30), (120.1, 30), (120.1, 30.1)]))
    assert [shape is None for shape in layer.shapes[1:]] == [True, True]
