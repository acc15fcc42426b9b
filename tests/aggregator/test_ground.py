"""The ground floor's small rules: canonical data, bulk rows, roles, the audit log."""

from datetime import date
from decimal import Decimal

import pytest

from aggregator import bulk
from aggregator.audit import record_event
from aggregator.canonical import canonical_json, sha256_of
from aggregator.errors import NotAllowed
from aggregator.models import AuditEvent
from aggregator.roles import NotYours, require_role
from credits.models import FieldResult, MonitoringPeriod, Project, QuantificationRun


def test_equal_facts_have_equal_bytes():
    assert canonical_json({"b": 1, "a": ["田", "1.50"]}) == '{"a":["田","1.50"],"b":1}'.encode()
    assert sha256_of({"a": 1, "b": 2}) == sha256_of({"b": 2, "a": 1})


def test_a_float_anywhere_is_refused():
    with pytest.raises(ValueError, match="float"):
        canonical_json({"lines": [{"amount": 0.1}]})


def test_bulk_rows_come_back_as_they_went_in(sunrise):
    cooperative = sunrise.cooperative
    project = Project.objects.create(
        cooperative=cooperative,
        code="p",
        name="项目",
        program="ccx",
        methodology="ccx-soil",
        starts_on=date(2023, 1, 1),
        ends_on=date(2027, 12, 31),
    )
    period = MonitoringPeriod.objects.create(
        cooperative=cooperative,
        project=project,
        code="2025",
        starts_on=date(2025, 1, 1),
        ends_on=date(2025, 12, 31),
    )
    run = QuantificationRun.objects.create(
        cooperative=cooperative,
        period=period,
        methodology="ccx-soil",
        methodology_version="1",
        inputs_sha256="0" * 64,
        results_sha256="1" * 64,
        gross_kg=10,
        reserve_kg=2,
        credited_kg=8,
    )
    columns = [
        "cooperative_id", "run_id", "field_id", "boundary_id", "household_id", "starts_on",
        "ends_on", "area_m2", "practice", "practices", "gross_kg", "reserve_kg", "credited_kg",
        "terms",
    ]  # fmt: skip
    field = sunrise.fields[0]
    bulk.write_rows(
        FieldResult,
        columns,
        [
            (
                cooperative.pk, run.pk, field.pk, field.boundaries.get().pk,
                sunrise.households[0].pk, date(2025, 1, 1), date(2025, 12, 31),
                Decimal("9999.99"), "no_till", ["no_till", "straw_return"], 10, 2, 8,
                {"rate": "0.6", "note": "tab\tand \\ and 𠮷"},
            )
        ],
    )  # fmt: skip
    result = FieldResult.objects.get()
    assert result.area_m2 == Decimal("9999.99")
    assert result.practices == ["no_till", "straw_return"]
    assert result.terms == {"rate": "0.6", "note": "tab\tand \\ and 𠮷"}
    assert result.starts_on == date(2025, 1, 1)


def test_a_role_and_a_cooperative_are_both_needed(sunrise, riverbend):
    village = sunrise.village
    require_role(sunrise.operator, "operator", "approver", of=village)
    with pytest.raises(NotAllowed):
        require_role(sunrise.viewer, "operator", of=village)
    with pytest.raises(NotYours):
        require_role(riverbend.operator, "operator", of=village)


def test_rows_are_asked_for_through_their_cooperative(sunrise, riverbend):
    villages = type(sunrise.village).objects
    assert list(villages.for_user(riverbend.viewer)) == [riverbend.village]
    assert list(villages.for_cooperative(sunrise.cooperative)) == [sunrise.village]


def test_an_event_names_who_did_what_to_what(sunrise):
    record_event(
        sunrise.village, action="renamed", by=sunrise.operator, before="一村", after="二村"
    )
    event = AuditEvent.objects.get()
    assert (event.action, event.object_type, event.object_id) == (
        "renamed",
        "village",
        str(sunrise.village.pk),
    )
    assert event.details == {"before": "一村", "after": "二村"}
