"""The boundaries in force as arrays of boxes and days, for comparing very many fields at once.

Reads in one pass in the order of an index; outlines are read later, tile by tile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    table = _joined([_pack(chunk) for chunk in _chunks(rows.iterator(chunk_size=_CHUNK))])
    # Versions of a field follow one another; the last is in force.
    is_last = np.append(table["field"][1:] != table["field"][:-1], [True] * bool(len(table)))
    return _boxes_of(table[is_last])


def read_versions(keys: Sequence[int]) -> PlotBoxes:
    """The boundaries of these keys, one row each, whether they are in force or not."""
    parts = []
    for at in range(0, len(keys), _KEYS_A_QUERY):
        rows = Boundary.objects.filter(pk__in=keys[at : at + _KEYS_A_QUERY]).order_by("pk")
        parts.append(_pack(list(rows.values_list(*_COLUMNS, *_DAYS))))
    return _boxes_of(_joined(parts))


def join_boxes(one: PlotBoxes, other: PlotBoxes) -> PlotBoxes:
    """The rows of both, those of `other` after those of `one`."""
    return PlotBoxes(
        *(
            np.concatenate([getattr(one, column), getattr(other, column)])
            for column in ("fields", "boundaries", "boxes", "starts", "ends")
        )
    )


def _boxes_of(table: NDArray[Any]) -> PlotBoxes:
    return PlotBoxes(table["field"], table["key"], table["box"], table["starts"], table["ends"])


def _joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.empty(0, dtype=_ROW)


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
