"""Grain flags follow what changes at once, not only at night."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from aggregator.importing import ImportReport
from farms.field_import import import_fields
from farms.models import Field, GrainFlag, PracticeRecord, Tenure
from farms.redrawing import merge_fields, split_field
from farms.transfers import transfer_field
from tests.admin_pages import signed_in
from tests.cast import Cast, make_season
from tests.farms.land import MIDDLE, MIDSUMMER, outline
from tests.farms.layer_files import write_geojson


def flags(cast: Cast) -> list[tuple[str, str]]:
    rows = GrainFlag.objects.for_cooperative(cast.cooperative).order_by("field__code", "rule")
    return list(rows.values_list("field__code", "rule"))


@pytest.fixture
def orchard(sunrise: Cast) -> Field:
    """Apples on the first field; the register does not say yet what land that is."""
    make_season(sunrise, 2025)
    field = sunrise.fields[0]
    PracticeRecord.objects.filter(field=field).update(crop="苹果")
    return field


@pytest.fixture
def idle(sunrise: Cast) -> Field:
    """Two seasons without a record of the first field, before anybody is known to hold it."""
    for year in (2023, 2024):
        make_season(sunrise, year)
    field = sunrise.fields[0]
    PracticeRecord.objects.filter(field=field).delete()
    Tenure.objects.filter(field=field).update(starts_on=date(2025, 1, 1))
    return field


def bring_in(cast: Cast, folder: Path, **facts: Any) -> ImportReport:
    layer = folder / "fields.geojson"
    write_geojson(layer, [({"field_code": "F001", **facts}, outline(cast.fields[0]))])
    return import_fields(layer, cooperative=cast.cooperative, by=cast.operator)


def test_a_land_class_brought_in_by_a_file_is_judged_at_once(
    sunrise: Cast, orchard: Field, tmp_path: Path
) -> None:
    report = bring_in(sunrise, tmp_path, land_class="永久基本农田")
    assert (report.errors, report.counts["updated"]) == ([], 1)
    assert flags(sunrise) == [("F001", "no_crop_land")]


def test_a_land_class_typed_on_the_fields_page_is_judged_at_once(
    sunrise: Cast, orchard: Field
) -> None:
    client: Client = signed_in(sunrise.operator)
    typed: dict[str, Any] = {
        "name": "",
        "village": orchard.village_id,
        "land_class": "high_standard",
    }
    for rows in ("grain_flags", "boundaries", "tenures"):
        typed |= {f"{rows}-TOTAL_FORMS": 0, f"{rows}-INITIAL_FORMS": 0}
    client.post(f"/admin/farms/field/{orchard.pk}/change/", typed)
    assert flags(sunrise) == [("F001", "no_crop_land")]


def test_parts_and_merged_fields_are_judged_at_once(sunrise: Cast, orchard: Field) -> None:
    Field.objects.filter(pk=orchard.pk).update(land_class="permanent_basic")
    orchard.refresh_from_db()
    parts = split_field(orchard, cut=MIDDLE, codes=["P1", "P2"], on=MIDSUMMER, by=sunrise.operator)
    assert flags(sunrise) == [(code, "no_crop_land") for code in ("F001", "P1", "P2")]
    merge_fields(parts, code="M1", on=date(2025, 9, 1), by=sunrise.operator)
    assert ("M1", "no_crop_land") in flags(sunrise)


def test_a_holder_of_earlier_days_lets_the_seasons_count_at_once(
    sunrise: Cast, idle: Field
) -> None:
    transfer_field(
        idle,
        household=sunrise.households[0],
        kind="contract",
        starts_on=date(2021, 1, 1),
        ends_on=date(2024, 12, 31),
        by=sunrise.operator,
    )
    assert flags(sunrise) == [("F001", "idle")]


def test_a_tenure_typed_at_the_desk_is_judged_at_once(sunrise: Cast, idle: Field) -> None:
    tenure = idle.tenures.get()
    typed = {
        "household": tenure.household_id,
        "kind": "contract",
        "starts_on": "2021-01-01",
        "ends_on": "",
    }
    signed_in(sunrise.operator).post(f"/admin/farms/tenure/{tenure.pk}/change/", typed)
    assert flags(sunrise) == [("F001", "idle")]


def test_what_is_entered_for_the_whole_is_judged_on_its_parts_too(
    sunrise: Cast, orchard: Field
) -> None:
    Field.objects.filter(pk=orchard.pk).update(land_class="permanent_basic")
    PracticeRecord.objects.filter(field=orchard).update(crop="")
    orchard.refresh_from_db()
    split_field(orchard, cut=MIDDLE, codes=["P1", "P2"], on=MIDSUMMER, by=sunrise.operator)
    assert flags(sunrise) == []
    record = PracticeRecord.objects.get(field=orchard)
    typed = {"crop": "苹果", "done_on": "", "note": ""}
    typed |= {"evidence-TOTAL_FORMS": 0, "evidence-INITIAL_FORMS": 0}
    page = f"/admin/farms/practicerecord/{record.pk}/change/"
    signed_in(sunrise.operator).post(page, typed)
    assert flags(sunrise) == [(code, "no_crop_land") for code in ("F001", "P1", "P2")]
