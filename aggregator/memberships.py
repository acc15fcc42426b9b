"""Joining and leaving the cooperative on a day, and shares that change on a day.

Days of one household never overlap; what an earlier membership says is ended, never overwritten.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from aggregator.audit import record_event
from aggregator.errors import BadInput, DomainError
from aggregator.models import Cooperative, Household, Membership, Succession, User
from aggregator.payees import lock_household
from aggregator.roles import require_role

_ONE_DAY = timedelta(days=1)


class MembershipOverlaps(DomainError):
    code = "membership_overlaps"
    message = _(
        "Household %(household)s is a member from %(starts_on)s to %(ends_on)s already. "
        "Choose days outside these."
    )


class NotAMember(DomainError):
    code = "not_a_member"
    message = _("Household %(household)s is no member on %(day)s.")


class DaysReversed(BadInput):
    code = "membership_days_reversed"
    message = _("The last day, %(ends_on)s, lies before the first, %(starts_on)s.")


class LaterMembership(DomainError):
    code = "later_membership"
    message = _("Another membership begins on %(day)s: end the household's last one.")


@transaction.atomic
def join(
    household: Household,
    *,
    starts_on: date,
    ends_on: date | None = None,
    shares: int = 1,
    by: User,
) -> Membership:
    """Take the household in as a member from a day on.

    Raises:
        DaysReversed: the days are the wrong way round.
        MembershipOverlaps: it is a member on one of these days.
    """
    require_role(by, User.Role.OPERATOR, of=household)
    household = lock_household(household.pk)
    if ends_on is not None and ends_on < starts_on:
        raise DaysReversed(starts_on=starts_on, ends_on=ends_on)
    for span in household.memberships.all():
        if span.starts_on <= (ends_on or date.max) and starts_on <= (span.ends_on or date.max):
            raise MembershipOverlaps(
                household=household, starts_on=span.starts_on, ends_on=span.ends_on or "…"
            )
    span = Membership.objects.create(
        cooperative=household.cooperative,
        household=household,
        starts_on=starts_on,
        ends_on=ends_on,
        shares=shares,
    )
    record_event(household, action="join", by=by, starts_on=starts_on.isoformat(), shares=shares)
    return span


@transaction.atomic
def leave(household: Household, *, on: date, by: User) -> Membership:
    """End the membership with `on` as its last day; what is owed stays owed.

    Raises:
        NotAMember: there is no membership on that day.
        LaterMembership: another one begins after it.
    """
    require_role(by, User.Role.OPERATOR, of=household)
    household = lock_household(household.pk)
    span = member_on(household, on)
    later = household.memberships.filter(starts_on__gt=on).order_by("starts_on").first()
    if later is not None:
        raise LaterMembership(day=later.starts_on)
    was, span.ends_on = span.ends_on, on
    span.save(update_fields=["ends_on"])
    record_event(
        household,
        action="leave",
        by=by,
        last_day=on.isoformat(),
        was=was.isoformat() if was else "",
    )
    return span


@transaction.atomic
def change_shares(household: Household, *, shares: int, on: date, by: User) -> Membership:
    """From `on` the household has this many shares; the days before keep theirs.

    Raises:
        NotAMember: there is no membership on that day.
    """
    require_role(by, User.Role.OPERATOR, of=household)
    household = lock_household(household.pk)
    span = member_on(household, on)
    was = span.shares
    if span.starts_on == on:
        span.shares = shares
        span.save(update_fields=["shares"])
    else:
        span = _split(span, on=on, shares=shares)
    record_event(
        household, action="change_shares", by=by, on=on.isoformat(), was=was, shares=shares
    )
    return span


def member_on(household: Household, day: date) -> Membership:
    """The membership that holds on `day`."""
    for span in household.memberships.all():
        if span.starts_on <= day <= (span.ends_on or date.max):
            return span
    raise NotAMember(household=household, day=day)


def left_by(cooperative: Cooperative, day: date) -> QuerySet[Household]:
    """Households that have left: their last day is past, they passed on, or are a former record.

    One that never had days of membership on record has not left.
    """
    member = Q(memberships__ends_on__isnull=True) | Q(memberships__ends_on__gte=day)
    own = Household.objects.for_cooperative(cooperative).order_by()
    passed = Succession.objects.exclude(kind=Succession.Kind.DIVISION)
    passed = passed.exclude(successor=F("household"))
    ended = own.filter(memberships__isnull=False).exclude(
        pk__in=own.filter(member, memberships__isnull=False).values("pk")
    )
    return own.filter(
        Q(pk__in=ended.values("pk"))
        | Q(pk__in=passed.values("household"))
        | Q(merged_into__isnull=False)
    )


def _split(span: Membership, *, on: date, shares: int) -> Membership:
    last, span.ends_on = span.ends_on, on - _ONE_DAY
    span.save(update_fields=["ends_on"])
    return Membership.objects.create(
        cooperative_id=span.cooperative_id,
        household_id=span.household_id,
        starts_on=on,
        ends_on=last,
        shares=shares,
    )
