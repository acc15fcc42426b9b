"""Field boundaries in fiboa's columns are understood without being told; areas are hectares."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import box

from aggregator.importing import ImportReport
from farms.field_import import import_fields
from farms.models import Field
from tests.cast import Cast
from tests.farms.layer_files import write_geoparquet

pytestmark = pytest.mark.usefixtures("in_english")

# 0.001° by 0.001° at 30° N: 96.49 m by 110.85 m, which is 1.0696 ha.
HECTARES = "1.07"


def bring_in(cast: Cast, folder: Path, *rows: dict[str, Any]) -> ImportReport:
    features = [
        (row, box(118.1 + at * 0.002, 30.0, 118.101 + at * 0.002, 30.001))
        for at, row in enumerate(rows)
    ]
    path = write_geoparquet(folder / "fields.parquet", features, crs="EPSG:4326")
    constants = {"village_code": "V1"}
    return import_fields(path, cooperative=cast.cooperative, by=cast.operator, constants=constants)


def fiboa(code: str, **others: Any) -> dict[str, Any]:
    """The columns of the core specification, fiboa 0.2."""
    row = {
        "id": code,
        "area": HECTARES,
        "perimeter": "414.7",
        "collection": "plots",
        "category": "ownership",
        "determination_datetime": "2025-06-01T00:00:00Z",
        "determination_method": "auto-imagery",
        "determination_details": "",
    }
    return row | others


def test_the_id_is_the_code_and_nothing_is_left_unread(sunrise: Cast, tmp_path: Path) -> None:
    report = bring_in(sunrise, tmp_path, fiboa("B1"), fiboa("B2"))
    assert (report.errors, report.notes) == ([], [])
    assert report.counts["created"] == 2
    field = Field.objects.get(code="B1")
    assert abs(field.boundaries.get().area_m2 - Decimal(10696)) < 50
    # What is measured is no contract: it is compared, and not kept as one.
    assert field.contract_area_m2 is None


def test_an_area_that_is_not_the_outlines_is_noted_in_hectares(
    sunrise: Cast, tmp_path: Path
) -> None:
    report = bring_in(sunrise, tmp_path, fiboa("B1", area="2"))
    (note,) = report.notes
    assert note.code == "area_measured"
    # Half of it, told in the unit of the cooperative: 2 ha are 30 mu.
    assert "30" in note.reason


def test_outside_of_fiboa_an_area_says_no_unit_and_is_not_guessed(
    sunrise: Cast, tmp_path: Path
) -> None:
    report = bring_in(sunrise, tmp_path, {"DKBM": "B1", "area": "2"})
    assert report.errors == []
    assert [note.code for note in report.notes if note.code == "area_measured"] == []
