"""What farmers report of their own plots, and what clerks make of it: confirm, refuse, withdraw.

A report counts for nothing until a clerk has confirmed it. Nothing is deleted: what does not hold
is refused or withdrawn, with the reason.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aggregator import audit, sms
from aggregator.errors import BadInput, DomainError
from aggregator.locks import lock_cooperative
from aggregator.models import Cooperative, Household, User
from aggregator.periods import Period
from aggregator.roles import NotYours, require_role
from farms.crops import normalise_crops
from farms.grain_guard import refresh_flags
from farms.models import Field, Practice, PracticeRecord, Season
from farms.tenure import operator_spans

Status = PracticeRecord.Status


class NotYourField(DomainError):
    code = "not_your_field"
    message = gettext_lazy("You do not work this field on these days.")
    status = 404


class UnknownPractice(BadInput):
    code = "unknown_practice"
    message = gettext_lazy("There is no practice “%(practice)s”.")


class DayOutside(BadInput):
    code = "day_outside"
    message = gettext_lazy("The day %(day)s lies outside the season, or has not come yet.")


class AlreadyRecorded(DomainError):
    code = "already_recorded"
    message = gettext_lazy("This is on record already.")


class NoReason(BadInput):
    code = "no_reason"
    message = gettext_lazy("Say why, in a few words: the household reads it.")


@dataclass(frozen=True, slots=True)
class Deed:
    """How a practice was carried out, as far as it is said."""

    crop: str = ""
    irrigated: bool = False
    done_on: date | None = None
    note: str = ""


def report_practice(
    field: Field, *, season: Season, practice: str, household: Household, deed: Deed
) -> PracticeRecord:
    """Take a household's word for a practice on a field it works; waits for a clerk.

    Sent again it changes the waiting report; a refused or withdrawn one waits anew.

    Raises:
        NotYourField: the household does not work the field on that day (or in the season).
        UnknownPractice, DayOutside: what was sent cannot be used.
        AlreadyRecorded: a clerk has confirmed it.
    """
    if practice not in Practice:
        raise UnknownPractice(practice=practice)
    _check_day(season, deed)
    if not _works(household, field, season, deed.done_on):
        raise NotYourField
    values = {
        "crop": normalise_crops(deed.crop)[0],
        "irrigated": deed.irrigated,
        "done_on": deed.done_on,
        "note": deed.note,
        "status": Status.REPORTED,
        "reported_by": household,
        "reported_at": timezone.now(),
        "decided_by": None,
        "decided_at": None,
        "decision_note": "",
    }
    with transaction.atomic():
        record, made = PracticeRecord.objects.select_for_update().get_or_create(
            field=field,
            season=season,
            practice=practice,
            defaults={**values, "cooperative": field.cooperative},
        )
        if not made:
            if record.status == Status.CONFIRMED:
                raise AlreadyRecorded
            for name, value in values.items():
                setattr(record, name, value)
            record.save(update_fields=list(values))
        audit.record_event(record, action="report_practice", by=None, household=household.code)
    return record


def waiting_reports(cooperative: Cooperative) -> QuerySet[PracticeRecord]:
    """The clerk's queue, the longest waiting first."""
    waiting: QuerySet[PracticeRecord] = PracticeRecord.objects.for_cooperative(cooperative).filter(
        status=Status.REPORTED
    )
    return waiting.order_by("reported_at", "pk")


def confirm_reports(cooperative: Cooperative, *, by: User, keys: Collection[int]) -> int:
    """Let the reports of these keys count; how many were still waiting."""
    with transaction.atomic():
        rows = _take(cooperative, by, keys, {Status.REPORTED})
        _decide(rows, by=by, status=Status.CONFIRMED, reason="")
    return len(rows)


def refuse_reports(
    cooperative: Cooperative, *, by: User, keys: Collection[int], reason: str
) -> int:
    """Refuse the reports of these keys and tell each household why, once; how many waited."""
    if not reason.strip():
        raise NoReason
    with transaction.atomic():
        rows = _take(cooperative, by, keys, {Status.REPORTED})
        _decide(rows, by=by, status=Status.REFUSED, reason=reason.strip())
        for household in {row.reported_by for row in rows if row.reported_by is not None}:
            own = [row for row in rows if row.reported_by_id == household.pk]
            sms.send_message(household, text=_refusal_text(household, own, reason.strip()))
    return len(rows)


def withdraw_record(record: PracticeRecord, *, by: User, reason: str) -> PracticeRecord:
    """Take a record out of all counting without deleting it; its evidence stays.

    Raises:
        NoReason: a record is not withdrawn without one.
    """
    if not reason.strip():
        raise NoReason
    with transaction.atomic():
        rows = _take(record.cooperative, by, [record.pk], {Status.CONFIRMED})
        _decide(rows, by=by, status=Status.WITHDRAWN, reason=reason.strip())
    record.refresh_from_db()
    return record


def restore_record(record: PracticeRecord, *, by: User) -> PracticeRecord:
    """Let a withdrawn or refused record count again."""
    with transaction.atomic():
        rows = _take(record.cooperative, by, [record.pk], {Status.WITHDRAWN, Status.REFUSED})
        _decide(rows, by=by, status=Status.CONFIRMED, reason="")
    record.refresh_from_db()
    return record


def _take(
    cooperative: Cooperative, by: User, keys: Collection[int], statuses: set[Status]
) -> list[PracticeRecord]:
    """Lock those of the rows that are in one of the states; one that is decided stays as it is."""
    require_role(by, User.Role.OPERATOR, of=Season(cooperative=cooperative))
    own = PracticeRecord.objects.for_cooperative(cooperative).filter(pk__in=set(keys))
    if own.count() != len(set(keys)):
        raise NotYours
    lock_cooperative(cooperative.pk)
    waiting = own.filter(status__in=statuses).select_for_update(of=("self",))
    return list(waiting.select_related("field", "season", "reported_by").order_by("pk"))


def _decide(rows: list[PracticeRecord], *, by: User, status: Status, reason: str) -> None:
    for row in rows:
        row.status, row.decided_by, row.decided_at = status, by, timezone.now()
        row.decision_note = reason[:200]
    columns = ["status", "decided_by", "decided_at", "decision_note"]
    PracticeRecord.objects.bulk_update(rows, columns, batch_size=500)
    for row in rows:
        audit.record_event(row, action=_ACTIONS[status], by=by)
    if rows:
        refresh_flags(rows[0].cooperative, {row.field_id for row in rows})


_ACTIONS = {
    Status.CONFIRMED: "confirm_record",
    Status.REFUSED: "refuse_record",
    Status.WITHDRAWN: "withdraw_record",
}


def _check_day(season: Season, deed: Deed) -> None:
    day = deed.done_on
    last = min(season.ends_on, timezone.localdate())
    if day is not None and not season.starts_on <= day <= last:
        raise DayOutside(day=day)


def _works(household: Household, field: Field, season: Season, day: date | None) -> bool:
    """Whether the household works the field on the day, or on any day of the season."""
    if len({household.cooperative_id, field.cooperative_id, season.cooperative_id}) != 1:
        return False
    span = Period(day or season.starts_on, day or season.ends_on)
    spans = operator_spans([field.pk], span)[field.pk]
    return any(operator == household.pk for operator, _starts_on, _ends_on in spans)


def _refusal_text(household: Household, rows: list[PracticeRecord], reason: str) -> str:
    with translation.override(household.language):
        what = _(", ").join(
            f"{row.field.name or row.field.code} {row.practice_label}" for row in rows
        )
        return _("%(cooperative)s could not confirm your report: %(what)s. %(reason)s") % {
            "cooperative": household.cooperative,
            "what": what,
            "reason": reason,
        }
