"""Pending documents as a queue: claimed by one worker, where the database can, and stored once.

Knows only rows with a `status`, a `content` and its hash; lays nothing out itself.
"""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager, nullcontext
from random import SystemRandom
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from payouts.models.statement import RenderStatus

_LOOK_AHEAD = 500


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


def store(model: type[Model], pk: int, content: bytes) -> bool:
    """Keep a document unless another worker already has; whether this one was kept."""
    changed = model._default_manager.filter(pk=pk, status=RenderStatus.PENDING).update(
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        status=RenderStatus.READY,
        rendered_at=timezone.now(),
    )
    return bool(changed)
