"""Fields far away, swapped, a zone off or ended are told as what they are."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django.utils import translation
from shapely.geometry import Polygon, box

from aggregator.importing import ImportReport
from farms.field_import import import_fields
from farms.models import Boundary, Field, FieldDescent
from tests.cast import Cast, make_cast
from tests.farms.layer_files import field, write_geojson


def bring_in(cast: Cast, folder: Path, **plots: Polygon) -> ImportReport:
    path = write_geojson(folder / "a.json", [(field(c), shape) for c, shape in plots.items()])
    with translation.override("en"):
        return import_fields(path, cooperative=cast.cooperative, by=cast.operator)


def plot(east: float, north: float) -> Polygon:
    return box(east, north, east + 0.001, north + 0.001)


def codes(report: ImportReport) -> list[tuple[int | None, str]]:
    return [(note.row, note.code) for note in report.notes]


def test_one_field_far_from_all_others_is_noted_in_its_row(sunrise: Cast, tmp_path: Path) -> None:
    # A degree of longitude at 30° N is 96 km.
    report = bring_in(sunrise, tmp_path, A=plot(118.1, 30), B=plot(118.2, 30), C=plot(119.2, 30))
    assert codes(report) == [(3, "far")]


def test_a_file_three_degrees_off_is_asked_for_its_zone(sunrise: Cast, tmp_path: Path) -> None:
    report = bring_in(sunrise, tmp_path, A=plot(121.0, 30), B=plot(121.01, 30))
    assert codes(report) == [(None, "far_zone")]
    assert "3 degrees of longitude" in report.notes[0].reason


def test_swapped_axes_are_told_by_the_fields_on_record(db: None, tmp_path: Path) -> None:
    # At 10 E, 30 N both orders lie on the earth; only the neighbours tell.
    cast = make_cast("desert", name="荒漠", households=1, east=10.0)
    report = bring_in(cast, tmp_path, A=plot(30.0, 10.1))
    assert [error.code for error in report.errors] == ["swapped"]
    assert bring_in(cast, tmp_path, A=plot(10.1, 30.0)).errors == []


def test_a_field_that_was_split_is_neither_changed_nor_in_the_way(
    sunrise: Cast, tmp_path: Path
) -> None:
    parent, child = sunrise.fields[0], sunrise.fields[1]
    Field.objects.filter(pk=parent.pk).update(ends_on=date(2024, 5, 1))
    FieldDescent.objects.create(
        cooperative=sunrise.cooperative, parent=parent, child=child, happened_on=date(2024, 5, 1)
    )
    (error,) = bring_in(sunrise, tmp_path, F001=plot(118.1, 30)).errors
    assert (error.code, error.reason) == (
        "field_ended",
        "This field ended on 2024-05-01. The fields that came of it: F002.",
    )
    assert Boundary.objects.filter(field=parent).count() == 1
    # Where it lay another field may now be drawn.
    assert bring_in(sunrise, tmp_path, N1=plot(118.002, 30)).counts["created"] == 1
