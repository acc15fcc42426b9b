"""What was seen on fields, by a visit or from the air, entered for one or for many at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.errors import BadInput
from aggregator.models import Cooperative, User
from aggregator.roles import NotYours, require_role
from farms.grain_guard import refresh_flags
from farms.models import Field, Observation


class DayToCome(BadInput):
    code = "day_to_come"
    message = _("The day %(day)s has not come yet.")


class NoFields(BadInput):
    code = "no_fields"
    message = _("Choose at least one field.")


def record_observations(
    cooperative: Cooperative,
    *,
    by: User,
    field_ids: Collection[int],
    seen: Observation.Seen,
    seen_on: date,
    words: tuple[str, str] = ("", ""),
) -> int:
    """Note what was seen on a day on each of the fields; how many had not been noted before.

    `words` are by what it was seen, and a note. The same sight of a day is kept once.

    Raises:
        DayToCome, NoFields: what was sent cannot be used.
        NotYours: a field belongs to another cooperative.
    """
    require_role(by, User.Role.OPERATOR, User.Role.VERIFIER, of=Field(cooperative=cooperative))
    if seen_on > timezone.localdate():
        raise DayToCome(day=seen_on)
    keys = set(field_ids)
    if not keys:
        raise NoFields
    with transaction.atomic():
        if Field.objects.for_cooperative(cooperative).filter(pk__in=keys).count() != len(keys):
            raise NotYours
        noted = Observation.objects.filter(field__in=keys, seen=seen, seen_on=seen_on)
        fresh = sorted(keys - set(noted.values_list("field_id", flat=True)))
        source, note = words
        Observation.objects.bulk_create(
            [
                Observation(
                    cooperative=cooperative,
                    field_id=key,
                    seen=seen,
                    seen_on=seen_on,
                    source=source,
                    note=note,
                    recorded_by=by,
                )
                for key in fresh
            ],
            batch_size=1000,
        )
        if fresh:
            audit.record_event(
                cooperative, action="record_observations", by=by, seen=str(seen), fields=fresh
            )
        refresh_flags(cooperative, fresh)
    return len(fresh)
