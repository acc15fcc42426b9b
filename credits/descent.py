"""Enrolments of fields that were split or merged: the successors stay in the pool.

They are not judged anew: it is the same land under the same rights, which are asked day by day when
tonnes are counted. The former field keeps its enrolment for the days that were its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from aggregator.errors import DomainError
from credits.models import Enrolment, FieldResult, Verification
from farms.models import Field


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
    first, *others = parents
    for other in others:
        if pools.get(other.pk) != pools.get(first.pk):
            raise ProjectsDiffer(one=first.code, other=other.code)
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
