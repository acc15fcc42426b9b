"""The outlines with which a run's fields were counted, as the octets of a GeoPackage."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
from pyogrio.raw import write

from credits.code_order import by_octets
from credits.models import QuantificationRun
from farms.models import Boundary

_CHUNK = 5_000
_BLOCK = 1 << 20
# GDAL writes the day into the file; a package knows no clock.
_NO_CLOCK = {"OGR_CURRENT_DATE": "1980-01-01T00:00:00.000Z"}


def write_outlines(run: QuantificationRun) -> Iterator[bytes]:
    """One feature for each outline, in the order of codes, block by block."""
    outlines = (
        run.results.annotate(octets=by_octets("field__code"))
        .order_by("octets", "boundary__version")
        .values_list("octets", "boundary__version", "area_m2", "boundary_id")
        .distinct()
    )
    with tempfile.TemporaryDirectory(prefix="package-") as folder:
        path = Path(folder) / "fields.gpkg"
        rows = outlines.iterator(chunk_size=_CHUNK)
        with _without_clock():
            while part := list(islice(rows, _CHUNK)):
                _append(path, part)
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block


def _append(path: Path, rows: list[Any]) -> None:
    keys = [boundary for *_facts, boundary in rows]
    shapes = dict(Boundary.objects.filter(pk__in=keys).values_list("pk", "geometry_wkb"))
    write(
        str(path),
        _column([bytes(shapes[key]) for key in keys]),
        [
            _column([code for code, *_others in rows]),
            np.array([row[1] for row in rows], dtype=np.int32),
            np.array([float(row[2]) for row in rows], dtype=np.float64),
        ],
        ["field_code", "boundary_version", "area_m2"],
        layer="fields",
        driver="GPKG",
        crs="EPSG:4326",
        geometry_type="MultiPolygon",
        promote_to_multi=True,
        append=path.exists(),
    )


def _column(values: list[Any]) -> Any:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


@contextmanager
def _without_clock() -> Iterator[None]:
    pyogrio.set_gdal_config_options(_NO_CLOCK)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(dict.fromkeys(_NO_CLOCK))
