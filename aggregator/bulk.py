"""The one bulk writer of rows: COPY on PostgreSQL, executemany on SQLite.

Knows models only as tables and columns; runs in the caller's transaction and fires no `save`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import BigIntegerField, CharField, ForeignKey, JSONField, Model

from aggregator.actors import tell_database


class JsonText(str):
    """JSON that is written already."""

    __slots__ = ()


_JSON = json.JSONEncoder(ensure_ascii=False)
# Kept by SQLite as they come; JSON is text by then.
_PLAIN = {JSONField, CharField, BigIntegerField, ForeignKey}


def write_rows(
    model: type[Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    using: str = DEFAULT_DB_ALIAS,
) -> None:
    """Insert `rows` into the table of `model`; `columns` are attribute names, `household_id` e.g.

    Values are what the database keeps: whole numbers, text, dates, Decimals; JSON fields may be
    given as Python data or as `JsonText`. Every other column needs a database default or NULL.
    """
    fields: list[Any] = [model._meta.get_field(column) for column in columns]
    connection = connections[using]
    json_at = [index for index, field in enumerate(fields) if isinstance(field, JSONField)]
    prepared = (_with_json(row, json_at) for row in rows) if json_at else rows
    if connection.vendor == "sqlite":
        converters = [
            (index, _sqlite_converter(field, connection))
            for index, field in enumerate(fields)
            if type(field) not in _PLAIN
        ]
        prepared = (_converted(row, converters) for row in prepared)
    _insert(model, fields, prepared, connection)


def insert_rows(rows: Sequence[Model], *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Insert new rows of one model; each knows its key afterwards, as after `bulk_create`.

    A row may refer to rows that were inserted since it was made. Call it inside a transaction:
    on SQLite that is what keeps the reserved keys from being given away twice.
    """
    if not rows:
        return
    connection = connections[using]
    model = type(rows[0])
    fields: list[Any] = list(model._meta.concrete_fields)
    references = [field for field in fields if isinstance(field, ForeignKey)]
    for row, key in zip(rows, _reserve_keys(model, len(rows), connection), strict=True):
        row.pk = key
        for reference in references:
            if getattr(row, reference.attname) is None and reference.is_cached(row):
                setattr(row, reference.name, getattr(row, reference.name))
    _insert(
        model,
        fields,
        (
            [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
            for row in rows
        ),
        connection,
    )
    for row in rows:
        row._state.adding, row._state.db = False, using


def _reserve_keys(model: type[Model], count: int, connection: Any) -> Iterable[int]:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [connection.ops.quote_name(table), count],
            )
            return [key for (key,) in cursor.fetchall()]
        # Grows with every insert that names its key, so nothing is to be written back.
        cursor.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = %s", [table])
        (last,) = cursor.fetchone()
        return range(last + 1, last + 1 + count)


def _insert(
    model: type[Model], fields: Sequence[Any], prepared: Iterable[Sequence[Any]], connection: Any
) -> None:
    """COPY or executemany of values as the driver takes them."""
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    if connection.vendor == "postgresql":
        connection.ensure_connection()
        tell_database(connection)
        with (
            connection.wrap_database_errors,
            connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
        ):
            for row in prepared:
                copy.write_row(row)
        return
    places = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        # The driver takes any iterable: no list in memory.
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", prepared)


def update_rows(
    model: type[Model],
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    using: str = DEFAULT_DB_ALIAS,
) -> None:
    """Set `columns` of rows by key; each of `rows` holds the values in order, then the key."""
    if not rows:
        return
    fields: list[Any] = [model._meta.get_field(column) for column in columns]
    connection = connections[using]
    quote = connection.ops.quote_name
    places = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    sql = f"UPDATE {quote(model._meta.db_table)} SET {places} WHERE id = %s"
    prepared = [
        [
            *(
                field.get_db_prep_save(value, connection)
                for field, value in zip(fields, row, strict=False)
            ),
            row[-1],
        ]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(sql, prepared)


def refresh_statistics(*models: type[Model], using: str = DEFAULT_DB_ALIAS) -> None:
    """Tell PostgreSQL how many rows these tables hold now, within the caller's transaction.

    Its own count comes up to a minute after a large import; until then it takes the tables for
    empty and plans loops that run for minutes. SQLite plans without counts.
    """
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in models)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {tables}")


def _with_json(row: Sequence[Any], json_at: list[int]) -> list[Any]:
    values = list(row)
    for index in json_at:
        value = values[index]
        values[index] = str(value) if type(value) is JsonText else _JSON.encode(value)
    return values


def _converted(row: Sequence[Any], converters: list[tuple[int, Any]]) -> list[Any]:
    values = list(row)
    for index, convert in converters:
        # A text is taken to stand as the database writes it.
        if type(values[index]) is not str:
            values[index] = convert(values[index])
    return values


def _sqlite_converter(field: Any, connection: Any) -> Any:
    return lambda value: field.get_db_prep_save(value, connection)
