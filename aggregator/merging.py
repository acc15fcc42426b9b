"""Making two records of one household one: everything moves, and the audit log can read it back.

One person proposes it and another approves it, since it can change whose account is paid.

Each floor registers what it moves and what forbids it. Frozen things (shares, statements, results)
stay under the former code and are seen by the kept household.

Rules where both have something: the kept household's head, phone and account in use stay; its
membership days stand and the other's fill the gaps; every signed agreement stays in force as it was
signed. Wherever somebody else could now be paid, the account cools off as a changed one does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator import household_notices
from aggregator.audit import record_event
from aggregator.duplicates import PairDecided, decide_pair
from aggregator.errors import BadInput, DomainError
from aggregator.locks import lock_cooperative
from aggregator.models import (
    Agreement,
    DuplicatePair,
    Household,
    Membership,
    OutboxMessage,
    PayeeAccount,
    Person,
    Succession,
    User,
)
from aggregator.name_likeness import fold_name
from aggregator.payees import REPLACED, cool_off, lock_household
from aggregator.roles import NotYours, require_role
from aggregator.succession import passed_on

Status = PayeeAccount.Status
_ONE_DAY = timedelta(days=1)
Span = tuple[date, date]


class SameRecord(DomainError):
    code = "same_record"
    message = _("These are one record already.")


class PassedElsewhere(DomainError):
    code = "passed_elsewhere"
    message = _(
        "Household %(household)s passed to %(successor)s on %(day)s: these are not one household."
    )


class MergeLater(DomainError):
    code = "merge_later"
    message = _("Not now: %(reason)s")


class OwnMerge(DomainError):
    code = "own_merge"
    message = _("You proposed this merge: a second person approves it.")


class MergeNotWaiting(DomainError):
    code = "merge_not_waiting"
    message = _("No merge of these two waits for approval: %(status)s.")


class MergeReasonMissing(BadInput):
    code = "merge_reason_missing"
    message = _("Say why; the reason is kept with the pair.")


class Moves:
    """Rows that pass from the merged household to the kept, noted for the audit log."""

    def __init__(self, kept: Household, merged: Household, *, by: User) -> None:
        self.kept, self.merged, self.by = kept, merged, by
        self.rows: defaultdict[str, list[dict[str, object]]] = defaultdict(list)

    def move(self, model: type[Model], column: str = "household") -> None:
        """Let `column` of every row that names the merged household name the kept."""
        rows = model._default_manager.filter(**{column: self.merged}).order_by("pk")
        if keys := list(rows.values_list("pk", flat=True)):
            self.note(model, keys=keys, column=column, was=self.merged.code, becomes=self.kept.code)
            rows.update(**{column: self.kept})

    def note(self, model: type[Model], **what: object) -> None:
        """Put on record what was done with rows of a model."""
        self.rows[model._meta.model_name or ""].append(what)


Mover = Callable[[Moves], None]
# Says why the two must not be merged now, or nothing.
Guard = Callable[[Household, Household], str]
_MOVERS: list[Mover] = []
_GUARDS: list[Guard] = []


def register_mover(move: Mover) -> None:
    """Let a floor above move its rows, after those of the floors below."""
    _MOVERS.append(move)


def register_guard(guard: Guard) -> None:
    """Let a floor above forbid a merge while its own work is half done."""
    _GUARDS.append(guard)


@transaction.atomic
def propose_merge(kept: Household, merged: Household, *, by: User) -> DuplicatePair:
    """Say that `merged` is a second record of `kept`, for a second person to approve.

    Raises:
        SameRecord: it is the same row.
        HouseholdMerged: one of the two was merged before.
        PassedElsewhere: the rights of one of them passed to a third household.
        PairDecided: a merge of the two waits already, or they were found to be two households.
    """
    require_role(by, User.Role.OPERATOR, User.Role.APPROVER, of=kept)
    kept, merged = _lock_both(kept, merged)
    _refuse_passed_elsewhere(kept, merged)
    first, second = sorted([kept.pk, merged.pk])
    pair, _created = DuplicatePair.objects.get_or_create(
        first_id=first, second_id=second, defaults={"cooperative": kept.cooperative}
    )
    if pair.status != DuplicatePair.Status.OPEN:
        raise PairDecided(status=pair.get_status_display())
    pair.status, pair.kept, pair.reason = DuplicatePair.Status.PROPOSED, kept, ""
    pair.proposed_by, pair.proposed_at = by, timezone.now()
    pair.decided_by = pair.decided_at = None
    pair.save()
    record_event(pair, action="propose_merge", by=by, kept=kept.code, merged=merged.code)
    return pair


@transaction.atomic
def approve_merge(pair: DuplicatePair, *, by: User) -> Household:
    """Make one record of the pair, as the second person.

    Both phones are told, and an account that gains another's money waits as a changed one.

    Raises:
        OwnMerge: `by` proposed it, whatever the role.
        MergeNotWaiting: it is decided already.
        HouseholdMerged, PassedElsewhere: something else became of one of the two meanwhile.
        MergeLater: a draft settlement or an open batch holds one of the two.
    """
    require_role(by, User.Role.APPROVER, of=pair)
    pair = _lock_proposed(pair)
    if pair.proposed_by_id == by.pk:
        raise OwnMerge
    kept, merged = _lock_both(pair.first, pair.second)
    if pair.kept_id != kept.pk:
        kept, merged = merged, kept
    _refuse_passed_elsewhere(kept, merged)
    for guard in _GUARDS:
        if reason := guard(kept, merged):
            raise MergeLater(reason=reason)
    decide_pair(pair, status=DuplicatePair.Status.MERGED, by=by, expected=pair.status)
    return _merge(kept, merged, by=by)


@transaction.atomic
def refuse_merge(pair: DuplicatePair, *, reason: str, by: User) -> DuplicatePair:
    """Decide against a proposed merge, or take back one's own: the pair is open again.

    Raises:
        MergeReasonMissing: no reason was given.
        MergeNotWaiting: it is decided already.
    """
    require_role(by, User.Role.OPERATOR, User.Role.APPROVER, of=pair)
    if not (reason := reason.strip()[:200]):
        raise MergeReasonMissing
    pair = _lock_proposed(pair)
    proposer = pair.proposed_by
    pair.status, pair.kept, pair.reason = DuplicatePair.Status.OPEN, None, reason
    pair.proposed_by = pair.proposed_at = None
    pair.decided_by, pair.decided_at = by, timezone.now()
    pair.save()
    record_event(
        pair,
        action="refuse_merge",
        by=by,
        pair=str(pair),
        reason=reason,
        proposed_by=str(proposer),
    )
    return pair


def _lock_both(kept: Household, merged: Household) -> tuple[Household, Household]:
    if kept.pk == merged.pk:
        raise SameRecord
    if kept.cooperative_id != merged.cooperative_id:
        raise NotYours
    locked = {pk: lock_household(pk) for pk in sorted([kept.pk, merged.pk])}
    return locked[kept.pk], locked[merged.pk]


def _lock_proposed(pair: DuplicatePair) -> DuplicatePair:
    lock_cooperative(pair.cooperative_id)
    # The search for duplicates may have dropped the pair, or a merge one that named its record.
    found = DuplicatePair.objects.filter(pk=pair.pk).first()
    if found is None or found.status != DuplicatePair.Status.PROPOSED:
        raise MergeNotWaiting(status=(found or pair).get_status_display())
    return found


def _merge(kept: Household, merged: Household, *, by: User) -> Household:
    moves = Moves(kept, merged, by=by)
    phones = list(dict.fromkeys([kept.phone, merged.phone]))
    _move_own(moves)
    for move in _MOVERS:
        move(moves)
    merged.merged_households.update(merged_into=kept)
    merged.merged_into = kept
    merged.save(update_fields=["merged_into"])
    if not kept.phone and merged.phone:
        kept.phone = merged.phone
        kept.save(update_fields=["phone", "phone_hash"])
        moves.note(Household, column="phone", was="", becomes=merged.code)
    _drop_other_pairs(moves)
    for row in (kept, merged):
        record_event(
            row,
            action="merge_households",
            by=by,
            kept=kept.code,
            merged=merged.code,
            moved=dict(moves.rows),
        )
    account = kept.payee_accounts.active().first()
    for phone in phones:
        household_notices.tell_merged(
            merged, kept, phone=phone, money_from=account.usable_on if account else None
        )
    return kept


def _refuse_passed_elsewhere(*both: Household) -> None:
    for household in both:
        passed = passed_on(household)
        if passed is not None and passed.successor not in both:
            raise PassedElsewhere(
                household=household, successor=passed.successor, day=passed.happened_on
            )


def _move_own(moves: Moves) -> None:
    _join_people(moves)
    _fill_memberships(moves)
    _settle_accounts(moves)
    moves.move(Agreement)
    moves.move(PayeeAccount)
    moves.move(OutboxMessage)
    moves.move(Succession)
    moves.move(Succession, "successor")


def _join_people(moves: Moves) -> None:
    """Who stands in both records is one person; the others move and are not the head."""
    known = {fold_name(person.name): person for person in moves.kept.persons.filter(left_on=None)}
    for person in moves.merged.persons.all():
        twin = known.get(fold_name(person.name))
        both_known = twin is not None and twin.identity_hash and person.identity_hash
        if twin is None or both_known or person.left_on is not None:
            was_head, person.is_head, person.household = person.is_head, False, moves.kept
            if was_head and not moves.kept.persons.filter(is_head=True).exists():
                person.is_head = True
            person.save(update_fields=["is_head", "household"])
            moves.note(
                Person,
                keys=[person.pk],
                was_head=was_head,
                was=moves.merged.code,
                becomes=moves.kept.code,
            )
            continue
        _become_one(moves, twin, person)


def _become_one(moves: Moves, twin: Person, person: Person) -> None:
    for model, column in ((Agreement, "signed_by"), (Succession, "person")):
        rows = model._default_manager.filter(**{column: person})
        if keys := list(rows.values_list("pk", flat=True)):
            moves.note(model, keys=keys, column=column, was=person.pk, becomes=twin.pk)
            rows.update(**{column: twin})
    gained = bool(person.identity_hash) and not twin.identity_hash
    number = person.identity_number
    moves.note(Person, keys=[person.pk], joined_with=twin.pk, identity_taken=gained)
    person.delete()
    if gained:
        twin.identity_number = number
        twin.save(update_fields=["identity_number", "identity_hash"])


def _fill_memberships(moves: Moves) -> None:
    """The kept household's days stand; of the other's, those that fill a gap."""
    taken = [(s.starts_on, s.ends_on or date.max) for s in moves.kept.memberships.all()]
    for span in moves.merged.memberships.all():
        days = (span.starts_on, span.ends_on or date.max)
        moves.note(
            Membership,
            keys=[span.pk],
            starts_on=span.starts_on.isoformat(),
            ends_on=span.ends_on.isoformat() if span.ends_on else "",
            shares=span.shares,
            was=moves.merged.code,
        )
        pieces = _outside(days, taken)
        shares = span.shares
        span.delete()
        Membership.objects.bulk_create(
            Membership(
                cooperative=moves.kept.cooperative,
                household=moves.kept,
                starts_on=first,
                ends_on=None if last == date.max else last,
                shares=shares,
            )
            for first, last in pieces
        )
        taken += pieces


def _outside(days: Span, taken: list[Span]) -> list[Span]:
    """The parts of `days` that none of `taken` covers; both ends inclusive."""
    pieces = [days]
    for first, last in taken:
        cut: list[Span] = []
        for start, end in pieces:
            if last < start or end < first:
                cut.append((start, end))
                continue
            if start < first:
                cut.append((start, first - _ONE_DAY))
            if last < end:
                cut.append((last + _ONE_DAY, end))
        pieces = cut
    return pieces


def _settle_accounts(moves: Moves) -> None:
    """One account in use and one proposal remain; each that ends says why."""
    own = {account.status: account for account in moves.kept.payee_accounts.all()}
    for account in moves.merged.payee_accounts.filter(status__in=[Status.ACTIVE, Status.PROPOSED]):
        if account.status not in own:
            continue
        was = account.status
        account.status = Status.ENDED if was == Status.ACTIVE else Status.REFUSED
        account.reason, account.decided_by = REPLACED, moves.by
        account.save(update_fields=["status", "reason", "decided_by"])
        moves.note(
            PayeeAccount, keys=[account.pk], column="status", was=was, becomes=account.status
        )
    moved = moves.merged.payee_accounts.active().first()
    in_use = own.get(Status.ACTIVE) or moved
    # One number in both records is the same person's: nobody else can be paid now. A record without
    # an account counts as different: what it is owed now goes to an account it never had.
    paid_to = [_numbers_of(household) for household in (moves.kept, moves.merged)]
    if in_use is not None and (paid_to[0] != paid_to[1] or len(paid_to[0]) > 1):
        cool_off(in_use, today=timezone.localdate())
        moves.note(PayeeAccount, keys=[in_use.pk], usable_on=str(in_use.usable_on))


def _numbers_of(household: Household) -> set[str]:
    """The hashes of the accounts its money goes or went to."""
    rows = household.payee_accounts.filter(status__in=[Status.ACTIVE, Status.ENDED])
    return set(rows.values_list("number_hash", flat=True))


def _drop_other_pairs(moves: Moves) -> None:
    """What the former record had in common with others is searched anew; a proposal lapses."""
    undecided = DuplicatePair.objects.filter(
        Q(first=moves.merged) | Q(second=moves.merged),
        status__in=[DuplicatePair.Status.OPEN, DuplicatePair.Status.PROPOSED],
    )
    for pair in undecided:
        moves.note(DuplicatePair, keys=[pair.pk], pair=str(pair), was=pair.status)
    undecided.delete()
