"""Days that fields keep in a pool after their right, and with it the enrolment, has ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from django.db.models import QuerySet

from aggregator.periods import Period
from credits.models import Enrolment, EnrolmentSpan, Project
from credits.pooling.pool import pool_fields
from credits.pooling.rights import Stretch
from farms.models import Field

Spans = dict[int, list[Period]]


def keep_spans(project: Project, spans: Mapping[int, Sequence[Period]]) -> None:
    """Keep these days of the fields for the pool; a span kept before may reach further now."""
    EnrolmentSpan.objects.bulk_create(
        [
            EnrolmentSpan(
                cooperative_id=project.cooperative_id,
                project=project,
                field_id=field,
                starts_on=span.starts_on,
                ends_on=span.ends_on,
            )
            for field, kept in spans.items()
            for span in kept
        ],
        batch_size=2_000,
        update_conflicts=True,
        unique_fields=["project", "field", "starts_on"],
        update_fields=["ends_on"],
    )


def read_spans(project: Project) -> Spans:
    """The days that fields keep in the pool from enrolments that ended, by field."""
    spans: Spans = defaultdict(list)
    rows = EnrolmentSpan.objects.filter(project=project).order_by("starts_on")
    for field, starts_on, ends_on in rows.values_list("field_id", "starts_on", "ends_on"):
        spans[field].append(Period(starts_on, ends_on))
    return spans


def fields_of_pool(project: Project, period: Period) -> QuerySet[Field]:
    """Fields that are in the pool, and those that were on days of the period."""
    return pool_fields(project.pk, starts_on=period.starts_on, ends_on=period.ends_on)


class PoolDays:
    """On which days each field is in the pool: always while enrolled, else on the days it keeps."""

    def __init__(self, project: Project) -> None:
        self._spans = read_spans(project)
        enrolled = Enrolment.objects.filter(project=project, status=Enrolment.Status.ENROLLED)
        # An enrolled field needs none: its rights are asked day by day.
        for field in enrolled.order_by().values_list("field_id", flat=True) if self._spans else ():
            self._spans.pop(field, None)

    def cut(self, field_id: int, stretches: Sequence[Stretch]) -> Iterator[tuple[Stretch, Period]]:
        """The stretches, each with the days of it on which the field is in the pool."""
        for stretch in stretches:
            if field_id not in self._spans:
                yield stretch, stretch.span
                continue
            for kept in self._spans[field_id]:
                days = stretch.span.clip(kept.starts_on, kept.ends_on)
                if days is not None:
                    yield stretch, days
