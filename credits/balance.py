"""Where a project's issued tonnes are: sold, unsold or in reserve. Reads, never writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from credits.models import CreditBlock, Issuance, Lot, Project


@dataclass(frozen=True, slots=True)
class Balance:
    """Tonnes of a project; ``issued_t == sold_t + unsold_t + reserve_t``."""

    issued_t: int
    sold_t: int
    unsold_t: int
    reserve_t: int


def project_balance(project: Project) -> Balance:
    """Add up blocks and lots."""
    blocks = list(project.blocks.all())
    sellable = sum(block.tonnes for block in blocks if block.kind == CreditBlock.Kind.SELLABLE)
    issued = sum(block.tonnes for block in blocks)
    sold = sum(lot.tonnes for lot in Lot.objects.filter(block__project=project))
    return Balance(issued, sold, sellable - sold, issued - sellable)


def check_credits(project: Project) -> list[str]:
    """What is wrong with a project's serial numbers and totals; empty when all is in order."""
    problems = []
    for issuance in Issuance.objects.filter(period__project=project).prefetch_related("blocks"):
        issued = sum(block.tonnes for block in issuance.blocks.all())
        if issued != issuance.sellable_t + issuance.reserve_t:
            problems.append(f"issuance {issuance.pk}: blocks hold {issued} t")
    blocks = list(project.blocks.order_by("serial_start"))
    problems += _overlaps("block", blocks)
    for block in blocks:
        lots = list(block.lots.order_by("serial_start"))
        problems += _overlaps("lot", lots)
        for lot in lots:
            inside = block.serial_start <= lot.serial_start and lot.serial_end <= block.serial_end
            if not inside or block.kind != CreditBlock.Kind.SELLABLE:
                problems.append(f"lot {lot.pk}: not within a sellable block")
    return problems


def _overlaps(kind: str, ranges: Sequence[Any]) -> list[str]:
    return [
        f"{kind} {after.pk}: overlaps {kind} {before.pk}"
        for before, after in pairwise(ranges)
        if after.serial_start <= before.serial_end
    ]
