"""Every change of a watched row leaves a line, whichever way it was written, on both databases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from aggregator.actors import acting, state_actor
from aggregator.bulk import write_rows
from aggregator.models import (
    AuditEvent,
    Cooperative,
    Household,
    Membership,
    PayeeAccount,
    Person,
    RecordChange,
    Village,
)
from aggregator.watched import NOT_WATCHED, ONLY_GROWS, list_watches
from farms.models import Boundary, Field
from payouts.models import Settlement
from tests.cast import Cast

HIDDEN = "•••"


def lines(kind: str, action: str = "changed") -> list[RecordChange]:
    found = RecordChange.objects.filter(object_type=kind, action=action)
    return list(found.order_by("pk"))


def run(sql: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)


@transaction.atomic
def rename_in_vain() -> None:
    Village.objects.update(name="x")
    raise ZeroDivisionError


def test_a_saved_row_is_recorded_with_the_columns_that_differ(sunrise: Cast) -> None:
    village = sunrise.village
    village.name = "二村"
    village.save()
    (line,) = lines("village")
    assert (line.object_id, line.cooperative_id) == (village.pk, sunrise.cooperative.pk)
    assert (line.before, line.after) == ({"name": "一村"}, {"name": "二村"})


def test_saving_without_a_change_leaves_no_line(sunrise: Cast) -> None:
    sunrise.village.save()
    # The number is encrypted anew each time; it is the same number.
    sunrise.households[0].save()
    PayeeAccount.objects.get(household=sunrise.households[0]).save()
    assert not RecordChange.objects.filter(action="changed").exists()


def test_an_update_of_many_rows_leaves_a_line_for_each(sunrise: Cast) -> None:
    Household.objects.for_cooperative(sunrise.cooperative).update(language="en")
    changed = lines("household")
    assert {line.object_id for line in changed} == {each.pk for each in sunrise.households}
    assert [(line.before, line.after) for line in changed] == [
        ({"language": "zh-hans"}, {"language": "en"})
    ] * 3
    assert len({line.change_set for line in changed}) == 1


def test_an_update_by_a_sum_is_recorded_with_its_result(sunrise: Cast) -> None:
    Membership.objects.filter(household=sunrise.households[0]).update(shares=7)
    run("UPDATE aggregator_membership SET shares = shares + 1 WHERE shares = 7")
    assert [(line.before, line.after) for line in lines("membership")] == [
        ({"shares": 1}, {"shares": 7}),
        ({"shares": 7}, {"shares": 8}),
    ]


def test_rows_updated_in_bulk_are_recorded_one_by_one(sunrise: Cast) -> None:
    for number, field in enumerate(sunrise.fields):
        field.name = f"新{number}"
        field.contract_area_m2 = Decimal("1234.50")
    Field.objects.bulk_update(sunrise.fields, ["name", "contract_area_m2"])
    changed = lines("field")
    assert [line.after["name"] for line in changed if line.after] == ["新0", "新1", "新2"]
    assert changed[0].before == {"name": "1号田", "contract_area_m2": None}
    assert Decimal(str((changed[0].after or {})["contract_area_m2"])) == Decimal("1234.5")


def test_rows_made_in_bulk_are_recorded_one_by_one(sunrise: Cast) -> None:
    made = Village.objects.bulk_create(
        Village(cooperative=sunrise.cooperative, code=f"N{n}", name=f"{n}村") for n in range(3)
    )
    added = [line for line in lines("village", "added") if (line.after or {})["code"] != "V1"]
    assert [line.object_id for line in added] == [village.pk for village in made]
    assert added[0].after == {"code": "N0", "name": "0村", "name_en": ""}
    assert added[0].before is None


def test_copied_rows_are_recorded_with_who_copied_them(sunrise: Cast) -> None:
    owner = sunrise.cooperative.pk
    with acting(by=sunrise.operator, via="import"):
        write_rows(
            Village,
            ["cooperative_id", "code", "name", "name_en"],
            [(owner, "C1", "甲", ""), (owner, "C2", "乙", "")],
        )
    copied = lines("village", "added")[-2:]
    assert [(line.after or {})["code"] for line in copied] == ["C1", "C2"]
    assert {(line.by_id, line.via) for line in copied} == {(sunrise.operator.pk, "import")}


def test_what_goes_with_a_deleted_row_is_recorded_too(sunrise: Cast) -> None:
    field = sunrise.fields[0]
    boundary = field.boundaries.get()
    field.delete()
    (gone,) = lines("field", "removed")
    (outline,) = lines("boundary", "removed")
    assert gone.before is not None
    assert (gone.before["code"], gone.after) == ("F001", None)
    assert outline.object_id == boundary.pk


def test_typed_sql_is_recorded(sunrise: Cast) -> None:
    person = Person.objects.order_by("pk")[0]
    run("UPDATE aggregator_person SET name = 'x' WHERE id = %s", person.pk)
    run("DELETE FROM aggregator_membership WHERE household_id = %s", sunrise.households[0].pk)
    (renamed,) = lines("person")
    assert renamed.after == {"name": "x"}
    assert len(lines("membership", "removed")) == 1


def test_a_changed_key_is_not_lost(sunrise: Cast) -> None:
    run("DELETE FROM aggregator_membership WHERE household_id = %s", sunrise.households[0].pk)
    before = RecordChange.objects.count()
    membership = Membership.objects.order_by("pk")[0]
    run("UPDATE aggregator_membership SET id = 99999 WHERE id = %s", membership.pk)
    told = RecordChange.objects.filter(object_type="membership", object_id=99999)
    assert RecordChange.objects.count() > before
    assert told.exists()


@pytest.mark.sqlite
def test_a_replaced_row_is_recorded_as_removed_and_added(sunrise: Cast) -> None:
    run(
        "INSERT OR REPLACE INTO aggregator_village (id, cooperative_id, code, name, name_en)"
        " SELECT id, cooperative_id, code, 'anders', name_en FROM aggregator_village"
    )
    assert len(lines("village", "removed")) == 1
    assert (lines("village", "added")[-1].after or {})["name"] == "anders"


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["aggregator_recordchange", "farms_evidence"])
def test_a_truncate_is_refused(table: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"):
        run(f"TRUNCATE {table} CASCADE")


def test_numbers_and_secrets_are_recorded_without_what_stood_there(sunrise: Cast) -> None:
    household = sunrise.households[0]
    household.phone = "+8613900000000"
    household.save()
    sunrise.operator.set_password("geheim-9-geheim")
    sunrise.operator.save()
    (phone,), (password,) = lines("household"), lines("user")
    assert (phone.before, phone.after) == ({"phone": HIDDEN}, {"phone": HIDDEN})
    assert password.after == {"password": HIDDEN}
    everything = str(list(RecordChange.objects.values_list("before", "after")))
    for secret in ("13900000000", household.phone_hash, "pbkdf2", "622200000", "_hash"):
        assert secret not in everything


def test_a_number_given_for_the_first_time_shows_as_that(sunrise: Cast) -> None:
    person = Person.objects.order_by("pk")[0]
    person.identity_number = "11010519491231002X"
    person.save()
    (line,) = lines("person")
    assert (line.before, line.after) == ({"identity_number": ""}, {"identity_number": HIDDEN})


def test_an_outline_is_recorded_without_its_bytes(sunrise: Cast) -> None:
    Boundary.objects.filter(field=sunrise.fields[0]).update(geometry_wkb=b"\x01\x02", min_x=7.0)
    (line,) = lines("boundary")
    assert line.after == {"geometry_wkb": HIDDEN}


def test_the_tenant_and_its_staff_are_recorded_as_its_own(sunrise: Cast) -> None:
    cooperative = sunrise.cooperative
    cooperative.objection_days = 20
    cooperative.save()
    sunrise.viewer.role = "approver"
    sunrise.viewer.save()
    (days,), (role,) = lines("cooperative"), lines("user")
    assert (days.cooperative_id, days.after) == (cooperative.pk, {"objection_days": 20})
    assert (role.cooperative_id, role.before) == (cooperative.pk, {"role": "viewer"})


def test_a_moved_row_is_on_record_where_it_went(sunrise: Cast, riverbend: Cast) -> None:
    run(
        "UPDATE aggregator_village SET cooperative_id = %s, code = 'V9' WHERE id = %s",
        riverbend.cooperative.pk,
        sunrise.village.pk,
    )
    (line,) = lines("village")
    assert line.cooperative_id == riverbend.cooperative.pk
    assert line.before == {"cooperative_id": sunrise.cooperative.pk, "code": "V1"}


def test_who_signed_in_last_is_no_change(sunrise: Cast) -> None:
    sunrise.operator.last_login = sunrise.operator.date_joined
    sunrise.operator.save()
    assert lines("user") == []


def test_a_change_that_is_rolled_back_leaves_no_line(sunrise: Cast) -> None:
    with pytest.raises(ZeroDivisionError):
        rename_in_vain()
    assert lines("village") == []


@pytest.mark.parametrize("model", [RecordChange, AuditEvent])
@pytest.mark.parametrize("change", ["update", "delete", "sql"])
def test_the_records_themselves_only_grow(sunrise: Cast, model: Any, change: str) -> None:
    AuditEvent.objects.create(
        cooperative=sunrise.cooperative, action="a", object_type="field", object_id="1"
    )
    rows = model.objects.all()
    before = rows.count()
    table = model._meta.db_table
    steps = {
        "update": lambda: rows.update(object_type="x"),
        "delete": rows.delete,
        "sql": lambda: run(f"DELETE FROM {table}"),
    }
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        steps[change]()
    assert rows.count() == before > 0


@pytest.mark.sqlite
@pytest.mark.parametrize("table", ["aggregator_recordchange", "aggregator_auditevent"])
def test_replacing_a_record_is_no_way_round(sunrise: Cast, table: str) -> None:
    AuditEvent.objects.create(
        cooperative=sunrise.cooperative, action="a", object_type="field", object_id="1"
    )
    with pytest.raises(DatabaseError, match="append-only"):
        run(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")


def test_the_actor_is_forgotten_with_the_block(sunrise: Cast) -> None:
    with acting(by=sunrise.operator, via="x"):
        sunrise.village.name = "a"
        sunrise.village.save()
    sunrise.village.name = "b"
    sunrise.village.save()
    assert [(line.by_id, line.via) for line in lines("village")] == [
        (sunrise.operator.pk, "x"),
        (None, ""),
    ]


def test_the_actor_holds_after_a_savepoint_was_rolled_back(sunrise: Cast) -> None:
    with acting(by=sunrise.operator), transaction.atomic():
        with pytest.raises(ZeroDivisionError):
            rename_in_vain()
        Village.objects.update(name="y")
    (line,) = lines("village")
    assert line.by_id == sunrise.operator.pk


@pytest.mark.django_db(transaction=True)
def test_a_rule_states_its_person_for_its_own_transaction_alone() -> None:
    cooperative = Cooperative.objects.create(code="a", name="a")
    by = cooperative.staff.create(username="clerk", role="operator")
    state_actor(by)
    list(Cooperative.objects.all())  # a look between the check of the role and the transaction
    with transaction.atomic():
        Cooperative.objects.update(name="b")
    Cooperative.objects.update(name="c")
    with transaction.atomic():
        Cooperative.objects.update(name="d")
    assert [line.by_id for line in lines("cooperative")] == [by.pk, None, None]
    assert len({line.change_set for line in lines("cooperative")}) == 3


def test_every_owned_model_is_watched_or_left_out_with_a_reason() -> None:
    watched = {watch.model._meta.label for watch in list_watches()}
    assert not watched & NOT_WATCHED.keys()
    assert set(ONLY_GROWS) <= watched
    assert all(reason for reason in (NOT_WATCHED | ONLY_GROWS).values())
    assert Settlement._meta.label in watched


def test_columns_left_out_are_columns_that_are_there() -> None:
    for watch in list_watches():
        columns = {field.column for field in watch.model._meta.concrete_fields}
        assert watch.ignored | watch.hidden.keys() <= columns, watch.table


def test_dates_are_told_as_days(sunrise: Cast) -> None:
    Membership.objects.filter(household=sunrise.households[0]).update(ends_on=date(2026, 3, 1))
    (line,) = lines("membership")
    assert (line.before, line.after) == ({"ends_on": None}, {"ends_on": "2026-03-01"})
