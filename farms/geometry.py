"""Outlines of plots: read, judged, brought to longitude and latitude, measured, compared.

Pure: imports no Django. Knows polygons and coordinate systems, and nothing of fields or files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely.geometry import Polygon

from farms.pair_comparison import compare_pairs
from farms.repairs import remove_spikes

WGS84 = CRS.from_epsg(4326)
# Authalic by construction: planar areas in it are true areas on the ellipsoid.
_EQUAL_AREA = "+proj=cea +ellps=WGS84"
_GEOD = Geod(ellps="WGS84")
# Degrees a shape may lie outside the area its CRS is made for; a neighbouring zone still passes.
_AREA_MARGIN = 6.0
# Degrees of longitude on each side of the meridian of a zone of six.
_HALF_ZONE = 3.0
# A single plot larger than this (100,000 ha) is a mistake of units or CRS.
MAX_AREA_M2 = Decimal(10) ** 9
# Smaller than this it is a crumb left over from cutting.
MIN_AREA_M2 = Decimal(1)
# Two outlines are the same when no vertex moved by more than about a millimetre (in degrees).
_SAME_DEGREES = 1e-8

Shapes = NDArray[np.object_]
# Corners in, corners out, one a row: longitude, latitude.
Move = Callable[[NDArray[np.float64]], NDArray[np.float64]]


class CrsError(ValueError):
    """A coordinate reference system that is missing or that nobody knows."""


class GeometryFault(NamedTuple):
    """Why an outline cannot be taken.

    `place` is where, as ``"x, y"`` in the file's coordinates; `number` what the code counts: parts,
    or the zone that the coordinates carry.
    """

    code: str
    place: str = ""
    number: str = ""


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


def read_outlines(
    shapes: Shapes, crs: CRS, *, move_back: Move | None = None
) -> list[Outline | GeometryFault]:
    """Judge shapes in `crs` and bring the sound ones to EPSG:4326.

    Args:
        shapes: Geometries in the file's own coordinates, x before y; None where there is none.
        crs: The coordinate system they are in.
        move_back: What undoes a shift of the longitudes and latitudes, such as that of GCJ-02.

    Returns:
        For each shape its outline, or what is wrong with it. Areas are geodesic on WGS 84,
        rounded half up to two decimals.
    """
    flat = shapely.force_2d(np.asarray(shapes, dtype=object))
    results: list[Outline | GeometryFault | None] = [*_judge(flat)]
    sound = np.array([at for at, fault in enumerate(results) if fault is None], dtype=int)
    # One-part multipolygons are what shapefiles and GeoPackages like to write.
    parts = shapely.get_parts(flat[sound]) if len(sound) else flat[sound]
    moved = to_wgs84(parts, crs)
    lost = _name_lost(moved, parts, crs)
    if move_back is not None:
        moved = shapely.transform(moved, move_back)
    for at, polygon, fault in zip(sound, moved, lost, strict=True):
        results[at] = fault or _measure(polygon)
    return [result for result in results if result is not None]


def geodesic_area_m2(polygon: Polygon) -> Decimal:
    """Area of a longitude/latitude polygon on the WGS 84 ellipsoid, less its holes, in m².

    Source: Karney, "Algorithms for geodesics", J. Geodesy 87 (2013), section 6; via PROJ.
    """
    outer = abs(_GEOD.polygon_area_perimeter(*polygon.exterior.xy)[0])
    holes = sum(abs(_GEOD.polygon_area_perimeter(*hole.xy)[0]) for hole in polygon.interiors)
    return Decimal(repr(outer - holes)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def find_overlaps(
    outlines: Sequence[Polygon],
    others: Sequence[Polygon] = (),
    *,
    tolerance: float,
    see: Callable[[int], None] = lambda _at: None,
) -> list[Overlap]:
    """Find pairs that share more than `tolerance` of the smaller one's area.

    Args:
        outlines: Polygons in EPSG:4326, compared with one another.
        others: Further polygons, compared with `outlines` but not among themselves; they are
            numbered on from ``len(outlines)``.
        tolerance: Share 0-1; exactly this much still passes, and so does a common edge.
        see: Told now and then at which outline the comparison is; may raise to end it.

    Returns:
        Overlaps with ``first < second``, ordered. Of an outline that comes again, only the first
        is compared with all others, and each repeat with that one; and of very many that lie on one
        another each is in some pairs only: a file that has one outline for all of its plots would
        else make as many pairs as its rows squared.
    """
    if not len(outlines):
        return []
    flat = _to_equal_area([*outlines, *others])
    kept, repeats = _part_repeats(flat, len(outlines))
    drawn = len(outlines) - len(repeats)
    found = compare_pairs(
        flat[kept],
        shapely.bounds(flat[kept]),
        lambda first, _second: first < drawn,
        tolerance=tolerance,
        see=see,
    )
    first, second = kept[found.first].tolist(), kept[found.second].tolist()
    return sorted([*map(Overlap, first, second, found.share.tolist()), *repeats])


def _part_repeats(flat: Shapes, count: int) -> tuple[NDArray[np.int64], list[Overlap]]:
    """Places of the first of each of `count` outlines and of all after them, and the repeats."""
    first: dict[bytes, int] = {}
    repeats = []
    for at, text in enumerate(shapely.to_wkb(shapely.normalize(flat[:count])).tolist()):
        if first.setdefault(text, at) != at:
            repeats.append(Overlap(first[text], at, 1.0))
    return np.array([*first.values(), *range(count, len(flat))], dtype=np.int64), repeats


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


def _judge(shapes: Shapes) -> list[GeometryFault | None]:
    """What is wrong with each shape in its own coordinates, if anything."""
    corners, owners = shapely.get_coordinates(shapes, return_index=True)
    infinite = set(owners[~np.isfinite(corners).all(axis=1)].tolist())
    kinds, parts = shapely.get_type_id(shapes), shapely.get_num_geometries(shapes)
    empty, area = shapely.is_missing(shapes) | shapely.is_empty(shapes), shapely.area(shapes)
    valid = shapely.is_valid(shapes)
    polygonal = np.isin(kinds, (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    doubtful = np.flatnonzero(empty | ~polygonal | (parts != 1) | ~valid | ~(area > 0))
    faults: list[GeometryFault | None] = [None] * len(shapes)
    for at in {*doubtful.tolist(), *infinite}:
        if empty[at]:
            faults[at] = GeometryFault("empty")
        elif at in infinite:
            faults[at] = GeometryFault("not_finite")
        elif not polygonal[at]:
            faults[at] = GeometryFault("not_polygon")
        elif parts[at] != 1:
            faults[at] = GeometryFault("many_parts", number=str(parts[at]))
        else:
            faults[at] = GeometryFault("no_area") if valid[at] else _name_invalidity(shapes[at])
    return faults


def _name_invalidity(shape: Any) -> GeometryFault:
    """Sort GEOS's reason, such as ``"Self-intersection[118.5 30.2]"``."""
    # By its hull: a figure of eight has no area of its own either, but it crosses itself.
    if shapely.convex_hull(shape).area == 0:
        return GeometryFault("no_area")
    reason = shapely.is_valid_reason(shape)
    match = re.search(r"\[(\S+) (\S+)\]", reason)
    place = ", ".join(format(float(part), ".10g") for part in match.groups()) if match else ""
    words = {
        "Hole lies outside": "hole_outside",
        "nested": "hole_crosses",
        "Duplicate Rings": "hole_crosses",
        "Interior is disconnected": "hole_touches",
        "Ring Self-intersection": "touches_itself",
        "Self-intersection": _name_crossing(shape),
        "Too few points": "no_area",
    }
    return GeometryFault(
        next((code for word, code in words.items() if word in reason), "broken_rings"), place
    )


def _name_crossing(shape: Any) -> str:
    """Whether the outline crosses itself or has a thorn, or only a hole crosses something."""
    (polygon,) = shapely.get_parts(shape)
    blunt = remove_spikes(polygon)
    if blunt is not None and blunt.is_valid:
        return "spike"
    rings = [shapely.polygons(ring) for ring in (polygon.exterior, *polygon.interiors)]
    return "hole_crosses" if shapely.is_valid(rings).all() else "crosses_itself"


def to_wgs84(shapes: Shapes, crs: CRS) -> Shapes:
    """Shapes of `crs` in longitude and latitude; infinite where the system cannot place them."""
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


def _name_lost(moved: Shapes, shapes: Shapes, crs: CRS) -> list[GeometryFault | None]:
    """For each shape, why it does not lie where its coordinate system is meant for."""
    if not len(shapes):
        return []
    bounds = shapely.bounds(moved)
    on_earth = _on_earth(bounds)
    lost = np.flatnonzero(~(on_earth & _within_use(bounds, crs)))
    faults: list[GeometryFault | None] = [None] * len(shapes)
    for at in lost.tolist():
        faults[at] = _name_displacement(shapes[at], crs, on_earth=bool(on_earth[at]))
    return faults


def _name_displacement(shape: Any, crs: CRS, *, on_earth: bool) -> GeometryFault:
    largest = np.abs(shapely.get_coordinates(shape)).max()
    if crs.is_projected and largest <= 180:
        return GeometryFault("degrees")
    zone = _strange_zone(shape, crs)
    if zone is not None:
        return GeometryFault("wrong_zone", number=str(zone)) if zone else GeometryFault("no_zone")
    bounds = shapely.bounds(to_wgs84(np.array([swap_axes(shape)], dtype=object), crs))
    if _on_earth(bounds).all() and _within_use(bounds, crs).all():
        return GeometryFault("swapped")
    if crs.is_geographic and largest > 1000:
        return GeometryFault("metres")
    return GeometryFault("outside_crs" if on_earth else "off_earth")


def _on_earth(bounds: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray((np.abs(bounds) <= (180.0, 90.0, 180.0, 90.0)).all(axis=1))


def swap_axes(shape: Any) -> Any:
    """The same shape with x and y the other way round."""
    return shapely.transform(shape, lambda points: points[:, ::-1])


def _strange_zone(shape: Any, crs: CRS) -> int | None:
    """The zone number before the eastings, where it is not that of the system; 0 is none at all.

    Of the Gauss-Krüger zones there are two kinds: 39500000 with the number, 500000 without.
    """
    given = _projection_params(crs, "False easting")
    if not given or given[0] % 1_000_000 != 500_000:
        return None
    carried = int(shapely.bounds(shape)[0] // 1_000_000)
    is_zone = carried == 0 or 13 <= carried <= 45
    return carried if is_zone and carried != given[0] // 1_000_000 else None


def _measure(polygon: Polygon) -> Outline | GeometryFault:
    area_m2 = geodesic_area_m2(polygon)
    if area_m2 <= 0:
        return GeometryFault("no_area")
    if area_m2 < MIN_AREA_M2:
        return GeometryFault("too_small")
    if area_m2 > MAX_AREA_M2:
        return GeometryFault("too_large")
    return Outline(polygon, area_m2)


def _within_use(bounds: NDArray[np.float64], crs: CRS) -> NDArray[np.bool_]:
    """Whether boxes lie near where their CRS is meant for; swapped axes and wrong zones do not."""
    use = _find_use(crs)
    if use is None:
        return np.ones(len(bounds), dtype=bool)
    low, high = np.array(use[:2]) - _AREA_MARGIN, np.array(use[2:]) + _AREA_MARGIN
    return np.asarray((bounds[:, :2] >= low).all(axis=1) & (bounds[:, 2:] <= high).all(axis=1))


def _find_use(crs: CRS) -> tuple[float, float, float, float] | None:
    """West, south, east and north of where a system is meant for; None if nobody knows."""
    use = _bare(crs).area_of_use
    if use is not None:
        return None if use.west > use.east else (use.west, use.south, use.east, use.north)
    # A zone under a surveyor's own name is in no register, but has its width all the same.
    meridian = _projection_params(crs, "Longitude of natural origin", of="Transverse Mercator")
    return (meridian[0] - _HALF_ZONE, -90.0, meridian[0] + _HALF_ZONE, 90.0) if meridian else None


def _projection_params(crs: CRS, name: str, *, of: str = "") -> list[float]:
    """The projection's parameter of this name, if it has one; `of` asks for one method only."""
    operation = _bare(crs).coordinate_operation
    if operation is None or of not in operation.method_name:
        return []
    return [float(param.value) for param in operation.params if param.name == name]


def _bare(crs: CRS) -> CRS:
    """A system without the shift to WGS 84 that some programs write with it."""
    return crs.source_crs if crs.is_bound and crs.source_crs else crs


def _to_equal_area(polygons: Sequence[Polygon]) -> Shapes:
    transformer = Transformer.from_crs(WGS84, CRS.from_proj4(_EQUAL_AREA), always_xy=True)

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    flat = shapely.transform(np.array(polygons, dtype=object), move)
    # Moving vertices can fold a hair-thin corner; an unsound shape would stop the intersection.
    return np.asarray(np.where(shapely.is_valid(flat), flat, shapely.make_valid(flat)), object)
