"""The land of a household that passes on: its fields go to the successor from a day, by contract.

People and memberships are the floor below; each whole succession is one transaction here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aggregator import succession
from aggregator.audit import record_event
from aggregator.errors import DomainError
from aggregator.importing import lock_imports
from aggregator.models import Agreement, Household, Person, Succession, User
from aggregator.succession import NewHousehold
from aggregator.units import m2_to
from farms.models import Field, Tenure
from farms.transfers import TransferToHolder, end_tenure, transfer_field

_ONE_DAY = timedelta(days=1)


class FieldNotHeld(DomainError):
    code = "field_not_held"
    message = gettext_lazy("Household %(household)s does not hold field %(field)s on %(day)s.")


@transaction.atomic
def pass_household(
    household: Household,
    *,
    successor: Household,
    kind: str,
    happened_on: date,
    note: str = "",
    by: User,
) -> Succession:
    """Everything passes: fields by contract and by transfer, members, membership."""
    lock_imports(household.cooperative)
    passed = succession.pass_household(
        household, successor=successor, kind=kind, happened_on=happened_on, note=note, by=by
    )
    tenures = list(holdings(household, on=happened_on))
    _pass_tenures(tenures, successor=passed.successor, on=happened_on, by=by)
    return passed


@transaction.atomic
def divide_household(
    household: Household,
    *,
    new: NewHousehold,
    fields: Sequence[Field],
    happened_on: date,
    note: str = "",
    by: User,
) -> Succession:
    """Part of the people and of the fields become a household of their own.

    Raises:
        FieldNotHeld: one of the fields is not the household's on that day.
    """
    lock_imports(household.cooperative)
    passed = succession.found_household(
        household, new=new, happened_on=happened_on, note=note, by=by
    )
    held = holdings(household, on=happened_on)
    for field in fields:
        if not any(tenure.field_id == field.pk for tenure in held):
            raise FieldNotHeld(household=household, field=field.code, day=happened_on)
    # With all that a field is held by: a contract and the one that will renew it, too.
    keys = {field.pk for field in fields}
    chosen = [tenure for tenure in held if tenure.field_id in keys]
    _pass_tenures(chosen, successor=passed.successor, on=happened_on, by=by)
    return passed


def holdings(household: Household, *, on: date) -> list[Tenure]:
    """The household's tenures that hold on the day or begin later."""
    rows = Tenure.objects.filter(household=household).touching(on, date.max)
    return list(rows.select_related("field__cooperative").order_by("field__code", "starts_on"))


def say_fields(household: Household, on: date) -> Iterator[str]:
    """What passes: the fields with their area, and until when the agreement covered them."""
    held = holdings(household, on=on)
    fields = Field.objects.filter(pk__in={row.field_id for row in held}).with_area()
    areas = [Decimal(field.area_m2 or field.contract_area_m2 or 0) for field in fields]
    unit = household.cooperative.area_unit
    if not areas:
        yield _("The household holds no field.")
    else:
        yield ngettext(
            "%(count)d field, %(area)s %(unit)s: %(codes)s.",
            "%(count)d fields, %(area)s %(unit)s: %(codes)s.",
            len(areas),
        ) % {
            "count": len(areas),
            "area": f"{m2_to(sum(areas, Decimal(0)), unit):,}",
            "unit": household.cooperative.get_area_unit_display(),
            "codes": _(", ").join(field.code for field in fields),
        }
    signed = Agreement.objects.filter(
        household=household, signed_on__isnull=False, revoked_on=None, ends_on__gte=on
    ).order_by("ends_on")
    for agreement in signed:
        yield _("Agreement %(code)s of this household runs to %(day)s.") % {
            "code": agreement.code,
            "day": agreement.ends_on.isoformat(),
        }


def persons_of(household: Household) -> list[Person]:
    """Who lives in the household now."""
    return list(household.persons.filter(left_on=None))


def _pass_tenures(tenures: Sequence[Tenure], *, successor: Household, on: date, by: User) -> None:
    # Contracts first: a field let by the successor to the former household simply comes home.
    for tenure in sorted(tenures, key=lambda row: row.kind != Tenure.Kind.CONTRACT):
        if tenure.starts_on >= on:
            # Nothing of it has happened yet: it is the successor's from its first day.
            tenure.household = successor
            tenure.save(update_fields=["household"])
            record_event(tenure.field, action="transfer_field", by=by, tenure=tenure.pk)
            continue
        last = tenure.ends_on
        end_tenure(tenure, on=on - _ONE_DAY, by=by)
        try:
            transfer_field(
                tenure.field,
                household=successor,
                kind=tenure.kind,
                starts_on=on,
                ends_on=last,
                by=by,
            )
        except TransferToHolder:
            continue
