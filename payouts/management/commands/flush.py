"""Empties a *test* database, whose guards have to be lifted for it; any other is refused.

Django's own `flush` runs between tests and would stop at the triggers of the ledger and of the
records of changes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import flush
from django.db import connections, transaction

from aggregator.record_triggers import lift_triggers

GUARDED = ("payouts_posting", "payouts_journalentry")


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        connection = connections[options["database"]]
        name = str(connection.settings_dict["NAME"])
        if not (name.rpartition("/")[2].startswith("test_") or "mode=memory" in name):
            raise CommandError(f"{name} holds a ledger, which is append-only: nothing was emptied.")
        with _opened_ledger(connection), lift_triggers(connection):
            super().handle(**options)


@contextmanager
def _opened_ledger(connection: Any) -> Iterator[None]:
    """Lift the triggers for the time of the block; the database commits both or neither."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        triggers = _drop_sqlite_triggers(cursor) if connection.vendor == "sqlite" else []
        if connection.vendor == "postgresql":
            _switch_postgresql_triggers(cursor, "DISABLE")
        yield
        for definition in triggers:
            cursor.execute(definition)
        if connection.vendor == "postgresql":
            _switch_postgresql_triggers(cursor, "ENABLE")


def _drop_sqlite_triggers(cursor: Any) -> list[str]:
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    found = [row for row in cursor.fetchall() if row[0].startswith(("ledger_", "blocks_removed"))]
    for name, _ in found:
        cursor.execute(f"DROP TRIGGER {name}")
    return [sql for _, sql in found]


def _switch_postgresql_triggers(cursor: Any, word: str) -> None:
    for table in GUARDED:
        cursor.execute(f"ALTER TABLE {table} {word} TRIGGER USER")
