"""The map's villages with their counts: kept ready by the worker, or counted as one looks.

What is kept is shown only while nobody has written to the village's land since; so a page never
waits for the worker and never shows a wrong count.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Avg, Count, Exists, F, Max, Min, OuterRef, QuerySet, Sum

from aggregator.bulk import insert_rows
from aggregator.models import Cooperative, User, Village
from farms.land_touches import add_up_touches
from farms.map.shades import Colouring, colourings_for
from farms.models import Boundary, LandCount, LandTouch, Season

# Older seasons are counted when somebody looks at them.
SEASONS_KEPT = 4
_BATCH = 200
# A village's entry: n, at, box and shades.
Entry = dict[str, Any]


def in_force(boundaries: QuerySet[Boundary]) -> QuerySet[Boundary]:
    """Those in force, of fields that exist."""
    newer = Boundary.objects.filter(field=OuterRef("field_id"), version__gt=OuterRef("version"))
    return boundaries.filter(~Exists(newer), field__ends_on__isnull=True)


def count_plots(
    rows: QuerySet[Any], colouring: Colouring, season: Season | None
) -> dict[int, Entry]:
    """The villages of the boundaries `rows`: how many plots, where, and of which shades."""
    counted = (
        rows.annotate(shade=colouring.expression(season))
        .order_by()
        .values("field__village_id", "shade")
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
    villages: dict[int, Entry] = {}
    for row in counted:
        _add(villages.setdefault(row["field__village_id"], empty_entry()), row)
    return villages


def empty_entry() -> Entry:
    return {"n": 0, "at": [0.0, 0.0], "box": [180.0, 90.0, -180.0, -90.0], "shades": []}


def _add(village: Entry, row: dict[str, Any]) -> None:
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


def kept_counts(colouring: Colouring, season: Season | None, *, user: User) -> dict[int, Entry]:
    """The entries on record that still hold, of the villages that the reader may see."""
    touches = _touches(LandTouch.objects.for_user(user))
    kept = LandCount.objects.for_user(user).filter(colouring=colouring.name, season=season)
    rows = kept.order_by().values_list("village_id", "touches", "told")
    return {
        village: told for village, sum_then, told in rows if touches.get(village, 0) == sum_then
    }


def leave_out(rows: QuerySet[Any], known: Collection[int], *, user: User) -> QuerySet[Any] | None:
    """The boundaries `rows` but for the villages `known`; None where these are all there are."""
    if not known:
        return rows
    every = Village.objects.for_user(user).order_by().values_list("pk", flat=True)
    unknown = set(every).difference(known)
    return rows.filter(field__village__in=sorted(unknown)) if unknown else None


def refresh_counts() -> None:
    """Count afresh what was written to; the worker's part."""
    add_up_touches()
    for cooperative in Cooperative.objects.order_by("pk"):
        _refresh_cooperative(cooperative)


def _refresh_cooperative(cooperative: Cooperative) -> None:
    # What anybody of the cooperative would be offered.
    eyes = User(cooperative=cooperative, role=User.Role.VIEWER)
    seasons = Season.objects.for_cooperative(cooperative).order_by("-starts_on", "-pk")
    ways = colourings_for(eyes)
    own = LandCount.objects.for_cooperative(cooperative)
    own.exclude(colouring__in=[way.name for way in ways]).delete()
    for way in ways:
        for season in seasons[:SEASONS_KEPT] if way.by_season else [None]:
            _refresh_way(cooperative, way, season)


def _refresh_way(cooperative: Cooperative, way: Colouring, season: Season | None) -> None:
    # The sums first: what is written while we count makes the count old, never wrong.
    touches = _touches(LandTouch.objects.for_cooperative(cooperative))
    own = LandCount.objects.for_cooperative(cooperative).filter(colouring=way.name, season=season)
    kept = dict(own.order_by().values_list("village_id", "touches"))
    every = Village.objects.for_cooperative(cooperative).order_by("pk").values_list("pk", flat=True)
    old = [village for village in every if kept.get(village) != touches.get(village, 0)]
    for start in range(0, len(old), _BATCH):
        villages = old[start : start + _BATCH]
        living = in_force(Boundary.objects.for_cooperative(cooperative))
        found = count_plots(living.filter(field__village__in=villages), way, season)
        rows = [
            LandCount(
                cooperative=cooperative,
                village_id=village,
                colouring=way.name,
                season=season,
                touches=touches.get(village, 0),
                told=found.get(village, empty_entry()),
            )
            for village in villages
        ]
        with transaction.atomic():
            own.filter(village__in=villages).delete()
            insert_rows(rows)


def _touches(rows: QuerySet[LandTouch]) -> dict[int, int]:
    return dict(rows.order_by().values_list("village_id").annotate(Sum("times")))
