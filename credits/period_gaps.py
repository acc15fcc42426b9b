"""What keeps fields of a period from earning, check by check, and what that costs in kilograms.

Reads the newest count of the period, its enrolments and its evidence; changes nothing. A row is a
field and one check; the database adds up and sorts, so that a pool of any size is a few queries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    Exists,
    F,
    FloatField,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Floor
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credits.models import Enrolment, FieldResult, MonitoringPeriod, QuantificationRun
from farms.models import Boundary, PracticeRecord

# In the order in which a field is made whole: the land, the right, the work, its proof.
CHECKS: dict[str, Promise] = {
    "no_boundary": _("boundary missing"),
    "below_minimum_area": _("smaller than the program asks"),
    "excluded_land_class": _("land class left out"),
    "excluded_crop": _("crop left out"),
    "grain_guard": _("grain guard"),
    "overlaps_enrolled": _("overlaps enrolled land"),
    "enrolled_elsewhere": _("enrolled elsewhere"),
    "enrolled_in_project": _("enrolled in another project"),
    "no_tenure": _("contract missing"),
    "no_membership": _("not a member"),
    "agreement_missing_days": _("agreement missing"),
    "agreement_without_field": _("agreement without this field"),
    "counted_elsewhere": _("counted elsewhere"),
    "overlaps_counted": _("overlaps counted land"),
    "no_creditable_practice": _("practice record missing"),
    "voided_by_verification": _("voided by the verifier"),
    "no_evidence": _("no evidence"),
}
_COLUMNS = ("field_id", "code", "gap", "kg")


@dataclass(frozen=True, slots=True)
class CheckSum:
    """A check with the fields that fail it and the kilograms that wait for it."""

    check: str
    fields: int
    kg: int


class PeriodGaps:
    """The failed checks of one period, by its newest count."""

    def __init__(self, period: MonitoringPeriod) -> None:
        self.period = period
        self.run: QuantificationRun | None = period.runs.first()
        self._kg_per_m2 = self._usual_kg_per_m2()

    def sums(self) -> list[CheckSum]:
        """Each failed check, in the order of `CHECKS`."""
        found = {
            row["gap"]: CheckSum(row["gap"], row["fields"], row["kg"] or 0)
            for part in self._parts()
            for row in part.order_by()
            .values("gap")
            .annotate(fields=Count("field_id", distinct=True), kg=Sum("kilograms"))
        }
        order = list(CHECKS)
        return sorted(found.values(), key=lambda row: (order.index(row.check), row.check))

    def rows(self, check: str = "", *, begins: str = "") -> QuerySet[Any, Any]:
        """A field and a check a row, the dearest first; of one check, of codes that begin so."""
        chosen = [
            part.filter(**({"gap": check} if check else {}), field__code__startswith=begins)
            .order_by()
            .values("field_id", "gap", code=F("field__code"))
            .annotate(kg=Sum("kilograms"))
            .values(*_COLUMNS)
            for part in self._parts()
        ]
        return chosen[0].union(*chosen[1:], all=True).order_by("-kg", "code", "gap")

    def complete(self) -> int:
        """Fields of the count that earned and fail no check."""
        if self.run is None:
            return 0
        withheld, unshown = (
            part.order_by().values("field_id") for part in (self._withheld(), self._unshown())
        )
        failing = withheld.union(unshown)
        fields = self.run.results.order_by().values("field_id").distinct().count()
        return int(fields - failing.count())

    def _parts(self) -> Iterator[QuerySet[Any]]:
        yield self._refused()
        if self.run is not None:
            yield self._withheld()
            yield self._unshown()

    def _refused(self) -> QuerySet[Enrolment]:
        """Fields that enrolment refused: at what the pool earns on as much land."""
        newest = Boundary.objects.filter(field=OuterRef("field")).order_by("-version")
        area = Coalesce(Cast(Subquery(newest.values("area_m2")[:1]), FloatField()), Value(0.0))
        rows = Enrolment.objects.filter(
            project=self.period.project_id, status=Enrolment.Status.REFUSED
        )
        return rows.annotate(
            gap=_text(KT("reasons__0__code")), kilograms=self._usually(area)
        ).filter(gap__in=list(CHECKS))

    def _withheld(self) -> QuerySet[FieldResult]:
        """Days of the count that earned nothing; without a practice, at what the pool earns."""
        kilograms = Coalesce(
            Cast(_text(KT("terms__withheld_kg")), BigIntegerField()),
            self._usually(Cast(F("area_m2"), FloatField())),
        )
        rows = FieldResult.objects.filter(run=self.run, gross_kg=0)
        check = Coalesce(_text(KT("terms__withheld")), _text(KT("terms__reason")))
        return rows.annotate(gap=check, kilograms=kilograms).filter(gap__in=list(CHECKS))

    def _unshown(self) -> QuerySet[FieldResult]:
        """Days that earn without a photograph or paper of anything recorded on the field."""
        shown = PracticeRecord.objects.confirmed().filter(
            field=OuterRef("field"),
            season__ends_on__gte=self.period.starts_on,
            season__ends_on__lte=self.period.ends_on,
            evidence__isnull=False,
        )
        rows = FieldResult.objects.filter(run=self.run, gross_kg__gt=0).exclude(Exists(shown))
        return rows.annotate(
            gap=Value("no_evidence", output_field=CharField()), kilograms=F("gross_kg")
        )

    def _usually(self, area_m2: Any) -> Any:
        return Cast(Floor(area_m2 * Value(self._kg_per_m2)), BigIntegerField())

    def _usual_kg_per_m2(self) -> float:
        """What a square metre of the pool earns where it earns: an estimate, never credited."""
        if self.run is None:
            return 0.0
        earning = self.run.results.filter(gross_kg__gt=0).aggregate(
            kg=Sum("gross_kg"), m2=Sum("area_m2")
        )
        return float(earning["kg"] / earning["m2"]) if earning["m2"] else 0.0


def _text(key: Any) -> Cast:
    """A text in a JSON column as a text: else it would be compared as JSON."""
    return Cast(key, CharField())
