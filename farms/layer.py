"""A map layer as text and shapes, and the sentences that refuse one.

Attributes are the text a table would show; shapes stay in the file's own coordinates, x before y.
Opens no file and knows nothing of fields.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext_lazy as _
from pyproj import CRS

from aggregator.files import FileRefused
from aggregator.importing import RowError
from aggregator.tabular import EXACT_BELOW, clean_text, number_text
from farms.geometry import CrsError, Shapes, read_crs

MAX_FEATURES = 200_000
FEATURE_NUMBER = "fid"
WANTED = _("a map layer: GeoJSON, GeoPackage, GeoParquet, KML, KMZ, or a zip with one shapefile")


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
    message = _("The zip must hold exactly one map layer; this one holds %(count)d.")


class NotJson(FileRefused):
    code = "not_json"
    message = _("Not GeoJSON: something is wrong at line %(line)d, column %(column)d.")


class NotKml(FileRefused):
    code = "not_kml"
    message = _("Not KML: something is wrong at line %(line)d, column %(column)d.")


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
    """`shapes[i]` belongs to `rows[i]`, feature i + 1; None is no shape or an unreadable one.

    `unclosed` are outlines whose ring did not end where it began: closed here, and told so.
    """

    crs: CRS
    rows: list[dict[str, str]]
    shapes: Shapes
    headings: list[str]
    unreadable: frozenset[int] = frozenset()
    unclosed: frozenset[int] = frozenset()
    # Those whose outline a person has mended or accepted as mended.
    repaired: frozenset[int] = frozenset()
    notes: list[RowError] = field(default_factory=list)
    # Of an upload from which rows were left out: what each feature was numbered in the file.
    numbers: list[int] | None = None

    def number(self, at: int) -> int:
        """The feature's number in its file, counted from one."""
        return self.numbers[at] if self.numbers else at + 1


@dataclass(slots=True)
class RawShapes:
    """Shapes as a file wrote them, and the two ways to read them: strictly, and closing rings."""

    values: Any
    decode: Callable[..., Any]
    close: Callable[[Any], Any]


def make_layer(*, crs: Any, rows: list[dict[str, str]], raw: RawShapes) -> Layer:
    """A layer out of rows of text and shapes that are still to be decoded.

    Raises:
        CrsMissing, CrsUnknown: nobody can tell where the fields lie.
    """
    try:
        system = read_crs(crs)
    except CrsError as error:
        raise (CrsMissing if str(error) == "missing" else CrsUnknown) from error
    shapes = _decode_shapes(raw.values, raw.decode)
    broken = [
        at
        for at, (given, shape) in enumerate(zip(raw.values, shapes, strict=True))
        if given is not None and shape is None
    ]
    unclosed = []
    for at in broken:
        shapes[at] = closed = raw.close(raw.values[at])
        if closed is not None:
            unclosed.append(at)
    headings = list(dict.fromkeys(name for row in rows for name in row))
    return Layer(
        system, rows, shapes, headings, frozenset(broken) - set(unclosed), frozenset(unclosed)
    )


def close_wkb(raw: Any) -> Any:
    """A shape whose rings only had to be closed, or nothing."""
    try:
        return shapely.from_wkb(raw, on_invalid="fix")
    except NotImplementedError:
        return None


def _decode_shapes(raw: Any, decode: Callable[..., Any]) -> Shapes:
    """The shapes, None for each that cannot be read: broken ones, and arcs of circles."""
    try:
        return np.array(decode(raw, on_invalid="ignore"), dtype=object)
    except NotImplementedError:
        if len(raw) == 1:
            return np.array([None], dtype=object)
        # One arc stops the whole run of them, so they are read one by one.
        return np.concatenate([_decode_shapes(raw[at : at + 1], decode) for at in range(len(raw))])


def as_text(value: Any) -> str:
    """An attribute as a table would show it."""
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
