"""How far each period of each pool has come along the line, in a fixed number of queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from aggregator.models import Cooperative
from credits.models import (
    CreditBlock,
    Enrolment,
    EnrolmentSpan,
    Issuance,
    Lot,
    MonitoringPeriod,
    Project,
    QuantificationRun,
    SampledField,
    Verification,
)
from credits.pooling.pool import pool_records
from credits.tonnes.blocks import UNSOLD


@dataclass(slots=True)
class PeriodProgress:
    """The counts of one period; a project without a period has one row with `period` None.

    `households` are those with a row in the newest run; `records` and `records_with_evidence` are
    the practice records of the pool's fields in seasons that end within the period. The fields of
    ended enrolments are in the pool in the periods in which their days still count.
    """

    project: Project
    period: MonitoringPeriod | None
    fields_enrolled: int = 0
    fields_refused: int = 0
    households: int = 0
    records: int = 0
    records_with_evidence: int = 0
    gross_kg: int = 0
    credited_kg: int = 0
    verification: Verification | None = None
    sample_done: int = 0
    sample_total: int = 0
    issuance: Issuance | None = None
    sellable_t: int = 0
    reserve_t: int = 0
    sold_t: int = 0
    unsold_t: int = 0


def credits_progress(cooperative: Cooperative) -> list[PeriodProgress]:
    """One row a period, by project and day; projects without one come with `period` None."""
    projects = list(Project.objects.for_cooperative(cooperative))
    periods = defaultdict(list)
    for period in MonitoringPeriod.objects.for_cooperative(cooperative).select_related("project"):
        periods[period.project_id].append(period)
    rows = [
        PeriodProgress(project, period)
        for project in projects
        for period in (*periods[project.pk],) or (None,)
    ]
    _count_enrolments(cooperative, rows)
    by_period = {row.period.pk: row for row in rows if row.period is not None}
    _count_records(cooperative, by_period)
    _read_runs(cooperative, by_period)
    _read_verifications(cooperative, by_period)
    _read_issuances(cooperative, by_period)
    return rows


def _count_enrolments(cooperative: Cooperative, rows: list[PeriodProgress]) -> None:
    """Fields as they are on the period's last day, or today: not also those they came from."""
    counted = (
        Enrolment.objects.for_cooperative(cooperative)
        .order_by()
        .values_list("project_id", "status", "field__starts_on", "field__ends_on")
        .annotate(number=Count("pk"))
    )
    counts = list(counted)
    kept = _kept_fields(cooperative)
    today = timezone.localdate()
    for row in rows:
        day = min(today, row.period.ends_on) if row.period else today
        alive: Counter[str] = Counter()
        for project, status, starts_on, ends_on, number in counts:
            if project == row.project.pk and (starts_on or day) <= day <= (ends_on or day):
                alive[status] += number
        ended = {
            span.field_id
            for span in kept
            if row.period is not None
            and span.project_id == row.project.pk
            and span.starts_on <= row.period.ends_on
            and row.period.starts_on <= span.ends_on
            and (span.field.starts_on or day) <= day <= (span.field.ends_on or day)
        }
        row.fields_enrolled = alive[Enrolment.Status.ENROLLED] + len(ended)
        row.fields_refused = alive[Enrolment.Status.REFUSED]


def _kept_fields(cooperative: Cooperative) -> list[EnrolmentSpan]:
    """The days of ended enrolments; not of fields that are enrolled again."""
    again = Enrolment.objects.filter(
        project=OuterRef("project"), field=OuterRef("field"), status=Enrolment.Status.ENROLLED
    )
    spans = EnrolmentSpan.objects.for_cooperative(cooperative).exclude(Exists(again))
    return list(spans.select_related("field"))


def _count_records(cooperative: Cooperative, rows: dict[int, PeriodProgress]) -> None:
    """Records of seasons that end within the period, as the methodology takes them."""
    span = {"starts_on": OuterRef("starts_on"), "ends_on": OuterRef("ends_on")}
    records = pool_records(OuterRef("project"), **span).order_by().values("cooperative")
    counted = MonitoringPeriod.objects.for_cooperative(cooperative).annotate(
        records=_number(records), shown=_number(records.filter(evidence__isnull=False))
    )
    for period in counted:
        row = rows[period.pk]
        row.records, row.records_with_evidence = period.records, period.shown


def _number(records: Any) -> Coalesce:
    counted = records.annotate(number=Count("pk", distinct=True)).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _read_runs(cooperative: Cooperative, rows: dict[int, PeriodProgress]) -> None:
    """Figures of the newest run; an issued period's are those of the run issued."""
    runs = QuantificationRun.objects.for_cooperative(cooperative).order_by("ran_at", "pk")
    counted = runs.annotate(households=Count("results__household", distinct=True))
    for run in counted:
        row = rows[run.period_id]
        row.gross_kg, row.credited_kg = run.gross_kg, run.credited_kg
        row.households = run.households


def _read_verifications(cooperative: Cooperative, rows: dict[int, PeriodProgress]) -> None:
    done = Count("sample", filter=~Q(sample__finding=SampledField.Finding.PENDING))
    for verification in (
        Verification.objects.for_cooperative(cooperative).order_by("pk").annotate(done=done)
    ):
        row = rows[verification.period_id]
        row.verification = verification
        row.sample_total, row.sample_done = verification.sample_size, verification.done


def _read_issuances(cooperative: Cooperative, rows: dict[int, PeriodProgress]) -> None:
    lots = Lot.objects.for_cooperative(cooperative).order_by().values_list("block__issuance")
    sold: dict[int, int] = dict(lots.annotate(sold_t=Sum(F("serial_end") - F("serial_start") + 1)))
    blocks = CreditBlock.objects.for_cooperative(cooperative).live().filter(status__in=UNSOLD)
    left = blocks.order_by().values_list("issuance")
    unsold: dict[int, int] = dict(left.annotate(left=Sum(F("serial_end") - F("serial_start") + 1)))
    for issuance in Issuance.objects.for_cooperative(cooperative).select_related("run"):
        row = rows[issuance.period_id]
        row.issuance = issuance
        row.gross_kg, row.credited_kg = issuance.run.gross_kg, issuance.run.credited_kg
        row.sellable_t, row.reserve_t = issuance.sellable_t, issuance.reserve_t
        row.sold_t = sold.get(issuance.pk, 0)
        row.unsold_t = unsold.get(issuance.pk, 0)
