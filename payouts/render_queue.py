"""Pending documents as a queue: claimed by one worker, where the database can, and stored once.

Knows only rows with a `status`, a `content` and its hash; lays nothing out itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from random import SystemRandom
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from payouts.models.statement import RenderStatus

_LOOK_AHEAD = 500
_TRY_AGAIN_AFTER = timedelta(hours=1)

# Lays out one row; None where it could not, and the others go on.
Attempt = Callable[[Callable[[Any], bytes], Any], bytes | None]


def make(render: Callable[[Any], bytes], row: Any) -> bytes | None:
    """Lay out a row, and let its error end the work: what a person at a shell wants to see."""
    return render(row)


def due() -> Q:
    """Pending rows, but for those that could not be laid out within the last hour."""
    tried = Q(rendered_at__gt=timezone.now() - _TRY_AGAIN_AFTER)
    return Q(status=RenderStatus.PENDING) & ~tried


def failing() -> Q:
    """Pending rows that could not be laid out when they were last tried."""
    return Q(status=RenderStatus.PENDING, rendered_at__isnull=False)


def claiming() -> AbstractContextManager[object]:
    """What to hold while claimed rows are laid out: a transaction, where it locks rows only.

    SQLite has one write lock for all: it must not be held while pages are laid out.
    """
    locks = connection.features.has_select_for_update_skip_locked
    return transaction.atomic() if locks else nullcontext()


def claim(pending: QuerySet[Any], size: int) -> list[Any]:
    """Up to `size` pending rows that no other worker holds, within `claiming`."""
    if connection.features.has_select_for_update_skip_locked:
        return list(pending.select_for_update(skip_locked=True, of=("self",))[:size])
    # Without row locks two workers that went in order would do the same work side by side.
    ids = list(pending.values_list("pk", flat=True)[:_LOOK_AHEAD])
    return list(pending.filter(pk__in=SystemRandom().sample(ids, min(size, len(ids)))))


def store(model: type[Model], pk: int, content: bytes | None) -> bool:
    """Keep a document unless another worker already has; whether this one was kept.

    Without content the row stays pending, and is tried again later than the others.
    """
    row = model._default_manager.filter(pk=pk, status=RenderStatus.PENDING)
    if content is None:
        row.update(rendered_at=timezone.now())
        return False
    changed = row.update(
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        status=RenderStatus.READY,
        rendered_at=timezone.now(),
    )
    return bool(changed)
