"""Changes that were written together told as one: how many rows, and the file that brought them.

Only reads; what stands for a group is its first line.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet

from aggregator.models import ImportRun, RecordChange

# One transaction's rows of one kind to which the same was done.
_SAME = ("cooperative_id", "change_set", "object_type", "action")
_TRANSACTION = _SAME[:2]


@dataclass(frozen=True, slots=True)
class Group:
    """How many lines stand together, and the import that wrote them, if one did."""

    count: int
    run: ImportRun | None


def leading(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Of each group the first line alone."""
    same = {column: OuterRef(column) for column in _SAME}
    return rows.exclude(Exists(RecordChange.objects.filter(**same, pk__lt=OuterRef("pk"))))


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
