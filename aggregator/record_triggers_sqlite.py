"""SQLite's side of recording changes: a trigger for each table and event, with every column named.

Who writes is asked from the program through functions of the connection; another program, which
does not offer them, cannot write to a watched table at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models

from aggregator.watched import Watch

_COLUMNS = (
    "cooperative_id, at, by_id, household_id, via, change_set, action, object_type, object_id,"
    " before, after"
)
# Instants are text there: written as Django writes them, or they would compare as different.
_HERE_AND_NOW = (
    "replace(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000', '.000000', ''),"
    " audit_by(), audit_household(), audit_via(), audit_change_set()"
)
# What json_remove is told to take away where a column is to stay.
_NOTHING = "'$.\"\"'"


def sqlite_triggers(
    watches: Iterable[Watch], append_only: Iterable[str], cursor: Any
) -> Iterator[tuple[str, str, str]]:
    """Table, name and definition of every trigger, for the columns the tables have now."""
    for table in append_only:
        for event in ("UPDATE", "DELETE"):
            yield table, f"append_only_{table}_{event.lower()}", _refuse(event, table)
        # INSERT OR REPLACE deletes without firing the triggers of DELETE on a foreign connection.
        replaced = f" WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"
        yield table, f"no_replace_{table}", _refuse("INSERT", table, replaced)
    for watch in watches:
        cursor.execute(f"PRAGMA table_info({watch.table})")
        columns = [_Column(watch, row[1]) for row in cursor.fetchall()]
        told = [column for column in columns if column.name not in watch.ignored]
        if watch.additions:
            yield watch.table, f"{watch.kind}_insert", _record_whole(watch, "INSERT", told)
        yield watch.table, f"{watch.kind}_update", _record_difference(watch, told)
        yield watch.table, f"{watch.kind}_delete", _record_whole(watch, "DELETE", told)


class _Column:
    """One column as SQL: how its value is told in JSON."""

    def __init__(self, watch: Watch, name: str) -> None:
        self.name = name
        self.shown = watch.hidden.get(name, name)
        self._hidden = name in watch.hidden
        fields = {field.column: field for field in watch.model._meta.concrete_fields}
        self._field = fields.get(name)

    def told(self, row: str) -> str:
        value = f'{row}."{self.name}"'
        if self._hidden:
            return f"iif(coalesce({value}, '') = '', '', '•••')"
        if isinstance(self._field, models.JSONField):
            return f"json({value})"
        if isinstance(self._field, models.BooleanField):
            return f"json(CASE {value} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)"
        return value

    @property
    def same(self) -> str:
        return f'OLD."{self.name}" IS NEW."{self.name}"'


def _refuse(event: str, table: str, condition: str = "") -> str:
    return (
        f"CREATE TRIGGER {{name}} BEFORE {event} ON {table}{condition}"
        " BEGIN SELECT RAISE(ABORT, 'records of changes are append-only'); END"
    )


def _object(columns: Iterable[_Column], row: str) -> str:
    pairs = ", ".join(f"'{column.shown}', {column.told(row)}" for column in columns)
    return f"json_object({pairs})"


def _record(watch: Watch, row: str, action: str, before: str, after: str) -> str:
    return (
        f" BEGIN INSERT INTO aggregator_recordchange ({_COLUMNS}) VALUES ({row}.{watch.owner},"
        f" {_HERE_AND_NOW}, '{action}', '{watch.kind}', {row}.id, {before}, {after}); END"
    )


def _record_whole(watch: Watch, event: str, columns: list[_Column]) -> str:
    row, action = ("NEW", "added") if event == "INSERT" else ("OLD", "removed")
    told = [column for column in columns if column.name not in {"id", "cooperative_id"}]
    # Patching an empty object leaves out what is null.
    whole = f"json_patch('{{}}', {_object(told, row)})"
    before, after = ("NULL", whole) if event == "INSERT" else (whole, "NULL")
    return (
        f"CREATE TRIGGER {{name}} AFTER {event} ON {watch.table}"
        f" WHEN {row}.{watch.owner} IS NOT NULL" + _record(watch, row, action, before, after)
    )


def _record_difference(watch: Watch, columns: list[_Column]) -> str:
    unchanged = ", ".join(
        f"iif({column.same}, '$.\"{column.shown}\"', {_NOTHING})" for column in columns
    )
    was, now_is = (f"json_remove({_object(columns, row)}, {unchanged})" for row in ("OLD", "NEW"))
    all_same = " AND ".join(column.same for column in columns)
    return (
        f"CREATE TRIGGER {{name}} AFTER UPDATE ON {watch.table}"
        f" WHEN NOT ({all_same}) AND NEW.{watch.owner} IS NOT NULL"
        + _record(watch, "NEW", "changed", was, now_is)
    )
