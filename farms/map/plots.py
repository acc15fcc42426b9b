"""The plots of a part of the map: outlines where they can be drawn, else counts by village."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.db.models import Avg, Count, Exists, F, Max, Min, OuterRef, QuerySet
from numpy.typing import NDArray
from shapely.geometry import Polygon

from aggregator.list_search import begins
from aggregator.models import User, Village
from farms.map.shades import Colouring
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
    newer = Boundary.objects.filter(field=OuterRef("field_id"), version__gt=OuterRef("version"))
    rows: QuerySet[Boundary] = Boundary.objects.for_user(user).filter(
        ~Exists(newer), field__ends_on__isnull=True
    )
    return rows


def within_box(boundaries: QuerySet[Boundary], box: Box) -> QuerySet[Boundary]:
    west, south, east, north = box
    return boundaries.filter(min_x__lte=east, max_x__gte=west, min_y__lte=north, max_y__gte=south)


def look_at(view: View, *, user: User) -> dict[str, Any]:
    """What is drawn for a view: plots one by one, or villages with counts where there are many."""
    rows: QuerySet[Any] = within_box(living_boundaries(user), view.box)
    if view.village is not None:
        rows = rows.filter(field__village=view.village)
    rows = rows.annotate(shade=view.colouring.expression(view.season))
    plots = list(
        rows.order_by("field_id").values_list(
            "field_id", "field__code", "field__name", "shade", "geometry_wkb"
        )[: MOST_DRAWN + 1]
    )
    if len(plots) > MOST_DRAWN:
        return {"plots": [], **_villages(rows, view.colouring)}
    counts: dict[str, int] = {}
    for plot in plots:
        counts[plot[3]] = counts.get(plot[3], 0) + 1
    return {"plots": _features(plots, view.zoom), "villages": [], "counts": counts}


def extent_of(user: User) -> Box | None:
    """The box around all the reader's plots."""
    found = living_boundaries(user).aggregate(
        west=Min("min_x"), south=Min("min_y"), east=Max("max_x"), north=Max("max_y")
    )
    if found["west"] is None:
        return None
    return found["west"], found["south"], found["east"], found["north"]


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


def _villages(rows: QuerySet[Any], colouring: Colouring) -> dict[str, Any]:
    counted = (
        rows.order_by()
        .values("field__village_id", "field__village__name", "shade")
        .annotate(
            n=Count("pk"),
            x=Avg((F("min_x") + F("max_x")) / 2),
            y=Avg((F("min_y") + F("max_y")) / 2),
            west=Min("min_x"),
            south=Min("min_y"),
            east=Max("max_x"),
            north=Max("max_y"),
        )
    )
    counts: dict[str, int] = {}
    villages: dict[int, dict[str, Any]] = {}
    for row in counted:
        counts[row["shade"]] = counts.get(row["shade"], 0) + row["n"]
        _add(villages.setdefault(row["field__village_id"], _empty(row)), row)
    order = {shade.key: at for at, shade in enumerate(colouring.shades)}
    for village in villages.values():
        village["shades"].sort(key=lambda pair: order.get(pair[0], len(order)))
    return {"villages": list(villages.values()), "counts": counts}


def _empty(row: dict[str, Any]) -> dict[str, Any]:
    name = row["field__village__name"]
    return {
        "name": name,
        "n": 0,
        "at": [0.0, 0.0],
        "box": [180.0, 90.0, -180.0, -90.0],
        "shades": [],
    }


def _add(village: dict[str, Any], row: dict[str, Any]) -> None:
    total = village["n"] + row["n"]
    here, there = village["n"] / total, row["n"] / total
    village["at"] = [
        village["at"][0] * here + row["y"] * there,
        village["at"][1] * here + row["x"] * there,
    ]
    village["n"] = total
    west, south, east, north = village["box"]
    village["box"] = [
        min(west, row["west"]),
        min(south, row["south"]),
        max(east, row["east"]),
        max(north, row["north"]),
    ]
    village["shades"].append([row["shade"], row["n"]])
