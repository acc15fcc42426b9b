"""Rows to make and to change, gathered while planning and written set by set, never one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Model

from aggregator.bulk import insert_rows, refresh_statistics

_BATCH = 1000


class Changes:
    """What a plan will write. New rows may refer to other new rows made in an earlier set."""

    def __init__(self, order: Sequence[type[Model]]) -> None:
        self._order = order
        self._made: defaultdict[type[Model], list[Model]] = defaultdict(list)
        self._yielding: defaultdict[tuple[type[Model], tuple[str, ...]], list[Model]]
        self._yielding = defaultdict(list)
        self._changed: defaultdict[tuple[type[Model], tuple[str, ...]], list[Model]]
        self._changed = defaultdict(list)

    def make(self, row: Model) -> None:
        self._made[type(row)].append(row)

    def change(self, row: Model, *columns: str) -> bool:
        """Write these columns of a row on record; whether there was anything to write."""
        if columns and row.pk is not None:
            self._changed[type(row), columns].append(row)
        return bool(columns)

    def give_way(self, row: Model, *columns: str) -> None:
        """Change a row before anything else is written: it holds a place that another will take."""
        self._yielding[type(row), columns].append(row)

    def apply(self) -> None:
        self._update(self._yielding)
        for model in self._order:
            insert_rows(self._made[model])
        self._update(self._changed)
        if made := [model for model in self._order if self._made[model]]:
            refresh_statistics(*made)

    @staticmethod
    def _update(groups: dict[tuple[type[Model], tuple[str, ...]], list[Model]]) -> None:
        for (model, columns), rows in groups.items():
            model._default_manager.bulk_update(rows, columns, batch_size=_BATCH)


def assign(row: Model, **values: object) -> list[str]:
    """Set what differs and name it. None and empty text mean "not said" and change nothing."""
    changed = []
    for name, value in values.items():
        if value not in (None, "") and getattr(row, name) != value:
            setattr(row, name, value)
            changed.append(name)
    return changed
