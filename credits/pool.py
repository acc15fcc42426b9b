"""Who and what is in a pool in a span of days, as queries that lists and counts share.

Takes plain values or ``OuterRef``s, so that one definition serves a list and a count a row.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from credits.models import Enrolment
from farms.models import PracticeRecord, Tenure


def pool_tenures(project: Any, *, starts_on: Any, ends_on: Any) -> QuerySet[Tenure]:
    """Holdings of the pool's fields that touch the span; their households are its members."""
    return Tenure.objects.touching(starts_on, ends_on).filter(
        field__enrolments__project=project,
        field__enrolments__status=Enrolment.Status.ENROLLED,
    )


def pool_records(project: Any, *, starts_on: Any, ends_on: Any) -> QuerySet[PracticeRecord]:
    """What counts of what was recorded on the pool's fields in seasons that end within the span."""
    return PracticeRecord.objects.confirmed().filter(
        field__enrolments__project=project,
        field__enrolments__status=Enrolment.Status.ENROLLED,
        season__ends_on__gte=starts_on,
        season__ends_on__lte=ends_on,
    )
