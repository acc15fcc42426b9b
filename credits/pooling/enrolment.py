"""Bringing fields into a pool: every check is named, and every refusal tells its reasons.

Fields are judged together with a fixed number of queries; asking again judges afresh and updates.
A field whose right has ended keeps the days on which it had one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from aggregator import audit
from aggregator.bulk import refresh_statistics
from aggregator.importing import lock_imports
from aggregator.models import Household, User
from aggregator.periods import Period
from aggregator.roles import NotYours, require_role
from credits.models import Enrolment, Project
from credits.pooling.crop_rules import CropYears
from credits.pooling.ended_enrolments import keep_spans, read_spans
from credits.pooling.overlaps import EnrolledLand
from credits.pooling.reasons import reason_text
from credits.pooling.rights import Rights, Stretch
from credits.terms.program_eligibility import FarmSizes, earlier_practices
from farms.crops import crop_keys
from farms.descent import Kin
from farms.grain_guard import judge_fields
from farms.grain_rules import REFUSE, Flag
from farms.models import Field, PracticeRecord
from farms.models.field import FieldQuerySet

__all__ = ["CHECKS", "EnrolmentCounts", "enrol_fields", "reason_text"]

Reason = dict[str, str]

# Parcel codes of 19 digits are the land registry's and unique in the country; any other code is a
# cooperative's own. Source: GB/T 35958-2018.
NATIONAL_CODE = r"^[0-9]{19}$"
OVERLAPS_COUNTED = "overlaps_counted"
_LOCK_KEY = 7_226_341


@dataclass(frozen=True, slots=True)
class Case:
    """All that the checks ask about one field. Codes stand for households; overlaps are percent."""

    field: Any
    terms: dict[str, Any]
    stretches: list[Stretch]
    idle_days: list[Period]
    household_codes: dict[int, str]
    crops: frozenset[str]
    years_beyond: dict[int, str]
    guard: tuple[Flag, ...]
    other_project: str
    code_elsewhere: bool
    overlap: Decimal
    overlap_counted: Decimal
    farm_m2: Decimal | None
    practised: tuple[str, int] | None


@dataclass(frozen=True, slots=True)
class EnrolmentCounts:
    """How many fields were asked in and are enrolled or refused now."""

    enrolled: int
    refused: int


def check_boundary(case: Case) -> list[Reason]:
    return [] if case.field.area_m2 is not None else [{"code": "no_boundary"}]


def check_rights(case: Case) -> list[Reason]:
    """From the first day of the right that holds now, it must last to the contract's end.

    Days before are no obstacle: a household may join a running pool, or come back after a gap;
    those days earn nothing.
    """
    start = _start_of_right(case)
    idle = [
        {"code": "no_tenure", **_days(span)} for span in case.idle_days if span.ends_on >= start
    ]
    missing = [s for s in case.stretches if s.lacking and s.span.ends_on >= start]
    lacking = [
        {"code": stretch.lacking, "household": _party(case, stretch), **_days(stretch.span)}
        for stretch in missing
        if stretch.lacking != OVERLAPS_COUNTED
    ]
    counted = any(stretch.lacking == OVERLAPS_COUNTED for stretch in missing)
    return idle + lacking + (_counted_reason(case) if counted else [])


def _start_of_right(case: Case) -> date:
    """Where the unbroken right begins that holds today, or else the first there is."""
    spans = _days_of_right(case)
    ends = {span.ends_on for span in spans}
    begins = [span.starts_on for span in spans if span.starts_on - timedelta(days=1) not in ends]
    begun = [day for day in begins if day <= timezone.localdate()]
    return max(begun, default=min(begins, default=date.min))


def _counted_reason(case: Case) -> list[Reason]:
    """Told is only that, and how much: neither whose the land is nor on which days it earned."""
    return [{"code": OVERLAPS_COUNTED, "percent": str(case.overlap_counted)}]


def check_area(case: Case) -> list[Reason]:
    minimum = Decimal(case.terms["minimum_area_m2"])
    if case.field.area_m2 is None or case.field.area_m2 >= minimum:
        return []
    # Two decimals on purpose: SQLite gives an annotated decimal without its trailing zeros.
    values = {"area_m2": f"{case.field.area_m2:.2f}", "minimum_m2": str(minimum)}
    return [{"code": "below_minimum_area", **values}]


def check_farm(case: Case) -> list[Reason]:
    """All land of the household that works the field, where the program takes small farms only."""
    limit = Decimal(case.terms.get("farm_below_m2", "0"))
    if not limit or case.farm_m2 is None or case.farm_m2 < limit:
        return []
    return [{"code": "farm_too_large", "area_m2": f"{case.farm_m2:.2f}", "limit_m2": str(limit)}]


def check_additional(case: Case) -> list[Reason]:
    if case.practised is None:
        return []
    practice, year = case.practised
    return [{"code": "practised_before", "practice": practice, "year": str(year)}]


def check_land_class(case: Case) -> list[Reason]:
    land_class = case.field.land_class
    if land_class not in case.terms["excluded_land_classes"]:
        return []
    return [{"code": "excluded_land_class", "land_class": land_class}]


def check_crops(case: Case) -> list[Reason]:
    return [{"code": "excluded_crop", "crop": crop} for crop in sorted(case.crops)]


def check_still_cropland(case: Case) -> list[Reason]:
    """What the grain guard finds, where the project's terms let it refuse.

    What is only worth a look never refuses; where the terms say "flag", nothing does.
    """
    if case.terms.get("grain_guard") != "refuse":
        return []
    return [_guard_reason(flag) for flag in case.guard if flag.severity == REFUSE]


def _remarks(case: Case) -> list[Reason]:
    """What is found on a field and refuses nothing: shown beside the state."""
    counted = any(stretch.lacking == OVERLAPS_COUNTED for stretch in case.stretches)
    guards = case.terms.get("grain_guard", "") != ""
    return [
        *(_counted_reason(case) if counted else []),
        *({"code": code, "year": str(year)} for year, code in sorted(case.years_beyond.items())),
        *([_guard_reason(flag) for flag in case.guard] if guards else []),
    ]


def _guard_reason(flag: Flag) -> Reason:
    since = {"since": flag.since.isoformat()} if flag.since else {}
    return {"code": "grain_guard", "rule": flag.rule, **since, **flag.facts}


def check_other_projects(case: Case) -> list[Reason]:
    if not case.other_project:
        return []
    return [{"code": "enrolled_in_project", "project": case.other_project}]


def check_parcel_code(case: Case) -> list[Reason]:
    """Another cooperative's field with the same national code; whose is not told."""
    return [{"code": "enrolled_elsewhere"}] if case.code_elsewhere else []


def check_overlap(case: Case) -> list[Reason]:
    """Land that is enrolled under another field, of anybody; told is only that, and how much."""
    if not case.overlap:
        return []
    return [{"code": "overlaps_enrolled", "percent": str(case.overlap)}]


CHECKS: tuple[Callable[[Case], list[Reason]], ...] = (
    check_boundary,
    check_rights,
    check_area,
    check_farm,
    check_additional,
    check_land_class,
    check_crops,
    check_still_cropland,
    check_other_projects,
    check_parcel_code,
    check_overlap,
)


def enrol_fields(
    project: Project, *, by: User, fields: Iterable[Field] | None = None
) -> EnrolmentCounts:
    """Judge `fields` (all of the cooperative, if none are named) and enrol or refuse each.

    A field already enrolled here is judged first, so that a newcomer never pushes it out.

    Raises:
        NotYours: a field belongs to another cooperative.
    """
    require_role(by, "operator", of=project)
    asked = Field.objects.for_cooperative(project.cooperative)
    if fields is not None:
        keys = {field.pk for field in fields}
        asked = asked.filter(pk__in=keys)
        if asked.count() != len(keys):
            raise NotYours
    with transaction.atomic():
        _take_turns()
        # A field split meanwhile would be enrolled, and its parts not.
        lock_imports(project.cooperative)
        rows, ended = _judge(project, asked)
        Enrolment.objects.bulk_create(
            rows,
            batch_size=2_000,
            update_conflicts=True,
            unique_fields=["project", "field"],
            update_fields=["status", "reasons", "checked_at"],
        )
        keep_spans(project, ended)
        refresh_statistics(Enrolment)
        enrolled = sum(row.status == Enrolment.Status.ENROLLED for row in rows)
        counts = EnrolmentCounts(enrolled, len(rows) - enrolled)
        audit.record_event(
            project, action="enrol_fields", by=by, enrolled=enrolled, refused=counts.refused
        )
    return counts


def _judge(
    project: Project, fields: FieldQuerySet
) -> tuple[list[Enrolment], dict[int, list[Period]]]:
    """The enrolments as judged today, and the days that those keep which end with their right."""
    rights = Rights(
        fields,
        cooperative=project.cooperative,
        period=Period(project.starts_on, project.ends_on),
        project=project,
    )
    household_codes = dict(
        Household.objects.for_cooperative(project.cooperative).values_list("pk", "code")
    )
    mine, others = _enrolled_projects(project, fields)
    crops = _excluded_crops(project, fields)
    crop_years = CropYears(project, fields, until=project.ends_on)
    guard = _judge_land(project, fields)
    elsewhere = _codes_elsewhere(project, fields)
    land = EnrolledLand(fields)
    farms, practised = FarmSizes(project), earlier_practices(project, fields)
    kept = read_spans(project)
    rows = []
    ended: dict[int, list[Period]] = {}
    for field in sorted(fields.with_area(), key=lambda field: (field.pk not in mine, field.code)):
        case = Case(
            field=field,
            terms=project.terms,
            stretches=rights.stretches(field.pk),
            idle_days=rights.idle_days(field.pk),
            household_codes=household_codes,
            crops=frozenset(crops.get(field.pk, ())),
            years_beyond=crop_years.beyond(field.pk),
            guard=tuple(guard.get(field.pk, ())),
            other_project=others.get(field.pk, ""),
            code_elsewhere=field.code in elsewhere,
            overlap=land.overlap_of(field.pk) if field.area_m2 is not None else Decimal(0),
            overlap_counted=rights.overlap_percent(field.pk),
            farm_m2=farms.of(field.pk),
            practised=practised.get(field.pk),
        )
        reasons = [reason for check in CHECKS for reason in check(case)]
        remarks = [remark for remark in _remarks(case) if remark not in reasons]
        if not reasons:
            land.accept(field.pk)
        elif field.pk in mine and reasons == check_rights(case):
            ended[field.pk] = kept[field.pk] = _days_of_right(case)
        if reasons:
            remarks += [{"code": "days_kept", **_days(span)} for span in kept.get(field.pk, [])]
        rows.append(_row(project, field, reasons, remarks))
    return rows, ended


def _row(project: Project, field: Field, reasons: list[Reason], remarks: list[Reason]) -> Enrolment:
    return Enrolment(
        cooperative_id=project.cooperative_id,
        project=project,
        field=field,
        status=Enrolment.Status.REFUSED if reasons else Enrolment.Status.ENROLLED,
        reasons=[*reasons, *remarks],
        checked_at=timezone.now(),
    )


def _days_of_right(case: Case) -> list[Period]:
    """The days on which the field had all rights: an enrolment ends with the right, not before."""
    return [stretch.span for stretch in case.stretches if not stretch.lacking]


def _enrolled_projects(project: Project, fields: QuerySet[Any]) -> tuple[set[int], dict[int, str]]:
    """Fields enrolled in this pool, and the code of the other pool that a field is in."""
    rows = Enrolment.objects.for_cooperative(project.cooperative).filter(
        field__in=fields.order_by().values("pk"), status=Enrolment.Status.ENROLLED
    )
    mine: set[int] = set()
    others: dict[int, str] = {}
    for field, pool, code in rows.values_list("field_id", "project_id", "project__code"):
        if pool == project.pk:
            mine.add(field)
        else:
            others[field] = code
    return mine, others


def _excluded_crops(project: Project, fields: QuerySet[Any]) -> dict[int, set[str]]:
    """The excluded crops that each field grew within the contract's days, by any of their names."""
    crops: dict[int, set[str]] = {}
    excluded = {key: crop for crop in project.terms["excluded_crops"] for key in crop_keys(crop)}
    if not excluded:
        return crops
    # A split does not wash the land clean: the successors answer for what grew before it.
    ancestors = Kin(project.cooperative).ancestors(fields.order_by().values_list("pk", flat=True))
    grown = PracticeRecord.objects.for_cooperative(project.cooperative).confirmed()
    grown = grown.filter(
        Q(field__in=fields.order_by().values("pk")) | Q(field__in=set().union(*ancestors.values())),
        season__ends_on__gte=project.starts_on,
        season__starts_on__lte=project.ends_on,
    ).exclude(crop="")
    for field, crop in grown.values_list("field_id", "crop").distinct():
        for key in crop_keys(crop) & excluded.keys():
            crops.setdefault(field, set()).add(excluded[key])
    for field, forebears in ancestors.items():
        inherited = set().union(*(crops.get(each, set()) for each in forebears))
        if inherited:
            crops[field] = crops.get(field, set()) | inherited
    return crops


def _judge_land(project: Project, fields: QuerySet[Any]) -> dict[int, list[Flag]]:
    if not project.terms.get("grain_guard"):
        return {}
    keys = list(fields.order_by().values_list("pk", flat=True))
    return dict(judge_fields(project.cooperative, keys))


def _codes_elsewhere(project: Project, fields: QuerySet[Any]) -> set[str]:
    codes = fields.order_by().filter(code__regex=NATIONAL_CODE).values("code")
    others = Field.objects.exclude(cooperative=project.cooperative).filter(
        code__in=codes, enrolments__status=Enrolment.Status.ENROLLED
    )
    return set(others.values_list("code", flat=True))


def _take_turns() -> None:
    """Let one enrolment run at a time, of any cooperative: two at once could both take the land."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK_KEY])


def _party(case: Case, stretch: Stretch) -> str:
    return case.household_codes[stretch.party or stretch.household_id]


def _days(span: Period) -> Reason:
    return {"starts_on": span.starts_on.isoformat(), "ends_on": span.ends_on.isoformat()}
