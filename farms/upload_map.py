"""The outlines of a file on its way in, and the known plots beneath, as GeoJSON for a box.

Never more than `MOST_SHAPES` of each: bad ones first, and it is said when some are missing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from django.db.models import Max, Min
from pyproj import CRS, Transformer

from aggregator.models import Upload, UploadRow
from farms.boundaries import latest_boundaries
from farms.geometry import WGS84, Shapes
from farms.offsets import MOVES_BACK

MOST_SHAPES = 2000
# An outline taken back from a shifted map lies up to 1 km from where the file has it.
_SHIFT_DEGREES = 0.012
_DIGITS = 7
Box = tuple[float, float, float, float]


class NoBox(ValueError):
    """Not four numbers: west, south, east, north."""


def read_box(text: str) -> Box:
    """``"118.1,30.2,118.3,30.4"``.

    Raises:
        NoBox: it is anything else.
    """
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise NoBox(text) from error
    return west, south, east, north


def whole_box(upload: Upload) -> Box | None:
    """The box around every outline of the file that has a place on earth."""
    found = upload.rows.aggregate(Min("min_x"), Min("min_y"), Max("max_x"), Max("max_y"))
    west, south, east, north = (
        found[name] for name in ("min_x__min", "min_y__min", "max_x__max", "max_y__max")
    )
    return None if west is None else (west, south, east, north)


def list_shapes(upload: Upload, box: Box) -> dict[str, Any]:
    """The file's outlines and the plots on record within a box, and how many there are in all."""
    west, south, east, north = box
    inside = upload.rows.filter(
        min_x__lte=east + _SHIFT_DEGREES,
        max_x__gte=west - _SHIFT_DEGREES,
        min_y__lte=north + _SHIFT_DEGREES,
        max_y__gte=south - _SHIFT_DEGREES,
    ).filter(shape__isnull=False)
    rows = list(
        inside.defer("cells", "mended", "problems").order_by(
            "-error_count", "-warning_count", "number"
        )[:MOST_SHAPES]
    )
    known = _known_plots(upload, box)
    return {
        "shapes": _collect(
            place_shapes(upload, rows),
            [{"row": row.number, "state": _state(row)} for row in rows],
        ),
        "known": _collect(
            shapely.from_wkb(np.array([bytes(wkb) for _code, wkb in known], dtype=object)),
            [{"code": code} for code, _wkb in known],
        ),
        "shown": len(rows),
        "total": len(rows) if len(rows) < MOST_SHAPES else inside.count(),
    }


def place_shapes(upload: Upload, rows: Sequence[UploadRow]) -> Shapes:
    """The rows' outlines in longitude and latitude, taken back from a shifted map if so chosen."""
    raw = [row.repaired_shape if row.repair_accepted else row.shape for row in rows]
    shapes = shapely.from_wkb(
        np.array([bytes(wkb) if wkb else None for wkb in raw], dtype=object), on_invalid="ignore"
    )
    return move_shapes(
        shapes, CRS.from_json(upload.details["crs"]), offset=upload.options.get("offset", "")
    )


def move_shapes(shapes: Shapes, crs: CRS, *, offset: str) -> Shapes:
    """Shapes in longitude and latitude, taken back from the shifted map `offset`, if any."""
    transformer = Transformer.from_crs(crs, WGS84, always_xy=True)

    def move(points: Any) -> Any:
        placed = np.column_stack(transformer.transform(points[:, 0], points[:, 1]))
        return MOVES_BACK[offset](placed) if offset else placed

    return np.asarray(shapely.transform(shapely.force_2d(shapes), move), dtype=object)


def _known_plots(upload: Upload, box: Box) -> list[tuple[str, bytes]]:
    west, south, east, north = box
    # Of a field that was split or merged the land is its successors'.
    near = latest_boundaries(upload.cooperative).filter(
        field__ends_on=None, min_x__lte=east, max_x__gte=west, min_y__lte=north, max_y__gte=south
    )
    shapes = near.order_by("pk").values_list("field__code", "geometry_wkb")[:MOST_SHAPES]
    return [(code, bytes(wkb)) for code, wkb in shapes]


def _state(row: UploadRow) -> str:
    if row.left_out:
        return "left_out"
    return "error" if row.error_count else "warning" if row.warning_count else "good"


def _collect(shapes: Shapes, properties: Sequence[dict[str, Any]]) -> dict[str, Any]:
    features = []
    for shape, said in zip(shapes, properties, strict=True):
        if shape is None or not np.isfinite(shapely.get_coordinates(shape)).all():
            continue
        # Not through set_precision, which would mend the very crossings the clerk is to see.
        rounded = shapely.transform(shape, lambda points: points.round(_DIGITS))
        geometry = json.loads(shapely.to_geojson(rounded))
        features.append({"type": "Feature", "properties": said, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features}
