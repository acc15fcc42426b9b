"""What keeps fields of a period from earning, check by check, and what that costs in kilograms.

Reads the newest count of the period, its enrolments and its evidence; changes nothing. A row is a
field and one check; a field stands under each check it fails, and once in the whole. The database
adds up and sorts, so that a pool of any size is a few queries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    Exists,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Floor, NullIf
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credits.models import Enrolment, FieldResult, MonitoringPeriod, QuantificationRun
from credits.pooling.reasons import REFUSALS
from farms.models import Boundary, PracticeRecord

# In the order in which a field is made whole: the land, the right, the work, its proof.
CHECKS: dict[str, Promise] = {
    "no_boundary": _("boundary missing"),
    "below_minimum_area": _("smaller than the program asks"),
    "farm_too_large": _("farm larger than the program takes"),
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
    "practised_before": _("practice not new"),
    "no_creditable_practice": _("practice record missing"),
    "too_many_low_residue_years": _("too many years of beans, peas or lentils"),
    "too_many_soybean_years": _("too many years of soybeans"),
    "no_figure": _("no figure of the methodology"),
    "no_reduction": _("no less given off than before"),
    "below_one_kilogram": _("less than a kilogram"),
    "voided_by_verification": _("voided by the verifier"),
    "no_evidence": _("no evidence"),
}
COMPLETE = "complete"
# What enrolment says beside its refusals, and no field can mend.
REMARKS = frozenset({"days_kept"})
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
        found: dict[str, CheckSum] = {}
        for part in self._counted():
            grouped = part.order_by().values("gap")
            for row in grouped.annotate(fields=Count("field_id", distinct=True), kg=_kilograms()):
                _add(found, CheckSum(row["gap"], row["fields"], row["kg"]))
        for each in self._refused_sums:
            _add(found, each)
        return [found[check] for check in CHECKS if check in found]

    def whole(self) -> CheckSum:
        """All fields that earn nothing on some days, with each kilogram once."""
        waiting = self._refused().aggregate(fields=Count("field_id"), kg=_kilograms())
        fields, kg = waiting["fields"], waiting["kg"]
        if self.run is not None:
            others = self._nothing().exclude(field__in=self._refused().values("field_id"))
            zero = others.aggregate(fields=Count("field_id", distinct=True), kg=_kilograms())
            fields, kg = fields + zero["fields"], kg + zero["kg"]
        return CheckSum("", fields, kg)

    def rows(self, check: str = "", *, begins: str = "") -> QuerySet[Any, Any]:
        """A field and a check a row, the dearest first; of one check, of codes that begin so."""
        chosen = [
            part.filter(field__code__startswith=begins)
            .order_by()
            .values("field_id", "gap", code=F("field__code"))
            .annotate(kg=Sum("kilograms"))
            .values(*_COLUMNS)
            for part in self._parts(check)
        ]
        return chosen[0].union(*chosen[1:], all=True).order_by("-kg", "code", "gap")

    def complete(self) -> int:
        """Fields of the count that earned and fail no check."""
        return self._complete().aggregate(fields=Count("field_id", distinct=True))["fields"] or 0

    def _parts(self, check: str) -> list[QuerySet[Any]]:
        """The fields of one check, or of each that any field fails."""
        if check == COMPLETE:
            return [self._complete()]
        refusals = [check] if check else [row.check for row in self._refused_sums]
        parts: list[QuerySet[Any]] = [
            self._refused().filter(_names(code)).annotate(gap=Value(code, output_field=CharField()))
            for code in refusals
        ]
        counted = list(self._counted())
        return parts + [part.filter(gap=check) if check else part for part in counted]

    def _counted(self) -> Iterator[QuerySet[Any]]:
        if self.run is not None:
            yield from (self._withheld("withheld"), self._withheld("reason"), self._unshown())

    def _refused(self) -> QuerySet[Enrolment]:
        """Fields that enrolment refused: at what the pool earns on as much land."""
        newest = Boundary.objects.filter(field=OuterRef("field")).order_by("-version")
        area = Coalesce(Cast(Subquery(newest.values("area_m2")[:1]), FloatField()), Value(0.0))
        rows = Enrolment.objects.filter(
            project=self.period.project_id, status=Enrolment.Status.REFUSED
        )
        return rows.annotate(said=Cast("reasons", TextField()), kilograms=self._usually(area))

    @cached_property
    def _refused_sums(self) -> list[CheckSum]:
        """Asked once for all checks: a field's reasons are few, and stand in one column."""
        codes = [code for code in CHECKS if code in REFUSALS]
        counts = self._refused().aggregate(
            **{code: Count("pk", filter=_names(code)) for code in codes}
        )
        there = [code for code in codes if counts[code]]
        if not there:
            return []
        sums = self._refused().aggregate(
            **{code: Sum("kilograms", filter=_names(code)) for code in there}
        )
        return [CheckSum(code, counts[code], sums[code] or 0) for code in there]

    def _nothing(self) -> QuerySet[FieldResult]:
        """Days of the count that earned nothing; without a practice, at what the pool earns."""
        withheld = Cast(_text(KT("terms__withheld_kg")), BigIntegerField())
        return FieldResult.objects.filter(run=self.run, gross_kg=0).annotate(
            kilograms=Coalesce(
                NullIf(withheld, Value(0)), self._usually(Cast(F("area_m2"), FloatField()))
            )
        )

    def _withheld(self, term: str) -> QuerySet[FieldResult]:
        """Those days by the right that lacks, or by what the methodology found."""
        rows = self._nothing().annotate(gap=_text(KT(f"terms__{term}")))
        return rows.filter(gap__in=list(CHECKS))

    def _unshown(self) -> QuerySet[FieldResult]:
        """Days that earn without a photograph or paper of anything recorded on the field."""
        rows = FieldResult.objects.filter(run=self.run, gross_kg__gt=0).exclude(self._is_shown())
        return rows.annotate(
            gap=Value("no_evidence", output_field=CharField()), kilograms=F("gross_kg")
        )

    def _complete(self) -> QuerySet[FieldResult]:
        """Days that earn, of fields that have their proof and no day that earns nothing."""
        nothing = FieldResult.objects.filter(run=self.run, gross_kg=0).values("field_id")
        rows = FieldResult.objects.filter(self._is_shown(), run=self.run, gross_kg__gt=0)
        return rows.exclude(field__in=nothing).annotate(
            gap=Value(COMPLETE, output_field=CharField()), kilograms=F("gross_kg")
        )

    def _is_shown(self) -> Exists:
        shown = PracticeRecord.objects.confirmed().filter(
            field=OuterRef("field"),
            season__ends_on__gte=self.period.starts_on,
            season__ends_on__lte=self.period.ends_on,
            evidence__isnull=False,
        )
        return Exists(shown)

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


def _add(found: dict[str, CheckSum], more: CheckSum) -> None:
    was = found.get(more.check, CheckSum(more.check, 0, 0))
    found[more.check] = CheckSum(more.check, was.fields + more.fields, was.kg + more.kg)


def _names(code: str) -> Q:
    """Whether the reasons of an enrolment name a code: within a text, quotes stand escaped."""
    return Q(said__contains=f'"code": "{code}"')


def _kilograms() -> Any:
    return Coalesce(Sum("kilograms"), Value(0), output_field=BigIntegerField())


def _text(key: Any) -> Cast:
    """A text in a JSON column as a text: else it would be compared as JSON."""
    return Cast(key, CharField())
