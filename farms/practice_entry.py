"""One practice for many plots at once: first what would happen, then all of it in one go.

Never overwrites: a plot that has the record already keeps it as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.bulk import refresh_statistics
from aggregator.errors import BadInput
from aggregator.importing import lock_imports
from aggregator.models import Cooperative, User
from aggregator.roles import NotYours, require_role
from farms.crops import normalise_crops
from farms.grain_guard import refresh_flags
from farms.models import Field, Practice, PracticeRecord, Season
from farms.observations import DayToCome, NoFields
from farms.reports import Deed, UnknownPractice

# One page's work; a whole county comes as a file.
MOST_FIELDS = 20_000
_BATCH = 1000

REASONS = {
    "not_in_season": _("The field does not exist in this season."),
    "waiting": _("A farmer's report of it waits for confirmation."),
    "refused": _("It was refused before; decide on its own page."),
    "withdrawn": _("It was withdrawn before; decide on its own page."),
}


class TooManyFields(BadInput):
    code = "too_many_fields"
    message = _("At most %(limit)s fields at a time; these are %(count)s.")


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be entered: a practice in a season, and how it was carried out."""

    season: Season
    practice: str
    deed: Deed


@dataclass(slots=True)
class EntryPlan:
    """What would happen to each field; `refused` gives the code of the reason."""

    fresh: list[Field] = field(default_factory=list)
    present: list[Field] = field(default_factory=list)
    refused: list[tuple[Field, str]] = field(default_factory=list)
    # Worth a look, and no reason to refuse: as of a file.
    warnings: list[str] = field(default_factory=list)

    def refusals(self) -> list[tuple[Any, int]]:
        """Each reason in words, with how many fields it is about."""
        counted = Counter(code for _field, code in self.refused)
        return [(REASONS[code], number) for code, number in counted.most_common()]


def plan_entry(cooperative: Cooperative, entry: Entry, *, field_ids: Collection[int]) -> EntryPlan:
    """Work out what entering would do; writes nothing.

    Raises:
        NoFields, TooManyFields, UnknownPractice, DayToCome: what was sent cannot be used.
        NotYours: a field or the season belongs to another cooperative.
    """
    keys = set(field_ids)
    if not keys:
        raise NoFields
    if len(keys) > MOST_FIELDS:
        raise TooManyFields(limit=MOST_FIELDS, count=len(keys))
    if entry.practice not in Practice:
        raise UnknownPractice(practice=entry.practice)
    day = entry.deed.done_on
    if day is not None and day > timezone.localdate():
        raise DayToCome(day=day)
    fields = Field.objects.for_cooperative(cooperative).filter(pk__in=keys).order_by("code")
    rows = list(fields)
    if len(rows) != len(keys) or entry.season.cooperative_id != cooperative.pk:
        raise NotYours
    held = PracticeRecord.objects.filter(season=entry.season, practice=entry.practice)
    statuses = dict(held.values_list("field_id", "status"))
    plan = EntryPlan()
    if day is not None and not entry.season.starts_on <= day <= entry.season.ends_on:
        reason = gettext("This day lies outside the season %(code)s.")
        plan.warnings.append(reason % {"code": entry.season.code})
    for row in rows:
        _place(plan, row, entry.season, statuses.get(row.pk))
    return plan


def enter_practice(
    cooperative: Cooperative, entry: Entry, *, by: User, field_ids: Collection[int]
) -> EntryPlan:
    """Record the practice on every field that does not have it; sent twice, once is enough.

    Raises: as `plan_entry`.
    """
    require_role(by, User.Role.OPERATOR, of=entry.season)
    with transaction.atomic():
        # Two entries at once wait for each other: the second sees the first one's records.
        lock_imports(cooperative)
        plan = plan_entry(cooperative, entry, field_ids=field_ids)
        records = [_make_record(entry, row) for row in plan.fresh]
        PracticeRecord.objects.bulk_create(records, batch_size=_BATCH)
        if records:
            refresh_statistics(PracticeRecord)
            audit.record_event(
                entry.season,
                action="enter_practice",
                by=by,
                practice=entry.practice,
                records=[record.pk for record in records],
            )
            refresh_flags(cooperative, [row.pk for row in plan.fresh])
    return plan


def _place(plan: EntryPlan, row: Field, season: Season, status: str | None) -> None:
    if (row.starts_on or date.min) > season.ends_on or (row.ends_on or date.max) < season.starts_on:
        plan.refused.append((row, "not_in_season"))
    elif status == PracticeRecord.Status.CONFIRMED:
        plan.present.append(row)
    elif status is not None:
        code = "waiting" if status == PracticeRecord.Status.REPORTED else status
        plan.refused.append((row, code))
    else:
        plan.fresh.append(row)


def _make_record(entry: Entry, row: Field) -> PracticeRecord:
    deed = entry.deed
    return PracticeRecord(
        cooperative_id=row.cooperative_id,
        field=row,
        season=entry.season,
        practice=entry.practice,
        crop=normalise_crops(deed.crop)[0],
        irrigated=deed.irrigated,
        done_on=deed.done_on,
        note=deed.note,
    )
