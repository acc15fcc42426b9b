"""The groups of the change log one after another, each found by steps in an index.

An import writes 200,000 lines of one group: to tell it from the next, none of them need be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Min

from aggregator.models import RecordChange

STEPS = 1_001
# No transaction lasts longer: a line is written after its transaction began.
_LONGEST = timedelta(days=1)
# SQLite keeps the instants of lines in milliseconds.
_FINEST = timedelta(seconds=1)
_TABLE = "aggregator_recordchange"
_SAME = "n.cooperative_id = r.cooperative_id AND n.change_set = r.change_set"
_SAME += " AND n.object_type = r.object_type AND n.action = r.action"
_Step = tuple[int, str, str]


def walk_groups(
    owner: int,
    *,
    oldest: bool = False,
    between: tuple[datetime | None, datetime | None] = (None, None),
) -> Iterator[list[int]]:
    """Keys of the first lines of a cooperative's groups, newest first or oldest, some at a time.

    Groups that began outside of `between` may be left out.
    """
    low, high = _change_sets(*between)
    # An empty text stands before all kinds, no kind begins with the last character.
    at: _Step = (low, "", "") if oldest else (high, "\U0010ffff", "")
    while steps := _take_steps(owner, at, oldest=oldest):
        inside = [step for step in steps if low <= step[0] <= high]
        yield [key for step in inside for key in _first_lines(owner, step)]
        if len(inside) < STEPS:
            return
        at = steps[-1][:3]


def _change_sets(begin: datetime | None, end: datetime | None) -> tuple[int, int]:
    low = int((begin - _LONGEST).timestamp() * 1e6) if begin else 0
    high = int((end + _FINEST).timestamp() * 1e6) if end else 2**63 - 1
    return low, high


def _take_steps(owner: int, at: _Step, *, oldest: bool) -> list[tuple[Any, ...]]:
    """What was done to rows of one kind in one transaction: set, kind, action, and both ends."""
    begin = _end("by_id, household_id, id")
    end = _end("by_id DESC, household_id DESC, id DESC")
    sql = f"""
        WITH RECURSIVE walk(id, place) AS (
            SELECT {_next("r", oldest=oldest)}, 1
            FROM (SELECT %s AS cooperative_id, %s AS change_set, %s AS object_type, %s AS action) r
            UNION ALL
            SELECT {_next("r", oldest=oldest)}, walk.place + 1
            FROM walk JOIN {_TABLE} r ON r.id = walk.id WHERE walk.place < %s
        ), step AS (
            SELECT r.*, ({begin}) AS begin_id, ({end}) AS end_id
            FROM walk JOIN {_TABLE} r ON r.id = walk.id
        )
        SELECT step.change_set, step.object_type, step.action, begin_id, b.by_id, b.household_id,
            e.by_id, e.household_id
        FROM step JOIN {_TABLE} b ON b.id = begin_id JOIN {_TABLE} e ON e.id = end_id"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [owner, *at, STEPS])
        return sorted(cursor.fetchall(), key=lambda step: step[:3], reverse=not oldest)


def _next(at: str, *, oldest: bool) -> str:
    """A line of the step after the one that `at` stands in.

    The next action, kind or set, whichever there is: a comparison of all three at once would walk
    through the lines of the set on SQLite.
    """
    beyond, turn = (">", "ASC") if oldest else ("<", "DESC")
    columns = ("change_set", "object_type", "action")
    tries = []
    for at_column in (2, 1, 0):
        same = "".join(f" AND n.{name} = {at}.{name}" for name in columns[:at_column])
        name = columns[at_column]
        order = ", ".join(f"n.{each} {turn}" for each in columns[at_column:])
        tries.append(
            f"(SELECT n.id FROM {_TABLE} n WHERE n.cooperative_id = {at}.cooperative_id{same}"
            f" AND n.{name} {beyond} {at}.{name} ORDER BY {order} LIMIT 1)"
        )
    return f"COALESCE({', '.join(tries)})"


def _end(order: str) -> str:
    columns = ", ".join(f"n.{column}" for column in order.split(", "))
    return f"SELECT n.id FROM {_TABLE} n WHERE {_SAME} ORDER BY {columns} LIMIT 1"


def _first_lines(owner: int, step: tuple[Any, ...]) -> list[int]:
    """The first line of the step's one group; of each where it was the work of several."""
    change_set, kind, action, first, *workers = step
    if workers[:2] == workers[2:]:
        return [first]
    lines = RecordChange.objects.filter(
        cooperative=owner, change_set=change_set, object_type=kind, action=action
    )
    grouped = lines.order_by().values("by_id", "household_id").annotate(first=Min("pk"))
    return list(grouped.values_list("first", flat=True))
