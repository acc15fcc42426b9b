"""The one reader of map layers: GeoJSON, GeoPackage, shapefile, GeoParquet, KML and KMZ.

Goes by what a file is and not by its name; follows no link to another file or machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from django.conf import settings
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from aggregator.files import (
    MEGABYTE,
    FileDamaged,
    UnpacksTooLarge,
    check_size,
    refuse_kind,
    sniff_kind,
    unpack_zip,
)
from aggregator.sealed_files import private_folder
from farms import layer as limits
from farms.dbf_cuts import drop_halves
from farms.layer import (
    FEATURE_NUMBER,
    WANTED,
    CrsMissing,
    CrsUnknown,
    Layer,
    ManyLayers,
    NoFeatures,
    NoShapefile,
    NotJson,
    NotText,
    PartsMissing,
    RawShapes,
    TooManyFeatures,
    as_text,
    close_wkb,
    make_layer,
)
from farms.layers_kml import read_kml
from farms.layers_registry import dbf_encoding, join_ownership, note_cuts
from farms.nested_shapes import wkb_too_deep

__all__ = [
    "CrsMissing",
    "CrsUnknown",
    "Layer",
    "ManyLayers",
    "NoFeatures",
    "NoShapefile",
    "NotJson",
    "PartsMissing",
    "TooManyFeatures",
    "read_layer",
]
SIDE_FILES = (".shp", ".dbf", ".shx", ".prj", ".cpg")
# What may be the layer inside of a zip.
LAYER_FILES = (".shp", ".kml", ".geojson", ".json", ".gpkg", ".parquet", ".geoparquet")
_OGR_ERRORS = (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError)
_ARROW_ERRORS: tuple[type[Exception], ...] = (
    pa.ArrowException,
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
)


def read_layer(path: Path) -> Layer:
    """Read the only layer of a file, whatever its name says it is.

    Raises:
        FileRefused: wrong kind, damaged, several layers, no CRS, nothing in it.
    """
    check_size(path)
    kind = sniff_kind(path)
    # Whether it is KML or some other tree of tags, its first tag tells.
    reader = read_kml if kind == "text" and _starts_with_tag(path) else _READERS.get(kind)
    if reader is None:
        raise refuse_kind(kind, wanted=WANTED)
    layer = reader(path)
    if not layer.rows:
        raise NoFeatures
    if len(layer.rows) > limits.MAX_FEATURES:
        raise TooManyFeatures(limit=limits.MAX_FEATURES)
    return layer


def _starts_with_tag(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(64)
    return head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<")


def _read_geojson(path: Path) -> Layer:
    # Not through GDAL: it would follow a "link" CRS to another machine, and guess column types.
    try:
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise NotJson(line=error.lineno, column=error.colno) from error
    except (ValueError, RecursionError) as error:
        # Not UTF-8, a number of thousands of digits, brackets within brackets without end.
        raise NotJson(line=1, column=1) from error
    features = data.get("features") if data.get("type") == "FeatureCollection" else None
    if not isinstance(features, list) or not all(isinstance(f, dict) for f in features):
        raise NotJson(line=1, column=1)
    shapes = [json.dumps(f["geometry"]) if f.get("geometry") else None for f in features]
    rows = [
        {FEATURE_NUMBER: str(number)} | {k: as_text(v) for k, v in _properties(f).items()}
        for number, f in enumerate(features, start=1)
    ]
    return make_layer(
        crs=_geojson_crs(data.get("crs")),
        rows=rows,
        raw=RawShapes(np.array(shapes, dtype=object), shapely.from_geojson, _close_geojson),
    )


def _close_geojson(text: str) -> Any:
    """The shape with the rings of its polygons closed, or nothing."""
    geometry = json.loads(text)
    try:
        polygons = [geometry["coordinates"]]
        if geometry["type"] == "MultiPolygon":
            polygons = geometry["coordinates"]
        for ring in (ring for polygon in polygons for ring in polygon):
            if ring[0] != ring[-1] and len(ring) > 2:
                ring.append(ring[0])
        return shapely.from_geojson(json.dumps(geometry), on_invalid="ignore")
    except (TypeError, KeyError, IndexError, AttributeError):
        return None


def _properties(feature: dict[str, Any]) -> dict[str, Any]:
    properties = feature.get("properties")
    return properties if isinstance(properties, dict) else {}


def _geojson_crs(member: Any) -> str:
    """RFC 7946 knows only WGS 84; the older named member is what China's exports still carry."""
    if member is None:
        return "EPSG:4326"
    try:
        return str(member["properties"]["name"])
    except (TypeError, KeyError) as error:
        raise CrsUnknown from error


def _read_geopackage(path: Path) -> Layer:
    with path.open("rb") as file:
        # Any other SQLite file could bring virtual tables that reach outside of it.
        if file.read(70)[68:] != b"GP":
            raise refuse_kind("other", wanted=WANTED)
    try:
        spatial = [name for name, kind in pyogrio.list_layers(path) if kind is not None]
    except _OGR_ERRORS as error:
        raise FileDamaged from error
    if len(spatial) > 1:
        raise ManyLayers(layers=", ".join(spatial))
    if not spatial:
        raise NoFeatures
    return _read_ogr(path, layer=spatial[0])


def _read_zip(path: Path) -> Layer:
    with private_folder() as folder:
        parts = unpack_zip(path, Path(folder))
        part = _choose_part(parts)
        check_size(part, limit=settings.IMPORT_MAX_UNPACKED_BYTES)
        kind = sniff_kind(part)
        if part.suffix.lower() == ".kml":
            layer = read_kml(part)
        elif kind in ("zip", "text") or kind not in _READERS:
            raise refuse_kind(kind, wanted=WANTED)
        else:
            layer = _READERS[kind](part)
        join_ownership(layer, parts)
        return layer


def _choose_part(parts: list[Path]) -> Path:
    """The one layer of a zip; of the registry's many shapefiles the parcels, DK (NY/T 2539)."""
    found = [part for part in parts if part.suffix.lower() in LAYER_FILES]
    if len(found) > 1 and all(part.suffix.lower() == ".shp" for part in found):
        parcels = [part for part in found if part.stem.upper().startswith("DK")]
        found = parcels if len(parcels) == 1 else found
    elif len(found) > 1 and (kml := [part for part in found if part.name.lower() == "doc.kml"]):
        # KMZ: further documents are linked from the main one.
        found = kml
    if len(found) != 1:
        raise NoShapefile(count=len(found))
    return found[0]


def _read_shapefile(path: Path) -> Layer:
    """Read a .shp with its side files, under names GDAL finds whatever their case was."""
    beside = {
        part.suffix.lower(): part
        for part in path.parent.iterdir()
        if part.stem.casefold() == path.stem.casefold() and part.suffix.lower() in SIDE_FILES
    }
    missing = [suffix for suffix in (".shx", ".dbf") if suffix not in beside]
    if missing:
        raise PartsMissing(parts=", ".join(missing))
    if ".prj" not in beside:
        raise CrsMissing
    with private_folder() as folder:
        for suffix, part in beside.items():
            check_size(part, limit=settings.IMPORT_MAX_UNPACKED_BYTES)
            # The .cpg is left behind: what it says is weighed in `dbf_encoding`.
            if suffix != ".cpg":
                (Path(folder) / f"layer{suffix}").write_bytes(part.read_bytes())
        table = Path(folder) / "layer.dbf"
        whole, cuts = drop_halves(table.read_bytes())
        table.write_bytes(whole)
        encoding = dbf_encoding(table, beside.get(".cpg"))
        layer = _read_ogr(Path(folder) / "layer.shp", encoding=encoding)
        layer.notes += note_cuts(cuts)
        return layer


def _read_ogr(path: Path, **options: Any) -> Layer:
    try:
        # Asked first: millions of points fit into a small zip and fill the memory as rows.
        features = pyogrio.read_info(path, force_feature_count=True, **options)["features"]
        if features > limits.MAX_FEATURES:
            raise TooManyFeatures(limit=limits.MAX_FEATURES)
        meta, table = pyogrio.read_arrow(path, return_fids=True, **options)
        geometry = meta["geometry_name"] or "wkb_geometry"
        if geometry not in table.column_names:
            raise NoFeatures
        return _layer_of_table(
            table, geometry=geometry, crs=meta["crs"], number=meta["fid_column"] or "OGC_FID"
        )
    except _OGR_ERRORS as error:
        raise FileDamaged from error
    except (UnicodeDecodeError, LookupError) as error:
        raise NotText from error
    except (OverflowError, ValueError) as error:
        raise FileDamaged from error
    except UnboundLocalError as error:
        # How pyogrio ends on a .prj that it cannot read.
        raise CrsUnknown from error


def _read_parquet(path: Path) -> Layer:
    try:
        return _read_geoparquet(pq.ParquetFile(path))
    except _ARROW_ERRORS as error:
        raise refuse_kind("parquet", wanted=WANTED) from error


def _read_geoparquet(file: pq.ParquetFile) -> Layer:
    meta = file.metadata
    unpacked = sum(meta.row_group(at).total_byte_size for at in range(meta.num_row_groups))
    if unpacked > settings.IMPORT_MAX_UNPACKED_BYTES:
        raise UnpacksTooLarge(limit=settings.IMPORT_MAX_UNPACKED_BYTES // MEGABYTE)
    if meta.num_rows > limits.MAX_FEATURES:
        raise TooManyFeatures(limit=limits.MAX_FEATURES)
    geo = json.loads((file.schema_arrow.metadata or {})[b"geo"])
    column = geo["columns"][geo["primary_column"]]
    if column["encoding"] != "WKB":
        raise refuse_kind("parquet", wanted=WANTED)
    table = file.read()
    # GeoParquet 1.1: a CRS left out means longitude and latitude; a null one means unknown.
    crs = column.get("crs", "OGC:CRS84")
    return _layer_of_table(table, geometry=geo["primary_column"], crs=crs, number=None)


def _layer_of_table(table: pa.Table, *, geometry: str, crs: Any, number: str | None) -> Layer:
    raw = table.column(geometry).to_numpy(zero_copy_only=False)
    # Emptied, it is told as a shape that cannot be read.
    raw = np.array([b"" if wkb and wkb_too_deep(wkb) else wkb for wkb in raw], dtype=object)
    numbers = (
        table.column(number).to_pylist()
        if number in table.column_names
        else range(1, table.num_rows + 1)
    )
    rows = [{FEATURE_NUMBER: str(value)} for value in numbers]
    for name in table.column_names:
        if name in (geometry, number) or pa.types.is_nested(table.schema.field(name).type):
            continue
        for row, value in zip(rows, table.column(name).to_pylist(), strict=True):
            row[name] = as_text(value)
    return make_layer(crs=crs, rows=rows, raw=RawShapes(raw, shapely.from_wkb, close_wkb))


_READERS: dict[str, Callable[[Path], Layer]] = {
    "json": _read_geojson,
    "sqlite": _read_geopackage,
    "zip": _read_zip,
    "shp": _read_shapefile,
    "parquet": _read_parquet,
}
