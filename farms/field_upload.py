"""Fields as a kind of uploaded file: features with shapes in the file's own coordinates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from aggregator.household_upload import is_identity
from aggregator.importing import Plan, RowError, make_printable
from aggregator.tabular import Column
from aggregator.upload_kinds import Box, Draft, DraftRow, Findings, OpenedFile, RawRow
from farms.field_import import FieldPlan
from farms.field_rows import COLUMNS, read_field_rows
from farms.geometry import WGS84, Shapes, crs_label
from farms.layer import FEATURE_NUMBER, Layer
from farms.layers import read_layer
from farms.repairs import propose_repair


class FieldUpload:
    """A map layer with a field in each feature."""

    columns: tuple[Column, ...] = COLUMNS

    def open(self, path: Path) -> OpenedFile:
        layer = read_layer(path)
        details = {
            "crs": layer.crs.to_json(),
            "crs_label": crs_label(layer.crs),
            "notes": [asdict(make_printable(note)) for note in layer.notes],
        }
        return OpenedFile(layer.headings, _raw_rows(layer), len(layer.rows), details)

    def looks(self, key: str, text: str) -> bool:
        if key == "field_code":
            return bool(re.fullmatch(r"\d{19}", text))
        if key == "household_code":
            return bool(re.fullmatch(r"\d{18}", text)) and not is_identity(text)
        return False

    def plan(self, draft: Draft) -> Plan:
        names = name_columns(draft)
        sheet = read_field_rows(
            make_layer(draft, names),
            columns=names,
            constants={},
            convert_from=draft.options.get("offset", ""),
        )
        unread = [name for name in draft.unread if name != FEATURE_NUMBER]
        return FieldPlan(
            replace(sheet, ignored=unread),
            draft.cooperative,
            by=draft.by,
            on_progress=lambda done, _total: draft.watch.see(done),
        )

    def look_over(self, draft: Draft, plan: Plan) -> Findings:
        return Findings(repairs=propose_repairs(draft, plan))


def name_columns(draft: Draft) -> dict[str, str]:
    """Our keys to names of columns: the file's heading, else the key, never two alike."""
    said = {key for row in draft.rows for key in row.texts}
    names = dict(draft.headings)
    for key in sorted(said - names.keys()):
        names[key] = f"{key}*" if key in draft.headings.values() else key
    return names


def make_layer(draft: Draft, names: Mapping[str, str]) -> Layer:
    """The draft as the layer that a reader of the same kind of file gets."""
    rows = draft.rows
    texts = [{names[key]: text for key, text in row.texts.items()} for row in rows]
    return Layer(
        crs=CRS.from_json(draft.details["crs"]),
        rows=draft.watch(texts),
        shapes=read_shapes(rows),
        headings=list(names.values()),
        unreadable=_marked(draft, "unreadable"),
        unclosed=_marked(draft, "unclosed"),
        repaired=frozenset(at for at, row in enumerate(rows) if row.is_repaired),
        notes=[RowError(**note) for note in draft.details.get("notes", [])],
        numbers=[row.number for row in rows],
    )


def read_shapes(rows: Sequence[DraftRow]) -> Shapes:
    """The rows' shapes in the file's own coordinates."""
    raw = np.array([row.shape for row in rows], dtype=object)
    return np.asarray(shapely.from_wkb(raw, on_invalid="ignore"), dtype=object)


def propose_repairs(draft: Draft, plan: Plan) -> dict[int, bytes]:
    """A sound outline for each row whose own has a fault that can be mended without guessing."""
    faulty = {said.row for said in (*plan.errors, *plan.notes) if said.code}
    rows = [row for row in draft.rows if row.number in faulty and not row.is_repaired]
    found = {}
    for row, shape in zip(rows, read_shapes(rows), strict=True):
        repair = propose_repair(shape, unclosed="unclosed" in row.marks)
        if repair is not None:
            found[row.number] = shapely.to_wkb(repair.shape)
    return found


def _marked(draft: Draft, mark: str) -> frozenset[int]:
    return frozenset(
        at for at, row in enumerate(draft.rows) if mark in row.marks and not row.is_repaired
    )


def _raw_rows(layer: Layer) -> Iterator[RawRow]:
    shapes = shapely.to_wkb(layer.shapes)
    boxes = find_boxes(layer.shapes, layer.crs)
    for at, (texts, shape) in enumerate(zip(layer.rows, shapes, strict=True)):
        marks = [
            name
            for name, places in (("unreadable", layer.unreadable), ("unclosed", layer.unclosed))
            if at in places
        ]
        yield RawRow(at + 1, texts, marks=marks, shape=shape, box=boxes[at])


def find_boxes(shapes: Any, crs: CRS) -> list[Box | None]:
    """The box around each shape in longitude and latitude; None where it has no place on earth."""
    bounds: NDArray[np.float64] = shapely.bounds(shapes)
    x, y = bounds[:, [0, 0, 2, 2]], bounds[:, [1, 3, 1, 3]]
    # Rows without a place come back as infinity.
    lon, lat = Transformer.from_crs(crs, WGS84, always_xy=True).transform(x, y)
    found = np.column_stack([lon.min(1), lat.min(1), lon.max(1), lat.max(1)])
    fit = np.isfinite(found).all(axis=1)
    return [tuple(box) if ok else None for box, ok in zip(found.tolist(), fit, strict=True)]
