"""Shapes nested in one another without end are refused before they bring the worker down."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from shapely.geometry import GeometryCollection, MultiPolygon, Point, box

from farms.cutting import CuttingError, read_shape
from farms.layers import read_layer
from farms.nested_shapes import DEEPEST, wkb_too_deep

# GEOS reads one collection inside the other and dies of it from some ten thousand on.
ENDLESS = 200_000
MULTI_KINDS = {"points": 4, "lines": 5, "polygons": 6, "collections": 7, "with_z": 1007}


def nested(depth: int, kind: int = 7) -> bytes:
    """WKB of a point in a collection in a collection, and so on."""
    return struct.pack("<BII", 1, kind, 1) * depth + Point(118, 25).wkb


def write_parquet(path: Path, shapes: list[bytes]) -> Path:
    geo = {"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    codes = [f"X{number}" for number in range(len(shapes))]
    table = pa.table({"field_code": codes, "geometry": shapes})
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    return path


@pytest.mark.parametrize("kind", MULTI_KINDS.values(), ids=MULTI_KINDS)
def test_a_shape_nested_without_end_is_unreadable_and_leaves_the_others_alone(
    tmp_path: Path, kind: int
) -> None:
    path = tmp_path / "a.parquet"
    write_parquet(path, [nested(ENDLESS, kind), box(118, 25, 118.001, 25.001).wkb])
    # In a process of its own, which a crash would end instead of this one.
    script = (
        "import django, pathlib, sys; django.setup()\n"
        "from farms.layers import read_layer\n"
        "layer = read_layer(pathlib.Path(sys.argv[1]))\n"
        "print(sorted(layer.unreadable), layer.shapes[1].geom_type)"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, str(path)], check=False, capture_output=True, text=True
    )
    assert (told.returncode, told.stdout) == (0, "[0] Polygon\n")


def test_ordinary_collections_are_read_as_before(tmp_path: Path) -> None:
    squares = MultiPolygon([box(0, 0, 1, 1), box(2, 0, 3, 1)])
    shapes = [squares, GeometryCollection([squares, GeometryCollection([Point(1, 2)])])]
    layer = read_layer(write_parquet(tmp_path / "a.parquet", [shape.wkb for shape in shapes]))
    assert not layer.unreadable
    assert list(layer.shapes) == shapes


@pytest.mark.parametrize("byte_order", [0, 1], ids=["big_endian", "little_endian"])
@pytest.mark.parametrize("flavor", ["iso", "extended"])
def test_what_is_skipped_is_skipped_to_the_byte(byte_order: int, flavor: str) -> None:
    # A deep part behind parts of every kind: miscounted, it would not be found.
    before = [
        "POINT Z (1 2 3)",
        "LINESTRING Z (0 0 0, 1 1 1, 2 0 5)",
        "POLYGON Z ((0 0 0, 9 0 0, 9 9 0, 0 0 0), (1 1 1, 2 1 1, 2 2 1, 1 1 1))",
        "MULTIPOINT Z ((0 0 0), (1 1 1))",
    ]
    deep = GeometryCollection([Point(1, 2)])
    for _depth in range(DEEPEST):
        deep = GeometryCollection([*map(shapely.from_wkt, before), deep])
    assert wkb_too_deep(shapely.to_wkb(deep, byte_order=byte_order, flavor=flavor))
    flat = GeometryCollection([shapely.set_srid(shapely.from_wkt(text), 4326) for text in before])
    assert not wkb_too_deep(
        shapely.to_wkb(flat, byte_order=byte_order, flavor=flavor, include_srid=flavor != "iso")
    )


def test_a_broken_shape_is_left_to_the_reader() -> None:
    assert not wkb_too_deep(box(0, 0, 1, 1).wkb[:20])
    assert not wkb_too_deep(b"")


@pytest.mark.parametrize(
    "text",
    ["GEOMETRYCOLLECTION(" * ENDLESS + "POINT(1 1)" + ")" * ENDLESS, '{"a":' + "[" * ENDLESS],
    ids=["wkt", "json"],
)
def test_a_drawn_shape_nested_without_end_is_refused(text: str) -> None:
    with pytest.raises(CuttingError) as refusal:
        read_shape(text, kind="Polygon")
    assert refusal.value.code == "shape_not_read"
