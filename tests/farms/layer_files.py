"""Map layers made for the tests of the field importer."""

from __future__ import annotations

import json
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyproj import CRS
from shapely.geometry import Polygon, box, mapping


def square(column: int, row: int = 0, *, size: float = 0.001) -> Polygon:
    """A square in longitude and latitude; neighbours in the grid share an edge."""
    west, south = 120 + column * size, 30 + row * size
    return box(west, south, west + size, south + size)


def field(code: str, **attributes: Any) -> dict[str, Any]:
    """Attributes of a sound field of Sunrise's first household."""
    return {
        "field_code": code,
        "household_code": "H001",
        "tenure_starts_on": "2020-01-01",
        **attributes,
    }


def write_geojson(path: Path, features: list[tuple[dict[str, Any], Any]], **members: Any) -> Path:
    """Shapes may be shapely's or raw GeoJSON geometries."""
    collection = {
        "type": "FeatureCollection",
        **members,
        "features": [
            {
                "type": "Feature",
                "properties": properties,
                "geometry": mapping(shape) if hasattr(shape, "geom_type") else shape,
            }
            for properties, shape in features
        ],
    }
    path.write_text(json.dumps(collection, ensure_ascii=False))
    return path


def write_ogr(
    path: Path,
    features: list[tuple[dict[str, Any], Any]],
    *,
    crs: str | None = "EPSG:4326",
    **options: Any,
) -> Path:
    """GeoPackage or shapefile, by the name's ending; the shapes must be in `crs` already."""
    names = list(features[0][0])
    with warnings.catch_warnings():
        # A layer without a CRS is what some tests are about.
        warnings.simplefilter("ignore")
        _write(path, features, names, crs, options)
    return path


def _write(
    path: Path,
    features: list[tuple[dict[str, Any], Any]],
    names: list[str],
    crs: str | None,
    options: dict[str, Any],
) -> None:
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array([shape for _row, shape in features])),
        [np.array([row[name] for row, _shape in features], dtype=object) for name in names],
        names,
        geometry_type=options.pop("geometry_type", "Polygon"),
        crs=crs,
        **options,
    )


def zip_shapefile(shp: Path, *, without: tuple[str, ...] = (), folder: str = "") -> Path:
    target = shp.with_suffix(".zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(shp.parent.glob(f"{shp.stem}.*")):
            if part.suffix != ".zip" and part.suffix not in without:
                archive.write(part, f"{folder}{part.name}")
    return target


def write_geoparquet(
    path: Path, features: list[tuple[dict[str, Any], Any]], *, crs: str | None
) -> Path:
    """`crs` None writes an explicit unknown; "" leaves it out, which means WGS 84."""
    column: dict[str, Any] = {"encoding": "WKB", "geometry_types": []}
    if crs != "":
        column["crs"] = CRS.from_user_input(crs).to_json_dict() if crs else None
    geo = {"version": "1.1.0", "primary_column": "shape", "columns": {"shape": column}}
    columns: dict[str, Any] = {name: [row[name] for row, _ in features] for name in features[0][0]}
    columns["shape"] = [shapely.to_wkb(shape) for _row, shape in features]
    table = pa.table(columns).replace_schema_metadata({"geo": json.dumps(geo)})
    pq.write_table(table, path)
    return path


def kml_placemark(attributes: dict[str, str], shape: Any, *, simple: bool = True) -> str:
    """A placemark called "plot"; `shape` may be the text of a ring's corners."""
    if simple:
        data = "".join(f'<SimpleData name="{k}">{v}</SimpleData>' for k, v in attributes.items())
        data = f'<SchemaData schemaUrl="#s">{data}</SchemaData>'
    else:
        data = "".join(f'<Data name="{k}"><value>{v}</value></Data>' for k, v in attributes.items())
    parts = [shape] if isinstance(shape, str) else shapely.get_parts(shape)
    drawn = "".join(map(_kml_polygon, parts))
    drawn = drawn if len(parts) == 1 else f"<MultiGeometry>{drawn}</MultiGeometry>"
    extended = f"<ExtendedData>{data}</ExtendedData>"
    return f"<Placemark><name>plot</name>{extended}{drawn}</Placemark>"


def kml_text(*placemarks: str, before: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}'
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{"".join(placemarks)}'
        "</Document></kml>"
    )


def _kml_polygon(shape: Any) -> str:
    if isinstance(shape, str):
        rings = [shape]
    else:
        rings = [
            " ".join(f"{x!r},{y!r}" for x, y in shapely.get_coordinates(ring).tolist())
            for ring in (shape.exterior, *shape.interiors)
        ]
    names = ["outerBoundaryIs", *["innerBoundaryIs"] * (len(rings) - 1)]
    drawn = "".join(
        f"<{name}><LinearRing><coordinates>{ring}</coordinates></LinearRing></{name}>"
        for name, ring in zip(names, rings, strict=True)
    )
    return f"<Polygon>{drawn}</Polygon>"
