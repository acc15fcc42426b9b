"""The plots of a part of the map: outlines where they can be drawn, else counts by village."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.db.models import Exists, Max, Min, OuterRef, QuerySet
from numpy.typing import NDArray
from shapely.geometry import Polygon

from aggregator.list_search import begins
from aggregator.models import User, Village
from farms.map.shades import OWN, Colouring
from farms.map.village_counts import Entry, count_plots, in_force, kept_counts, leave_out
from farms.models import Boundary, Field, Season

MOST_DRAWN = 2_000
MOST_FOUND = 12
# Degrees of longitude that one pixel spans at zoom 0, in tiles of 256 pixels.
_DEGREES_A_PIXEL = 360 / 256
# A hundredth of a metre, in degrees: more says nothing on a screen.
_DECIMALS = 7

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class View:
    """What the reader looks at: a box at a zoom, coloured one way, perhaps one village only."""

    box: Box
    zoom: int
    colouring: Colouring
    season: Season | None = None
    village: Village | None = None


def living_boundaries(user: User) -> QuerySet[Boundary]:
    """The boundary in force of every field that exists and that the reader may see."""
    return in_force(Boundary.objects.for_user(user))


def within_box(boundaries: QuerySet[Boundary], box: Box) -> QuerySet[Boundary]:
    west, south, east, north = box
    return boundaries.filter(min_x__lte=east, max_x__gte=west, min_y__lte=north, max_y__gte=south)


def look_at(view: View, *, user: User) -> dict[str, Any]:
    """What is drawn for a view: plots one by one, or villages with counts where there are many."""
    rows: QuerySet[Any] = within_box(living_boundaries(user), view.box)
    if view.village is not None:
        rows = rows.filter(field__village=view.village)
    # Their shades and outlines are asked for once it is known that they are few.
    keys = list(rows.order_by().values_list("pk", flat=True)[: MOST_DRAWN + 1])
    if len(keys) > MOST_DRAWN:
        return {"plots": [], **_villages(rows, view, user=user)}
    shaded = Boundary.objects.filter(pk__in=keys).annotate(
        shade=view.colouring.expression(view.season)
    )
    plots = list(
        shaded.order_by("field_id").values_list(
            "field_id", "field__code", "field__name", "shade", "geometry_wkb"
        )
    )
    counts: dict[str, int] = {}
    for plot in plots:
        counts[plot[3]] = counts.get(plot[3], 0) + 1
    return {"plots": _features(plots, view.zoom), "villages": [], "counts": counts}


def extent_of(user: User) -> Box | None:
    """The box around all the reader's plots."""
    # Any way to colour that asks for no season knows where the villages lie.
    way = next(each for each in OWN if not each.by_season)
    kept = kept_counts(way, None, user=user)
    boxes = [entry["box"] for entry in kept.values() if entry["n"]]
    rows = leave_out(living_boundaries(user), kept, user=user)
    if rows is not None:
        found = rows.aggregate(
            west=Min("min_x"), south=Min("min_y"), east=Max("max_x"), north=Max("max_y")
        )
        boxes += [list(found.values())] if found["west"] is not None else []
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def find_plots(words: str, *, user: User) -> list[dict[str, Any]]:
    """Plots whose code begins with the words, the exact one first."""
    drawn = Exists(Boundary.objects.filter(field=OuterRef("pk")))
    fields = Field.objects.for_user(user).filter(begins("code", words), drawn, ends_on=None)
    # An index of codes finds the fields; all boundaries would be asked for their fields' codes.
    keys = list(fields.order_by("code").values_list("pk", flat=True)[:MOST_FOUND])
    rows = living_boundaries(user).filter(field__in=keys)
    found = rows.order_by("field__code").values_list(
        "field_id", "field__code", "field__name", "min_x", "min_y", "max_x", "max_y"
    )
    return [
        {"id": field, "code": code, "name": name, "box": box} for field, code, name, *box in found
    ]


def plots_inside(area: Polygon, *, user: User, village: Village | None, most: int) -> list[int]:
    """Fields that touch an area, at most `most` + 1 of them."""
    rows = within_box(living_boundaries(user), area.bounds)
    if village is not None:
        rows = rows.filter(field__village=village)
    shapely.prepare(area)
    found: list[int] = []
    for field, wkb in rows.values_list("field_id", "geometry_wkb").iterator(chunk_size=2000):
        if area.intersects(shapely.from_wkb(bytes(wkb))):
            found.append(field)
            if len(found) > most:
                break
    return found


def _features(plots: Iterable[tuple[Any, ...]], zoom: int) -> list[dict[str, Any]]:
    rows = list(plots)
    shapes = shapely.from_wkb([bytes(row[4]) for row in rows])
    shapes = shapely.simplify(shapes, _DEGREES_A_PIXEL / 2 / 2**zoom) if rows else shapes
    # A terrace bends around its hill: the middle of its box is the neighbour's land.
    inside = shapely.get_coordinates(shapely.point_on_surface(shapes)).round(_DECIMALS)
    return [
        {
            "id": row[0],
            "code": row[1],
            "name": row[2],
            "shade": row[3],
            "rings": rings_of(shape),
            "at": [y, x],
        }
        for row, shape, (x, y) in zip(rows, shapes, inside.tolist(), strict=True)
    ]


def rings_of(polygon: Polygon) -> list[list[list[float]]]:
    """Rings of [latitude, longitude], as the map's script wants them."""
    return [_corners(ring) for ring in (polygon.exterior, *polygon.interiors)]


def _corners(ring: Any) -> list[list[float]]:
    points: NDArray[np.float64] = shapely.get_coordinates(ring)[:, ::-1]
    corners: list[list[float]] = np.round(points, _DECIMALS).tolist()
    return corners


def _villages(rows: QuerySet[Any], view: View, *, user: User) -> dict[str, Any]:
    kept = kept_counts(view.colouring, view.season, user=user)
    if view.village is not None:
        kept = {key: entry for key, entry in kept.items() if key == view.village.pk}
    # Of a village at the edge of the view only the plots in it are told.
    whole = {key: entry for key, entry in kept.items() if _lies_in(entry, view.box) is not None}
    found = {key: entry for key, entry in whole.items() if _lies_in(entry, view.box)}
    at_once = leave_out(rows, whole, user=user)
    if at_once is not None:
        found |= count_plots(at_once, view.colouring, view.season)
    names = dict(Village.objects.filter(pk__in=found).values_list("pk", "name"))
    order = {shade.key: at for at, shade in enumerate(view.colouring.shades)}
    counts: dict[str, int] = {}
    for key, entry in found.items():
        entry["name"] = names[key]
        entry["shades"].sort(key=lambda pair: order.get(pair[0], len(order)))
        for shade, n in entry["shades"]:
            counts[shade] = counts.get(shade, 0) + n
    return {"villages": list(found.values()), "counts": counts}


def _lies_in(entry: Entry, box: Box) -> bool | None:
    """Whether a village lies in the box; None where it lies across its edge."""
    if not entry["n"]:
        return False
    west, south, east, north = entry["box"]
    if west > box[2] or east < box[0] or south > box[3] or north < box[1]:
        return False
    inside = west >= box[0] and east <= box[2] and south >= box[1] and north <= box[3]
    return True if inside else None
