"""Giving the buffer's tonnes back on their days, by the program's rule, and never before."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from aggregator import audit
from credits.models import BlockEvent, CreditBlock, Issuance, Project
from credits.programs.releases import CONTRACT_YEAR_END, ReleaseNotKnown, release_schedule
from credits.tonnes.blocks import Action, Move, lock_issuance, move_range

Status = CreditBlock.Status


def release_due_buffers(*, today: date | None = None) -> int:
    """Release what has come free of every issuance; the tonnes released now.

    A day is over before its tonnes are free. Terms that do not say when release nothing.
    """
    today = today or timezone.localdate()
    buffers = CreditBlock.objects.live().filter(status=Status.BUFFER)
    waiting = buffers.order_by("issuance").values_list("issuance", flat=True).distinct()
    return sum(release_buffer(Issuance.objects.get(pk=pk), today=today) for pk in list(waiting))


def release_buffer(issuance: Issuance, *, today: date) -> int:
    """Release what is due of one issuance and not yet released; lowest serials first."""
    with transaction.atomic():
        lock_issuance(issuance.pk)
        released = 0
        left = max(tonnes_due(issuance, today=today) - _released(issuance), 0)
        for block in _free_to_go(issuance, today):
            tonnes = min(left - released, block.tonnes)
            if tonnes <= 0:
                break
            move = Move(Action.RELEASE, Status.HELD, None, reason=f"due on {today}")
            first = block.serial_start
            move_range(block, move, first=first, last=first + tonnes - 1)
            released += tonnes
        if released:
            audit.record_event(issuance, action="release_buffer", by=None, tonnes=released)
    return released


def tonnes_due(issuance: Issuance, *, today: date) -> int:
    """Tonnes of the reserve whose day was over before `today`."""
    project = issuance.period.project
    try:
        plan = release_schedule(
            project.terms,
            issued_on=issuance.issued_on,
            tonnes=issuance.reserve_t,
            contract_ends_on=project.ends_on,
            renewed=is_renewed(project),
        )
    except ReleaseNotKnown:
        return 0
    return sum(tonnes for day, tonnes in plan if day < today)


def is_renewed(project: Project) -> bool:
    """Whether the cooperative's contract goes on: with the same program, from the day after."""
    return Project.objects.filter(  # type: ignore[no-any-return]
        cooperative=project.cooperative_id,
        program=project.program,
        starts_on=project.ends_on + timedelta(days=1),
    ).exists()


def _released(issuance: Issuance) -> int:
    events = BlockEvent.objects.filter(block__issuance=issuance, action=Action.RELEASE)
    found = events.aggregate(total=Sum(F("serial_end") - F("serial_start") + 1))["total"]
    return int(found or 0)


def _free_to_go(issuance: Issuance, today: date) -> list[CreditBlock]:
    """Blocks in the buffer; under a contract's lock only those whose lock is over."""
    blocks = issuance.blocks.live().filter(status=Status.BUFFER).order_by("serial_start")
    rule = issuance.period.project.terms.get("reserve_release", CONTRACT_YEAR_END)
    if rule == CONTRACT_YEAR_END:
        return [block for block in blocks if not block.locked_until or block.locked_until < today]
    return list(blocks)
