"""Lists of fields, or of rows about a field, as a GeoPackage with the outlines in force."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from django.db.models import Model
from numpy.typing import NDArray
from pyogrio.raw import write

from aggregator.admin_export import register_format
from aggregator.list_files import Batches, Figure, ListFormat
from farms.models import Boundary, Field, PracticeRecord, Tenure

_CRS = "EPSG:4326"


def register_layer(model: type[Model], field_key: str) -> None:
    """Offer the list of `model` as a layer; `field_key` is the attribute with the field's key."""

    def key_of(row: Any) -> int | None:
        key: int | None = getattr(row, field_key)
        return key

    def write_file(path: Path, headings: Sequence[str], batches: Batches) -> int:
        return write_layer(path, headings, batches, key_of=key_of)

    register_format(
        model,
        ListFormat("gpkg", "GeoPackage", "application/geopackage+sqlite3", write_file),
    )


def write_layer(
    path: Path, headings: Sequence[str], batches: Batches, *, key_of: Callable[[Any], int | None]
) -> int:
    """One feature a row, without an outline where its field has none; returns their number."""
    names = _unique(headings)
    count = 0
    numeric: list[bool] = []
    for batch in batches:
        columns = list(zip(*(cells for _row, cells in batch), strict=True))
        numeric = numeric or [all(_is_number(cell) for cell in column) for column in columns]
        data = [_pack(column, of) for column, of in zip(columns, numeric, strict=True)]
        outlines = _outlines([key_of(row) for row, _cells in batch])
        _append(path, names, data, outlines, append=count > 0)
        count += len(batch)
    if count == 0:
        empty = [np.array([], dtype=object) for _name in names]
        _append(path, names, empty, np.array([], dtype=object), append=False)
    return count


def _append(
    path: Path,
    names: list[str],
    data: list[NDArray[Any]],
    outlines: NDArray[np.object_],
    *,
    append: bool,
) -> None:
    write(
        str(path),
        outlines,
        data,
        names,
        layer="list",
        driver="GPKG",
        crs=_CRS,
        geometry_type="MultiPolygon",
        promote_to_multi=True,
        append=append,
    )


def _outlines(fields: list[int | None]) -> NDArray[np.object_]:
    rows = Boundary.objects.filter(field__in=[key for key in fields if key is not None])
    # In the order of versions: the last one of a field stays.
    ordered = rows.order_by("field_id", "version").values_list("field_id", "geometry_wkb")
    found = {field: bytes(wkb) for field, wkb in ordered}
    packed = np.empty(len(fields), dtype=object)
    packed[:] = [found.get(key) if key is not None else None for key in fields]
    return packed


def _is_number(cell: Any) -> bool:
    return cell is None or (isinstance(cell, int | Decimal | Figure) and not isinstance(cell, bool))


def _pack(column: Sequence[Any], numeric: bool) -> NDArray[Any]:
    if numeric:
        return np.array([_number(cell) for cell in column], dtype=np.float64)
    return np.array([None if cell is None else str(cell) for cell in column], dtype=object)


def _number(cell: Any) -> float:
    value = cell.value if isinstance(cell, Figure) else cell
    return float(value) if isinstance(value, int | Decimal) else float("nan")


def _unique(headings: Sequence[str]) -> list[str]:
    """Names of columns; a layer keeps `fid` and `geom` for itself and no name twice."""
    names: list[str] = []
    taken = {"fid", "geom"}
    for heading in headings:
        name, number = heading, 2
        while name.casefold() in taken:
            name, number = f"{heading} {number}", number + 1
        taken.add(name.casefold())
        names.append(name)
    return names


register_layer(Field, "pk")
register_layer(Tenure, "field_id")
register_layer(PracticeRecord, "field_id")
