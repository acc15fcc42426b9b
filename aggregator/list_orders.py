"""Long lists as files: asked for on the page, written by a worker, kept a day for who asked.

Knows nothing of lists or formats: the page's floor says with `use_writer` how one is written. The
row's status is the queue and `alive_at` a worker's claim: a killed worker's list is begun anew.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.core.files import File
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.timezone import now

from aggregator.models import ListFile, User

KEPT = timedelta(days=1)
STALE = timedelta(minutes=5)
Status = ListFile.Status
# Writes a list to a path and calls back with the number of rows written so far.
Writer = Callable[[ListFile, Path, Callable[[int], None]], None]
_WRITERS: list[Writer] = []


class TakenOver(RuntimeError):
    """Another worker holds the list by now, or nobody wants it any more."""


def use_writer(writer: Writer) -> None:
    """Say how lists are written."""
    _WRITERS[:] = [writer]


def order_list(
    by: User, *, list_name: str, file_format: str, query: str, language: str
) -> ListFile:
    """Have a list written; asked for twice while it is not ready, it is written once."""
    for order in _unfinished().filter(by=by, list_name=list_name, file_format=file_format):
        if (order.query, order.language) == (query, language):
            return order
    return ListFile.objects.create(
        by=by, list_name=list_name, file_format=file_format, query=query, language=language
    )


def write_list_file(pk: int) -> None:
    """Write one list that waits, unless another worker is at it."""
    at = now()
    if not waiting_lists().filter(pk=pk).update(status=Status.WRITING, alive_at=at, rows_written=0):
        return
    order = ListFile.objects.select_related("by").get(pk=pk)
    mine = ListFile.objects.filter(pk=pk, status=Status.WRITING)

    def see(count: int) -> None:
        # A compare-and-set on what was seen last: whoever was taken for dead finds out here.
        alive = now()
        if not mine.filter(alive_at=order.alive_at).update(alive_at=alive, rows_written=count):
            raise TakenOver
        order.alive_at = alive

    with tempfile.TemporaryDirectory(prefix="list-") as folder:
        path = Path(folder) / f"list.{order.file_format}"
        _WRITERS[0](order, path, see)
        with path.open("rb") as content:
            order.file.save(f"{pk}.{order.file_format}", File(content), save=False)
    if not mine.filter(alive_at=order.alive_at).update(status=Status.READY, file=order.file.name):
        order.file.delete(save=False)


def fail_list_file(pk: int) -> None:
    """Give up a list that cannot be written: the one who asked is told on the page."""
    ListFile.objects.filter(pk=pk, status=Status.WRITING).update(status=Status.FAILED)


def waiting_lists(*, at: datetime | None = None) -> QuerySet[ListFile]:
    """Lists that wait for a worker, or whose worker has shown no life for minutes."""
    silent = Q(status=Status.WRITING, alive_at__lt=(at or now()) - STALE)
    return ListFile.objects.filter(Q(status=Status.WAITING) | silent)


def forget_list_files(*, at: datetime | None = None) -> None:
    """Delete what is older than a day, files first: a row without its file is found again."""
    for order in ListFile.objects.filter(asked_at__lt=(at or now()) - KEPT):
        if order.file:
            order.file.delete(save=False)
        with transaction.atomic():
            order.delete()


def _unfinished() -> QuerySet[ListFile]:
    return ListFile.objects.filter(status__in=[Status.WAITING, Status.WRITING])
