"""Outlines of plots: read, judged, brought to longitude and latitude, measured, compared.

Pure: imports no Django. Knows polygons and coordinate systems, and nothing of fields or files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely.geometry import Polygon

WGS84 = CRS.from_epsg(4326)
# Authalic by construction: planar areas in it are true areas on the ellipsoid.
_EQUAL_AREA = "+proj=cea +ellps=WGS84"
_GEOD = Geod(ellps="WGS84")
# Degrees a shape may lie outside the area its CRS is made for; a neighbouring zone still passes.
_AREA_MARGIN = 6.0
# A single plot larger than this (100,000 ha) is a mistake of units or CRS.
MAX_AREA_M2 = Decimal(10) ** 9
# Two outlines are the same when no vertex moved by more than about a millimetre (in degrees).
_SAME_DEGREES = 1e-8

Shapes = NDArray[np.object_]


class CrsError(ValueError):
    """A coordinate reference system that is missing or that nobody knows."""


class GeometryFault(NamedTuple):
    """Why an outline cannot be taken; `place` is where, as ``"x, y"`` in the file's coordinates."""

    code: str
    place: str = ""


class Overlap(NamedTuple):
    """Two outlines by index, and the share of the smaller one that both cover (0-1)."""

    first: int
    second: int
    share: float


@dataclass(frozen=True, slots=True)
class Outline:
    """A plot's polygon in EPSG:4326 with its geodesic area in m², two decimals."""

    polygon: Polygon
    area_m2: Decimal


def read_crs(text: str | dict[str, Any] | None) -> CRS:
    """Understand a CRS given as EPSG code, WKT or PROJJSON.

    Raises:
        CrsError: none is given, it is marked unknown, or PROJ does not know it.
    """
    if not text:
        raise CrsError("missing")
    try:
        crs = CRS.from_user_input(text)
    except CRSError as error:
        raise CrsError("unknown") from error
    if crs.is_compound:
        # A zone with a height system, as surveyors write it: heights are not used here.
        crs = crs.sub_crs_list[0]
    # GeoPackage writes its "no CRS" rows as a system of this name.
    if crs.name.casefold().startswith(("undefined", "unknown")) or crs.is_engineering:
        raise CrsError("missing")
    if crs.is_vertical or crs.is_geocentric:
        raise CrsError("unknown")
    try:
        Transformer.from_crs(crs, WGS84)
    except ProjError as error:
        # Known to PROJ, yet of no use for land: of the moon, of time.
        raise CrsError("unknown") from error
    return crs


def crs_label(crs: CRS) -> str:
    """``"EPSG:4547"`` where the system has a code, else its name; at most 64 characters."""
    authority = crs.to_authority(min_confidence=70)
    return ":".join(authority) if authority else crs.name[:64]


def read_outlines(shapes: Shapes, crs: CRS) -> list[Outline | GeometryFault]:
    """Judge shapes in `crs` and bring the sound ones to EPSG:4326.

    Args:
        shapes: Geometries in the file's own coordinates, x before y; None where there is none.
        crs: The coordinate system they are in.

    Returns:
        For each shape its outline, or what is wrong with it. Areas are geodesic on WGS 84,
        rounded half up to two decimals.
    """
    flat = shapely.force_2d(np.asarray(shapes, dtype=object))
    results: list[Outline | GeometryFault | None] = [_judge(shape) for shape in flat]
    sound = np.array([at for at, fault in enumerate(results) if fault is None], dtype=int)
    moved = _to_wgs84(_single_parts(flat[sound]), crs)
    for at, polygon in zip(sound, moved, strict=True):
        results[at] = _measure(polygon, crs)
    return [result for result in results if result is not None]


def geodesic_area_m2(polygon: Polygon) -> Decimal:
    """Area of a longitude/latitude polygon on the WGS 84 ellipsoid, less its holes, in m².

    Source: Karney, "Algorithms for geodesics", J. Geodesy 87 (2013), section 6; via PROJ.
    """
    outer = abs(_GEOD.polygon_area_perimeter(*polygon.exterior.xy)[0])
    holes = sum(abs(_GEOD.polygon_area_perimeter(*hole.xy)[0]) for hole in polygon.interiors)
    return Decimal(repr(outer - holes)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def find_overlaps(
    outlines: Sequence[Polygon], others: Sequence[Polygon] = (), *, tolerance: float
) -> list[Overlap]:
    """Find pairs that share more than `tolerance` of the smaller one's area.

    Args:
        outlines: Polygons in EPSG:4326, compared with one another.
        others: Further polygons, compared with `outlines` but not among themselves; they are
            numbered on from ``len(outlines)``.
        tolerance: Share 0-1; exactly this much still passes, and so does a common edge.

    Returns:
        Overlaps with ``first < second``, ordered.
    """
    if not len(outlines):
        return []
    flat = _to_equal_area([*outlines, *others])
    tree = shapely.STRtree(flat)
    left, right = tree.query(flat[: len(outlines)], predicate="intersects")
    pairs = left < right
    left, right = left[pairs], right[pairs]
    areas = shapely.area(flat)
    common = shapely.area(shapely.intersection(flat[left], flat[right]))
    shares = common / np.minimum(areas[left], areas[right])
    found = np.flatnonzero(shares > tolerance)
    return sorted(Overlap(int(left[at]), int(right[at]), float(shares[at])) for at in found)


def same_outline(one: Polygon, other: Polygon) -> bool:
    """Whether two outlines agree to the millimetre, wherever each starts its ring."""
    if not np.allclose(one.bounds, other.bounds, rtol=0, atol=_SAME_DEGREES):
        return False
    if shapely.equals_exact(one, other, tolerance=_SAME_DEGREES, normalize=True):
        return True
    # Noise in corners that tie may start the rings elsewhere. Corners near the other's edge leave
    # room for other edges between them, a thin difference leaves room for spikes: both are asked.
    apart = shapely.hausdorff_distance(one.boundary, other.boundary)
    between = shapely.symmetric_difference(one, other).area
    return bool(apart <= _SAME_DEGREES and between <= _SAME_DEGREES * one.length)


def joint_bounds(polygons: Iterable[Polygon]) -> tuple[float, float, float, float]:
    """The box around all of them: west, south, east, north."""
    west, south, east, north = shapely.total_bounds(np.array(list(polygons), dtype=object))
    return float(west), float(south), float(east), float(north)


def _judge(shape: Any) -> GeometryFault | None:
    """What is wrong with a shape in its own coordinates, if anything."""
    if shape is None or shape.is_empty:
        return GeometryFault("empty")
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        return GeometryFault("not_finite")
    if shape.geom_type not in ("Polygon", "MultiPolygon"):
        return GeometryFault("not_polygon")
    if shapely.get_num_geometries(shape) != 1:
        return GeometryFault("many_parts")
    if not shape.is_valid:
        return _name_invalidity(shape)
    return GeometryFault("no_area") if shape.area == 0 else None


def _name_invalidity(shape: Any) -> GeometryFault:
    """Sort GEOS's reason, such as ``"Self-intersection[118.5 30.2]"``."""
    # By its hull: a figure of eight has no area of its own either, but it crosses itself.
    if shapely.convex_hull(shape).area == 0:
        return GeometryFault("no_area")
    reason = shapely.is_valid_reason(shape)
    match = re.search(r"\[(\S+) (\S+)\]", reason)
    place = ", ".join(format(float(part), ".10g") for part in match.groups()) if match else ""
    if "elf-intersection" in reason:
        return GeometryFault("crosses_itself", place)
    if "Too few points" in reason:
        return GeometryFault("no_area", place)
    return GeometryFault("broken_rings", place)


def _single_parts(shapes: Shapes) -> Shapes:
    """Polygons out of one-part multipolygons, which shapefiles and GeoPackages like to write."""
    return shapely.get_parts(shapes) if len(shapes) else shapes


def _to_wgs84(shapes: Shapes, crs: CRS) -> Shapes:
    if crs == WGS84 or not len(shapes):
        return shapes
    transformer = Transformer.from_crs(crs, WGS84, always_xy=True)

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        # What PROJ cannot place comes back as infinity and is told from that, shape by shape.
        try:
            return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))
        except ProjError:
            return np.full_like(points, np.inf)

    return np.asarray(shapely.transform(shapes, move), dtype=object)


def _measure(polygon: Polygon, crs: CRS) -> Outline | GeometryFault:
    points = shapely.get_coordinates(polygon)
    if not np.isfinite(points).all() or (np.abs(points) > (180.0, 90.0)).any():
        return GeometryFault("off_earth")
    if not _within_use(polygon.bounds, crs):
        return GeometryFault("outside_crs")
    area_m2 = geodesic_area_m2(polygon)
    if area_m2 <= 0:
        return GeometryFault("no_area")
    if area_m2 > MAX_AREA_M2:
        return GeometryFault("too_large")
    return Outline(polygon, area_m2)


def _within_use(bounds: tuple[float, float, float, float], crs: CRS) -> bool:
    """Whether a shape lies near where its CRS is meant for; swapped axes and wrong zones do not."""
    use = crs.area_of_use
    if use is None or use.west > use.east:
        return True
    west, south, east, north = bounds
    return bool(
        west >= use.west - _AREA_MARGIN
        and east <= use.east + _AREA_MARGIN
        and south >= use.south - _AREA_MARGIN
        and north <= use.north + _AREA_MARGIN
    )


def _to_equal_area(polygons: Sequence[Polygon]) -> Shapes:
    transformer = Transformer.from_crs(WGS84, CRS.from_proj4(_EQUAL_AREA), always_xy=True)

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    flat = shapely.transform(np.array(polygons, dtype=object), move)
    # Moving vertices can fold a hair-thin corner; an unsound shape would stop the intersection.
    return np.asarray(np.where(shapely.is_valid(flat), flat, shapely.make_valid(flat)), object)
