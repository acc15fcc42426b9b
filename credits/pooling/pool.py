"""Who and what is in a pool in a span of days, as queries that lists and counts share.

A field is in while it is enrolled, and after an ended enrolment with the days that still count.
Takes a project's key and days, plain or as ``OuterRef``s, so that one definition serves a list and
a count a row.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from credits.models import Enrolment, EnrolmentSpan, Project
from farms.models import Field, PracticeRecord, Tenure


def pool_fields(project: Any, *, starts_on: Any, ends_on: Any) -> QuerySet[Field]:
    """Fields that are in the pool, and those that were on days of the span."""
    ended = _ended(project, starts_on=starts_on, ends_on=ends_on)
    return Field.objects.filter(
        Exists(_enrolled(project, field="pk")) | Exists(ended.filter(field=OuterRef("pk")))
    )


def pool_tenures(project: Any, *, starts_on: Any, ends_on: Any) -> QuerySet[Tenure]:
    """Holdings of the pool's fields that touch the span; their households are its members.

    Of an ended enrolment, those that touch the days it keeps.
    """
    kept = _ended(project, starts_on=starts_on, ends_on=ends_on).filter(
        # A tenure until further notice has no last day; the span's own is as late as need be.
        starts_on__lte=Coalesce(OuterRef("ends_on"), F("ends_on")),
        field=OuterRef("field"),
        ends_on__gte=OuterRef("starts_on"),
    )
    return Tenure.objects.touching(starts_on, ends_on).filter(
        Exists(_enrolled(project)) | Exists(kept), cooperative__in=_owner(project)
    )


def pool_records(project: Any, *, starts_on: Any, ends_on: Any) -> QuerySet[PracticeRecord]:
    """What counts of what was recorded on the pool's fields in seasons that end within the span."""
    ended = _ended(project, starts_on=starts_on, ends_on=ends_on)
    return PracticeRecord.objects.confirmed().filter(
        Exists(_enrolled(project)) | Exists(ended.filter(field=OuterRef("field"))),
        cooperative__in=_owner(project),
        season__ends_on__gte=starts_on,
        season__ends_on__lte=ends_on,
    )


def _owner(project: Any) -> Any:
    """Without it the choice of two below would have the rows of all cooperatives looked through."""
    return Project.objects.filter(pk=_outer(project)).order_by().values("cooperative")


def _enrolled(project: Any, *, field: str = "field") -> QuerySet[Enrolment]:
    """Looked up for each row: a list of them all would be made anew for every row of a count."""
    rows: QuerySet[Enrolment] = Enrolment.objects.filter(
        project=_outer(project), status=Enrolment.Status.ENROLLED, field=OuterRef(field)
    )
    return rows


def _ended(project: Any, *, starts_on: Any, ends_on: Any) -> QuerySet[EnrolmentSpan]:
    rows: QuerySet[EnrolmentSpan] = EnrolmentSpan.objects.filter(
        project=_outer(project),
        starts_on__lte=_outer(ends_on),
        ends_on__gte=_outer(starts_on),
    )
    return rows


def _outer(value: Any) -> Any:
    """The same value one query further in."""
    return OuterRef(value) if isinstance(value, OuterRef) else value
