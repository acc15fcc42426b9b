"""The triggers that record every change of a watched row, and keep the records from being changed.

They catch what no rule of the program can: bulk writes, COPY, cascades and SQL typed by hand. A
trigger's name ends in a digest of its definition, so that `install_triggers`, run after every
migration, sees what is missing or out of date by names alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import chain
from typing import Any

from django.db import transaction

from aggregator.record_triggers_postgresql import FUNCTIONS, postgresql_triggers
from aggregator.record_triggers_sqlite import sqlite_triggers
from aggregator.watched import list_watches

PREFIX = "audit_"
RECORDS = "aggregator_recordchange"
APPEND_ONLY = (RECORDS, "aggregator_auditevent")
# Of the floors above, once their migrations have made them.
ALSO_APPEND_ONLY = (
    *("credits_findingentry", "credits_correctivemessage"),
    *("credits_blockevent", "credits_blocklink"),
)
# (table, name of the trigger) -> its definition
Triggers = dict[tuple[str, str], str]
# From the database's vendor and the tables there are: table, name and definition of each.
Source = Callable[[str, set[str]], Iterable[tuple[str, str, str]]]
_SOURCES: list[Source] = []


def register_triggers(source: Source) -> None:
    """Let a floor above keep triggers of its own beside these, made and mended with them."""
    _SOURCES.append(source)


def install_triggers(connection: Any) -> None:
    """Make the triggers what the tables now need; touches nothing that is so already."""
    expected, standing = _expect_triggers(connection), _find_triggers(connection)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for table, name in standing - expected.keys():
            cursor.execute(_drop(connection, table, name))
        missing = [sql for key, sql in expected.items() if key not in standing]
        if missing and connection.vendor == "postgresql":
            # Without parameters, so that PL/pgSQL's own percent signs are left alone.
            cursor.execute(FUNCTIONS)
        for sql in missing:
            cursor.execute(sql)


def drop_triggers(connection: Any) -> None:
    """Before tables are rebuilt: SQLite refuses to rename a table that a trigger speaks of."""
    with connection.cursor() as cursor:
        for table, name in _find_triggers(connection):
            cursor.execute(_drop(connection, table, name))


def find_trigger_faults(connection: Any) -> Iterator[tuple[str, str]]:
    """The (table, trigger) pairs that are missing, switched off or out of date."""
    yield from sorted(_expect_triggers(connection).keys() - _find_triggers(connection))


@contextmanager
def lift_triggers(connection: Any) -> Iterator[None]:
    """Empty a test database unrecorded: without the triggers for the time of the block."""
    if connection.vendor == "sqlite":
        drop_triggers(connection)
        yield
        install_triggers(connection)
        return
    tables = sorted({table for table, _name in _find_triggers(connection)})
    with connection.cursor() as cursor:
        cursor.execute("".join(f"ALTER TABLE {t} DISABLE TRIGGER USER;" for t in tables))
        yield
        cursor.execute("".join(f"ALTER TABLE {t} ENABLE TRIGGER USER;" for t in tables))


def _expect_triggers(connection: Any) -> Triggers:
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        if not tables.issuperset(APPEND_ONLY):
            return {}
        watches = [watch for watch in list_watches() if watch.table in tables]
        kept = (*APPEND_ONLY, *(table for table in ALSO_APPEND_ONLY if table in tables))
        if connection.vendor == "postgresql":
            found = postgresql_triggers(watches, kept)
        else:
            found = sqlite_triggers(watches, kept, cursor)
        others = (each for source in _SOURCES for each in source(connection.vendor, tables))
        every = chain(found, others)
        return {(table, name): sql for table, name, sql in map(_named, every)}


def _named(trigger: tuple[str, str, str]) -> tuple[str, str, str]:
    """Give a trigger's name its digest; definitions have a place ``{name}`` for it."""
    table, name, sql = trigger
    digest = sha256((FUNCTIONS + sql).encode()).hexdigest()[:8]
    full = f"{PREFIX}{name}_{digest}"
    return table, full, sql.replace("{name}", full)


def _find_triggers(connection: Any) -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
                " WHERE tgenabled = 'O' AND starts_with(tgname, 'audit_')"
                " AND pg_table_is_visible(pg_class.oid)"
            )
        else:
            cursor.execute(
                "SELECT tbl_name, name FROM sqlite_master"
                " WHERE type = 'trigger' AND substr(name, 1, 6) = 'audit_'"
            )
        return set(cursor.fetchall())


def _drop(connection: Any, table: str, name: str) -> str:
    on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
    return f"DROP TRIGGER {name}{on_table}"
