"""Tracks of machines in GPX: when they ran, and how much of the way lay on the plot.

Pure: imports no Django. Knows tracks and outlines, and nothing of fields or records.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np
import shapely
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from shapely.geometry import Polygon

# Length of a degree of latitude on the WGS 84 ellipsoid at 30° N; within 0.6% everywhere.
_METRES_A_DEGREE = 110_852
# Receivers on tractors drift by some metres, and machines turn on the headland.
_MARGIN_M = 20
# Of satellites for everybody; a time at the ends of the calendar cannot change its zone.
YEARS = range(1980, 2200)


class TrackBroken(ValueError):
    """The bytes are no GPX track."""


@dataclass(frozen=True, slots=True)
class Track:
    """The points of a track in order, in degrees on WGS 84, and when it began."""

    points: list[tuple[float, float]]
    began_at: datetime | None


def read_gpx(data: bytes) -> Track:
    """Read the track points of a GPX file.

    Raises:
        TrackBroken: it is no GPX, or has no point.

    Source: GPX 1.1 schema, elements trkpt and time (topografix.com/GPX/1/1).
    """
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise TrackBroken("unreadable") from error
    points, times = [], []
    for element in root.iter():
        if not isinstance(element.tag, str) or element.tag.rpartition("}")[2] != "trkpt":
            continue
        point = _read_point(element)
        if point is not None:
            points.append(point)
            times += [time for child in element if (time := _read_time(child)) is not None]
    if not points:
        raise TrackBroken("no_points")
    return Track(points, min(times, default=None))


def share_within(track: Track, polygon: Polygon) -> float:
    """The part of a track's points (0-1) that lie on the plot or within 20 m of it."""
    points = shapely.points(np.array(track.points))
    return float(np.mean(distances_m(polygon, points) <= _MARGIN_M))


def distances_m(polygon: Polygon, points: Any) -> Any:
    """How far points lie outside a plot, in metres; zero within it.

    Args:
        polygon: The plot, in degrees on WGS 84.
        points: Points in the same system.

    Returns:
        Metres for each point, on a plane through the plot: within 1% up to some kilometres.
    """
    wide = math.cos(math.radians(polygon.centroid.y)) * _METRES_A_DEGREE

    def flatten(places: Any) -> Any:
        return places * (wide, _METRES_A_DEGREE)

    return shapely.distance(shapely.transform(polygon, flatten), shapely.transform(points, flatten))


def _read_point(element: Any) -> tuple[float, float] | None:
    try:
        longitude, latitude = float(element.get("lon", "")), float(element.get("lat", ""))
    except ValueError:
        return None
    inside = abs(longitude) <= 180 and abs(latitude) <= 90
    return (longitude, latitude) if inside else None


def _read_time(element: Any) -> datetime | None:
    if not isinstance(element.tag, str) or element.tag.rpartition("}")[2] != "time":
        return None
    try:
        time = datetime.fromisoformat((element.text or "").strip())
    except ValueError:
        return None
    if time.year not in YEARS:
        return None
    # GPX times are UTC by its schema, whether or not they say so.
    return time if time.tzinfo else time.replace(tzinfo=UTC)
