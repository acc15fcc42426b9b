"""Fields come in whole, once; a changed outline adds a version, an overlap is refused."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import shapely
from pyproj import Transformer
from shapely.affinity import translate
from shapely.geometry import LineString, MultiPolygon, Polygon, box

from aggregator.importing import ImportReport
from aggregator.models import AuditEvent, ImportRun
from aggregator.roles import NotAllowed, NotYours
from farms.field_import import import_fields
from farms.models import Boundary, Field, Tenure
from tests.cast import Cast
from tests.farms.layer_files import field, square, write_geojson, write_ogr, zip_shapefile

pytestmark = pytest.mark.usefixtures("in_english")


class Importer:
    """Writes features to a GeoJSON file and brings it in for Sunrise."""

    def __init__(self, cast: Cast, folder: Path) -> None:
        self.cast = cast
        self.path = folder / "fields.geojson"

    def __call__(self, *features: tuple[dict[str, Any], Any], **options: Any) -> ImportReport:
        write_geojson(self.path, list(features))
        by = options.pop("by", self.cast.operator)
        return import_fields(self.path, cooperative=self.cast.cooperative, by=by, **options)


@pytest.fixture
def bring_in(sunrise: Cast, tmp_path: Path) -> Importer:
    return Importer(sunrise, tmp_path)


def counts(report: ImportReport) -> tuple[int, ...]:
    assert report.errors == []
    return tuple(report.counts[key] for key in ("created", "updated", "unchanged"))


def reasons(report: ImportReport) -> list[tuple[int | None, str, str]]:
    assert report.refused
    return [(error.row, error.column, error.reason) for error in report.errors]


def test_a_field_comes_in_with_outline_area_and_holder(bring_in: Importer) -> None:
    made = field("P1", field_name="屋后田", contract_area_mu="15.00", land_class="永久基本农田")
    assert counts(bring_in((made, square(0)))) == (1, 0, 0)
    plot = Field.objects.get(code="P1")
    assert (plot.name, plot.village.code, plot.land_class) == ("屋后田", "V1", "permanent_basic")
    # 15 mu = 10,000 m² by definition.
    assert plot.contract_area_m2 == Decimal("10000.00")
    boundary = Boundary.objects.get(field=plot)
    assert (boundary.version, boundary.source_crs) == (1, "EPSG:4326")
    assert shapely.from_wkb(bytes(boundary.geometry_wkb)).equals(square(0))
    assert (boundary.min_x, boundary.max_y) == (120.0, 30.001)
    # 0.001° of latitude at 30°: 110.852 m; of longitude: 96.486 m (NIMA TR8350.2, WGS 84 arcs).
    assert float(boundary.area_m2) == pytest.approx(110.852 * 96.486, rel=1e-4)
    tenure = Tenure.objects.get(field=plot)
    assert (tenure.kind, tenure.household.code, tenure.starts_on, tenure.ends_on) == (
        "contract",
        "H001",
        date(2020, 1, 1),
        None,
    )


def test_the_second_run_of_a_layer_changes_nothing(bring_in: Importer) -> None:
    features = [(field(f"P{n}", contract_area_m2=10700), square(n)) for n in range(6)]
    assert counts(bring_in(*features)) == (6, 0, 0)
    assert counts(bring_in(*features)) == (0, 0, 6)
    turned = [(row, Polygon(shape.exterior.coords[::-1])) for row, shape in features]
    assert counts(bring_in(*turned)) == (0, 0, 6)
    assert Boundary.objects.filter(field__code__startswith="P").count() == 6


def test_a_changed_outline_adds_a_version_and_keeps_the_old(bring_in: Importer) -> None:
    bring_in((field("P1"), square(0)))
    assert counts(bring_in((field("P1"), square(0, size=0.0009)))) == (0, 1, 0)
    assert [b.version for b in Boundary.objects.filter(field__code="P1")] == [1, 2]
    assert counts(bring_in((field("P1"), square(0, size=0.0009)))) == (0, 0, 1)


def test_a_shapefile_of_the_land_registry_comes_in_as_it_is(sunrise: Cast, tmp_path: Path) -> None:
    to_zone = Transformer.from_crs("EPSG:4326", "EPSG:4549", always_xy=True).transform
    rows = [
        (
            {"DKBM": f"350627102203000000{n}", "DKMC": "河边田", "HTMJ": "10700.5", "SFJBNT": "1"}
            | {"CBFBM": "H002", "SCMJ": "10691.2", "DLDJ": "03", "ZJRXM": "王二"},
            shapely.transform(square(n), to_zone, interleaved=False),
        )
        for n in range(3)
    ]
    shp = write_ogr(tmp_path / "DK.shp", rows, crs="EPSG:4549", encoding="GBK")
    shp.with_suffix(".cpg").unlink()
    report = import_fields(
        zip_shapefile(shp),
        cooperative=sunrise.cooperative,
        by=sunrise.operator,
        constants={"tenure_starts_on": "2020-01-01"},
    )
    assert counts(report) == (3, 0, 0)
    # The measured area is compared, and what the registry keeps for itself is no misspelt column.
    assert [note.code for note in report.notes] == ["far"]
    plot = Field.objects.get(code="3506271022030000001")
    assert (plot.name, plot.contract_area_m2) == ("河边田", Decimal("10700.50"))
    assert plot.land_class == "permanent_basic"
    assert Boundary.objects.get(field=plot).source_crs == "EPSG:4549"


def test_columns_are_mapped_and_values_set_for_all(bring_in: Importer) -> None:
    feature = ({"ID": 7, "naam": "Oost"}, square(0))
    report = bring_in(
        feature,
        columns={"field_code": "ID", "field_name": "naam"},
        constants={"village_code": "V1"},
    )
    assert counts(report) == (1, 0, 0)
    assert Field.objects.get(code="7").name == "Oost"
    by_number = bring_in(
        ({"x": 1}, square(5)), columns={"field_code": "fid"}, constants={"village_code": "V1"}
    )
    assert counts(by_number) == (1, 0, 0)
    assert Field.objects.filter(code="1").exists()


def test_a_mapping_to_what_is_not_there_is_refused(bring_in: Importer) -> None:
    feature = ({"ID": 7}, square(0))
    assert "no column KODE" in reasons(bring_in(feature, columns={"field_code": "KODE"}))[0][2]
    assert "Fields have no colour" in reasons(bring_in(feature, constants={"colour": "1"}))[0][2]
    assert "field_code 地块编码" in reasons(bring_in(feature))[0][2]


BOW = Polygon([(120, 30), (120.002, 30.002), (120.002, 30), (120, 30.002)])
FAULTS = {
    "crosses itself at 120.001, 30.001": BOW,
    "There is no outline": None,
    "a point or a line": LineString([(120, 30), (121, 31)]),
    "several parts": MultiPolygon([square(0), square(5)]),
    "outside the earth": box(120, 95, 120.001, 95.001),
    "cannot be read": {"type": "Polygon", "coordinates": [[[120, 30], [121, 30]]]},
    "encloses no area": Polygon([(120, 30), (120.001, 30), (120.002, 30)]),
}


@pytest.mark.parametrize("said", FAULTS)
def test_a_shape_that_is_no_field_is_refused_and_nothing_written(
    said: str, bring_in: Importer
) -> None:
    before = Field.objects.count()
    report = bring_in((field("P1"), square(20)), (field("P2"), FAULTS[said]))
    ((row, column, reason),) = reasons(report)
    assert (row, column) == (2, "boundary")
    assert said in reason
    assert Field.objects.count() == before


def test_an_overlap_within_the_file_names_the_other_field_once(bring_in: Importer) -> None:
    half_over = translate(square(0), 0.0005)
    assert reasons(bring_in((field("P1"), square(0)), (field("P2"), half_over))) == [
        (2, "boundary", "Overlaps field P1 by 50.0% of the smaller one.")
    ]


def test_an_overlap_with_a_field_on_record_is_refused(bring_in: Importer) -> None:
    bring_in((field("P1"), square(0)))
    report = bring_in((field("P2"), translate(square(0), 0.0009)))
    assert reasons(report) == [(1, "boundary", "Overlaps field P1 by 10.0% of the smaller one.")]


def test_a_sliver_within_the_tolerance_passes_and_the_tolerance_is_a_setting(
    bring_in: Importer, settings: Any
) -> None:
    bring_in((field("P1"), square(0)))
    sliver = (field("P2"), translate(square(0), 0.000991))
    assert not bring_in(sliver, dry_run=True).refused
    settings.FIELD_OVERLAP_TOLERANCE = "0.005"
    assert bring_in(sliver, dry_run=True).refused


def test_a_field_moved_off_its_neighbour_in_the_same_file_passes(bring_in: Importer) -> None:
    bring_in((field("P1"), square(0)))
    moved = [(field("P1"), square(9)), (field("P2"), square(0))]
    assert counts(bring_in(*moved)) == (1, 1, 0)


def test_the_old_version_of_a_boundary_overlaps_nothing(bring_in: Importer) -> None:
    bring_in((field("P1"), square(0)))
    bring_in((field("P1"), square(9)))
    assert counts(bring_in((field("P2"), square(0)))) == (1, 0, 0)


def test_land_of_another_cooperative_is_not_given_away(bring_in: Importer, riverbend: Cast) -> None:
    theirs = shapely.from_wkb(bytes(Boundary.objects.get(field=riverbend.fields[0]).geometry_wkb))
    assert counts(bring_in((field("P1"), theirs))) == (1, 0, 0)


def test_codes_are_checked_for_missing_digits_and_repeats(bring_in: Importer) -> None:
    report = bring_in(
        (field("350627102203000001"), square(0)),
        (field("P2"), square(1)),
        (field("P2"), square(2)),
        (field(3.506271022030001e18), square(3)),
    )
    assert [(row, reason.split(".")[0]) for row, _column, reason in reasons(report)] == [
        (1, "18 digits, this code has 19"),
        (3, "Row 2 has the same"),
        (4, "a long number was shortened into powers of ten and its digits are lost"),
    ]


def test_strangers_among_villages_and_households_are_refused(
    bring_in: Importer, riverbend: Cast
) -> None:
    report = bring_in(
        (field("P1", village_code="V7"), square(0)),
        (field("P2", household_code="H999"), square(1)),
        ({"field_code": "P3"}, square(2)),
    )
    assert [(row, column) for row, column, _reason in reasons(report)] == [
        (1, "village_code"),
        (2, "household_code"),
        (3, "village_code"),
    ]


def test_a_transfer_and_its_end_come_in_beside_the_contract(bring_in: Importer) -> None:
    leased = field("P1", operator_code="H002", transfer_starts_on="2023-03-01")
    assert counts(bring_in((leased, square(0)))) == (1, 0, 0)
    ended = leased | {"transfer_ends_on": "2024-02-29"}
    assert counts(bring_in((ended, square(0)))) == (0, 1, 0)
    assert counts(bring_in((ended, square(0)))) == (0, 0, 1)
    spans = Tenure.objects.filter(field__code="P1").order_by("starts_on")
    assert [(s.kind, s.household.code, s.ends_on) for s in spans] == [
        ("contract", "H001", None),
        ("transfer", "H002", date(2024, 2, 29)),
    ]


def test_two_contracts_on_the_same_days_are_refused(bring_in: Importer) -> None:
    bring_in((field("P1"), square(0)))
    other = field("P1", household_code="H002", tenure_starts_on="2025-01-01")
    reason = "Household H001 holds it from 2020-01-01. Give that an end date first."
    assert reasons(bring_in((other, square(0)))) == [(1, "household_code", reason)]
    same_day = field("P1", household_code="H002")
    assert reasons(bring_in((same_day, square(0)))) == [(1, "household_code", reason)]
    bring_in((field("P1", tenure_ends_on="2024-12-31"), square(0)))
    assert counts(bring_in((other, square(0)))) == (0, 1, 0)


def test_dates_without_a_household_and_the_reverse_are_refused(bring_in: Importer) -> None:
    no_date = field("P1", tenure_starts_on="")
    no_household = field("P2", transfer_starts_on="2024-01-01")
    backwards = field("P3", tenure_ends_on="2019-01-01")
    report = bring_in((no_date, square(0)), (no_household, square(1)), (backwards, square(2)))
    assert [(row, column) for row, column, _reason in reasons(report)] == [
        (1, "tenure_starts_on"),
        (2, "operator_code"),
        (3, "tenure_ends_on"),
    ]


def test_a_contract_area_far_from_the_drawn_one_is_noted_and_kept(bring_in: Importer) -> None:
    report = bring_in((field("P1", contract_area_mu="12"), square(0)))
    assert counts(report) == (1, 0, 0)
    # Drawn 10,695 m² = 16.04 mu; (16.04 - 12) / 12 = 33.7 %.
    assert [note.reason for note in report.notes if note.code == "area_contract"] == [
        "Drawn 16.04, by contract 12.00 (mu): 33.7% apart."
    ]
    assert Field.objects.get(code="P1").contract_area_m2 == Decimal("8000.00")


def test_a_dry_run_writes_nothing_and_only_an_operator_may(
    bring_in: Importer, sunrise: Cast, riverbend: Cast
) -> None:
    feature = (field("P1"), square(0))
    assert bring_in(feature, dry_run=True).status == "checked"
    assert not Field.objects.filter(code="P1").exists()
    with pytest.raises(NotAllowed):
        bring_in(feature, by=sunrise.verifier)
    with pytest.raises(NotYours):
        bring_in(feature, by=riverbend.operator)
    assert ImportRun.objects.count() == AuditEvent.objects.count() == 1


def test_a_file_that_cannot_be_read_is_recorded_as_refused(
    bring_in: Importer, sunrise: Cast, tmp_path: Path
) -> None:
    path = tmp_path / "fields.gpkg"
    path.write_bytes(b"%PDF-1.4")
    report = import_fields(path, cooperative=sunrise.cooperative, by=sunrise.operator)
    assert report.refused
    assert report.errors[0].row is None
    run = ImportRun.objects.get()
    assert (run.status, run.counts["errors"]) == ("refused", 1)


@pytest.fixture
def merged(sunrise: Cast) -> Cast:
    """Household H002 was found to be H001 and merged into it."""
    kept, gone = sunrise.households[:2]
    gone.merged_into = kept
    gone.save(update_fields=["merged_into"])
    return sunrise


def test_the_code_of_a_merged_household_means_the_one_it_was_merged_into(
    bring_in: Importer, merged: Cast
) -> None:
    report = bring_in((field("P1", household_code="H002"), square(0)))
    assert counts(report) == (1, 0, 0)
    assert Tenure.objects.get(field__code="P1").household.code == "H001"
    (note,) = [note for note in report.notes if note.code == "household_merged"]
    assert note.row == 1
    assert note.reason == "Household H002 was merged into H001, which is taken instead."
    again = bring_in((field("P1", household_code="H002"), square(0)))
    assert counts(again) == (0, 0, 1)


def test_land_worked_by_a_record_merged_into_its_contractor_is_no_transfer(
    bring_in: Importer, merged: Cast
) -> None:
    row = field("P1", operator_code="H002", transfer_starts_on="2021-01-01")
    assert counts(bring_in((row, square(0)))) == (1, 0, 0)
    assert [tenure.kind for tenure in Tenure.objects.filter(field__code="P1")] == ["contract"]
