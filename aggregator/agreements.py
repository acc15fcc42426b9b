"""Agreements as such: who may sign, how one is revoked, and who has none.

Drafting and signing need the plots and stand on the floor above.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from aggregator import audit
from aggregator.errors import BadInput, DomainError
from aggregator.locks import lock_cooperative
from aggregator.models import Agreement, Household, Person, User
from aggregator.models.household import HouseholdQuerySet
from aggregator.roles import require_role

ADULT_YEARS = 18


class NotSigned(DomainError):
    code = "agreement_not_signed"
    message = _("This agreement has not been signed.")


class AlreadySigned(DomainError):
    code = "agreement_already_signed"
    message = _("This agreement is signed. What is signed stays; draft a new one instead.")


class AlreadyRevoked(DomainError):
    code = "agreement_already_revoked"
    message = _("This agreement was revoked on %(day)s.")


class RevocationDay(BadInput):
    code = "revocation_day"
    message = _("The day of revocation lies between %(first)s and %(last)s.")


class ReasonMissing(BadInput):
    code = "reason_missing"
    message = _("Write why.")


@transaction.atomic
def revoke_agreement(agreement: Agreement, *, on: date, reason: str, by: User) -> Agreement:
    """End a signed agreement early: the first day on which it no longer holds is `on`.

    Never in the past: what those days earned may have been sold. Days before `on` keep their right.

    Raises:
        NotSigned, AlreadyRevoked: nothing to revoke.
        RevocationDay, ReasonMissing: what is wrong with what was typed.
    """
    lock_cooperative(agreement.cooperative_id)
    agreement = Agreement.objects.select_for_update().get(pk=agreement.pk)
    require_role(by, User.Role.OPERATOR, User.Role.APPROVER, of=agreement)
    if agreement.signed_on is None:
        raise NotSigned
    if agreement.revoked_on is not None:
        raise AlreadyRevoked(day=agreement.revoked_on.isoformat())
    first = timezone.localdate()
    if not first <= on <= agreement.ends_on:
        raise RevocationDay(first=first.isoformat(), last=agreement.ends_on.isoformat())
    if not reason.strip():
        raise ReasonMissing
    agreement.revoked_on, agreement.revoked_why = on, reason.strip()
    agreement.save(update_fields=["revoked_on", "revoked_why"])
    audit.record_event(agreement, action="revoke_agreement", by=by, on=on.isoformat())
    return agreement


def households_without(households: HouseholdQuerySet, *, on: date) -> HouseholdQuerySet:
    """The members of that day among `households` who have no valid agreement on it."""
    valid = Agreement.objects.valid_on(on).values("household")
    return members_on(households, on=on).exclude(pk__in=valid)


def members_on(households: HouseholdQuerySet, *, on: date) -> HouseholdQuerySet:
    """The member households of that day; second records that were merged away are left out."""
    belonging = Q(memberships__ends_on__isnull=True) | Q(memberships__ends_on__gte=on)
    return households.filter(
        belonging, memberships__starts_on__lte=on, merged_into__isnull=True
    ).distinct()


def signatories(household: Household, *, on: date) -> list[Person]:
    """Who may sign for the household on a day: its head, and its adults by identity number."""
    persons = household.persons.filter(Q(left_on__isnull=True) | Q(left_on__gt=on))
    return [person for person in persons if may_sign(person, on=on)]


def may_sign(person: Person, *, on: date) -> bool:
    """The head, unless known to be a minor; others only when known to be of age."""
    if person.left_on is not None and person.left_on <= on:
        return False
    born = _birthday(person.identity_number)
    if born is None:
        return person.is_head
    return (on.year - born.year) - ((on.month, on.day) < (born.month, born.day)) >= ADULT_YEARS


def _birthday(identity_number: str) -> date | None:
    """The birthday in a resident's number; None for no number or an organisation's code."""
    try:
        born: date = ric.get_birth_date(identity_number)
    except (ValidationError, ValueError, IndexError):
        return None
    return born
