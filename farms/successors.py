"""What goes over from fields that end to fields that follow them: holders, agreements, descent.

Runs inside the split or merger, in its transaction; upper floors register what they carry over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from aggregator.errors import DomainError
from aggregator.models import User
from farms.descent import Kin, recorded_deeds
from farms.grain_guard import refresh_flags
from farms.models import AgreementField, Field, FieldDescent, Season, Tenure

_ONE_DAY = timedelta(days=1)

Step = Callable[[Sequence[Field], Sequence[Field]], None]
Notice = Callable[[Field], list[Any]]
Since = Callable[[Sequence[Field], date], date | None]
_STEPS: list[Step] = []
_NOTICES: list[Notice] = []
_SINCE: list[Since] = []


class HoldersDiffer(DomainError):
    code = "holders_differ"
    message = _(
        "Fields %(one)s and %(other)s have different holders from %(on)s on. Transfer them to one "
        "household first."
    )


class TenuresOverlap(DomainError):
    code = "tenures_overlap"
    message = _(
        "Field %(field)s: households %(one)s and %(other)s both hold it by %(kind)s on %(on)s. End "
        "one of the two tenures first."
    )


class AgreementsDiffer(DomainError):
    code = "agreements_differ"
    message = _("Fields %(one)s and %(other)s are named in different agreements.")


class RecordsDiffer(DomainError):
    code = "records_differ"
    message = _(
        "Fields %(one)s and %(other)s have different practices in season %(season)s, and one field "
        "can have only one set. Choose a day in the next year or monitoring period, or record the "
        "same for both."
    )


def register_step(step: Step) -> None:
    """Let an upper floor carry its own rows over: called with the ended and the new fields."""
    _STEPS.append(step)


def register_notice(notice: Notice) -> None:
    """Let an upper floor say, as sentences, what redrawing a field will not change."""
    _NOTICES.append(notice)


def register_since(since: Since) -> None:
    """Let an upper floor say since when records count for what follows the fields on a day."""
    _SINCE.append(since)


def notices_of(field: Field) -> list[Any]:
    """What the reader should know before the field's land is changed."""
    return [line for notice in _NOTICES for line in notice(field)]


def carry_over(parents: Sequence[Field], children: Sequence[Field], *, on: date, by: User) -> None:
    """End the parents on the day before, and give the children all that was theirs."""
    for parent in parents:
        parent.ends_on = on - _ONE_DAY
        parent.save(update_fields=["ends_on"])
    FieldDescent.objects.bulk_create(
        FieldDescent(
            cooperative_id=child.cooperative_id,
            parent=parent,
            child=child,
            happened_on=on,
            recorded_by=by,
        )
        for parent in parents
        for child in children
    )
    _carry_agreements(parents[0], children, on)
    _carry_tenures(parents, children, on)
    for step in _STEPS:
        step(parents, children)
    refresh_flags(parents[0].cooperative, {field.pk for field in (*parents, *children)})


def check_alike(fields: Sequence[Field], *, on: date) -> None:
    """Refuse to merge fields that differ in what one field can have only once.

    Raises:
        HoldersDiffer, AgreementsDiffer, RecordsDiffer: named by the first two that differ.
    """
    _compare(fields, lambda field: _holdings(field, on), HoldersDiffer, on=on)
    _compare(fields, lambda field: _agreements(field, on), AgreementsDiffer)
    _compare_deeds(fields, since=_counts_since(fields, on))


def _counts_since(fields: Sequence[Field], on: date) -> date:
    """The first day of the period that the day lies in; of the year, where no pool says."""
    said = [day for since in _SINCE if (day := since(fields, on)) is not None]
    return min(said, default=date(on.year, 1, 1))


def _compare_deeds(fields: Sequence[Field], *, since: date) -> None:
    """Compare what was done on each field's land, by its own records or those of its kin."""
    seasons = Season.objects.for_cooperative(fields[0].cooperative).filter(ends_on__gte=since)
    days = {row.pk: (row.starts_on, row.ends_on) for row in seasons}
    kin = Kin(fields[0].cooperative)
    keys = {field.pk for field in fields} | kin.field_ids
    recorded = recorded_deeds(Field.objects.filter(pk__in=keys), days)
    for season in sorted(seasons, key=lambda row: row.code):
        only = {season.pk: days[season.pk]}
        _compare(
            fields,
            lambda field, only=only: kin.deeds_of(field.pk, recorded, only),  # type: ignore[misc]
            RecordsDiffer,
            season=season.code,
        )


def _compare(
    fields: Sequence[Field],
    value: Callable[[Field], Any],
    refusal: type[DomainError],
    **values: Any,
) -> None:
    first, *others = fields
    expected = value(first)
    for other in others:
        if value(other) != expected:
            raise refusal(one=first.code, other=other.code, **values)


def _holdings(field: Field, on: date) -> list[tuple[int, str, date, date | None]]:
    held = field.tenures.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))
    return sorted(
        (tenure.household_id, tenure.kind, max(tenure.starts_on, on), tenure.ends_on)
        for tenure in held
    )


def _agreements(field: Field, on: date) -> set[int]:
    named = AgreementField.objects.filter(field=field, agreement__ends_on__gte=on)
    return set(named.values_list("agreement_id", flat=True))


def _carry_agreements(parent: Field, children: Sequence[Field], on: date) -> None:
    AgreementField.objects.bulk_create(
        AgreementField(cooperative_id=child.cooperative_id, agreement_id=agreement, field=child)
        for agreement in sorted(_agreements(parent, on))
        for child in children
    )


def _carry_tenures(parents: Sequence[Field], children: Sequence[Field], on: date) -> None:
    """Cut the parents' tenures on the day before; from the day on they are the children's."""
    open_then = Q(ends_on__isnull=True) | Q(ends_on__gte=on)
    going_on = list(parents[0].tenures.filter(open_then).select_related("household"))
    _refuse_overlapping(parents[0], going_on, on)
    Tenure.objects.bulk_create(
        Tenure(
            cooperative_id=child.cooperative_id,
            field=child,
            household_id=tenure.household_id,
            kind=tenure.kind,
            starts_on=max(tenure.starts_on, on),
            ends_on=tenure.ends_on,
        )
        for child in children
        for tenure in going_on
    )
    held = Tenure.objects.filter(field__in=parents).filter(open_then)
    held.filter(starts_on__gte=on).delete()
    held.update(ends_on=on - _ONE_DAY)


def _refuse_overlapping(field: Field, tenures: Sequence[Tenure], on: date) -> None:
    """Two of a kind on the day would both begin on it: which one holds, people must say."""
    first: dict[str, Tenure] = {}
    for tenure in tenures:
        if tenure.starts_on > on:
            continue
        other = first.setdefault(tenure.kind, tenure)
        if other is not tenure:
            raise TenuresOverlap(
                field=field.code,
                one=other.household.code,
                other=tenure.household.code,
                kind=tenure.get_kind_display(),
                on=on,
            )
