"""Proof of the credits: every issued tonne is in one live block, and every block has its history.

A check yields each thing that is wrong, nothing where all is well; what the last one found is kept
for the desk, with the day since when it has been found.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.canonical import sha256_of
from aggregator.errors import DomainError
from aggregator.models import Cooperative, User
from aggregator.roles import require_role
from credits.models import (
    BlockEvent,
    BlockLink,
    CreditBlock,
    CreditsProof,
    Issuance,
    Lot,
    Project,
)
from credits.tonnes.block_faults import Fault
from credits.tonnes.block_holdings import block_kilograms, issuance_shares
from credits.tonnes.blocks import EDGES

Status = CreditBlock.Status
GUARDS = {
    "postgresql": {
        "credits_creditblock.blocks_edges",
        "credits_creditblock.blocks_conserve",
        "credits_issuance.blocks_conserve",
        "credits_creditblock.blocks_succeed",
        "credits_creditblock.blocks_owned",
        "credits_issuance.blocks_stand",
        "credits_removal.blocks_removed",
        "credits_removal.blocks_removed_kept",
        "credits_lot.blocks_sold_once",
    },
    "sqlite": {
        *("blocks_apart", "blocks_no_replace", "blocks_stay", "blocks_edges", "blocks_counted"),
        *("blocks_ended", "blocks_gone", "blocks_issued", "blocks_reissued", "blocks_unissued"),
        *("blocks_succeed", "blocks_owned", "blocks_stand", "blocks_removed"),
        *("blocks_removed_kept", "blocks_sold_once"),
    },
}
logger = logging.getLogger(__name__)


class CreditsDoNotProve(DomainError):
    code = "credits_do_not_prove"
    message = _("The credits do not prove: %(problems)s")


def prove_credits() -> None:
    """Raise, and leave a line in the log for each finding, unless the credits prove.

    Raises:
        CreditsDoNotProve: with the first findings.
    """
    problems = [f"{place}: {problem}" for place, problem in check_all()]
    for problem in problems:
        logger.error("credits check: %s", problem)
    if problems:
        raise CreditsDoNotProve(problems="; ".join(problems[:20]))


def check_all() -> Iterator[tuple[str, str]]:
    """Pairs of place and finding, over the database and every project; kept for each desk."""
    guards = find_missing_guards()
    yield from (("database", problem) for problem in guards)
    for cooperative in Cooperative.objects.all():
        proof = keep_proof(cooperative, guards=guards)
        for found in proof.findings:
            if found["project"]:
                yield found["project"], str(read_fault(found))


def check_now(cooperative: Cooperative, *, by: User) -> CreditsProof:
    """Check a cooperative's credits at once, for its staff."""
    require_role(by, "operator", "approver", of=CreditsProof(cooperative=cooperative))
    proof = keep_proof(cooperative, guards=find_missing_guards())
    audit.record_event(proof, action="check_credits", by=by, findings=len(proof.findings))
    return proof


def keep_proof(cooperative: Cooperative, *, guards: Iterable[str]) -> CreditsProof:
    """Check the projects of a cooperative and keep what was found in place of what was before."""
    now = timezone.now()
    found = [({"project": ""}, fault) for fault in map(_guard_fault, guards)]
    for project in Project.objects.for_cooperative(cooperative):
        found += [({"project": project.code}, fault) for fault in find_faults(project)]
    rows = [place | fault.as_json() for place, fault in found]
    with transaction.atomic():
        before = CreditsProof.objects.select_for_update().filter(cooperative=cooperative).first()
        since = {_same(row): row["since"] for row in before.findings} if before else {}
        for row in rows:
            row["since"] = since.get(_same(row), now.isoformat())
        told = {"checked_at": now, "findings": rows}
        proof, _created = CreditsProof.objects.update_or_create(told, cooperative=cooperative)
    return proof


def count_findings(cooperative: Cooperative) -> int:
    """How many things the last check found wrong."""
    proof = CreditsProof.objects.for_cooperative(cooperative).first()
    return len(proof.findings) if proof else 0


def read_fault(row: Mapping[str, Any]) -> Fault:
    """A fault as it was kept."""
    return Fault(row["code"], row["of"], row["key"], row["values"])


def _same(row: Mapping[str, Any]) -> str:
    """What makes a finding the one that was found before."""
    return sha256_of({name: value for name, value in row.items() if name != "since"})


def _guard_fault(told: str) -> Fault:
    return Fault("guard_missing", "database", values={"name": told.split()[1]})


def find_missing_guards() -> list[str]:
    """Triggers that ought to hold the blocks to their laws and do not stand."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT relname || '.' || tgname FROM pg_trigger JOIN pg_class"
                " ON pg_class.oid = tgrelid"
                " WHERE tgenabled = 'O' AND starts_with(tgname, 'blocks_')"
            )
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        standing = {name for (name,) in cursor.fetchall()}
    return [f"guard {name} is missing" for name in sorted(GUARDS[connection.vendor] - standing)]


def check_credits(project: Project) -> list[str]:
    """What is wrong with a project's blocks, in sentences; empty when all is in order."""
    return [str(fault) for fault in find_faults(project)]


def find_faults(project: Project) -> list[Fault]:
    """What is wrong with a project's blocks."""
    blocks = list(project.blocks.order_by("serial_start", "pk"))
    return [
        *_find_overlaps([block for block in blocks if block.is_live]),
        *_check_issuances(project, blocks),
        *_check_ancestry(project, blocks),
        *_check_events(project, blocks),
        *_check_lots(project),
    ]


def _find_overlaps(blocks: list[CreditBlock]) -> Iterator[Fault]:
    for before, after in pairwise(blocks):
        if after.serial_start <= before.serial_end:
            yield Fault("overlaps", "block", after.pk, {"of": "block", "other": before.pk})


def _check_issuances(project: Project, blocks: list[CreditBlock]) -> Iterator[Fault]:
    """Issued = held + reserved + sold + retired + cancelled + buffer, in tonnes and kilograms."""
    held = defaultdict(list)
    for block in blocks:
        if block.is_live:
            held[block.issuance_id].append(block)
    for issuance in Issuance.objects.filter(period__project=project).select_related("run"):
        tonnes = sum(block.tonnes for block in held[issuance.pk])
        if tonnes != issuance.sellable_t + issuance.reserve_t:
            yield Fault("tonnes_missing", "issuance", issuance.pk, {"held": tonnes})
            continue
        shares = issuance_shares(issuance)
        for block in held[issuance.pk] if shares else ():
            kilograms = block_kilograms(block, shares=shares).values()
            if sum(kilograms) != 1000 * block.tonnes:
                told = {"held": sum(kilograms), "tonnes": block.tonnes}
                yield Fault("kilograms_missing", "block", block.pk, told)


def _check_ancestry(project: Project, blocks: list[CreditBlock]) -> Iterator[Fault]:
    """A block that ended passed whole into its children, and one that stands has none."""
    by_key = {block.pk: block for block in blocks}
    children = defaultdict(list)
    for parent, child in BlockLink.objects.filter(parent__project=project).values_list(
        "parent", "child"
    ):
        children[parent].append(by_key[child])
    for block in blocks:
        passed = sum(
            min(block.serial_end, child.serial_end)
            - max(block.serial_start, child.serial_start)
            + 1
            for child in children[block.pk]
        )
        if passed != (0 if block.is_live else block.tonnes):
            told = {"passed": passed, "tonnes": block.tonnes}
            yield Fault("passed_wrongly", "block", block.pk, told)


def _check_events(project: Project, blocks: list[CreditBlock]) -> Iterator[Fault]:
    """Each block's moves lead to its status, each along an edge."""
    moves = defaultdict(list)
    for event in BlockEvent.objects.filter(block__project=project).order_by("pk"):
        moves[event.block_id].append(event)
    for block in blocks:
        status = moves[block.pk][0].from_status if moves[block.pk] else ""
        for event in moves[block.pk]:
            stays = event.action in (BlockEvent.Action.SPLIT, BlockEvent.Action.MERGE)
            first = event.action == BlockEvent.Action.ISSUE and not event.from_status
            may = {status} if stays else EDGES.get(Status(status), set()) if status else set()
            if event.from_status != status or not (first or event.to_status in may):
                told = {"event": event.pk, "status": status}
                yield Fault("leads_nowhere", "block", block.pk, told)
            status = event.to_status
        if status != block.status:
            told = {"status": block.status, "end": status or "nothing"}
            yield Fault("ends_elsewhere", "block", block.pk, told)


def _check_lots(project: Project) -> Iterator[Fault]:
    """A lot is the sale of its whole block, which was sold and may be gone since."""
    left = (Status.TRANSFERRED, Status.RETIRED, Status.CANCELLED)
    lots = list(
        Lot.objects.filter(block__project=project).select_related("block").order_by("serial_start")
    )
    for before, after in pairwise(lots):
        if after.serial_start <= before.serial_end:
            yield Fault("overlaps", "lot", after.pk, {"of": "lot", "other": before.pk})
    for lot in lots:
        block = lot.block
        whole = (lot.serial_start, lot.serial_end) == (block.serial_start, block.serial_end)
        if not whole or block.status not in left:
            yield Fault("not_the_sale", "lot", lot.pk)
    sold = {lot.block_id for lot in lots}
    roots = BlockEvent.objects.filter(block__project=project, action=BlockEvent.Action.SELL)
    for event in roots.exclude(block__in=sold):
        yield Fault("in_no_lot", "block", event.block_id)
