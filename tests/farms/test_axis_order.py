"""Every format and system puts a field where it lies: east is x, north is y.

The point worked by hand: 500 m west of the central meridian of 117° E, 2,765,400 m north of the
equator, in the 3-degree zone 39 of CGCS2000 (false easting 500,000 m, scale 1). The length of the
meridian from the equator to 25° N is 2,765,921 m on CGCS2000 (series below), so the point lies
521 m south of 25° N, at 24.99530°, and 500 m are 0.00495° of longitude there.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer
from shapely.geometry import box

from farms.geometry import Outline, crs_label, read_crs, read_outlines
from farms.layers import read_layer
from tests.farms.layer_files import (
    kml_placemark,
    kml_text,
    write_geojson,
    write_geoparquet,
    write_ogr,
    zip_shapefile,
)

A, F = 6378137.0, 1 / 298.257222101
PLOT = box(118, 25, 118.002, 25.001)


def meridian_m(latitude: float) -> float:
    """Length of the meridian from the equator, by the series in e² (Snyder 1987, eq. 3-21)."""
    e2, phi = F * (2 - F), math.radians(latitude)
    e4, e6 = e2**2, e2**3
    return A * (
        (1 - e2 / 4 - 3 * e4 / 64 - 5 * e6 / 256) * phi
        - (3 * e2 / 8 + 3 * e4 / 32 + 45 * e6 / 1024) * math.sin(2 * phi)
        + (15 * e4 / 256 + 45 * e6 / 1024) * math.sin(4 * phi)
        - 35 * e6 / 3072 * math.sin(6 * phi)
    )


def zones() -> list[tuple[int, float, float]]:
    """EPSG code, central meridian, false easting: 4513-4533 with number, 4534-4554 without."""
    numbered = [(4513 + n, 75 + 3 * n, (25 + n) * 1e6 + 5e5) for n in range(21)]
    return numbered + [(4534 + n, 75 + 3 * n, 5e5) for n in range(21)]


@pytest.mark.parametrize(("code", "meridian", "easting"), zones())
def test_every_cgcs2000_zone_puts_a_plot_beside_its_meridian(
    code: int, meridian: float, easting: float
) -> None:
    use = CRS.from_epsg(code).area_of_use
    assert use is not None
    latitude = round((use.south + use.north) / 2)
    north = meridian_m(latitude)
    plot = box(easting - 50, north - 50, easting + 50, north + 50)
    for text in (f"EPSG:{code}", CRS.from_epsg(code).to_wkt("WKT1_ESRI")):
        crs = read_crs(text)
        assert crs_label(crs) == f"EPSG:{code}"
        (outline,) = read_outlines(np.array([plot], dtype=object), crs)
        assert isinstance(outline, Outline)
        centre = outline.polygon.centroid
        # A millimetre is 1e-8 degrees.
        assert (centre.x, centre.y) == pytest.approx((meridian, latitude), abs=1e-7)


def test_a_point_worked_by_hand_comes_out_in_its_place() -> None:
    east, north = 39_499_500.0, 2_765_400.0
    plot = box(east - 50, north - 50, east + 50, north + 50)
    (outline,) = read_outlines(np.array([plot], dtype=object), read_crs("EPSG:4527"))
    assert isinstance(outline, Outline)
    phi = math.radians(25)
    e2 = F * (2 - F)
    parallel_m = math.radians(1) * A / math.sqrt(1 - e2 * math.sin(phi) ** 2) * math.cos(phi)
    metres_a_degree = meridian_m(25.5) - meridian_m(24.5)
    assert outline.polygon.centroid.x == pytest.approx(117 - 500 / parallel_m, abs=1e-6)
    expected = 25 - (meridian_m(25) - north) / metres_a_degree
    assert outline.polygon.centroid.y == pytest.approx(expected, abs=1e-6)


SYSTEMS = ["EPSG:4326", "EPSG:4490", "EPSG:4548", "EPSG:4527", "EPSG:32650", "EPSG:3857"]


@pytest.mark.parametrize("crs", SYSTEMS)
@pytest.mark.parametrize("kind", ["gpkg", "shp", "zip", "parquet", "geojson"])
def test_every_format_keeps_east_and_north_apart(kind: str, crs: str, tmp_path: Path) -> None:
    move = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform
    shape = shapely.transform(PLOT, move, interleaved=False)
    rows = [({"DKBM": "A1"}, shape)]
    if kind == "geojson":
        member = {"type": "name", "properties": {"name": crs}}
        path = write_geojson(tmp_path / "a.json", rows, crs=member)
    elif kind == "parquet":
        path = write_geoparquet(tmp_path / "a.parquet", rows, crs=crs)
    else:
        path = write_ogr(tmp_path / f"a.{'gpkg' if kind == 'gpkg' else 'shp'}", rows, crs=crs)
        path = zip_shapefile(path) if kind == "zip" else path
    layer = read_layer(path)
    (outline,) = read_outlines(layer.shapes, layer.crs)
    assert isinstance(outline, Outline)
    assert outline.polygon.bounds == pytest.approx((118, 25, 118.002, 25.001), abs=1e-8)


def test_kml_is_longitude_first(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    path.write_text(kml_text(kml_placemark({}, PLOT)))
    layer = read_layer(path)
    (outline,) = read_outlines(layer.shapes, layer.crs)
    assert isinstance(outline, Outline)
    assert outline.polygon.bounds == (118, 25, 118.002, 25.001)
