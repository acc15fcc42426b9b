"""A file shifted as a whole is suspected, by its codes or by its neighbours; others are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from django.utils import translation
from shapely.affinity import translate
from shapely.geometry import Polygon, box

from farms.field_import import import_fields
from farms.models import Boundary
from farms.offset_suspicion import suspect_offset
from farms.offsets import wgs84_to_bd09, wgs84_to_gcj02
from tests.cast import Cast
from tests.farms.layer_files import field, write_geojson

FORWARD = {"gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}


def terraces(*, first: int, count: int) -> dict[str, Polygon]:
    """Plots of uneven width side by side near 118 E, 25 N; each touches the next."""
    widths = 0.0004 + 0.0001 * np.sin(np.arange(first + count) * 1.7)
    edges = 118 + np.concatenate([[0], np.cumsum(widths)])
    return {
        f"P{n}": box(edges[n], 25.0, edges[n + 1], 25.0005 + 0.00003 * (n % 7))
        for n in range(first, first + count)
    }


def shifted(outlines: dict[str, Polygon], system: str) -> dict[str, Polygon]:
    return {code: shapely.transform(s, FORWARD[system]) for code, s in outlines.items()}


# Shifts at 118 E, 25 N by the formulas, which test_offsets holds against published pairs:
# measured here only to a few metres, as the eye sees them on a map.
@pytest.mark.parametrize("system", FORWARD)
def test_fields_on_record_tell_the_system_and_how_far(system: str) -> None:
    plots = terraces(first=0, count=12)
    found = suspect_offset(shifted(plots, system), plots)
    assert found is not None
    assert (found.system, found.compared, found.by_code) == (system, 12, True)
    corner = np.array([(118.0, 25.0)])
    east, north = ((FORWARD[system](corner) - corner)[0] * (np.cos(np.radians(25)), 1)) * 111_320
    assert found.metres == pytest.approx(np.hypot(east, north), rel=0.02)
    assert found.bearing == pytest.approx(np.degrees(np.arctan2(east, north)) % 360, abs=2)


@pytest.mark.parametrize("system", FORWARD)
def test_new_fields_tell_it_where_they_touch_neighbours(system: str) -> None:
    known = terraces(first=0, count=40)
    # Every third plot is new: its neighbours on both sides are on record.
    new = {f"N{code}": known.pop(code) for code in [f"P{n}" for n in range(1, 40, 3)]}
    assert suspect_offset(new, known) is None
    found = suspect_offset(shifted(new, system), known)
    assert found is not None
    assert (found.system, found.by_code) == (system, False)


def test_new_fields_among_no_neighbours_tell_nothing() -> None:
    known = terraces(first=0, count=10)
    lonely = {f"N{n}": box(118.05 + n * 0.01, 25.1, 118.051 + n * 0.01, 25.101) for n in range(9)}
    assert suspect_offset(shifted(lonely, "gcj02"), known) is None


def grid(east: float, north: float, *, across: float, up: float, count: int) -> list[Polygon]:
    """Plots in rows and columns, half a metre apart, so many each way."""
    gap = 0.000005
    return [
        box(x, y, x + across - gap, y + up - gap)
        for x in east + across * np.arange(count)
        for y in north + up * np.arange(count)
    ]


@pytest.mark.parametrize("system", FORWARD)
def test_the_same_plots_under_other_codes_still_tell_the_system(system: str) -> None:
    known = terraces(first=0, count=40)
    renamed = {f"N{code}": plot for code, plot in shifted(known, system).items()}
    found = suspect_offset(renamed, known)
    assert found is not None
    assert (found.system, found.by_code) == (system, False)


@pytest.mark.parametrize("system", FORWARD)
def test_new_fields_beside_a_village_are_not_shifted_onto_it(system: str) -> None:
    # A village full of plots, and as far away as the service shifts another with its own rows.
    # Moved back these lie on the first, where their corners touch something in any case.
    known = grid(113.5, 34.7, across=0.0003, up=0.0002, count=40)
    corner = np.array([(113.5, 34.7)])
    east, north = FORWARD[system](corner)[0] + np.array([0.002, 0.001])
    honest = grid(east, north, across=0.00037, up=0.00023, count=12)
    # Of the first village what the second would cover where it truly is, is not on record.
    place = shapely.union_all(honest).envelope.buffer(0.0005)
    on_record = {f"K{n}": plot for n, plot in enumerate(known) if not plot.intersects(place)}
    new = {f"N{n}": plot for n, plot in enumerate(honest)}
    assert suspect_offset(new, on_record) is None


def test_fields_where_they_should_be_or_redrawn_a_little_are_not_suspected() -> None:
    plots = terraces(first=0, count=12)
    assert suspect_offset(plots, plots) is None
    redrawn = {code: translate(shape, 0.0001) for code, shape in plots.items()}
    assert suspect_offset(redrawn, plots) is None


def test_a_common_shift_that_no_service_makes_is_told_as_unknown() -> None:
    plots = terraces(first=0, count=12)
    # 0.003 degrees west: 303 m at 25 N.
    found = suspect_offset({c: translate(s, -0.003) for c, s in plots.items()}, plots)
    assert found is not None
    assert (found.system, round(found.bearing)) == ("", 270)
    assert found.metres == pytest.approx(303, abs=2)


def test_fields_moved_each_its_own_way_are_no_shift() -> None:
    plots = terraces(first=0, count=12)
    ways = [(0.004, 0), (-0.004, 0), (0, 0.004), (0, -0.004)]
    moved = {c: translate(s, *ways[n % 4]) for n, (c, s) in enumerate(plots.items())}
    assert suspect_offset(moved, plots) is None


def test_a_shifted_file_is_noted_and_comes_back_to_its_place(sunrise: Cast, tmp_path: Path) -> None:
    plots = terraces(first=0, count=5)
    who = {"cooperative": sunrise.cooperative, "by": sunrise.operator}
    path = write_geojson(tmp_path / "a.json", [(field(c), s) for c, s in plots.items()])
    assert not import_fields(path, **who).refused
    features = [(field(c), s) for c, s in shifted(plots, "gcj02").items()]
    write_geojson(path, features)
    with translation.override("en"):
        report = import_fields(path, **who, dry_run=True)
    (note,) = [n for n in report.notes if n.code.startswith("offset")]
    assert note.code == "offset_gcj02"
    assert note.row is None
    assert "GCJ-02 coordinates of map services" in note.reason
    back = import_fields(path, **who, convert_from="gcj02")
    assert back.counts == {"created": 0, "updated": 0, "unchanged": 5}
    # To the millimetre, so that it is no other outline; a new plot says how it came to be here.
    write_geojson(path, [(field("N1"), translate(features[0][1], 0, 0.01))])
    import_fields(path, **who, convert_from="gcj02")
    boundary = Boundary.objects.get(field__code="N1")
    assert (boundary.origin, boundary.source_crs) == ("back_conversion", "EPSG:4326 GCJ-02")
    assert boundary.recorded_by == sunrise.operator


def test_a_way_back_that_nobody_knows_is_refused(sunrise: Cast, tmp_path: Path) -> None:
    path = write_geojson(tmp_path / "a.json", [(field("N1"), box(118, 25, 118.001, 25.001))])
    with translation.override("en"):
        report = import_fields(path, cooperative=sunrise.cooperative, by=None, convert_from="mars")
    assert [error.reason for error in report.errors] == [
        "There is no way back from mars. Known are: gcj02, bd09."
    ]
