"""The triggers that note which villages' land was written to: bulk writes, cascades, SQL by hand.

Each is part of the transaction that it notes. On PostgreSQL a note is a row of its own, so that two
writers never wait for each other; on SQLite, which has one writer at a time, it is added to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.db import connection, models

from farms.models import Boundary, Evidence, Field, LandTouch, Observation, Overlap, PracticeRecord

TOUCHES = LandTouch._meta.db_table
_OF_FIELD = "SELECT f.cooperative_id, f.village_id FROM farms_field f WHERE f.id"
# Table -> the villages that a row of it, {row}, has to do with.
_PLACES = {
    Field._meta.db_table: "SELECT {row}.cooperative_id, {row}.village_id",
    Overlap._meta.db_table: f"{_OF_FIELD} IN ({{row}}.field_id, {{row}}.other_id)",
    Evidence._meta.db_table: (
        f"{_OF_FIELD} = (SELECT p.field_id FROM {PracticeRecord._meta.db_table} p"
        " WHERE p.id = {row}.record_id)"
    ),
}


def watch_land(model: type[models.Model]) -> None:
    """Note the villages whose fields rows of `model` name; upper floors add their own."""
    _PLACES[model._meta.db_table] = f"{_OF_FIELD} = {{row}}.field_id"


for _model in (Boundary, Observation, PracticeRecord):
    watch_land(_model)


def touching_triggers(vendor: str, tables: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """Table, name and definition of every trigger, for the tables there are."""
    if TOUCHES not in tables:
        return
    write = _postgresql if vendor == "postgresql" else _sqlite
    for table, place in _PLACES.items():
        if table in tables:
            for event in ("INSERT", "UPDATE", "DELETE"):
                # SQLite's triggers have one name space.
                yield table, f"touch_{table}_{event.lower()}", write(table, event, place)


def _postgresql(table: str, event: str, place: str) -> str:
    rows = {
        "INSERT": ["NEW TABLE AS new_rows"],
        "UPDATE": ["OLD TABLE AS old_rows", "NEW TABLE AS new_rows"],
        "DELETE": ["OLD TABLE AS old_rows"],
    }[event]
    function = f"touch_{table}_{event.lower()}"
    notes = " ".join(
        f"INSERT INTO {TOUCHES} (cooperative_id, village_id, times)"
        f" SELECT DISTINCT at.cooperative_id, at.village_id, 1 FROM {each.split()[-1]} AS r"
        f" CROSS JOIN LATERAL ({place.format(row='r')}) AS at (cooperative_id, village_id);"
        for each in rows
    )
    return (
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {notes} RETURN NULL; END $$;"
        f" CREATE TRIGGER {{name}} AFTER {event} ON {table} REFERENCING {' '.join(rows)}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    )


def _sqlite(table: str, event: str, place: str) -> str:
    rows = {"INSERT": ["NEW"], "UPDATE": ["OLD", "NEW"], "DELETE": ["OLD"]}[event]
    notes = "".join(_add_up(place.format(row=row)) for row in rows)
    return f"CREATE TRIGGER {{name}} AFTER {event} ON {table} BEGIN{notes} END"


def _add_up(place: str) -> str:
    at = f"(SELECT cooperative_id, village_id FROM ({place}))"
    return (
        f" UPDATE {TOUCHES} SET times = times + 1 WHERE village_id IN"
        f" (SELECT village_id FROM {at});"
        f" INSERT INTO {TOUCHES} (cooperative_id, village_id, times)"
        f" SELECT DISTINCT a.cooperative_id, a.village_id, 1 FROM {at} AS a"
        f" WHERE NOT EXISTS (SELECT 1 FROM {TOUCHES} t WHERE t.village_id = a.village_id);"
    )


def add_up_touches() -> None:
    """Make one row of the many that PostgreSQL keeps for a village; the sums stay what they are."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        # One statement: of two that run at once, each adds up the rows that it took away itself.
        cursor.execute(
            f"WITH gone AS (DELETE FROM {TOUCHES} WHERE village_id IN ("
            f"   SELECT village_id FROM {TOUCHES} GROUP BY village_id HAVING count(*) > 1)"
            "  RETURNING cooperative_id, village_id, times)"
            f" INSERT INTO {TOUCHES} (cooperative_id, village_id, times)"
            " SELECT cooperative_id, village_id, sum(times) FROM gone"
            " GROUP BY cooperative_id, village_id"
        )
