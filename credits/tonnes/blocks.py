"""The life of credit blocks: split, merged and moved from status to status, each move on record.

The one writer of blocks. The moves of an issuance's blocks wait for one another; triggers in the
database hold the same laws against whatever else would write.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.errors import BadInput, DomainError
from aggregator.models import User
from aggregator.roles import require_role
from credits.models import BlockEvent, BlockLink, CreditBlock, Issuance

Status = CreditBlock.Status
Action = BlockEvent.Action
# The same edges as the triggers of migration 0007 allow.
EDGES = {
    Status.HELD: {Status.RESERVED, Status.TRANSFERRED, Status.RETIRED, Status.CANCELLED},
    Status.RESERVED: {Status.HELD, Status.TRANSFERRED, Status.RETIRED, Status.CANCELLED},
    Status.TRANSFERRED: {Status.RETIRED, Status.CANCELLED},
    Status.BUFFER: {Status.HELD, Status.CANCELLED},
}
UNSOLD = (Status.HELD, Status.RESERVED)


class BlockChanged(DomainError):
    code = "block_changed"
    message = _("Tonnes of this block have moved meanwhile. Look at the list of blocks again.")


class MoveNotAllowed(DomainError):
    code = "move_not_allowed"
    message = _("Credits that are “%(before)s” cannot become “%(after)s”.")


class RangeOutside(BadInput):
    code = "range_outside"
    message = _("The block has %(tonnes)s t; %(asked)s t were asked.")


class NotMergeable(DomainError):
    code = "not_mergeable"
    message = _("Only blocks side by side, of one issuance and one status, can become one.")


@dataclass(frozen=True, slots=True)
class Move:
    """What is done to a range, by whom and why; `by` None is the scheduler."""

    action: Action
    to: Status
    by: User | None
    reference: str = ""
    reason: str = ""


def record_issue(block: CreditBlock, *, by: User | None) -> None:
    """The first event of a block's life."""
    _record(block, Move(Action.ISSUE, Status(block.status), by), was="")


def move_range(block: CreditBlock, move: Move, *, first: int, last: int) -> CreditBlock:
    """Move the serials `first` to `last` of a live block; what is beside them becomes own blocks.

    Returns:
        The block that now holds exactly these serials with the new status.

    Raises:
        BlockChanged: the block was split, merged or moved since it was read.
        RangeOutside: the serials are not the block's.
        MoveNotAllowed: no edge leads from its status to the new one.
    """
    with transaction.atomic():
        lock_issuance(block.issuance_id)
        block = _reread(block)
        if not block.serial_start <= first <= last <= block.serial_end:
            raise RangeOutside(tonnes=block.tonnes, asked=last - first + 1)
        if move.to not in EDGES.get(Status(block.status), set()):
            raise MoveNotAllowed(before=block.get_status_display(), after=Status(move.to).label)
        moved = _cut_out(block, first, last, by=move.by)
        was, moved.status = moved.status, move.to
        moved.save(update_fields=["status"])
        _record(moved, move, was=was)
    return moved


def split_block(block: CreditBlock, *, tonnes: int, by: User) -> list[CreditBlock]:
    """Part the first `tonnes` of a live block from the rest.

    Raises:
        BlockChanged: it is not live any more.
        RangeOutside: one of the two parts would be empty.
    """
    require_role(by, "operator", of=block)
    with transaction.atomic():
        lock_issuance(block.issuance_id)
        block = _reread(block)
        if type(tonnes) is not int or not 1 <= tonnes < block.tonnes:
            raise RangeOutside(tonnes=block.tonnes, asked=tonnes)
        cut = block.serial_start + tonnes
        parts = _replace([block], [(block.serial_start, cut - 1), (cut, block.serial_end)])
        for part in parts:
            _record(part, Move(Action.SPLIT, Status(part.status), by), was=part.status)
        audit.record_event(block, action="split_block", by=by, tonnes=tonnes)
    return parts


def merge_blocks(blocks: Sequence[CreditBlock], *, by: User) -> CreditBlock:
    """Make one block of live blocks that lie side by side and are alike.

    Raises:
        BlockChanged: one of them is not live any more.
        NotMergeable: fewer than two, not alike, or not side by side.
    """
    if len(blocks) < 2:
        raise NotMergeable
    for block in blocks:
        require_role(by, "operator", of=block)
    with transaction.atomic():
        lock_issuance(blocks[0].issuance_id)
        parts = sorted(map(_reread, blocks), key=lambda block: block.serial_start)
        alike = {(b.issuance_id, b.kind, b.status, b.locked_until) for b in parts}
        gaps = {b.serial_start - a.serial_end for a, b in pairwise(parts)}
        if len(alike) > 1 or gaps != {1}:
            raise NotMergeable
        [whole] = _replace(parts, [(parts[0].serial_start, parts[-1].serial_end)])
        _record(whole, Move(Action.MERGE, Status(whole.status), by), was=whole.status)
        audit.record_event(whole, action="merge_blocks", by=by, tonnes=whole.tonnes)
    return whole


def find_neighbours(block: CreditBlock) -> list[CreditBlock]:
    """The live blocks that `merge_blocks` would take together with this one, by their serials."""
    rows = CreditBlock.objects.live().filter(
        issuance=block.issuance_id,
        kind=block.kind,
        status=block.status,
        locked_until=block.locked_until,
    )
    alike = list(rows.select_related("project").order_by("serial_start"))
    here = next((at for at, row in enumerate(alike) if row.pk == block.pk), None)
    if here is None:
        return []
    first, last = here, here
    while first and alike[first - 1].serial_end + 1 == alike[first].serial_start:
        first -= 1
    while last + 1 < len(alike) and alike[last].serial_end + 1 == alike[last + 1].serial_start:
        last += 1
    return [row for row in alike[first : last + 1] if row.pk != block.pk]


def reserve_tonnes(
    block: CreditBlock, *, tonnes: int, reference: str = "", by: User
) -> CreditBlock:
    """Set the first `tonnes` of a held block aside for a sale under way."""
    require_role(by, "operator", of=block)
    move = Move(Action.RESERVE, Status.RESERVED, by, reference=reference)
    moved = move_range(
        block, move, first=block.serial_start, last=block.serial_start + max(tonnes, 0) - 1
    )
    audit.record_event(moved, action="reserve_tonnes", by=by, tonnes=tonnes)
    return moved


def free_tonnes(block: CreditBlock, *, by: User) -> CreditBlock:
    """Let a block reserved for sale be held again."""
    require_role(by, "operator", of=block)
    move = Move(Action.UNRESERVE, Status.HELD, by)
    moved = move_range(block, move, first=block.serial_start, last=block.serial_end)
    audit.record_event(moved, action="free_tonnes", by=by, tonnes=moved.tonnes)
    return moved


def find_live(block: CreditBlock, *, first: int, last: int) -> CreditBlock:
    """The live block that holds the serials `first` to `last`, once parts of `block`.

    Raises:
        BlockChanged: they lie in more than one block now.
    """
    held = CreditBlock.objects.live().filter(
        issuance=block.issuance_id, serial_start__lte=first, serial_end__gte=last
    )
    if (found := held.first()) is None:
        raise BlockChanged
    return found


def lock_issuance(pk: int) -> None:
    """Make the moves of an issuance's blocks wait for one another until the transaction ends."""
    Issuance.objects.select_for_update().get(pk=pk)


def _reread(block: CreditBlock) -> CreditBlock:
    live = CreditBlock.objects.live().filter(pk=block.pk).select_related("project", "issuance")
    if (found := live.first()) is None or found.status != block.status:
        raise BlockChanged
    return found


def _cut_out(block: CreditBlock, first: int, last: int, *, by: User | None) -> CreditBlock:
    if (first, last) == (block.serial_start, block.serial_end):
        return block
    ranges = [(block.serial_start, first - 1), (first, last), (last + 1, block.serial_end)]
    parts = _replace([block], [(start, end) for start, end in ranges if start <= end])
    for part in parts:
        _record(part, Move(Action.SPLIT, Status(part.status), by), was=part.status)
    return next(part for part in parts if part.serial_start == first)


def _replace(parents: Sequence[CreditBlock], ranges: list[tuple[int, int]]) -> list[CreditBlock]:
    """End the parents and make blocks of the ranges, alike but for their serials."""
    model = parents[0]
    for parent in parents:
        parent.is_live = False
        parent.save(update_fields=["is_live"])
    children = [
        CreditBlock.objects.create(
            cooperative_id=model.cooperative_id,
            issuance_id=model.issuance_id,
            project_id=model.project_id,
            kind=model.kind,
            status=model.status,
            locked_until=model.locked_until,
            serial_start=start,
            serial_end=end,
        )
        for start, end in ranges
    ]
    BlockLink.objects.bulk_create(
        BlockLink(cooperative_id=model.cooperative_id, parent=parent, child=child)
        for parent in parents
        for child in children
    )
    return children


def _record(block: CreditBlock, move: Move, *, was: str) -> None:
    BlockEvent.objects.create(
        cooperative_id=block.cooperative_id,
        block=block,
        action=move.action,
        from_status=was,
        to_status=move.to,
        serial_start=block.serial_start,
        serial_end=block.serial_end,
        reference=move.reference,
        reason=move.reason,
        by=move.by,
    )
