"""How a household is reached: a changed telephone is told to the former one."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aggregator import household_notices
from aggregator.audit import record_event
from aggregator.errors import BadInput
from aggregator.identity import NumberRefused, read_phone
from aggregator.models import Household, User
from aggregator.payees import lock_household
from aggregator.roles import require_role


class PhoneRefused(BadInput):
    code = "phone_refused"
    message = _("The telephone number: %(reason)s")


@transaction.atomic
def change_phone(household: Household, *, phone: str, by: User) -> Household:
    """Write the new number (none for no phone) and tell the former one.

    The numbers of records merged into this one go too: whoever holds them no longer signs in.

    Raises:
        PhoneRefused: it cannot be a telephone number.
    """
    require_role(by, User.Role.OPERATOR, of=household)
    household = lock_household(household.pk)
    try:
        number = read_phone(phone) if phone.strip() else ""
    except NumberRefused as refusal:
        raise PhoneRefused(reason=str(refusal)) from refusal
    if number == household.phone:
        return household
    former, household.phone = household.phone, number
    household.save(update_fields=["phone", "phone_hash"])
    forget_merged_phones([household])
    record_event(household, action="change_phone", by=by)
    household_notices.tell_phone_changed(household, former=former)
    return household


def forget_merged_phones(households: Sequence[Household]) -> None:
    """Take the numbers off the records merged into these households."""
    keys = [household.pk for household in households]
    Household.objects.filter(merged_into__in=keys).update(phone="", phone_hash="")
