"""Changes that were written together told as one: how many rows, and the file that brought them.

Only reads; what stands for a group is its first line.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, QuerySet

from aggregator.change_walk import walk_groups
from aggregator.models import ImportRun, RecordChange

_TRANSACTION = ("cooperative_id", "change_set")
# Nobody reads further back in one list: it says "1,000+" then.
MOST_GROUPS = 1_000
# One transaction's rows of one kind to which one person did the same; the last two may be empty.
_SAME = (*_TRANSACTION, "object_type", "action", "by_id", "household_id")


@dataclass(frozen=True, slots=True)
class Group:
    """How many lines stand together, and the import that wrote them, if one did."""

    count: int
    run: ImportRun | None


def leading(
    rows: QuerySet[Any],
    *,
    owner: int | None,
    oldest: bool = False,
    between: tuple[datetime | None, datetime | None] = (None, None),
) -> QuerySet[Any]:
    """Of each group that `rows` has the first line alone: of `MOST_GROUPS` groups and one more.

    The newest groups, or the oldest. Groups are of the cooperative `owner`, of all where it is
    None; those that began outside of `between` need not be looked at.
    """
    if owner is None:
        return rows.filter(pk__in=_gather(rows, oldest=oldest))
    found: list[int] = []
    for keys in walk_groups(owner, oldest=oldest, between=between):
        found += rows.order_by().filter(pk__in=keys).values_list("pk", flat=True)
        if len(found) > MOST_GROUPS:
            break
    return rows.filter(pk__in=found)


def _gather(rows: QuerySet[Any], *, oldest: bool) -> list[int]:
    # One pass over an index that groups; to ask of each line whether it is its group's first took
    # 200 times as long with 200,000 lines of one import.
    order = "change_set" if oldest else "-change_set"
    grouped = rows.order_by(order).values(*_SAME).annotate(first=Min("pk"))
    return list(grouped.values_list("first", flat=True)[: MOST_GROUPS + 1])


def find_groups(lines: Iterable[RecordChange]) -> dict[int, Group]:
    """The group of each line, by the line's key."""
    return _find(list(lines), _SAME)


def find_transactions(lines: Iterable[RecordChange]) -> dict[int, Group]:
    """All that was written together with each line, of whatever kind, by the line's key."""
    return _find(list(lines), _TRANSACTION)


def _find(lines: list[RecordChange], columns: tuple[str, ...]) -> dict[int, Group]:
    where = {
        "cooperative__in": {line.cooperative_id for line in lines},
        "change_set__in": {line.change_set for line in lines},
    }
    counted = RecordChange.objects.filter(**where).order_by().values_list(*columns)
    counts = {tuple(key): count for *key, count in counted.annotate(count=Count("pk"))}
    runs = {
        (run.cooperative_id, run.change_set): run
        for run in ImportRun.objects.filter(**where).defer("errors", "notes")
    }

    def group(line: RecordChange) -> Group:
        count = counts[tuple(getattr(line, column) for column in columns)]
        return Group(count, runs.get((line.cooperative_id, line.change_set)))

    return {line.pk: group(line) for line in lines}
