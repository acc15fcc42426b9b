"""Tenures written by people: contracts 承包 and transfers 流转 begin and end on days.

On one day a field has one contractor at most, and one household it is transferred to. What an
earlier row says is never overwritten: it ends the day before the next begins. Whoever changes
holders waits for whoever changes land of the cooperative, and for its imports.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aggregator.audit import record_event
from aggregator.errors import BadInput, DomainError
from aggregator.importing import lock_imports
from aggregator.models import Household, User
from aggregator.roles import NotYours, require_role
from farms.field_life import outside_life
from farms.grain_guard import refresh_flags
from farms.models import Field, Tenure

_ONE_DAY = timedelta(days=1)
_FOR_EVER = date.max


class TenureEndsBeforeStart(BadInput):
    code = "tenure_ends_before_start"
    message = _("The last day, %(ends_on)s, lies before the first, %(starts_on)s.")


class AlreadyHeld(DomainError):
    code = "already_held"
    message = _(
        "Field %(field)s: household %(household)s holds it by %(kind)s from %(starts_on)s to "
        "%(ends_on)s. End that first, then begin the new one on the day after."
    )


class TransferToHolder(DomainError):
    code = "transfer_to_holder"
    message = _(
        "Field %(field)s: household %(household)s is the contractor on these days; there is "
        "nothing to transfer."
    )


class EndsOutsideTenure(DomainError):
    code = "ends_outside_tenure"
    message = _("The last day must lie between %(starts_on)s and %(ends_on)s.")


class TenureGone(DomainError):
    code = "tenure_gone"
    message = _("This row is not there any more: its field was split or merged. Look at its parts.")


def transfer_field(
    field: Field,
    *,
    household: Household,
    kind: str,
    starts_on: date,
    ends_on: date | None = None,
    by: User,
) -> Tenure:
    """Give a field to a household by contract or by transfer, from a day on.

    Raises:
        TenureEndsBeforeStart: the days are the wrong way round.
        OutsideFieldsLife: the field was split or merged by then, or did not exist yet.
        AlreadyHeld: another tenure of the kind has one of the days.
        TransferToHolder: the household already holds the field by contract on all these days.
    """
    require_role(by, "operator", of=field)
    if household.cooperative_id != field.cooperative_id:
        raise NotYours
    with transaction.atomic():
        lock_imports(field.cooperative)
        tenure = Tenure(
            cooperative_id=field.cooperative_id,
            field=Field.objects.select_for_update().get(pk=field.pk),
            household=household,
            kind=kind,
            starts_on=starts_on,
            ends_on=ends_on,
        )
        check_tenure(tenure, beside=field.tenures.select_related("household"))
        tenure.save()
        _refresh_land(tenure)
        _record(tenure, "transfer_field", by)
    return tenure


def _refresh_land(tenure: Tenure) -> None:
    """Bring the grain flags up to date: a field's first tenure tells since when it is known."""
    earlier = Tenure.objects.filter(field=tenure.field_id, starts_on__lt=tenure.starts_on)
    if not earlier.exists():
        refresh_flags(tenure.cooperative, [tenure.field_id])


def check_tenure(tenure: Tenure, *, beside: Iterable[Tenure]) -> None:
    """Refuse a tenure that its field, or one of those `beside` it there, leaves no room for.

    Raises:
        TenureEndsBeforeStart, OutsideFieldsLife, AlreadyHeld, TransferToHolder: as for a transfer.
    """
    if _last_day(tenure) < tenure.starts_on:
        raise TenureEndsBeforeStart(starts_on=tenure.starts_on, ends_on=tenure.ends_on)
    _check_life(tenure)
    touching = [
        other
        for other in beside
        if other.starts_on <= _last_day(tenure) and tenure.starts_on <= _last_day(other)
    ]
    same_kind = next((other for other in touching if other.kind == tenure.kind), None)
    if same_kind is not None:
        raise _already_held(tenure.field, same_kind)
    if tenure.kind == Tenure.Kind.TRANSFER:
        _check_no_return(tenure, touching)


def transfer_fields(fields: Iterable[Field], *, by: User, **terms: Any) -> list[Tenure]:
    """Transfer many fields on the same terms, all or none."""
    with transaction.atomic():
        return [transfer_field(field, by=by, **terms) for field in fields]


def end_tenure(tenure: Tenure, *, on: date, by: User) -> Tenure:
    """Let a tenure end with the day `on`, inclusive.

    Raises:
        EndsOutsideTenure: it did not hold on that day, or ends earlier already.
        TenureGone: a split or merger took it away before it began.
    """
    require_role(by, "operator", of=tenure)
    with transaction.atomic():
        lock_imports(tenure.cooperative)
        found = Tenure.objects.select_for_update(of=("self",)).filter(pk=tenure.pk).first()
        if found is None:
            raise TenureGone
        tenure = found
        if not tenure.starts_on <= on <= (tenure.ends_on or _FOR_EVER):
            raise EndsOutsideTenure(
                starts_on=tenure.starts_on, ends_on=tenure.ends_on or _("further notice")
            )
        tenure.ends_on = on
        tenure.save(update_fields=["ends_on"])
        _record(tenure, "end_tenure", by)
    return tenure


def change_contractor(field: Field, *, household: Household, on: date, by: User) -> Tenure:
    """Let the contract go over to another household on a day; it keeps the old one's last day."""
    require_role(by, "operator", of=field)
    with transaction.atomic():
        lock_imports(field.cooperative)
        held = field.tenures.filter(kind=Tenure.Kind.CONTRACT).touching(on, on).first()
        if held is None:
            return transfer_field(
                field, household=household, kind=Tenure.Kind.CONTRACT, starts_on=on, by=by
            )
        if held.starts_on == on:
            raise _already_held(field, held)
        last = held.ends_on
        end_tenure(held, on=on - _ONE_DAY, by=by)
        return transfer_field(
            field,
            household=household,
            kind=Tenure.Kind.CONTRACT,
            starts_on=on,
            ends_on=last,
            by=by,
        )


def _check_life(tenure: Tenure) -> None:
    field = tenure.field
    begins, ends = field.starts_on or date.min, field.ends_on or _FOR_EVER
    if begins <= tenure.starts_on and _last_day(tenure) <= ends:
        return
    raise outside_life(field)


def _check_no_return(tenure: Tenure, touching: Iterable[Tenure]) -> None:
    for other in touching:
        if other.kind != Tenure.Kind.CONTRACT or other.household_id != tenure.household_id:
            continue
        if other.starts_on <= tenure.starts_on and _last_day(tenure) <= _last_day(other):
            raise TransferToHolder(field=tenure.field.code, household=tenure.household.code)


def _last_day(tenure: Tenure) -> date:
    return tenure.ends_on or _FOR_EVER


def _already_held(field: Field, tenure: Tenure) -> AlreadyHeld:
    return AlreadyHeld(
        field=field.code,
        household=tenure.household.code,
        kind=tenure.get_kind_display(),
        starts_on=tenure.starts_on,
        ends_on=tenure.ends_on or "…",
    )


def _record(tenure: Tenure, action: str, by: User) -> None:
    # Under the field: its page shows who held it when.
    record_event(
        tenure.field,
        action=action,
        by=by,
        household=tenure.household.code,
        kind=tenure.kind,
        starts_on=tenure.starts_on.isoformat(),
        ends_on=tenure.ends_on.isoformat() if tenure.ends_on else "",
    )
