"""KML and KMZ: placemarks wherever they lie, their attributes, and nothing from elsewhere."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import shapely
from django.utils import translation
from shapely.geometry import Polygon, box

from aggregator.files import FileRefused, UnpacksTooLarge, WrongKind
from farms.field_import import import_fields
from farms.geometry import crs_label
from farms.layer import NotKml
from farms.layers import NoFeatures, NoShapefile, read_layer
from farms.models import Boundary, Field
from tests.cast import Cast
from tests.farms.layer_files import kml_placemark, kml_text

PLOT = box(118, 25, 118.001, 25.001)


def write_kml(path: Path, *placemarks: str, **more: str) -> Path:
    path.write_text(kml_text(*placemarks, **more))
    return path


def test_placemarks_of_all_folders_come_with_their_attributes(tmp_path: Path) -> None:
    simple = kml_placemark({"DKBM": "A1", "DKMC": "河边田"}, PLOT)
    data = kml_placemark({"DKBM": "A2"}, PLOT, simple=False)
    path = write_kml(tmp_path / "a.kml", f"<Folder>{simple}</Folder><Folder>{data}</Folder>")
    layer = read_layer(path)
    assert layer.rows == [
        {"fid": "1", "name": "plot", "DKBM": "A1", "DKMC": "河边田"},
        {"fid": "2", "name": "plot", "DKBM": "A2"},
    ]
    assert crs_label(layer.crs) == "OGC:CRS84"
    assert [shape.equals(PLOT) for shape in layer.shapes] == [True, True]


def test_longitude_comes_first_and_heights_are_left_out(tmp_path: Path) -> None:
    ring = "118,25,7 118.001,25,7 118.001,25.001,7 118,25.001,7 118,25,7"
    layer = read_layer(write_kml(tmp_path / "a.kml", kml_placemark({}, ring)))
    assert layer.shapes[0].bounds == (118, 25, 118.001, 25.001)
    assert not layer.shapes[0].has_z


def test_holes_parts_points_and_nothing_are_what_they_are(tmp_path: Path) -> None:
    holed = Polygon(PLOT.exterior, [box(118.0002, 25.0002, 118.0004, 25.0004).exterior])
    both = shapely.multipolygons([PLOT, box(119, 25, 119.001, 25.001)])
    path = write_kml(
        tmp_path / "a.kml",
        kml_placemark({}, holed),
        kml_placemark({}, both),
        "<Placemark><Point><coordinates>118,25</coordinates></Point></Placemark>",
        "<Placemark><name>x</name></Placemark>",
        kml_placemark({}, "118,25 118.001,25 118.001,25.001"),
        kml_placemark({}, "118,25 oops"),
    )
    layer = read_layer(path)
    assert [shape and shape.geom_type for shape in layer.shapes] == [
        "Polygon",
        "MultiPolygon",
        "Point",
        None,
        "Polygon",
        None,
    ]
    assert len(layer.shapes[0].interiors) == 1
    assert (layer.unclosed, layer.unreadable) == ({4}, {5})


def test_a_kmz_is_read_from_its_main_document_and_follows_no_link(tmp_path: Path) -> None:
    link = "<NetworkLink><Link><href>http://127.0.0.1:9/other.kml</href></Link></NetworkLink>"
    path = tmp_path / "fields.kmz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("files/other.kml", kml_text(kml_placemark({"DKBM": "B1"}, PLOT)))
        archive.writestr("DOC.KML", kml_text(kml_placemark({"DKBM": "A1"}, PLOT), link))
        archive.writestr("__MACOSX/._doc.kml", b"\0\0")
    assert [row["DKBM"] for row in read_layer(path).rows] == ["A1"]


def test_a_kmz_that_unpacks_to_too_much_and_one_without_kml_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.kmz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", kml_text("<!-- " + " " * 80_000_000 + " -->"))
    with pytest.raises(UnpacksTooLarge):
        read_layer(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("picture.png", b"x")
    with pytest.raises(NoShapefile):
        read_layer(path)


BOMB = '<!DOCTYPE kml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (kml_text("<Placemark>"), NotKml),
        (kml_text(kml_placemark({}, PLOT), before=BOMB), NotKml),
        (kml_text("<Folder>" * 5000 + "</Folder>" * 5000), NotKml),
        ("<html><body></body></html>", WrongKind),
        (kml_text(), NoFeatures),
        ("<", NotKml),
        ('<?xml version="1.0" encoding="martian"?><kml/>', NotKml),
    ],
)
def test_what_is_no_kml_is_refused(tmp_path: Path, text: str, refusal: type[FileRefused]) -> None:
    path = tmp_path / "a.kml"
    path.write_text(text)
    with pytest.raises(refusal):
        read_layer(path)


def test_a_place_is_given_where_the_kml_breaks_off(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    path.write_text("<kml>\n<Document></kml>")
    with translation.override("en"), pytest.raises(NotKml, match="line 2, column 13"):
        read_layer(path)


def test_fields_come_in_from_kml_under_their_names(sunrise: Cast, tmp_path: Path) -> None:
    path = write_kml(tmp_path / "a.kml", kml_placemark({"DKBM": "K1", "村编码": "V1"}, PLOT))
    report = import_fields(path, cooperative=sunrise.cooperative, by=sunrise.operator)
    assert report.counts["created"] == 1
    assert Field.objects.get(code="K1").name == "plot"
    assert Boundary.objects.get(field__code="K1").source_crs == "OGC:CRS84"
