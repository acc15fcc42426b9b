"""Whether anything on a cooperative's record changed between two looks, told by the change log.

What is planned between two equal stamps still holds, so nobody need wait while it is planned.
"""

from __future__ import annotations

from django.db.models import Count, Max

from aggregator.models import ColumnMatch, Cooperative, OutboxMessage, RecordChange, Upload

Stamp = tuple[int, int | None]
# A file's own steps and messages on their way: no plan of an import reads these.
_UNREAD = tuple(str(model._meta.model_name) for model in (Upload, ColumnMatch, OutboxMessage))


def read_stamp(cooperative: Cooperative) -> Stamp:
    """Changes with the rows of the log; a line written late, under an earlier key, counts too."""
    changes = RecordChange.objects.for_cooperative(cooperative).exclude(object_type__in=_UNREAD)
    found = changes.order_by().aggregate(lines=Count("pk"), last=Max("pk"))
    return found["lines"], found["last"]
