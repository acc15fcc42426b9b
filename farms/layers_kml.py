"""KML read without GDAL, which would follow its network links and part its folders into layers.

Only what stands in the file itself is read: placemarks with their polygons and their extended data.
Always longitude, latitude (OGC 12-007r2, KML 2.3, section 7.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import numpy as np
import shapely
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from shapely.geometry import Polygon

from aggregator.files import refuse_kind
from aggregator.tabular import clean_text
from farms.layer import (
    FEATURE_NUMBER,
    MAX_FEATURES,
    WANTED,
    Layer,
    NotKml,
    RawShapes,
    TooManyFeatures,
    make_layer,
)

# An open ring is kept as its corners, so that it can be told from what makes no sense at all.
_Rings = list[np.ndarray]
_SHAPES = ("Polygon", "LineString", "LinearRing", "Point", "MultiGeometry")
_COMMA = re.compile(r"\s*,\s*")
# Folders within folders; beyond this it is a trap for whoever reads it.
_DEEPEST = 64


def read_kml(path: Path) -> Layer:
    """Every placemark of the file, whatever folder it lies in.

    Raises:
        FileRefused: it is no KML, or a broken one.
    """
    rows: list[dict[str, str]] = []
    raw: list[list[Element] | None] = []
    try:
        for number, placemark in enumerate(_placemarks(path), start=1):
            if number > MAX_FEATURES:
                raise TooManyFeatures(limit=MAX_FEATURES)
            rows.append({FEATURE_NUMBER: str(number)} | dict(_attributes(placemark)))
            raw.append([part for part in placemark if _tag(part) in _SHAPES] or None)
    except ParseError as error:
        line, column = error.position
        raise NotKml(line=line, column=column + 1) from error
    except (DefusedXmlException, ValueError, LookupError) as error:
        # Entities, which can grow without end or name other files; an alphabet nobody knows.
        raise NotKml(line=1, column=1) from error
    values = np.empty(len(raw), dtype=object)
    values[:] = raw
    shapes = RawShapes(values, _decode, lambda parts: _build(parts, close=True))
    return make_layer(crs="OGC:CRS84", rows=rows, raw=shapes)


def _placemarks(path: Path) -> Iterator[Element]:
    open_elements: list[Element] = []
    with path.open("rb") as file:
        for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                if not open_elements and _tag(element) != "kml":
                    raise refuse_kind("text", wanted=WANTED)
                open_elements.append(element)
                if len(open_elements) > _DEEPEST:
                    raise NotKml(line=1, column=1)
                continue
            open_elements.pop()
            if _tag(element) == "Placemark":
                yield element
            if _tag(element) == "Placemark" and open_elements:
                # What was read is dropped from its folder, or the whole file would be held.
                open_elements[-1].remove(element)


def _attributes(placemark: Element) -> Iterator[tuple[str, str]]:
    for child in placemark:
        if _tag(child) in ("name", "description"):
            yield _tag(child), clean_text(child.text or "")
    for item in placemark.iter():
        name = clean_text(item.get("name") or "")
        if name and _tag(item) == "SimpleData":
            yield name, clean_text(item.text or "")
        elif name and _tag(item) == "Data":
            value = next((part.text for part in item if _tag(part) == "value"), "")
            yield name, clean_text(value or "")


def _decode(raw: Any, *, on_invalid: str) -> list[Any]:  # noqa: ARG001 - shapely's own signature
    return [_build(parts, close=False) if parts else None for parts in raw]


def _build(parts: list[Element], *, close: bool) -> Any:
    """One geometry of a placemark's parts; None where a part makes no sense."""
    try:
        shapes = [shape for part in parts for shape in _shapes(part, close=close)]
    except (ValueError, shapely.GEOSException):
        return None
    if len(shapes) == 1:
        return shapes[0]
    if all(shape.geom_type == "Polygon" for shape in shapes):
        return shapely.multipolygons(shapes)
    return shapely.geometrycollections(shapes)


def _shapes(element: Element, *, close: bool) -> Iterator[Any]:
    if _tag(element) == "MultiGeometry":
        for part in element:
            if _tag(part) in _SHAPES:
                yield from _shapes(part, close=close)
    elif _tag(element) == "Polygon":
        yield _polygon(element, close=close)
    elif _tag(element) == "Point":
        yield shapely.points(_corners(element)[0])
    else:
        yield shapely.linestrings(_corners(element))


def _polygon(element: Element, *, close: bool) -> Any:
    outer: _Rings = []
    holes: _Rings = []
    for boundary in element:
        if _tag(boundary) in ("outerBoundaryIs", "innerBoundaryIs"):
            rings = outer if _tag(boundary) == "outerBoundaryIs" else holes
            rings += [_ring(ring, close=close) for ring in boundary if _tag(ring) == "LinearRing"]
    return Polygon(outer[0], holes) if outer else Polygon()


def _ring(element: Element, *, close: bool) -> np.ndarray:
    corners = _corners(element)
    if (corners[0] != corners[-1]).any():
        # shapely would close it without a word.
        if not close:
            raise ValueError("open ring")
        corners = np.vstack([corners, corners[:1]])
    if len(corners) < 4:
        raise ValueError("too few corners")
    return corners


def _corners(element: Element) -> np.ndarray:
    texts = [part.text or "" for part in element if _tag(part) == "coordinates"]
    tuples = [text.split(",")[:2] for text in _COMMA.sub(",", " ".join(texts)).split()]
    if not tuples:
        raise ValueError("no corners")
    return np.array([(float(x), float(y)) for x, y in tuples], dtype=float)


def _tag(element: Element) -> str:
    """The element's name without its namespace, of which there are several versions."""
    return str(element.tag).rpartition("}")[2]
