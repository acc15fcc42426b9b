"""The boundaries in force as arrays of boxes and days, for comparing very many fields at once.

Reads in one pass in the order of an index; outlines are read later, tile by tile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

import numpy as np
import shapely
from django.db.models import QuerySet
from numpy.typing import NDArray

from farms.models import Boundary
from farms.overlap_tiles import Indices, Mask, Numbers, Shapes

_COLUMNS = ("field_id", "pk", "min_x", "min_y", "max_x", "max_y")
_DAYS = ("field__starts_on", "field__ends_on")
_CHUNK = 10_000
_ROW = np.dtype(
    [("field", "i8"), ("key", "i8"), ("box", "f8", (4,)), ("starts", "i8"), ("ends", "i8")]
)
# Databases take only so many keys in one question.
_KEYS_A_QUERY = 5_000


@dataclass(frozen=True, slots=True)
class PlotBoxes:
    """One row a field: its key, its boundary's key and box, the first and last day it exists."""

    fields: Indices
    boundaries: Indices
    boxes: Numbers
    starts: Indices
    ends: Indices

    def __len__(self) -> int:
        return len(self.fields)

    def exist_together(self, first: Indices, second: Indices) -> Mask:
        """Whether both fields of a pair exist on some day; a parcel and its parts never do."""
        begins = np.maximum(self.starts[first], self.starts[second])
        return np.asarray(begins <= np.minimum(self.ends[first], self.ends[second]))

    def read_shapes(self, at: Indices) -> Shapes:
        """The outlines of some rows, in their order."""
        stored: dict[int, Any] = {}
        keys = self.boundaries[at].tolist()
        for start in range(0, len(keys), _KEYS_A_QUERY):
            part = Boundary.objects.filter(pk__in=keys[start : start + _KEYS_A_QUERY])
            stored |= dict(part.order_by().values_list("pk", "geometry_wkb"))
        return np.asarray(shapely.from_wkb([bytes(stored[key]) for key in keys]), dtype=object)


def read_boxes(boundaries: QuerySet[Boundary]) -> PlotBoxes:
    """The latest of each field's `boundaries`; fields without one are not among them."""
    rows = boundaries.order_by("field_id", "version").values_list(*_COLUMNS, *_DAYS)
    parts = [_pack(chunk) for chunk in _chunks(rows.iterator(chunk_size=_CHUNK))]
    table = np.concatenate(parts) if parts else np.empty(0, dtype=_ROW)
    # Versions of a field follow one another; the last is in force.
    is_last = np.append(table["field"][1:] != table["field"][:-1], [True] * bool(len(table)))
    table = table[is_last]
    return PlotBoxes(table["field"], table["key"], table["box"], table["starts"], table["ends"])


def _pack(rows: list[tuple[Any, ...]]) -> NDArray[Any]:
    packed = [
        (field, key, (west, south, east, north), _day(starts, date.min), _day(ends, date.max))
        for field, key, west, south, east, north, starts, ends in rows
    ]
    return np.array(packed, dtype=_ROW)


def _day(day: date | None, otherwise: date) -> int:
    return (day or otherwise).toordinal()


def _chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk
