"""The one bulk writer of rows: COPY on PostgreSQL, executemany on SQLite.

Knows models only as tables and columns; runs in the caller's transaction and fires no `save`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import JSONField, Model

from aggregator.actors import tell_database


def write_rows(
    model: type[Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    using: str = DEFAULT_DB_ALIAS,
) -> None:
    """Insert `rows` into the table of `model`; `columns` are attribute names, `household_id` e.g.

    Values are what the database keeps: whole numbers, text, dates, Decimals; JSON fields may be
    given as Python data. Every other column needs a database default or NULL.
    """
    fields = [model._meta.get_field(column) for column in columns]
    connection = connections[using]
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)  # type: ignore[union-attr, arg-type]
    table = connection.ops.quote_name(model._meta.db_table)
    json_at = [index for index, field in enumerate(fields) if isinstance(field, JSONField)]
    prepared = (_with_json(row, json_at) for row in rows) if json_at else rows
    if connection.vendor == "postgresql":
        connection.ensure_connection()
        tell_database(connection)
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
        ):
            for row in prepared:
                copy.write_row(row)
        return
    places = ", ".join(["%s"] * len(fields))
    converters = [_sqlite_converter(field, connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} ({names}) VALUES ({places})",
            (  # type: ignore[arg-type]  # the driver takes any iterable: no list in memory
                [convert(value) for convert, value in zip(converters, row, strict=True)]
                for row in prepared
            ),
        )


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
        values[index] = json.dumps(values[index], ensure_ascii=False)
    return values


def _sqlite_converter(field: Any, connection: Any) -> Any:
    if isinstance(field, JSONField):
        return lambda value: value
    return lambda value: field.get_db_prep_save(value, connection)
