"""The audit log's one writer. Callers pass no personal numbers in `details`."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from aggregator.actors import state_actor
from aggregator.models import AuditEvent, Cooperative, User


def record_event(subject: Model, *, action: str, by: User | None, **details: Any) -> AuditEvent:
    """Write, in the caller's transaction, that `by` did `action`; None is the scheduler."""
    state_actor(by, ahead=False)
    own = isinstance(subject, Cooperative)
    return AuditEvent.objects.create(
        cooperative_id=subject.pk if own else subject.cooperative_id,  # type: ignore[attr-defined]
        by=by,
        action=action,
        object_type=subject._meta.model_name or "",
        object_id=str(subject.pk),
        details=details,
    )
