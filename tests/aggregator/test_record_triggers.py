"""The triggers stand after every migration and after a flush, and a missing one is noticed."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aggregator.models import Cooperative, RecordChange
from aggregator.record_triggers import (
    ALSO_APPEND_ONLY,
    APPEND_ONLY,
    drop_triggers,
    find_trigger_faults,
    install_triggers,
)
from aggregator.watched import ONLY_GROWS, list_watches

# Seven tables by which the map counts villages, for what is added, changed and removed.
LAND = 3 * 7


def count_triggers() -> int:
    """Two guards of each record, as SQLite has a third, what each watched table needs, and land."""
    watches = list_watches()
    kept = len((*APPEND_ONLY, *ALSO_APPEND_ONLY))
    guards = {"sqlite": 3 * kept, "postgresql": 2 * kept + len(watches)}[connection.vendor]
    return guards + 3 * len(watches) - len(ONLY_GROWS) + LAND


@pytest.mark.django_db
def test_every_watched_table_has_its_triggers_after_the_migrations() -> None:
    assert list(find_trigger_faults(connection)) == []


@pytest.mark.django_db
def test_missing_triggers_are_found_and_put_back() -> None:
    drop_triggers(connection)
    faults = list(find_trigger_faults(connection))
    assert len(faults) == count_triggers()
    assert {table for table, _name in faults} >= {"farms_field", "aggregator_recordchange"}
    install_triggers(connection)
    assert list(find_trigger_faults(connection)) == []


@pytest.mark.django_db
def test_installing_twice_changes_nothing() -> None:
    with CaptureQueriesContext(connection) as queries:
        install_triggers(connection)
    assert [
        q["sql"] for q in queries if "TRIGGER" in q["sql"] and "pg_trigger" not in q["sql"]
    ] == []


@pytest.mark.django_db(transaction=True)
def test_migrating_again_leaves_them_standing() -> None:
    call_command("migrate", verbosity=0)
    assert list(find_trigger_faults(connection)) == []


@pytest.mark.django_db(transaction=True)
def test_a_flushed_test_database_is_empty_and_watched_again() -> None:
    Cooperative.objects.create(code="a", name="a")
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    assert not RecordChange.objects.exists()
    assert list(find_trigger_faults(connection)) == []


@pytest.mark.django_db(transaction=True)
def test_a_new_column_is_recorded_after_the_next_migration() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE aggregator_village ADD COLUMN elder text")
        try:
            call_command("migrate", verbosity=0)
            Cooperative.objects.create(code="a", name="a")
            cursor.execute(
                "INSERT INTO aggregator_village (cooperative_id, code, name, name_en, elder)"
                " SELECT id, 'V', 'V', '', 'Li' FROM aggregator_cooperative"
            )
            cursor.execute("UPDATE aggregator_village SET elder = 'Wang'")
            (line,) = RecordChange.objects.filter(object_type="village", action="changed")
            assert (line.before, line.after) == ({"elder": "Li"}, {"elder": "Wang"})
        finally:
            drop_triggers(connection)
            cursor.execute("ALTER TABLE aggregator_village DROP COLUMN elder")
            install_triggers(connection)
