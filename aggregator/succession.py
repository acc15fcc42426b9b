"""A household's rights passing on: death of the head, division 分户, merger 合户.

Here the people, the memberships and the record; the floor above passes the land on and calls this.
Nothing that was earned moves: what is owed stays owed under the code that earned it, and goes to
the successor's account only where a second person has approved it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator.audit import record_event
from aggregator.encryption import hash_number
from aggregator.errors import BadInput, DomainError
from aggregator.identity import NumberRefused, read_identity
from aggregator.models import Household, Membership, Person, Succession, User
from aggregator.payees import lock_household, propose_successors
from aggregator.roles import NotYours, require_role

Kind = Succession.Kind
Leaving = Person.Leaving
_ONE_DAY = timedelta(days=1)


class NotInHousehold(DomainError):
    code = "not_in_household"
    message = _("%(person)s is not one of household %(household)s.")


class HeadStays(DomainError):
    code = "head_stays"
    message = _("%(person)s is the head: name another head first, or let the others move.")


class HeirWithoutIdentity(BadInput):
    code = "heir_without_identity"
    message = _(
        "%(person)s has no identity number on record: it is needed of who signs from now on."
    )


class IdentityRefused(BadInput):
    code = "heir_identity_refused"
    message = _("The identity number: %(reason)s")


class IdentityTaken(DomainError):
    code = "identity_taken"
    message = _("This identity number is on record for household %(household)s.")


class SameHousehold(BadInput):
    code = "same_household"
    message = _("A household does not pass to itself.")


class CodeTaken(DomainError):
    code = "household_code_taken"
    message = _("There is a household %(household)s already.")


class NobodyMoves(BadInput):
    code = "nobody_moves"
    message = _("Choose at least one person for the new household.")


class HeadDoesNotMove(BadInput):
    code = "founding_head_does_not_move"
    message = _("%(person)s is to head the new household: choose this person among who moves, too.")


class StillToCome(BadInput):
    code = "succession_still_to_come"
    message = _("%(day)s is still to come: record it when it has happened.")


class BeforeMembership(BadInput):
    code = "succession_before_membership"
    message = _("Household %(household)s is a member from %(starts_on)s on, after %(day)s.")


class AlreadyPassedOn(DomainError):
    code = "already_passed_on"
    message = _("Household %(household)s passed to %(successor)s on %(day)s.")


@dataclass(frozen=True, slots=True)
class NewHousehold:
    """What a division founds: its code, who moves into it, who heads it, with how many shares."""

    code: str
    persons: Sequence[Person]
    head: Person
    shares: int = 1


# What a floor above has to say before a household's rights pass on: (household, day) -> lines.
Consequence = Callable[[Household, date], Iterator[str]]
_CONSEQUENCES: list[Consequence] = []


def register_consequence(say: Consequence) -> None:
    """Let a floor above add its lines to the preview: fields, tonnes, money."""
    _CONSEQUENCES.append(say)


def describe_consequences(household: Household, *, on: date) -> list[str]:
    """What hangs on the household on that day, floor by floor."""
    return [line for say in _CONSEQUENCES for line in say(household, on)]


@transaction.atomic
def record_death(
    household: Household,
    *,
    heir: Person,
    happened_on: date,
    identity_number: str = "",
    note: str = "",
    by: User,
) -> Succession:
    """The head died; `heir`, of the same household, is its head and signs from that day.

    The household goes on: its fields, agreements and membership stand.

    Raises:
        NotInHousehold: the heir is another household's, or left it.
        HeirWithoutIdentity, IdentityRefused, IdentityTaken: it must be known who signs.
        StillToCome: the day lies ahead.
    """
    require_role(by, User.Role.OPERATOR, of=household)
    _check_day(happened_on)
    household = lock_household(household.pk)
    _check_person(household, heir)
    _know_identity(heir, identity_number)
    died = household.persons.filter(is_head=True).exclude(pk=heir.pk).first()
    if died is not None:
        _let_go(died, on=happened_on, why=Leaving.DIED)
    heir.is_head = True
    heir.save(update_fields=["is_head"])
    terms = {"kind": Kind.DEATH, "happened_on": happened_on, "note": note, "person": heir}
    passed = _write(household, household, by=by, **terms)
    record_event(household, action="record_death", by=by, succession=passed.pk, heir=heir.pk)
    return passed


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
    """All rights of a household pass to another: nobody is left (death), or the two join (merger).

    The last day of its membership is the day before. Its balance stays owed under its own code.

    Raises:
        SameHousehold: it is the same one.
        AlreadyPassedOn: it has been recorded, or the successor has passed on itself.
        StillToCome, BeforeMembership: the day lies ahead, or before its first as a member.
    """
    require_role(by, User.Role.OPERATOR, of=household)
    _check_day(happened_on)
    if household.pk == successor.pk:
        raise SameHousehold
    if household.cooperative_id != successor.cooperative_id:
        raise NotYours
    first, second = sorted([household.pk, successor.pk])
    locked = {pk: lock_household(pk) for pk in (first, second)}
    household, successor = locked[household.pk], locked[successor.pk]
    _check_member(household, happened_on)
    for row in (household, successor):
        if (earlier := passed_on(row)) is not None:
            raise AlreadyPassedOn(
                household=row, successor=earlier.successor, day=earlier.happened_on
            )
    moved = _move_people(household, successor, kind=kind, on=happened_on)
    _end_memberships(household, on=happened_on - _ONE_DAY)
    terms = {"kind": kind, "happened_on": happened_on, "note": note}
    passed = _write(household, successor, by=by, **terms)
    propose_successors(household, successor=successor, by=by)
    for row in (household, successor):
        record_event(
            row,
            action="pass_household",
            by=by,
            succession=passed.pk,
            former=household.code,
            successor=successor.code,
            persons=moved,
        )
    return passed


@transaction.atomic
def found_household(
    household: Household, *, new: NewHousehold, happened_on: date, note: str = "", by: User
) -> Succession:
    """Divide: the chosen persons found a household of their own, a member with its own shares.

    It has no agreement: until it signs one, its land earns nothing.

    Raises:
        NobodyMoves, HeadDoesNotMove, NotInHousehold, HeadStays: the persons make no household.
        CodeTaken: the code is another household's.
        HeirWithoutIdentity: the new head's identity is not on record.
        StillToCome, BeforeMembership: the day lies ahead, or before its first as a member.
    """
    require_role(by, User.Role.OPERATOR, of=household)
    _check_day(happened_on)
    household = lock_household(household.pk)
    _check_member(household, happened_on)
    _check_founders(household, new)
    founded = Household.objects.create(
        cooperative=household.cooperative,
        village=household.village,
        code=new.code,
        language=household.language,
    )
    for person in new.persons:
        _join_household(person, founded, is_head=person.pk == new.head.pk)
    Membership.objects.create(
        cooperative=household.cooperative,
        household=founded,
        starts_on=happened_on,
        shares=new.shares,
    )
    terms = {"kind": Kind.DIVISION, "happened_on": happened_on, "note": note}
    passed = _write(household, founded, by=by, person=new.head, **terms)
    moved = [person.pk for person in new.persons]
    record_event(household, action="divide_household", by=by, succession=passed.pk, persons=moved)
    record_event(founded, action="found_household", by=by, former=household.code, persons=moved)
    return passed


def _check_day(day: date) -> None:
    # People, who have no days of their own, pass at once: nothing of it can be recorded ahead.
    if day > timezone.localdate():
        raise StillToCome(day=day)


def passed_on(household: Household) -> Succession | None:
    """How all its rights passed to another household, if they did."""
    passed = household.successions.exclude(kind=Kind.DIVISION).exclude(successor=household)
    return passed.select_related("successor").first()


def _check_member(household: Household, day: date) -> None:
    # A year mistyped would take all of its membership and land away from the beginning.
    first = household.memberships.order_by("starts_on").first()
    if first is not None and day < first.starts_on:
        raise BeforeMembership(household=household, starts_on=first.starts_on, day=day)


def _check_founders(household: Household, new: NewHousehold) -> None:
    if not new.persons:
        raise NobodyMoves
    if new.head.pk not in {person.pk for person in new.persons}:
        raise HeadDoesNotMove(person=new.head)
    for person in new.persons:
        _check_person(household, person)
        if person.is_head:
            raise HeadStays(person=person)
    _know_identity(new.head, "")
    if Household.objects.filter(cooperative=household.cooperative_id, code=new.code).exists():
        raise CodeTaken(household=new.code)


def _check_person(household: Household, person: Person) -> None:
    if person.household_id != household.pk or person.left_on is not None:
        raise NotInHousehold(person=person, household=household)


def _know_identity(person: Person, typed: str) -> None:
    if person.identity_hash:
        return
    if not typed.strip():
        raise HeirWithoutIdentity(person=person)
    try:
        number = read_identity(typed)
    except NumberRefused as refusal:
        raise IdentityRefused(reason=str(refusal)) from refusal
    bearers = Person.objects.filter(
        cooperative=person.cooperative_id, identity_hash=hash_number(number)
    )
    if bearer := bearers.select_related("household").first():
        raise IdentityTaken(household=bearer.household)
    person.identity_number = number
    person.save(update_fields=["identity_number", "identity_hash"])


def _let_go(person: Person, *, on: date, why: str) -> None:
    person.is_head, person.left_on, person.leaving = False, on, why
    person.save(update_fields=["is_head", "left_on", "leaving"])


def _join_household(person: Person, household: Household, *, is_head: bool) -> None:
    Person.objects.filter(pk=person.pk).update(household=household, is_head=is_head)


def _move_people(household: Household, successor: Household, *, kind: str, on: date) -> list[int]:
    """In a merger everyone moves; after a death the head is gone and the others move."""
    moved = []
    for person in household.persons.filter(left_on=None):
        if kind == Kind.DEATH and person.is_head:
            _let_go(person, on=on, why=Leaving.DIED)
            continue
        _join_household(person, successor, is_head=False)
        moved.append(person.pk)
    return moved


def _end_memberships(household: Household, *, on: date) -> None:
    for span in household.memberships.all():
        if span.starts_on > on:
            span.delete()
        elif span.ends_on is None or span.ends_on > on:
            span.ends_on = on
            span.save(update_fields=["ends_on"])


def _write(household: Household, successor: Household, *, by: User, **terms: object) -> Succession:
    return Succession.objects.create(
        cooperative=household.cooperative,
        household=household,
        successor=successor,
        recorded_by=by,
        **terms,
    )
