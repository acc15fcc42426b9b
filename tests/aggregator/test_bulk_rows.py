"""Rows inserted in bulk know their keys, keep their values and can be referred to at once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from aggregator.bulk import insert_rows
from aggregator.models import AuditEvent, RecordChange, Village
from farms.models import Boundary, Field, Tenure
from tests.cast import Cast


def make_field(cast: Cast, code: str) -> Field:
    return Field(
        cooperative=cast.cooperative,
        village=cast.village,
        code=code,
        contract_area_m2=Decimal("1234.50"),
    )


def test_inserted_rows_know_their_keys_and_are_as_saved(sunrise: Cast) -> None:
    fields = [make_field(sunrise, f"N{n}") for n in range(3)]
    insert_rows(fields)
    assert all(not field._state.adding for field in fields)
    for field in fields:
        stored = Field.objects.get(code=field.code)
        assert stored.pk == field.pk
        assert (stored.contract_area_m2, stored.land_class) == (
            Decimal("1234.50"),
            Field.LandClass.UNKNOWN,
        )


def test_rows_may_refer_to_rows_inserted_since_they_were_made(sunrise: Cast) -> None:
    field = make_field(sunrise, "N1")
    tenure = Tenure(
        cooperative=sunrise.cooperative,
        field=field,
        household=sunrise.households[0],
        starts_on=date(2020, 1, 1),
    )
    insert_rows([field])
    insert_rows([tenure])
    assert Tenure.objects.get(pk=tenure.pk).field == field


def test_bytes_json_and_times_are_kept(sunrise: Cast) -> None:
    outline = Boundary.objects.get(field=sunrise.fields[0])
    outline.pk, outline.version = None, 2
    event = AuditEvent(
        cooperative=sunrise.cooperative,
        action="a",
        object_type="field",
        object_id="1",
        details={"名": ["一", None, 1.5, 'a"\\\t\n']},
    )
    insert_rows([outline])
    insert_rows([event])
    first, second = Boundary.objects.filter(field=sunrise.fields[0]).order_by("version")
    assert bytes(first.geometry_wkb) == bytes(second.geometry_wkb)
    assert second.recorded_at > first.recorded_at
    assert AuditEvent.objects.get(pk=event.pk).details == {"名": ["一", None, 1.5, 'a"\\\t\n']}


def test_an_encrypted_number_is_encrypted_once(sunrise: Cast) -> None:
    household = sunrise.households[0]
    household.pk, household.code, household.phone = None, "N1", "+8613900000000"
    insert_rows([household])
    household.refresh_from_db()
    assert household.phone == "+8613900000000"


def test_the_next_row_saved_takes_another_key(sunrise: Cast) -> None:
    inserted = [make_field(sunrise, f"N{n}") for n in range(3)]
    insert_rows(inserted)
    saved = make_field(sunrise, "S")
    saved.save()
    assert saved.pk > max(field.pk for field in inserted)


def test_a_key_is_not_given_again_after_its_row_is_gone(sunrise: Cast) -> None:
    first, second = make_field(sunrise, "N1"), make_field(sunrise, "N2")
    insert_rows([first])
    gone = first.pk
    first.delete()
    insert_rows([second])
    assert second.pk != gone


def test_each_inserted_row_is_on_record_under_its_key(sunrise: Cast) -> None:
    fields = [make_field(sunrise, f"N{n}") for n in range(2)]
    insert_rows(fields)
    keys = [field.pk for field in fields]
    added = RecordChange.objects.filter(object_type="field", action="added", object_id__in=keys)
    assert sorted(added.values_list("object_id", flat=True)) == sorted(keys)


def test_what_the_database_refuses_is_refused_whole(sunrise: Cast) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        insert_rows([make_field(sunrise, "N1"), make_field(sunrise, "N1")])
    assert not Field.objects.filter(code="N1").exists()


def test_nothing_is_nothing() -> None:
    insert_rows(list[Village]())
