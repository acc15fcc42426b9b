"""Enrolments of fields that were split or merged: the successors stay in the pool.

They are not judged anew: it is the same land under the same rights, which are asked day by day when
tonnes are counted. The former field keeps its enrolment for the days that were its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from aggregator.errors import DomainError
from credits.models import (
    Enrolment,
    EnrolmentSpan,
    FieldResult,
    MonitoringPeriod,
    Verification,
)
from farms.models import Field

# A project's key, and the first and the last day.
Days = tuple[int, date, date]


class ProjectsDiffer(DomainError):
    code = "projects_differ"
    message = _(
        "Fields %(one)s and %(other)s are not enrolled in the same project. Enrol both, or leave "
        "one out."
    )


def carry_enrolments(parents: Sequence[Field], children: Sequence[Field]) -> None:
    """Enrol the successors where all of the former fields are enrolled.

    Raises:
        ProjectsDiffer: merged land would enter a project, or leave one, unseen.
    """
    enrolled = Enrolment.objects.filter(field__in=parents, status=Enrolment.Status.ENROLLED)
    pools = dict(enrolled.values_list("field_id", "project_id"))
    kept = _days_to_come(parents)
    first, *others = parents
    for other in others:
        if (pools.get(other.pk), kept[other.pk]) != (pools.get(first.pk), kept[first.pk]):
            raise ProjectsDiffer(one=first.code, other=other.code)
    _carry_spans(kept[first.pk], children)
    if first.pk not in pools:
        return
    now = timezone.now()
    Enrolment.objects.bulk_create(
        Enrolment(
            cooperative_id=child.cooperative_id,
            project_id=pools[first.pk],
            field=child,
            status=Enrolment.Status.ENROLLED,
            checked_at=now,
        )
        for child in children
    )


def _days_to_come(parents: Sequence[Field]) -> dict[int, list[Days]]:
    """Days after each field's end that it was to keep in a pool from an ended enrolment."""
    kept: dict[int, list[Days]] = {parent.pk: [] for parent in parents}
    for span in EnrolmentSpan.objects.filter(field__in=parents).order_by("starts_on", "pk"):
        last = next(parent.ends_on for parent in parents if parent.pk == span.field_id)
        if last is not None and span.ends_on > last:
            first = max(span.starts_on, last + timedelta(days=1))
            kept[span.field_id].append((span.project_id, first, span.ends_on))
    return kept


def _carry_spans(kept: Sequence[Days], children: Sequence[Field]) -> None:
    EnrolmentSpan.objects.bulk_create(
        EnrolmentSpan(
            cooperative_id=child.cooperative_id,
            project_id=project,
            field=child,
            starts_on=starts_on,
            ends_on=ends_on,
        )
        for child in children
        for project, starts_on, ends_on in kept
    )


def find_period_start(fields: Sequence[Field], on: date) -> date | None:
    """First day of the period, opened or next to be, in which the fields' pools count the day."""
    pools = Enrolment.objects.filter(field__in=fields, status=Enrolment.Status.ENROLLED)
    begun = MonitoringPeriod.objects.filter(
        project__in=pools.order_by().values("project"), starts_on__lte=on
    )
    last: dict[int, MonitoringPeriod] = {
        period.project_id: period for period in begun.order_by("starts_on")
    }
    return min(
        (
            period.starts_on if period.ends_on >= on else period.ends_on + timedelta(days=1)
            for period in last.values()
        ),
        default=None,
    )


def name_frozen_periods(field: Field) -> list[str]:
    """Which verified periods keep the field as it is now, whatever is drawn."""
    results = FieldResult.objects.filter(
        field=field,
        run__period__verifications__in=Verification.objects.exclude(
            status=Verification.Status.NEGATIVE
        ),
    )
    rows = results.order_by("run__period__starts_on").values_list(
        "run__period__code", "boundary__version"
    )
    sentence = _(
        "Period {code} has been given to the verifier: its figures keep version {version} of the "
        "boundary, and the field as it was."
    )
    return [
        str(format_lazy(sentence, code=code, version=version))
        for code, version in dict.fromkeys(rows)
    ]
