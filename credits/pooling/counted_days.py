"""On which days other projects have counted a field's tonnes already: nobody counts them again.

Days count as taken from the moment a verifier has been given the figures, until a negative opinion;
and those that an ended enrolment keeps for its pool.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from aggregator.models import Cooperative
from aggregator.periods import Period
from credits.models import EnrolmentSpan, FieldResult, Project, QuantificationRun, Verification
from credits.pooling.agreement_days import Days
from farms.descent import Kin


def counted_days(
    field_ids: Iterable[int], *, cooperative: Cooperative, period: Period, project: Project
) -> dict[int, Days]:
    """Days of the fields, and of those they came out of, that earned in another project."""
    live = Verification.objects.exclude(status=Verification.Status.NEGATIVE)
    runs = QuantificationRun.objects.for_cooperative(cooperative).filter(
        verifications__in=live,
        period__starts_on__lte=period.ends_on,
        period__ends_on__gte=period.starts_on,
    )
    taken = list(runs.exclude(period__project=project).order_by().values_list("pk", flat=True))
    days = _ended_days(cooperative, project)
    if taken:
        # Every field of these runs: they are few, and a list of keys could be too long for a query.
        rows = FieldResult.objects.filter(run__in=taken, gross_kg__gt=0).order_by()
        for field, starts_on, ends_on in rows.values_list("field_id", "starts_on", "ends_on"):
            days[field].append((starts_on, ends_on))
    if not days:
        return {}
    ancestors = Kin(cooperative).ancestors(field_ids)
    inherited = {
        field: [span for each in forebears for span in days.get(each, [])]
        for field, forebears in ancestors.items()
    }
    return days | {field: days.get(field, []) + spans for field, spans in inherited.items()}


def _ended_days(cooperative: Cooperative, project: Project) -> dict[int, Days]:
    """Days that ended enrolments keep in other pools, while the field exists."""
    days: dict[int, Days] = defaultdict(list)
    spans = EnrolmentSpan.objects.for_cooperative(cooperative).exclude(project=project)
    for field, starts_on, ends_on, last in spans.values_list(
        "field_id", "starts_on", "ends_on", "field__ends_on"
    ):
        if last is None or starts_on <= last:
            days[field].append((starts_on, min(ends_on, last or ends_on)))
    return days
