"""Where the fields of a file lie: over one another, twice in one place, or far from all the others.

Compares the file with itself and with the cooperative's own fields; writes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import shapely
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from numpy.typing import NDArray
from pyproj import Geod
from shapely.geometry import Polygon

from aggregator.importing import RowError
from aggregator.models import Cooperative
from farms.boundaries import boundaries_near
from farms.field_record import FieldRecord
from farms.field_rows import FieldRow
from farms.geometry import find_overlaps, same_outline, swap_axes
from farms.offset_suspicion import Suspicion, suspect_offset
from farms.offsets import SYSTEMS

# Further than this from every field on record is no neighbouring village any more.
FAR_KM = 50
_ZONE_DEGREES = 3.0
# Overlaps of one row that are told one by one.
_MOST_TOLD = 5
_GEOD = Geod(ellps="WGS84")
_DIRECTIONS = (
    pgettext_lazy("direction", "north"),
    pgettext_lazy("direction", "north-east"),
    pgettext_lazy("direction", "east"),
    pgettext_lazy("direction", "south-east"),
    pgettext_lazy("direction", "south"),
    pgettext_lazy("direction", "south-west"),
    pgettext_lazy("direction", "west"),
    pgettext_lazy("direction", "north-west"),
)
_MESSAGES = {
    "swapped": gettext_lazy(
        "East and north have changed places: swapped, the fields would lie among yours. "
        "Swap them in the map program."
    ),
    "far": gettext_lazy(
        "%(count)d of %(total)d fields lie more than %(limit)d km from every field on record. "
        "Check the coordinate system."
    ),
    "far_zone": gettext_lazy(
        "The fields lie %(degrees)d degrees of longitude from yours, which is the width of "
        "a zone: is the coordinate system that of the right zone?"
    ),
}


def refuse_overlaps(
    rows: Sequence[FieldRow],
    known: FieldRecord,
    cooperative: Cooperative,
    *,
    see: Callable[[int], None],
) -> None:
    """Refuse rows that cover a field of the file or of the record, or have its very outline.

    `see` is told now and then at which of the rows the comparison is.
    """
    drawn = [(row, row.outline.polygon) for row in rows if row.outline is not None]
    polygons = [polygon for _row, polygon in drawn]
    replaced = {field.pk for row, _polygon in drawn if (field := known.fields.get(row.code))}
    others = boundaries_near(cooperative, polygons, without=replaced)
    codes = [row.code for row, _polygon in drawn] + [code for code, _polygon in others]
    every = [*polygons, *(polygon for _code, polygon in others)]
    tolerance = float(settings.FIELD_OVERLAP_TOLERANCE)
    told: Counter[int] = Counter()
    found = find_overlaps(polygons, every[len(drawn) :], tolerance=tolerance, see=see)
    for first, second, share in found:
        # Told once: on the later row of the file, or on the file's row where the other is ours.
        at, against = (second, first) if second < len(drawn) else (first, second)
        told[at] += 1
        if told[at] > _MOST_TOLD:
            continue
        if share > 1 - tolerance and same_outline(every[first], every[second]):
            code, reason = "duplicate", _("This is the very outline of field %(code)s.")
        else:
            code = "overlap"
            reason = _("Overlaps field %(code)s by %(percent)s%% of the smaller one.")
        values = {"code": codes[against], "percent": f"{share * 100:.1f}"}
        drawn[at][0].reader.refuse_whole(_("boundary"), reason % values, codes[at], code=code)
    for at, count in told.items():
        if count > _MOST_TOLD:
            reason = _("Overlaps at least %(count)d fields more.") % {"count": count - _MOST_TOLD}
            drawn[at][0].reader.refuse_whole(_("boundary"), reason, codes[at], code="overlap")


def note_places(
    rows: Sequence[FieldRow], known: Mapping[str, Polygon]
) -> tuple[list[RowError], list[RowError]]:
    """Errors and notes on where the file lies as seen from the fields on record."""
    drawn = [row for row in rows if row.outline is not None]
    if not drawn or not known:
        return [], []
    polygons = np.array([row.outline.polygon for row in drawn if row.outline], dtype=object)
    points = shapely.get_coordinates(shapely.centroid(polygons))
    homes = shapely.get_coordinates(shapely.centroid(np.array([*known.values()], dtype=object)))
    far = np.flatnonzero(_distances_km(points, homes) > FAR_KM)
    if 2 * len(far) > len(drawn):
        code, values = _name_distance(polygons, points, homes)
        values |= {"count": len(far), "total": len(drawn), "limit": FAR_KM}
        said = RowError(None, _("boundary"), str(_MESSAGES[code]) % values, code=code)
        return ([said], []) if code == "swapped" else ([], [said])
    reason = _("More than %(limit)d km from every field on record.") % {"limit": FAR_KM}
    notes = [
        RowError(drawn[at].number, _("boundary"), reason, drawn[at].code, "far")
        for at in far.tolist()
    ]
    outlines = {row.code: row.outline.polygon for row in drawn if row.outline}
    suspicion = suspect_offset(outlines, known)
    if suspicion is not None:
        notes.append(_say_suspicion(suspicion))
    return [], notes


def _distances_km(points: NDArray[np.float64], homes: NDArray[np.float64]) -> NDArray[np.float64]:
    """From each point to the home that is nearest in degrees: near enough for kilometres."""
    tree = shapely.STRtree(shapely.points(homes))
    nearest = homes[tree.nearest(shapely.points(points))]
    return np.asarray(_GEOD.inv(*points.T, *nearest.T)[2]) / 1000


def _name_distance(
    polygons: NDArray[np.object_], points: NDArray[np.float64], homes: NDArray[np.float64]
) -> tuple[str, dict[str, int]]:
    """Why the most of a file lies far away, if it can be told."""
    swapped = shapely.get_coordinates(shapely.centroid(swap_axes(polygons)))
    if (np.abs(swapped) <= (180, 90)).all() and np.median(_distances_km(swapped, homes)) <= FAR_KM:
        return "swapped", {}
    east, north = np.median(points, axis=0) - np.median(homes, axis=0)
    zones = round(east / _ZONE_DEGREES)
    # Within a third of a zone: the fields of one cooperative do not spread further.
    if zones and abs(north) < 1 and abs(east - zones * _ZONE_DEGREES) < 1:
        return "far_zone", {"degrees": abs(round(zones * _ZONE_DEGREES))}
    return "far", {}


def _say_suspicion(suspicion: Suspicion) -> RowError:
    values = {
        "metres": round(suspicion.metres),
        "direction": _DIRECTIONS[round(suspicion.bearing / 45) % 8],
        "system": SYSTEMS.get(suspicion.system, ""),
    }
    if suspicion.system:
        reason = _(
            "As a whole the file lies %(metres)d m %(direction)s of your fields, just as "
            "%(system)s coordinates of map services do. Bring it in with the way back from "
            "%(system)s."
        )
    else:
        reason = _(
            "As a whole the file lies %(metres)d m %(direction)s of your fields, and no known "
            "shift of map services explains it. Check the coordinate system."
        )
    code = f"offset_{suspicion.system or 'unknown'}"
    return RowError(None, _("boundary"), reason % values, code=code)
