"""What a program asks of a field beyond its own figures: how large the farm, how new the practice.

Reads, never writes; nothing is asked of the database where the project's terms ask for nothing.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from aggregator.periods import Period
from credits.methodologies.base import anniversary
from credits.models import Project
from credits.programs.wording import read_practices
from credits.registry import METHODOLOGIES
from farms.boundaries import latest_boundaries
from farms.descent import Kin
from farms.models import Field, PracticeRecord
from farms.tenure import operator_spans


class FarmSizes:
    """The area of all that each field's household works, on the project's first day or today."""

    def __init__(self, project: Project) -> None:
        self._sizes: dict[int, Decimal] = {}
        if Decimal(project.terms.get("farm_below_m2", "0")):
            self._read(project)

    def of(self, field_id: int) -> Decimal | None:
        """Square metres; None where nothing is asked, or nobody works the field."""
        return self._sizes.get(field_id)

    def _read(self, project: Project) -> None:
        day = max(project.starts_on, min(timezone.localdate(), project.ends_on))
        areas = dict(
            latest_boundaries(project.cooperative).order_by().values_list("field_id", "area_m2")
        )
        spans = operator_spans(
            Field.objects.for_cooperative(project.cooperative)
            .order_by()
            .values_list("pk", flat=True),
            Period(day, day),
        )
        holders = {field: held[0][0] for field, held in spans.items() if held}
        farms: dict[int, Decimal] = defaultdict(Decimal)
        for field, household in holders.items():
            farms[household] += areas.get(field, Decimal(0))
        self._sizes = {field: farms[household] for field, household in holders.items()}


def earlier_practices(project: Project, fields: QuerySet[Any]) -> dict[int, tuple[str, int]]:
    """Fields that were worked in a way that earns before the contract: the practice, its last year.

    Looked at are the years that the terms ask; a split does not wash the land clean.
    """
    years = project.terms.get("lookback_years", 0)
    if not years:
        return {}
    earning = read_practices(project) or sorted(METHODOLOGIES[project.methodology].practices)
    ancestors = Kin(project.cooperative).ancestors(fields.order_by().values_list("pk", flat=True))
    asked = fields.order_by().values("pk")
    records = (
        PracticeRecord.objects.for_cooperative(project.cooperative)
        .confirmed()
        .filter(
            Q(field__in=asked) | Q(field__in=set().union(*ancestors.values())),
            practice__in=earning,
            season__ends_on__gte=_years_before(project.starts_on, years),
            season__ends_on__lt=project.starts_on,
        )
        .order_by("season__ends_on", "practice")
    )
    done: dict[int, tuple[str, int]] = {}
    for field, practice, day in records.values_list("field_id", "practice", "season__ends_on"):
        done[field] = (practice, day.year)
    for field, forebears in ancestors.items():
        inherited = [done[each] for each in forebears if each in done]
        if inherited and field not in done:
            done[field] = max(inherited, key=lambda found: found[1])
    return done


def _years_before(day: date, years: int) -> date:
    return anniversary(day, -years)
