"""Putting every personal number under the newest key, and its hash under the present hash key.

Column by column, chunk by chunk: what is under the newest key already is passed over, so a run that
was broken off goes on where it stopped. Shows no number and logs none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models.functions import Cast

from aggregator.encryption import EncryptedTextField, hash_number

CHUNK = 1000
# An encrypted column and the column with its keyed hash, where the model has one.
HASHED = {
    "phone": "phone_hash",
    "identity_number": "identity_hash",
    "number": "number_hash",
}


class KeyMissing(Exception):
    """A number is under a key that the settings no longer name; nothing of its chunk is written."""


@dataclass(slots=True)
class Rotated:
    """What became of one column."""

    name: str
    rows: int = 0
    encrypted: int = 0
    hashed: int = 0


def encrypted_columns() -> Iterator[tuple[type[models.Model], str]]:
    """Every encrypted column of every model."""
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if isinstance(column, EncryptedTextField):
                yield model, column.name


def rotate_column(model: type[models.Model], column: str) -> Iterator[Rotated]:
    """Work through one column; what is done so far, after each chunk.

    Raises:
        KeyMissing: a row's key is none of the settings'.
    """
    done = Rotated(f"{model._meta.label}.{column}")
    hash_column = HASHED.get(column, "")
    if hash_column and not any(f.name == hash_column for f in model._meta.concrete_fields):
        hash_column = ""
    last = 0
    while rows := _read_chunk(model, column, hash_column, after=last):
        last = rows[-1][0]
        _rotate_chunk(model, (column, hash_column), rows, done)
        yield done


def _read_chunk(
    model: type[models.Model], column: str, hash_column: str, *, after: int
) -> list[tuple[int, str, str]]:
    # Cast takes the ciphertext as it stands in the database, undeciphered.
    rows = (
        model._base_manager.filter(pk__gt=after)
        .annotate(token=Cast(column, models.TextField()))
        .order_by("pk")
    )
    hashed = models.F(hash_column) if hash_column else models.Value("")
    return list(rows.annotate(known=hashed).values_list("pk", "token", "known")[:CHUNK])


def _rotate_chunk(
    model: type[models.Model],
    columns: tuple[str, str],
    rows: Sequence[tuple[int, str, str]],
    done: Rotated,
) -> None:
    newest = Fernet(settings.FIELD_ENCRYPTION_KEYS[0])
    every = MultiFernet([Fernet(key) for key in settings.FIELD_ENCRYPTION_KEYS])
    changes = []
    for pk, token, known in rows:
        done.rows += 1
        if not token:
            continue
        try:
            plain, is_newest = _open(token, newest, every)
        except InvalidToken as error:
            raise KeyMissing(f"{done.name}, row {pk}") from error
        fresh_token = token if is_newest else every.rotate(token.encode()).decode()
        fresh_hash = hash_number(plain) if columns[1] else known
        done.encrypted += not is_newest
        done.hashed += fresh_hash != known
        if (fresh_token, fresh_hash) != (token, known):
            changes.append((pk, token, fresh_token, fresh_hash))
    with transaction.atomic():
        _write(model, columns, changes)


def _open(token: str, newest: Fernet, every: MultiFernet) -> tuple[str, bool]:
    try:
        return newest.decrypt(token.encode()).decode(), True
    except InvalidToken:
        return every.decrypt(token.encode()).decode(), False


def _write(
    model: type[models.Model], columns: tuple[str, str], changes: Sequence[tuple[Any, ...]]
) -> None:
    """Compare and set: a number that somebody changed meanwhile is under the newest key already."""
    quote = connection.ops.quote_name
    column, hash_column = columns
    stored: Any = model._meta
    place = quote(stored.get_field(column).column)
    sets = f"{place} = %s"
    if hash_column:
        sets += f", {quote(stored.get_field(hash_column).column)} = %s"
    statement = (
        f"UPDATE {quote(stored.db_table)} SET {sets} "
        f"WHERE {quote(stored.pk.column)} = %s AND {place} = %s"
    )
    rows = [
        (fresh, *([fresh_hash] if hash_column else []), pk, token)
        for pk, token, fresh, fresh_hash in changes
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
