"""The corpus of bad field files: each written here, with every sentence the clerk must read.

Sunrise has the fields F001 to F003, 0.001° square, from 118.002, 30.0 eastwards.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from shapely.affinity import translate
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from tests.farms.layer_files import (
    field,
    kml_placemark,
    kml_text,
    write_geojson,
    write_geoparquet,
    write_ogr,
    zip_shapefile,
)

Feature = tuple[dict[str, Any], Any]


def plot(number: int = 0, *, size: float = 0.001) -> Polygon:
    """A square near Sunrise's fields, clear of them."""
    return box(118.1 + number * 0.002, 30, 118.1 + number * 0.002 + size, 30 + size)


def geojson(*features: Feature, **members: Any) -> Callable[[Path], Path]:
    return lambda folder: write_geojson(folder / "a.geojson", list(features), **members)


def drawn(shape: Any, **attributes: Any) -> Callable[[Path], Path]:
    """One field of this shape, in GeoJSON."""
    return geojson((field("X1", **attributes), shape))


def said(**attributes: Any) -> Callable[[Path], Path]:
    """One sound outline with these attributes."""
    return geojson((field(attributes.pop("code", "X1"), **attributes), plot()))


def raw(data: bytes | str, name: str = "a.geojson") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    return write


def in_zone(shape: Any, crs: str) -> Callable[[Path], Path]:
    return lambda folder: write_ogr(folder / "a.gpkg", [(field("X1"), shape)], crs=crs)


def kml(shape: Any) -> Callable[[Path], Path]:
    return raw(kml_text(kml_placemark(field("X1"), shape)), "a.kml")


def shapefile(*without: str, **options: Any) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        shp = write_ogr(folder / "a.shp", [(field("X1"), plot())], **options)
        return zip_shapefile(shp, without=without)

    return write


def zipped(*names: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        with zipfile.ZipFile(folder / "a.zip", "w") as archive:
            for name in names:
                archive.writestr(name, "x")
        return folder / "a.zip"

    return write


def _two_layers(folder: Path) -> Path:
    path = write_ogr(folder / "a.gpkg", [(field("X1"), plot())], layer="old")
    return write_ogr(path, [(field("X2"), plot(1))], layer="new", append=True)


def _holed(*holes: Polygon) -> Polygon:
    return Polygon(plot().exterior, [hole.exterior for hole in holes])


W, S = 118.1, 30.0
BOW = Polygon([(W, S), (W + 0.002, S + 0.002), (W + 0.002, S), (W, S + 0.002)])
# In thousandths of a degree from the corner: two squares that hang together, and a thorn.
_CHAIN = [(0, 0), (1, 0), (1, 1), (2, 1), (2, 2), (1, 2), (1, 1), (0, 1)]
_THORN = [(0, 0), (1, 0), (1, 0.5), (2, 0.5), (1, 0.5), (1, 1), (0, 1)]
CHAIN = Polygon([(W + x / 1000, S + y / 1000) for x, y in _CHAIN])
THORN = Polygon([(W + x / 1000, S + y / 1000) for x, y in _THORN])
OPEN = {"type": "Polygon", "coordinates": [[[W, S], [W + 1e-3, S], [W + 1e-3, S + 1e-3]]]}
ONE_CORNER = {"type": "Polygon", "coordinates": [[[W, S], [W, S]]]}
DIAMOND = Polygon([(W, S + 5e-4), (W + 5e-4, S), (W + 1e-3, S + 5e-4), (W + 5e-4, S + 1e-3)])
OVER_EDGE = box(W + 8e-4, S + 2e-4, W + 12e-4, S + 4e-4)
FAR_HOLE = box(W + 5e-3, S, W + 6e-3, S + 1e-3)

WANTED = (
    "needed is a map layer: GeoJSON, GeoPackage, GeoParquet, KML, KMZ, or a zip with one shapefile."
)
NO_SYSTEM = (
    "The layer does not say in which coordinate system it is, so nobody can tell where the fields "
    "lie. Set it in the map program (for a shapefile: add the .prj file)."
)
SWAPPED = (
    "The coordinates are the wrong way round: east and north have changed places. "
    "Swap them in the map program."
)
OPEN_RING = "The outline is not closed: it does not end in the corner where it begins."

# Name: how the file is written, and (row, sentence) of every error in it.
BAD_FIELDS: dict[str, tuple[Callable[[Path], Path], list[tuple[int | None, str]]]] = {
    # Outlines.
    "no-outline": (drawn(None), [(1, "There is no outline. Draw the field, or take the row out.")]),
    "a-point": (drawn(Point(W, S)), [(1, "This is not an area but a point or a line.")]),
    "a-line": (
        drawn(LineString([(W, S), (W, S + 1)])),
        [(1, "This is not an area but a point or a line.")],
    ),
    "crossing": (
        drawn(BOW),
        [(1, "The outline crosses itself at 118.101, 30.001. Move that corner.")],
    ),
    "corner-on-its-own-side": (
        drawn(CHAIN),
        [
            (
                1,
                (
                    "The outline touches itself at 118.101, 30.001: a corner lies on "
                    "another side. Move that corner."
                ),
            )
        ],
    ),
    "thorn-of-no-width": (
        drawn(THORN),
        [
            (
                1,
                (
                    "A thorn without width sticks out of the outline at 118.102, 30.0005. "
                    "Take it off."
                ),
            )
        ],
    ),
    "two-parts": (
        drawn(MultiPolygon([plot(), plot(3)])),
        [(1, "The outline has several parts (2). Give each its own field code.")],
    ),
    "hole-outside": (
        drawn(_holed(FAR_HOLE)),
        [(1, ("A hole lies outside of the field at 118.106, 30. Move it inside, or delete it."))],
    ),
    "hole-over-the-edge": (
        drawn(_holed(OVER_EDGE)),
        [
            (
                1,
                (
                    "A hole crosses the outline or another hole at 118.101, 30.0004. Draw "
                    "the hole again."
                ),
            )
        ],
    ),
    "hole-that-cuts-it-up": (
        drawn(_holed(DIAMOND)),
        [
            (
                1,
                (
                    "Holes cut the field into pieces at 118.101, 30.0005. Give each piece "
                    "its own field code."
                ),
            )
        ],
    ),
    "open-ring": (drawn(OPEN), [(1, OPEN_RING)]),
    "open-ring-in-kml": (kml("118.1,30 118.101,30 118.101,30.001"), [(1, OPEN_RING)]),
    "one-corner": (drawn(ONE_CORNER), [(1, "The outline cannot be read. Draw the field again.")]),
    "nonsense-in-kml": (
        kml("118.1,30 here"),
        [(1, "The outline cannot be read. Draw the field again.")],
    ),
    "no-area": (
        drawn(Polygon([(W, S), (W + 1e-3, S), (W + 2e-3, S)])),
        [(1, "The outline encloses no area.")],
    ),
    "crumb": (
        drawn(plot(size=5e-6)),
        [(1, "The outline is smaller than one square metre: a crumb left over from cutting.")],
    ),
    "a-whole-county": (
        drawn(box(118, 30, 119, 31)),
        [(1, "The field would be larger than 100,000 ha. Check the units.")],
    ),
    "corner-at-infinity": (
        lambda folder: write_geoparquet(
            folder / "a.parquet",
            [(field("X1"), Polygon([(W, S), (np.inf, S), (W, S + 1e-3)]))],
            crs="EPSG:4326",
        ),
        [(1, "A corner of the outline is not a number. Draw the field again.")],
    ),
    # Coordinates.
    "swapped-degrees": (drawn(box(S, W, S + 1e-3, W + 1e-3)), [(1, SWAPPED)]),
    "swapped-metres": (in_zone(box(3.3e6, 5e5, 3.3e6 + 50, 5e5 + 50), "EPSG:4548"), [(1, SWAPPED)]),
    "degrees-called-metres": (
        in_zone(plot(), "EPSG:4548"),
        [
            (
                1,
                (
                    "The coordinates are degrees, but the coordinate system counts in "
                    "metres. Set the system that they were drawn in."
                ),
            )
        ],
    ),
    "metres-called-degrees": (
        in_zone(box(5e5, 3.3e6, 5e5 + 50, 3.3e6 + 50), "EPSG:4490"),
        [
            (
                1,
                (
                    "The coordinates are metres, but the coordinate system counts in "
                    "degrees. Set the system that they were drawn in."
                ),
            )
        ],
    ),
    "zone-number-too-many": (
        in_zone(box(39.5e6, 3.3e6, 39.5e6 + 50, 3.3e6 + 50), "EPSG:4548"),
        [
            (
                1,
                (
                    "The coordinates begin with zone number 39, which is not the zone of "
                    "the coordinate system. Set the system of that zone."
                ),
            )
        ],
    ),
    "zone-number-missing": (
        in_zone(box(5e5, 3.3e6, 5e5 + 50, 3.3e6 + 50), "EPSG:4527"),
        [
            (
                1,
                (
                    "The coordinates have no zone number before them, but the coordinate "
                    "system has. Set the same zone without its number."
                ),
            )
        ],
    ),
    "outside-the-earth": (
        drawn(box(W, 95, W + 1e-3, 95.001)),
        [
            (
                1,
                (
                    "The coordinates lie outside the earth. Check the coordinate system and "
                    "the order x, y."
                ),
            )
        ],
    ),
    "outside-of-china": (
        in_zone(box(-3.8, 11, -3.799, 11.001), "EPSG:4490"),
        [
            (
                1,
                (
                    "The coordinates lie far from where this coordinate system is used. "
                    "Check the zone and the order x, y."
                ),
            )
        ],
    ),
    # Fields among others.
    "overlap": (
        geojson((field("X1"), plot()), (field("X2"), translate(plot(), 5e-4))),
        [(2, "Overlaps field X1 by 50.0% of the smaller one.")],
    ),
    "the-same-outline-twice": (
        geojson((field("X1"), plot()), (field("X2"), plot())),
        [(2, "This is the very outline of field X1.")],
    ),
    "outline-of-a-field-on-record": (
        drawn(box(118.002, 30, 118.003, 30.001)),
        [(1, "This is the very outline of field F001.")],
    ),
    "overlap-with-a-field-on-record": (
        drawn(box(118.0025, 30, 118.0035, 30.001)),
        [(1, "Overlaps field F001 by 50.0% of the smaller one.")],
    ),
    "the-same-code-twice": (
        geojson((field("X1"), plot()), (field("X1"), plot(1))),
        [(2, "Row 1 has the same.")],
    ),
    # Attributes.
    "code-missing": (said(code=""), [(1, "This cell is empty and must not be.")]),
    "code-of-eighteen-digits": (
        said(code="350627102203000001"),
        [(1, "18 digits, this code has 19. Compare it with the certificate.")],
    ),
    "code-eaten-by-a-spreadsheet": (
        said(code=3.506271022030001e18),
        [
            (
                1,
                (
                    "a long number was shortened into powers of ten and its digits are "
                    "lost. Format the column as text and enter the number again."
                ),
            )
        ],
    ),
    "code-with-a-space": (said(code="A 1"), [(1, "A code has no space in it.")]),
    "village-unknown": (said(village_code="V7"), [(1, "There is no such village here.")]),
    "household-unknown": (
        said(household_code="H999"),
        [(1, "There is no such household here. Bring it in first.")],
    ),
    "neither-village-nor-household": (
        geojson(({"field_code": "X1"}, plot())),
        [(1, "A new field needs its village or its household.")],
    ),
    "tenure-without-a-start": (
        said(tenure_starts_on=""),
        [(1, "Since when? This date is missing.")],
    ),
    "tenure-that-ends-before-it-starts": (
        said(tenure_ends_on="2019-12-31"),
        [(1, "The end is before the start (tenure_starts_on 2020-01-01).")],
    ),
    "no-such-day": (said(tenure_ends_on="2024-02-30"), [(1, "There is no such day.")]),
    "no-date": (
        said(tenure_ends_on="some day"),
        [(1, "Not a date. Write year, month, day, such as 2024-05-01.")],
    ),
    "held-by-another": (
        said(code="F002", household_code="H001"),
        [(1, "Household H002 holds it from 2020-01-01. Give that an end date first.")],
    ),
    "area-with-a-comma": (
        said(contract_area_mu="1,5"),
        [(1, "Not a number. Write it with digits and a point, such as 4.62.")],
    ),
    "area-of-nothing": (
        said(contract_area_mu="0"),
        [(1, "An area is larger than 0, and smaller than a province.")],
    ),
    "land-class-unknown": (
        said(land_class="swamp"),
        [
            (
                1,
                (
                    "This word is not known here. Known are: 永久基本农田, 高标准农田, 一般农田, "
                    "permanent_basic, high_standard, general."
                ),
            )
        ],
    ),
    "farmland-code-unknown": (
        said(SFJBNT="7"),
        [(1, "This word is not known here. Known are: 1, 是, 2, 否.")],
    ),
    "several-contracts": (
        said(household_code="", tenure_starts_on="", village_code="V1", CBDKXX="AJ (A), BJ (B)"),
        [(1, "The parcel is in several contracts. Say in household_code who holds it.")],
    ),
    "two-columns-of-one-meaning": (
        said(DKBM="X1"),
        [(None, "Two columns both say field_code: field_code / DKBM. Delete one of them.")],
    ),
    "no-code-column": (
        geojson(({"ID": "X1"}, plot())),
        [
            (
                None,
                (
                    "These columns are missing: field_code 地块编码. Put their names into the "
                    "heading row."
                ),
            )
        ],
    ),
    # Files.
    "empty-file": (raw(b""), [(None, "The file is empty. Save it again and choose the new one.")]),
    "a-pdf": (raw(b"%PDF-1.7 x"), [(None, "This file is a PDF; " + WANTED)]),
    "a-table": (
        raw("field_code,x\nA,1\n", "a.csv"),
        [(None, "This file is a text file; " + WANTED)],
    ),
    "half-a-geojson": (
        raw('{"type": "FeatureCollection",\n "features": ['),
        [(None, "Not GeoJSON: something is wrong at line 2, column 15.")],
    ),
    "a-lone-feature": (
        raw(json.dumps({"type": "Feature"})),
        [(None, "Not GeoJSON: something is wrong at line 1, column 1.")],
    ),
    "no-fields-in-it": (geojson(), [(None, "The layer holds no fields at all.")]),
    "not-utf-8": (
        raw('{"type": "田"}'.encode("gbk")),
        [(None, "Not GeoJSON: something is wrong at line 1, column 1.")],
    ),
    "system-on-another-machine": (
        geojson(
            (field("X1"), plot()),
            crs={"type": "link", "properties": {"href": "http://127.0.0.1:9/"}},
        ),
        [
            (
                None,
                ("The layer's coordinate system is not known here. Save it in CGCS2000 or WGS 84."),
            )
        ],
    ),
    "web-page-for-a-kml": (
        raw("<html></html>", "a.kml"),
        [(None, "This file is a text file; " + WANTED)],
    ),
    "broken-kml": (
        raw("<kml>\n<Document>", "a.kml"),
        [(None, "Not KML: something is wrong at line 2, column 11.")],
    ),
    "kml-with-entities": (
        raw('<!DOCTYPE kml [<!ENTITY a "a">]><kml>&a;</kml>', "a.kml"),
        [(None, "Not KML: something is wrong at line 1, column 1.")],
    ),
    "two-layers": (
        _two_layers,
        [
            (
                None,
                (
                    "The file holds several layers: old, new. Save the one with the fields "
                    "by itself."
                ),
            )
        ],
    ),
    "geopackage-cut-short": (
        raw(b"SQLite format 3\0" + b"x" * 52 + b"GP10" + b"x" * 99),
        [(None, "The file is damaged and cannot be read to its end. Save or send it again.")],
    ),
    "no-prj": (shapefile(".prj"), [(None, NO_SYSTEM)]),
    "no-dbf-and-no-shx": (
        shapefile(".dbf", ".shx"),
        [(None, "Of the shapefile these parts are missing: .shx, .dbf.")],
    ),
    "zip-of-pictures": (
        zipped("a.jpg", "b.jpg"),
        [(None, "The zip must hold exactly one map layer; this one holds 0.")],
    ),
    "zip-of-two-layers": (
        zipped("a.shp", "b.shp"),
        [(None, "The zip must hold exactly one map layer; this one holds 2.")],
    ),
    "zip-cut-short": (
        raw(b"PK\3\4 and no more", "a.zip"),
        [(None, "The file is damaged and cannot be read to its end. Save or send it again.")],
    ),
    "parquet-without-a-map": (
        raw(b"PAR1 and no more", "a.parquet"),
        [(None, "This file is a Parquet file; " + WANTED)],
    ),
    "parquet-without-a-system": (
        lambda folder: write_geoparquet(folder / "a.parquet", [(field("X1"), plot())], crs=None),
        [(None, NO_SYSTEM)],
    ),
}
