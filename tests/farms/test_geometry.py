"""Outlines judged, moved, measured and compared; pure, so no database."""

import os
import random
from decimal import Decimal

import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod, Transformer
from shapely.affinity import rotate, translate
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from farms.geometry import (
    CrsError,
    GeometryFault,
    Outline,
    crs_label,
    find_overlaps,
    geodesic_area_m2,
    read_crs,
    read_outlines,
    same_outline,
)

WGS84 = CRS.from_epsg(4326)


def judge(shape: object, crs: str = "EPSG:4326") -> Outline | GeometryFault:
    return read_outlines(np.array([shape], dtype=object), read_crs(crs))[0]


def test_a_degree_at_the_equator_has_its_published_area() -> None:
    # The cell 0-1 E, 0-1 N on WGS 84 by the closed form of the authalic latitude:
    # b² / 2 · Δλ · [sin φ / (1 - e² sin² φ) + atanh(e sin φ) / e];
    # cut into short sides, since a single geodesic would bow out of the northern parallel.
    e2 = 0.0066943799901413165
    e, b, sine = e2**0.5, 6356752.314245179, np.sin(np.radians(1.0))
    cell = b**2 / 2 * np.radians(1.0) * (sine / (1 - e2 * sine**2) + np.arctanh(e * sine) / e)
    dense = shapely.segmentize(box(0, 0, 1, 1), 0.001)
    assert float(geodesic_area_m2(dense)) == pytest.approx(cell, rel=1e-7)


def test_a_hole_is_taken_off_whichever_way_its_ring_runs() -> None:
    outer, hole = box(120, 30, 120.01, 30.01), box(120.002, 30.002, 120.004, 30.004)
    expected = geodesic_area_m2(outer) - geodesic_area_m2(hole)
    for ring in (hole.exterior.coords, hole.exterior.coords[::-1]):
        holed = Polygon(outer.exterior.coords, [ring])
        assert abs(geodesic_area_m2(holed) - expected) <= Decimal("0.01")


def test_area_does_not_depend_on_the_coordinate_system_it_was_drawn_in() -> None:
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    rng = random.Random(seed)
    for _ in range(50):
        shape = _random_plot(rng)
        here = judge(shape)
        for crs in ("EPSG:4548", "EPSG:4490", "EPSG:32650", "EPSG:3857"):
            move = Transformer.from_crs(WGS84, crs, always_xy=True).transform
            there = judge(shapely.transform(shape, move, interleaved=False), crs)
            assert isinstance(here, Outline)
            assert isinstance(there, Outline)
            assert abs(there.area_m2 - here.area_m2) <= Decimal("0.02")
            assert same_outline(there.polygon, here.polygon)


def _random_plot(rng: random.Random) -> Polygon:
    """A star-shaped plot of 20 to 100 m near 118 E, 25 N, turned at random."""
    angles = sorted(rng.uniform(0, 2 * np.pi) for _ in range(rng.randint(5, 12)))
    angles += [0.1, 2.2, 4.3]
    ring = [
        (rng.uniform(2e-4, 9e-4) * np.cos(a), rng.uniform(2e-4, 9e-4) * np.sin(a))
        for a in sorted(angles)
    ]
    shape = shapely.convex_hull(Polygon(ring))
    return translate(rotate(shape, rng.uniform(0, 360)), 117 + rng.random(), 25 + rng.random())


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        (None, "empty"),
        (Polygon(), "empty"),
        (Point(120, 30), "not_polygon"),
        (LineString([(120, 30), (121, 31)]), "not_polygon"),
        (
            MultiPolygon([box(120, 30, 120.001, 30.001), box(121, 30, 121.001, 30.001)]),
            "many_parts",
        ),
        (Polygon([(120, 30), (120.001, 30), (120.002, 30)]), "no_area"),
        (Polygon([(120, 30), (120, 30), (120, 30)]), "no_area"),
        (box(120, 100, 120.001, 100.001), "off_earth"),
        (box(200, 30, 200.001, 30.001), "off_earth"),
        (box(100, 20, 110, 30), "too_large"),
        (box(120, 30, 120.000001, 30.000001), "too_small"),
        (Polygon([(120, 30), (np.inf, 30), (120.1, 30.1)]), "not_finite"),
        (Polygon([(120, 30), (np.nan, 30), (120.1, 30.1)]), "not_finite"),
    ],
)
def test_what_is_no_plot_is_named(shape: object, code: str) -> None:
    fault = judge(shape)
    assert isinstance(fault, GeometryFault)
    assert fault.code == code


def test_a_crossing_is_told_with_its_place() -> None:
    bow = Polygon([(120, 30), (120.2, 30.2), (120.2, 30), (120, 30.2)])
    assert judge(bow) == GeometryFault("crosses_itself", "120.1, 30.1")


HOLES = {
    "hole_outside": [box(5, 5, 6, 6)],
    "hole_crosses": [box(0.5, 0.2, 1.5, 0.4)],
    "hole_touches": [Polygon([(0, 0.5), (0.5, 0), (1, 0.5), (0.5, 1)])],
}


@pytest.mark.parametrize("code", HOLES)
def test_a_hole_in_the_wrong_place_is_no_crossing_of_the_outline(code: str) -> None:
    holed = Polygon(box(0, 0, 1, 1).exterior.coords, [h.exterior.coords for h in HOLES[code]])
    fault = judge(holed)
    assert isinstance(fault, GeometryFault)
    assert fault.code == code


def test_a_corner_on_another_side_is_no_crossing() -> None:
    # Two squares that hang together in one corner, drawn in one go.
    chain = Polygon([(0, 0), (1, 0), (1, 1), (2, 1), (2, 2), (1, 2), (1, 1), (0, 1)])
    assert judge(chain) == GeometryFault("touches_itself", "1, 1")


def test_one_part_of_a_multipolygon_and_heights_are_taken() -> None:
    single = judge(MultiPolygon([shapely.force_3d(box(120, 30, 120.001, 30.001), 85.0)]))
    assert isinstance(single, Outline)
    assert single.polygon.geom_type == "Polygon"
    assert not single.polygon.has_z


def test_degrees_under_a_zone_of_metres_lie_off_its_area() -> None:
    fault = judge(box(118, 25, 118.001, 25.001), "EPSG:4548")
    assert fault == GeometryFault("degrees")
    in_degrees = judge(box(500_000, 2_800_000, 500_050, 2_800_050), "EPSG:4490")
    assert in_degrees == GeometryFault("metres")


def test_swapped_axes_are_noticed_in_metres_and_in_degrees() -> None:
    # 500 km east, 2,800 km north in the zone of 117 E; here north comes first.
    assert judge(box(2_800_000, 500_000, 2_800_050, 500_050), "EPSG:4548").code == "swapped"  # type: ignore[union-attr]
    assert judge(box(25, 118, 25.001, 118.001)) == GeometryFault("swapped")


def test_a_zone_number_that_is_not_the_systems_is_told() -> None:
    # EPSG:4527 is zone 39 with its number before the eastings, EPSG:4548 the same without.
    numbered, bare = box(39_500_000, 2_800_000, 39_500_050, 2_800_050), (500_000, 2_800_000)
    assert isinstance(judge(numbered, "EPSG:4527"), Outline)
    assert judge(numbered, "EPSG:4548") == GeometryFault("wrong_zone", number="39")
    assert judge(numbered, "EPSG:4528") == GeometryFault("wrong_zone", number="39")
    assert judge(box(*bare, 500_050, 2_800_050), "EPSG:4527") == GeometryFault("no_zone")


def zone_of_own_name(*, meridian: int, easting: int, more: str = "") -> str:
    """A .prj as surveyors' programs write it: a zone of CGCS2000 that is in no register."""
    return (
        'PROJCS["Town survey",GEOGCS["CGCS2000",DATUM["D_China_2000",'
        f'SPHEROID["CGCS2000",6378137.0,298.257222101]{more}],PRIMEM["Greenwich",0.0],'
        'UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
        f'PARAMETER["False_Easting",{easting}.0],PARAMETER["False_Northing",0.0],'
        f'PARAMETER["Central_Meridian",{meridian}.0],PARAMETER["Scale_Factor",1.0],'
        'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    )


def test_a_zone_under_a_name_of_its_own_has_its_width_all_the_same() -> None:
    bare = zone_of_own_name(meridian=117, easting=500_000)
    assert isinstance(judge(box(500_000, 2_800_000, 500_050, 2_800_050), bare), Outline)
    assert judge(box(2_800_000, 500_000, 2_800_050, 500_050), bare) == GeometryFault("swapped")
    # The eastings of zone 39 under zone 38: a thousand kilometres, which PROJ would take.
    numbered = zone_of_own_name(meridian=114, easting=38_500_000)
    easting, north = 39_500_000, 2_800_000
    assert judge(box(easting, north, easting + 50, north + 50), numbered) == GeometryFault(
        "wrong_zone", number="39"
    )


def test_a_shift_written_with_the_system_hides_nothing_of_it() -> None:
    shift = zone_of_own_name(
        meridian=117, easting=500_000, more=",TOWGS84[15.8,-154.4,-82.3,0,0,0,0]"
    )
    assert read_crs(shift).is_bound
    assert isinstance(judge(box(500_000, 2_800_000, 500_050, 2_800_050), shift), Outline)
    assert judge(box(2_800_000, 500_000, 2_800_050, 500_050), shift) == GeometryFault("swapped")


@pytest.mark.parametrize("text", [None, "", "EPSG:999999", "not a crs", "EPSG:4978", "EPSG:5773"])
def test_a_missing_or_unfit_crs_raises(text: str | None) -> None:
    with pytest.raises(CrsError):
        read_crs(text)


def test_a_crs_is_named_by_its_code_even_from_esri_text() -> None:
    text = CRS.from_epsg(4548).to_wkt("WKT1_ESRI")
    assert crs_label(read_crs(text)) == "EPSG:4548"


def test_neighbours_that_share_an_edge_pass() -> None:
    grid = [box(x, y, x + 1, y + 1) for x in range(5) for y in range(5)]
    assert find_overlaps(grid, tolerance=0.01) == []
    assert find_overlaps(grid, tolerance=0.0) == []


def test_the_share_is_of_the_smaller_one() -> None:
    # A plot a tenth as wide lies half inside: half of the smaller, a twentieth of the larger.
    large, small = box(0, 0, 1, 0.001), box(0.95, 0, 1.05, 0.001)
    (found,) = find_overlaps([large, small], tolerance=0.01)
    assert (found.first, found.second) == (0, 1)
    assert found.share == pytest.approx(0.5, abs=1e-9)
    assert find_overlaps([large, small], tolerance=0.51) == []


def test_one_percent_passes_and_a_little_more_does_not() -> None:
    left = box(0, 0, 1, 1e-4)
    assert find_overlaps([left, box(0.991, 0, 1.991, 1e-4)], tolerance=0.01) == []
    assert len(find_overlaps([left, box(0.989, 0, 1.989, 1e-4)], tolerance=0.01)) == 1


def test_others_are_compared_with_the_new_and_not_among_themselves() -> None:
    same = box(0, 0, 1, 1)
    found = find_overlaps([box(0.5, 0, 1.5, 1)], [same, same], tolerance=0.01)
    assert [(o.first, o.second) for o in found] == [(0, 1), (0, 2)]
    assert find_overlaps([], [same, same], tolerance=0.01) == []


def test_one_outline_for_all_rows_makes_a_finding_a_row_and_not_a_pair() -> None:
    same, half = box(0, 0, 1, 1), box(0.5, 0, 1, 1)
    turned = Polygon([(1, 1), (0, 1), (0, 0), (1, 0)])
    found = find_overlaps([same, turned, half, same], [same], tolerance=0.01)
    assert [(o.first, o.second) for o in found] == [(0, 1), (0, 2), (0, 3), (0, 4), (2, 4)]
    # A file of 3,000 rows would give 4,498,500 pairs.
    assert len(find_overlaps([same] * 3000, tolerance=0.01)) == 2999


def test_shares_agree_with_areas_measured_along_geodesics() -> None:
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed {seed}")
    rng = random.Random(seed)
    geod = Geod(ellps="WGS84")
    checked = 0
    while checked < 40:
        one = _random_plot(rng)
        other = translate(one, rng.uniform(-5e-4, 5e-4), rng.uniform(-5e-4, 5e-4))
        common = shapely.intersection(one, other)
        if common.is_empty or common.geom_type != "Polygon":
            continue
        areas = [abs(geod.geometry_area_perimeter(s)[0]) for s in (common, one, other)]
        expected = areas[0] / min(areas[1:])
        found = find_overlaps([one, other], tolerance=0.0)
        assert found[0].share == pytest.approx(expected, rel=1e-4, abs=1e-6)
        checked += 1


def test_an_outline_is_the_same_from_any_first_corner_but_not_a_centimetre_off() -> None:
    ring = [(120, 30), (120.001, 30), (120.001, 30.001), (120, 30.001)]
    one = Polygon(ring)
    assert same_outline(one, Polygon(ring[2:] + ring[:2]))
    assert same_outline(one, Polygon(ring[::-1]))
    assert not same_outline(one, translate(one, 1e-7))
