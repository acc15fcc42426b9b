"""The one reader of map layers: GeoJSON, GeoPackage, shapefile, GeoParquet as text and shapes.

Attributes come out as the text a table would show; shapes stay in the file's own coordinates.
Knows nothing of fields.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError
from pyproj import CRS

from aggregator.files import (
    MEGABYTE,
    FileDamaged,
    FileRefused,
    UnpacksTooLarge,
    check_size,
    refuse_kind,
    sniff_kind,
    unpack_zip,
)
from aggregator.tabular import EXACT_BELOW, clean_text, number_text
from farms.geometry import CrsError, Shapes, read_crs

MAX_FEATURES = 200_000
FEATURE_NUMBER = "fid"
SIDE_FILES = (".shp", ".dbf", ".shx", ".prj", ".cpg")
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
_WANTED = _("a map layer: GeoJSON, GeoPackage, GeoParquet, or a zip with one shapefile")


class CrsMissing(FileRefused):
    code = "crs_missing"
    message = _(
        "The layer does not say in which coordinate system it is, so nobody can tell where the "
        "fields lie. Set it in the map program (for a shapefile: add the .prj file)."
    )


class CrsUnknown(FileRefused):
    code = "crs_unknown"
    message = _("The layer's coordinate system is not known here. Save it in CGCS2000 or WGS 84.")


class ManyLayers(FileRefused):
    code = "many_layers"
    message = _(
        "The file holds several layers: %(layers)s. Save the one with the fields by itself."
    )


class PartsMissing(FileRefused):
    code = "parts_missing"
    message = _("Of the shapefile these parts are missing: %(parts)s.")


class NoShapefile(FileRefused):
    code = "no_shapefile"
    message = _("The zip must hold exactly one shapefile; this one holds %(count)d.")


class NotJson(FileRefused):
    code = "not_json"
    message = _("Not GeoJSON: something is wrong at line %(line)d, column %(column)d.")


class NoFeatures(FileRefused):
    code = "no_features"
    message = _("The layer holds no fields at all.")


class TooManyFeatures(FileRefused):
    code = "too_many_features"
    message = _("The layer has more than %(limit)d fields. Split it into parts.")


class NotText(FileRefused):
    code = "attributes_not_text"
    message = _(
        "The names in the .dbf file are neither UTF-8 nor GB18030. Add a .cpg file that says which."
    )


@dataclass(slots=True)
class Layer:
    """`shapes[i]` belongs to `rows[i]`, feature i + 1; None is no shape or an unreadable one."""

    crs: CRS
    rows: list[dict[str, str]]
    shapes: Shapes
    headings: list[str]
    unreadable: frozenset[int]


def read_layer(path: Path) -> Layer:
    """Read the only layer of a file, whatever its name says it is.

    Raises:
        FileRefused: wrong kind, damaged, several layers, no CRS, nothing in it.
    """
    check_size(path)
    kind = sniff_kind(path)
    reader = _READERS.get(kind)
    if reader is None:
        raise refuse_kind(kind, wanted=_WANTED)
    layer = reader(path)
    if not layer.rows:
        raise NoFeatures
    if len(layer.rows) > MAX_FEATURES:
        raise TooManyFeatures(limit=MAX_FEATURES)
    return layer


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
        {FEATURE_NUMBER: str(number)} | {k: _as_text(v) for k, v in _properties(f).items()}
        for number, f in enumerate(features, start=1)
    ]
    return _make_layer(
        crs=_geojson_crs(data.get("crs")),
        rows=rows,
        raw=np.array(shapes, dtype=object),
        decode=shapely.from_geojson,
    )


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
            raise refuse_kind("other", wanted=_WANTED)
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
    with tempfile.TemporaryDirectory(prefix="layer-") as folder:
        parts = unpack_zip(path, Path(folder))
        shapefiles = [part for part in parts if part.suffix.lower() == ".shp"]
        if len(shapefiles) != 1:
            raise NoShapefile(count=len(shapefiles))
        return _read_shapefile(shapefiles[0])


def _read_shapefile(path: Path) -> Layer:
    """Read a .shp with its side files, under names GDAL finds whatever their case was."""
    beside = {
        part.suffix.lower(): part
        for part in path.parent.iterdir()
        if part.stem == path.stem and part.suffix.lower() in SIDE_FILES
    }
    missing = [suffix for suffix in (".shx", ".dbf") if suffix not in beside]
    if missing:
        raise PartsMissing(parts=", ".join(missing))
    if ".prj" not in beside:
        raise CrsMissing
    with tempfile.TemporaryDirectory(prefix="layer-") as folder:
        for suffix, part in beside.items():
            check_size(part, limit=settings.IMPORT_MAX_UNPACKED_BYTES)
            # The .cpg is left behind: what it says is weighed in `_dbf_encoding`.
            if suffix != ".cpg":
                (Path(folder) / f"layer{suffix}").write_bytes(part.read_bytes())
        return _read_ogr(Path(folder) / "layer.shp", encoding=_dbf_encoding(beside))


def _dbf_encoding(parts: dict[str, Path]) -> str:
    """The alphabet of a .dbf: UTF-8 if all of it is, else GB18030, which contains GBK.

    The bytes are asked before the .cpg, which map programs often write wrongly.
    """
    data = parts[".dbf"].read_bytes()
    for encoding in ("utf-8", "gb18030"):
        try:
            data[int.from_bytes(data[8:10], "little") :].decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding.upper()
    said = parts[".cpg"].read_bytes().decode("ascii", "ignore").strip() if ".cpg" in parts else ""
    if not said:
        raise NotText
    return said


def _read_ogr(path: Path, **options: Any) -> Layer:
    try:
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
        raise refuse_kind("parquet", wanted=_WANTED) from error


def _read_geoparquet(file: pq.ParquetFile) -> Layer:
    meta = file.metadata
    unpacked = sum(meta.row_group(at).total_byte_size for at in range(meta.num_row_groups))
    if unpacked > settings.IMPORT_MAX_UNPACKED_BYTES:
        raise UnpacksTooLarge(limit=settings.IMPORT_MAX_UNPACKED_BYTES // MEGABYTE)
    if meta.num_rows > MAX_FEATURES:
        raise TooManyFeatures(limit=MAX_FEATURES)
    geo = json.loads((file.schema_arrow.metadata or {})[b"geo"])
    column = geo["columns"][geo["primary_column"]]
    if column["encoding"] != "WKB":
        raise refuse_kind("parquet", wanted=_WANTED)
    table = file.read()
    # GeoParquet 1.1: a CRS left out means longitude and latitude; a null one means unknown.
    crs = column.get("crs", "OGC:CRS84")
    return _layer_of_table(table, geometry=geo["primary_column"], crs=crs, number=None)


def _layer_of_table(table: pa.Table, *, geometry: str, crs: Any, number: str | None) -> Layer:
    raw = table.column(geometry).to_numpy(zero_copy_only=False)
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
            row[name] = _as_text(value)
    return _make_layer(crs=crs, rows=rows, raw=raw, decode=shapely.from_wkb)


def _make_layer(
    *, crs: Any, rows: list[dict[str, str]], raw: Any, decode: Callable[..., Any]
) -> Layer:
    try:
        system = read_crs(crs)
    except CrsError as error:
        raise (CrsMissing if str(error) == "missing" else CrsUnknown) from error
    shapes = _decode_shapes(raw, decode)
    unreadable = frozenset(
        at for at, (given, shape) in enumerate(zip(raw, shapes, strict=True)) if given and not shape
    )
    headings = list(dict.fromkeys(name for row in rows for name in row))
    return Layer(system, rows, shapes, headings, unreadable)


def _decode_shapes(raw: Any, decode: Callable[..., Any]) -> Shapes:
    """The shapes, None for each that cannot be read: broken ones, and arcs of circles."""
    try:
        return np.asarray(decode(raw, on_invalid="ignore"), dtype=object)
    except NotImplementedError:
        if len(raw) == 1:
            return np.array([None], dtype=object)
        # One arc stops the whole run of them, so they are read one by one.
        return np.concatenate([_decode_shapes(raw[at : at + 1], decode) for at in range(len(raw))])


def _as_text(value: Any) -> str:
    if value is None or value != value:  # noqa: PLR0124 - NaN is how a table says "nothing"
        return ""
    if isinstance(value, float) and abs(value) >= EXACT_BELOW:
        return format(value, "E")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number_text(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return clean_text(str(value))


_READERS: dict[str, Callable[[Path], Layer]] = {
    "json": _read_geojson,
    "sqlite": _read_geopackage,
    "zip": _read_zip,
    "shp": _read_shapefile,
    "parquet": _read_parquet,
}
