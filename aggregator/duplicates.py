"""Pairs of records that may be one household, found without comparing all with all.

Finding is idempotent: a decided pair stays decided, an open one that no longer holds goes. Decides
nothing itself; merging is `aggregator.merging`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aggregator.audit import record_event
from aggregator.errors import DomainError
from aggregator.models import Cooperative, DuplicatePair, Household, PayeeAccount, Person, User
from aggregator.name_likeness import MAX_BLOCK, are_alike, block_keys, fold_name, same_by_sound
from aggregator.roles import require_role

SAME_PHONE = "same_phone"
SAME_ACCOUNT = "same_account"
SAME_NAME = "same_name"
NEAR_NAME = "near_name"
GROUNDS = {
    SAME_PHONE: _("same telephone number"),
    SAME_ACCOUNT: _("same bank account"),
    SAME_NAME: _("same name in the same village"),
    NEAR_NAME: _("much the same name in the same village"),
}
# Three households on one phone: a son keeps his elders'. Dozens: the clerk's own number.
MAX_SHARED = 5

Pair = tuple[int, int]
Status = DuplicatePair.Status


class PairDecided(DomainError):
    code = "pair_decided"
    message = _("This pair does not wait for a decision: %(status)s.")


@dataclass(frozen=True, slots=True)
class _Bearer:
    """A person as names are compared."""

    household_id: int
    village_id: int
    name: str
    identity_hash: str
    is_head: bool


@transaction.atomic
def find_duplicates(cooperative: Cooperative) -> int:
    """Search the whole cooperative and keep the queue of open pairs; how many are new."""
    found: defaultdict[Pair, set[str]] = defaultdict(set)
    for pair, ground in _find_pairs(cooperative):
        found[pair].add(ground)
    rows = DuplicatePair.objects.for_cooperative(cooperative)
    known = {(row.first_id, row.second_id): row for row in rows}
    changed, gone = [], []
    for pair, row in known.items():
        if row.status != Status.OPEN:
            continue
        if pair not in found:
            gone.append(row.pk)
        elif row.grounds != sorted(found[pair]):
            row.grounds = sorted(found[pair])
            changed.append(row)
    DuplicatePair.objects.bulk_update(changed, ["grounds"], batch_size=1000)
    DuplicatePair.objects.filter(pk__in=gone).delete()
    fresh = [
        DuplicatePair(
            cooperative=cooperative, first_id=first, second_id=second, grounds=sorted(grounds)
        )
        for (first, second), grounds in sorted(found.items())
        if (first, second) not in known
    ]
    # Two searches at once may find the same pair.
    DuplicatePair.objects.bulk_create(fresh, batch_size=1000, ignore_conflicts=True)
    return len(fresh)


def find_all_duplicates() -> None:
    """Every cooperative in turn."""
    for cooperative in Cooperative.objects.all():
        find_duplicates(cooperative)


def open_pairs(cooperative: Cooperative) -> QuerySet[DuplicatePair]:
    """The pairs nobody has decided."""
    return DuplicatePair.objects.for_cooperative(cooperative).filter(status=Status.OPEN)


def count_undecided(cooperative: Cooperative) -> dict[int | None, int]:
    """Merges that wait for a second person, by who proposed them; under None the open pairs."""
    rows = DuplicatePair.objects.for_cooperative(cooperative)
    undecided = rows.filter(status__in=[Status.OPEN, Status.PROPOSED]).order_by()
    return dict(undecided.values_list("proposed_by").annotate(number=Count("pk")))


@transaction.atomic
def mark_different(pair: DuplicatePair, *, by: User) -> DuplicatePair:
    """Decide that the two are two households; they are not offered again.

    Raises:
        PairDecided: someone has decided already, or a merge is proposed.
    """
    require_role(by, User.Role.OPERATOR, User.Role.APPROVER, of=pair)
    decide_pair(pair, status=Status.DIFFERENT, by=by)
    record_event(pair, action="found_different", by=by, pair=str(pair))
    return pair


def decide_pair(pair: DuplicatePair, *, status: str, by: User, expected: str = Status.OPEN) -> None:
    """Compare and set: of two deciders at once, one is told that it is done."""
    decided = DuplicatePair.objects.filter(pk=pair.pk, status=expected).update(
        status=status, decided_at=timezone.now(), decided_by=by
    )
    pair.refresh_from_db()
    if not decided:
        raise PairDecided(status=pair.get_status_display())


def ground_names(grounds: Iterable[str]) -> str:
    """What two records have in common, in the reader's words."""
    return gettext(", ").join(str(GROUNDS.get(ground, ground)) for ground in grounds)


def _find_pairs(cooperative: Cooperative) -> Iterator[tuple[Pair, str]]:
    households = Household.objects.for_cooperative(cooperative).filter(merged_into=None)
    phones = households.exclude(phone_hash="").order_by().values_list("phone_hash", "pk")
    yield from ((pair, SAME_PHONE) for pair in _sharing(phones))
    accounts = (
        PayeeAccount.objects.for_cooperative(cooperative)
        .filter(
            household__merged_into=None,
            status__in=[PayeeAccount.Status.ACTIVE, PayeeAccount.Status.PROPOSED],
        )
        .order_by()
        .values_list("number_hash", "household_id")
    )
    yield from ((pair, SAME_ACCOUNT) for pair in _sharing(accounts))
    yield from _name_pairs(cooperative)


def _sharing(rows: Iterable[tuple[str, int]]) -> Iterator[Pair]:
    """Pairs of households that share a number, unless so many do that it tells nothing."""
    bearers: defaultdict[str, set[int]] = defaultdict(set)
    for number, household in rows:
        bearers[number].add(household)
    for sharing in bearers.values():
        if 1 < len(sharing) <= MAX_SHARED:
            yield from combinations(sorted(sharing), 2)


def _name_pairs(cooperative: Cooperative) -> Iterator[tuple[Pair, str]]:
    persons = Person.objects.for_cooperative(cooperative).filter(
        left_on=None, household__merged_into=None
    )
    blocks: defaultdict[tuple[int, str], set[_Bearer]] = defaultdict(set)
    columns = ["household_id", "household__village_id", "name", "identity_hash", "is_head"]
    for household, village, name, identity, is_head in persons.order_by().values_list(*columns):
        folded = fold_name(name)
        bearer = _Bearer(household, village, folded, identity, is_head)
        for key in block_keys(folded):
            blocks[village, key].add(bearer)
    for block in blocks.values():
        if 1 < len(block) <= MAX_BLOCK:
            for one, other in combinations(block, 2):
                yield from _compare(one, other)


def _compare(one: _Bearer, other: _Bearer) -> Iterator[tuple[Pair, str]]:
    if one.household_id == other.household_id or not (one.is_head or other.is_head):
        return
    # The identity number is unique on record: where both have one, they are two people.
    if one.identity_hash and other.identity_hash:
        return
    if not are_alike(one.name, other.name):
        return
    # Brothers share all but one character. Only where one number is known and the other is not
    # does a character astray look like a second record of the same person.
    numbers_known = bool(one.identity_hash) + bool(other.identity_hash)
    if not same_by_sound(one.name, other.name) and numbers_known == 0:
        return
    first, second = sorted((one.household_id, other.household_id))
    yield (first, second), SAME_NAME if one.name == other.name else NEAR_NAME
