"""Where a block came from and what became of it: its ancestry, and the moves of all of it.

Reads only, in a number of queries that does not grow with the generations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from credits.models import BlockEvent, BlockLink, CreditBlock
from credits.tonnes.sale import block_serials


@dataclass(frozen=True, slots=True)
class Ancestry:
    """The blocks before and after one, oldest first, and their moves in the order they were made.

    A move stands under the block that made it; those before count only where their serials and
    the block's meet.
    """

    before: list[CreditBlock]
    after: list[CreditBlock]
    moves: list[BlockEvent]


def trace_block(block: CreditBlock) -> Ancestry:
    """Follow the links of the block's issuance both ways."""
    links = list(
        BlockLink.objects.filter(parent__issuance=block.issuance_id).values_list("parent", "child")
    )
    parents: defaultdict[int, list[int]] = defaultdict(list)
    children: defaultdict[int, list[int]] = defaultdict(list)
    for parent, child in links:
        parents[child].append(parent)
        children[parent].append(child)
    before, after = _reach(block.pk, parents), _reach(block.pk, children)
    rows = CreditBlock.objects.filter(pk__in=before | after).select_related("project")
    kin = {row.pk: row for row in rows.order_by("pk")}
    near = [pk for pk in before if _meet(kin[pk], block)]
    moves = BlockEvent.objects.filter(block__in=[*near, block.pk]).select_related("by", "block")
    return Ancestry(
        before=[row for pk, row in kin.items() if pk in before and _meet(row, block)],
        after=[row for pk, row in kin.items() if pk in after and _meet(row, block)],
        moves=list(moves.order_by("at", "pk")),
    )


def _reach(start: int, steps: Mapping[int, list[int]]) -> set[int]:
    found: set[int] = set()
    waiting = [start]
    while waiting:
        for key in steps.get(waiting.pop(), []):
            if key not in found:
                found.add(key)
                waiting.append(key)
    return found


def _meet(one: CreditBlock, other: CreditBlock) -> bool:
    return one.serial_start <= other.serial_end and other.serial_start <= one.serial_end


# Verra: sectoral scope 14, agriculture, forestry and land use; UNDP: sector 15, agriculture.
SECTORS = {"verra": "14", "undp": "15"}


def known_parts(block: CreditBlock, *, registry: str) -> dict[str, str]:
    """What of another registry's serial numbers can be told of a block of ours.

    Numbers of projects, programs and batches are given by the registry.
    """
    own = block_serials(block)
    period = block.issuance.period
    sector = {"sector": SECTORS[registry]} if registry in SECTORS else {}
    return sector | {
        "start": str(own.start),
        "end": str(own.end),
        "vintage": f"{own.vintage:04d}",
        "year": f"{own.vintage:04d}",
        "from_day": f"{period.starts_on:%d%m%Y}",
        "to_day": f"{period.ends_on:%d%m%Y}",
    }
