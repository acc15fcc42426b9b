"""Retiring and cancelling credits for good: one person proposes, another approves.

What is retired has a beneficiary and a purpose, and a certificate frozen when it is approved.
"""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.canonical import sha256_of
from aggregator.errors import BadInput, DomainError
from aggregator.models import User
from aggregator.roles import require_role
from credits.models import CreditBlock, Removal
from credits.tonnes.blocks import (
    EDGES,
    Action,
    Move,
    MoveNotAllowed,
    RangeOutside,
    find_live,
    move_range,
)
from credits.tonnes.sale import block_serials

Kind = Removal.Kind
Status = Removal.Status
MOVES = {
    Kind.RETIRE: (Action.RETIRE, CreditBlock.Status.RETIRED),
    Kind.CANCEL: (Action.CANCEL, CreditBlock.Status.CANCELLED),
}


class SayForWhom(BadInput):
    code = "say_for_whom"
    message = _("Say for whom the credits are retired, and what for.")


class SayWhyCancelled(BadInput):
    code = "say_why_cancelled"
    message = _("Say why the credits are cancelled.")


class OwnRemoval(DomainError):
    code = "own_removal"
    message = _("You proposed this: a second person approves it.")


class RemovalDecided(DomainError):
    code = "removal_decided"
    message = _("This has been decided already: %(status)s.")


def propose_retirement(
    block: CreditBlock, *, tonnes: int, beneficiary: str, purpose: str, by: User
) -> Removal:
    """Propose to retire the first `tonnes` of a block.

    Raises:
        SayForWhom: no beneficiary or no purpose.
        RangeOutside, MoveNotAllowed: more than the block has, or credits that cannot be retired.
    """
    if not beneficiary.strip() or not purpose.strip():
        raise SayForWhom
    facts = {"beneficiary": beneficiary.strip(), "purpose": purpose.strip()}
    return _propose(block, Kind.RETIRE, tonnes, facts, by=by)


def propose_cancellation(block: CreditBlock, *, tonnes: int, reason: str, by: User) -> Removal:
    """Propose to cancel the first `tonnes` of a block.

    Raises:
        SayWhyCancelled: no reason.
        RangeOutside, MoveNotAllowed: more than the block has, or credits that cannot be cancelled.
    """
    if not reason.strip():
        raise SayWhyCancelled
    return _propose(block, Kind.CANCEL, tonnes, {"reason": reason.strip()}, by=by)


def _propose(
    block: CreditBlock, kind: Removal.Kind, tonnes: int, facts: dict[str, str], *, by: User
) -> Removal:
    require_role(by, "operator", of=block)
    if type(tonnes) is not int or not 1 <= tonnes <= block.tonnes:
        raise RangeOutside(tonnes=block.tonnes, asked=tonnes)
    _action, to = MOVES[kind]
    if to not in EDGES.get(CreditBlock.Status(block.status), set()):
        raise MoveNotAllowed(before=block.get_status_display(), after=to.label)
    with transaction.atomic():
        removal = Removal.objects.create(
            cooperative_id=block.cooperative_id,
            project_id=block.project_id,
            block=block,
            kind=kind,
            serial_start=block.serial_start,
            serial_end=block.serial_start + tonnes - 1,
            proposed_by=by,
            **facts,
        )
        audit.record_event(removal, action="propose_removal", by=by, kind=kind, tonnes=tonnes)
    return removal


def approve_removal(removal: Removal, *, by: User) -> Removal:
    """Take the tonnes out for good, as the second person, and freeze the certificate.

    Raises:
        OwnRemoval: `by` proposed it, whatever the role.
        RemovalDecided: it is decided already.
        BlockChanged, MoveNotAllowed: the tonnes have moved meanwhile.
    """
    require_role(by, "approver", of=removal)
    with transaction.atomic():
        removal = _lock_proposed(removal, by=by)
        kind = Kind(removal.kind)
        action, to = MOVES[kind]
        first, last = removal.serial_start, removal.serial_end
        live = find_live(removal.block, first=first, last=last)
        why = removal.reason or f"{removal.beneficiary}: {removal.purpose}"
        move = Move(action, to, by, reference=f"removal:{removal.pk}", reason=why[:500])
        removal.block = move_range(live, move, first=first, last=last)
        removal.status, removal.decided_by = Status.APPROVED, by
        removal.decided_at = timezone.now()
        removal.token = secrets.token_hex(16)
        removal.data = freeze_certificate(removal)
        removal.sha256 = sha256_of(removal.data)
        removal.save()
        audit.record_event(
            removal, action="approve_removal", by=by, kind=kind, tonnes=removal.tonnes
        )
    return removal


def refuse_removal(removal: Removal, *, by: User) -> Removal:
    """Decide against it, or take back one's own proposal.

    Raises:
        RemovalDecided: it is decided already.
    """
    require_role(by, "operator", "approver", of=removal)
    with transaction.atomic():
        removal = _lock_proposed(removal, by=None)
        removal.status = Status.REFUSED
        removal.decided_by = by if by.pk != removal.proposed_by_id else None
        removal.decided_at = timezone.now()
        removal.save(update_fields=["status", "decided_by", "decided_at"])
        audit.record_event(removal, action="refuse_removal", by=by)
    return removal


def freeze_certificate(removal: Removal) -> dict[str, object]:
    """What the certificate says, for good; names of people who decided are not on it."""
    project, block = removal.project, removal.block
    cooperative = project.cooperative
    return {
        "number": f"{removal.kind[0].upper()}-{removal.pk:06d}",
        "kind": removal.kind,
        "cooperative": {"name": cooperative.name, "name_en": cooperative.name_en},
        "project": {"code": project.code, "name": project.name, "name_en": project.name_en},
        "program": project.program,
        "vintage": block.issuance.period.code,
        "serials": str(block_serials(block)),
        "tonnes": removal.tonnes,
        "beneficiary": removal.beneficiary,
        "purpose": removal.purpose,
        "reason": removal.reason,
        "removed_on": str(timezone.localdate(removal.decided_at)),
    }


def _lock_proposed(removal: Removal, *, by: User | None) -> Removal:
    removal = Removal.objects.select_for_update().get(pk=removal.pk)
    if removal.status != Status.PROPOSED:
        raise RemovalDecided(status=removal.get_status_display())
    if by is not None and removal.proposed_by_id == by.pk:
        raise OwnRemoval
    return removal
