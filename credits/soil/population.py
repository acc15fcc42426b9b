"""The published list of a soil sampling round: its fields in strata with their outlines.

Whoever has the list and the seed finds every point again (`credits.soil.point_draw`), with this
program or without. No name of a person stands in it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import shapely
from django.utils.translation import gettext as _

from aggregator.canonical import canonical_json
from credits.models import SoilCampaign, SoilPoint
from credits.soil.point_draw import OUTLINE_UNITS, Drawn, Plot, draw_key, draw_point
from farms.models import Boundary

VERSION = 1


@dataclass(frozen=True, slots=True)
class Parcel:
    """A field of the list: whose outline it is and the stratum it belongs to."""

    code: str
    stratum: str
    boundary: Boundary


def describe_parcels(parcels: Sequence[Parcel]) -> list[dict[str, Any]]:
    """The fields of a list, sorted by code."""
    return [
        {
            "code": parcel.code,
            "stratum": parcel.stratum,
            "area_m2": str(parcel.boundary.area_m2),
            "boundary": parcel.boundary.version,
            "rings": trace_rings(bytes(parcel.boundary.geometry_wkb)),
        }
        for parcel in sorted(parcels, key=lambda parcel: parcel.code)
    ]


def trace_rings(wkb: bytes) -> list[list[list[int]]]:
    """An outline's rings in whole 10⁻⁹ degrees, without the repeated last corner."""
    shape = shapely.from_wkb(wkb)
    return [
        [[round(x * OUTLINE_UNITS), round(y * OUTLINE_UNITS)] for x, y in ring.coords[:-1]]
        for part in shapely.get_parts(shape)
        for ring in (part.exterior, *part.interiors)
    ]


def write_list(
    fields: Sequence[Mapping[str, Any]], *, project: str, number: int, points: Mapping[str, int]
) -> bytes:
    """The list as it is published; `points` says how many each stratum gets, in its order."""
    return canonical_json(
        {
            "version": VERSION,
            "project": project,
            "round": number,
            "strata": [{"name": name, "points": count} for name, count in points.items()],
            "fields": list(fields),
        }
    )


def pack_list(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def unpack_list(campaign: SoilCampaign) -> bytes:
    """The list as it was published."""
    return gzip.decompress(bytes(campaign.population.content))


class PointSource:
    """Draws points from a published list and a seed; needs nothing else."""

    def __init__(self, content: bytes, *, seed: str) -> None:
        self.listed = json.loads(content)
        self._key = draw_key(hashlib.sha256(content).hexdigest(), seed)
        self._fields: dict[str, list[dict[str, Any]]] = {}
        for field in self.listed["fields"]:
            self._fields.setdefault(field["stratum"], []).append(field)
        self._plots = {
            name: [
                # Square metres have two decimals: a hundredth of one is the unit of the draw.
                Plot(field["code"], int(Decimal(field["area_m2"]) * 100), field["rings"])
                for field in fields
            ]
            for name, fields in self._fields.items()
        }

    def draw(self, stratum: str, position: int) -> tuple[dict[str, Any], Drawn]:
        """The field of the list and the point in it.

        Raises:
            DrawError: a field's outline leaves no room for a point.
        """
        drawn = draw_point(self._plots[stratum], key=self._key, stratum=stratum, position=position)
        return self._fields[stratum][drawn.plot], drawn

    def draw_all(self) -> Iterator[tuple[str, int, dict[str, Any], Drawn]]:
        """Every point that the list asks for: stratum, position, field, place."""
        for stratum in self.listed["strata"]:
            for position in range(1, stratum["points"] + 1):
                yield stratum["name"], position, *self.draw(stratum["name"], position)


def find_redraw_faults(campaign: SoilCampaign) -> Iterator[str]:
    """What of a round's points does not come out again, in sentences."""
    content = unpack_list(campaign)
    if hashlib.sha256(content).hexdigest() != campaign.population_sha256:
        yield _("The published list does not have the published hash.")
    if not campaign.seed:
        return
    points = list(campaign.points.select_related("field"))
    if campaign.revisits:
        yield from _find_other_places(campaign, points)
        return
    source = PointSource(content, seed=campaign.seed)
    for point in points:
        field, drawn = source.draw(point.stratum, point.position)
        if (field["code"], *_place(drawn)) != (point.field.code, point.longitude, point.latitude):
            yield _("Point %(code)s is not where the seed puts it.") % {"code": point.code}
    wanted = {(name, position) for name, position, _field, _drawn in source.draw_all()}
    if missing := wanted - {(point.stratum, point.position) for point in points}:
        yield _("%(count)d drawn points are missing.") % {"count": len(missing)}


def _find_other_places(campaign: SoilCampaign, points: list[SoilPoint]) -> Iterator[str]:
    earlier = campaign.follows
    places = earlier.points.values_list("label", "longitude", "latitude") if earlier else ()
    before = {label: place for label, *place in places}
    for point in points:
        if before.get(point.label) != [point.longitude, point.latitude]:
            yield _("Point %(code)s is not where the round before had it.") % {"code": point.code}


def _place(drawn: Drawn) -> tuple[Decimal, Decimal]:
    return place_of(drawn.longitude_e7), place_of(drawn.latitude_e7)


def place_of(whole_e7: int) -> Decimal:
    """Degrees of whole 10⁻⁷ degrees."""
    return Decimal(whole_e7).scaleb(-7)
