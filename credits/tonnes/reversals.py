"""Carbon lost again: reported by one person, approved by another, answered for in tonnes.

The buffer answers first, then credits not yet sold; what is left stands as a debt. Where a program
voids all that the land ever earned, what was paid for it is proposed to be asked back; payouts
reads the proposals and people decide, nothing is posted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.days import refuse_future
from aggregator.errors import BadInput, DomainError
from aggregator.models import User
from aggregator.roles import require_role
from credits.models import (
    ClawbackProposal,
    CreditBlock,
    FieldResult,
    Issuance,
    Project,
    Reversal,
)
from credits.tonnes.blocks import UNSOLD, Action, Move, lock_issuance, move_range

Rule = Reversal.Rule
Status = Reversal.Status
BLOCK = CreditBlock.Status
KG_PER_TONNE = 1000


class NothingLost(BadInput):
    code = "nothing_lost"
    message = _("Say how many tonnes were lost, more than none.")


class FieldsEarnedNothing(BadInput):
    code = "fields_earned_nothing"
    message = _("No issued tonnes come from these fields: %(fields)s.")


class OwnReversal(DomainError):
    code = "own_reversal"
    message = _("You reported this: a second person approves it.")


class ReversalDecided(DomainError):
    code = "reversal_decided"
    message = _("This has been decided already: %(status)s.")


def reversal_rule(project: Project) -> Rule:
    """What a loss costs: under CCX all the tonnes of the land, elsewhere what was lost."""
    told = project.terms.get("reversal_rule")
    return Rule(told) if told else Rule.VOID if project.program == "ccx" else Rule.BUFFER


@dataclass(frozen=True, slots=True)
class Loss:
    """What happened: to fields where their tonnes become void, else so many tonnes."""

    kind: str
    happened_on: date
    reason: str
    field_codes: Sequence[str] = ()
    lost_t: int | None = None


def propose_reversal(project: Project, *, loss: Loss, by: User) -> Reversal:
    """Report a loss: of fields where their tonnes become void, else of tonnes.

    Raises:
        DayInFuture: it is still to come.
        FieldsEarnedNothing: none of the fields' tonnes were issued.
        NothingLost: the buffer answers, and no tonnes are named.
    """
    require_role(by, "operator", of=project)
    refuse_future(loss.happened_on)
    rule = reversal_rule(project)
    codes = sorted(set(loss.field_codes))
    if rule == Rule.VOID:
        lost_kg = _issued_results(project, codes).aggregate(total=Sum("gross_kg"))["total"] or 0
        if not lost_kg:
            raise FieldsEarnedNothing(fields=", ".join(codes) or "—")
    else:
        lost_kg = (loss.lost_t or 0) * KG_PER_TONNE
        if lost_kg <= 0:
            raise NothingLost
    with transaction.atomic():
        reversal = Reversal.objects.create(
            cooperative_id=project.cooperative_id,
            project=project,
            kind=loss.kind,
            rule=rule,
            happened_on=loss.happened_on,
            reason=loss.reason,
            field_codes=codes,
            lost_kg=lost_kg,
            proposed_by=by,
        )
        audit.record_event(reversal, action="propose_reversal", by=by, lost_kg=lost_kg)
    return reversal


def approve_reversal(reversal: Reversal, *, by: User) -> Reversal:
    """Cancel the tonnes that answer for it, as the second person.

    Raises:
        OwnReversal: `by` reported it, whatever the role.
        ReversalDecided: it is decided already.
    """
    require_role(by, "approver", of=reversal)
    with transaction.atomic():
        reversal = _lock_proposed(reversal)
        if reversal.proposed_by_id == by.pk:
            raise OwnReversal
        left = -(-reversal.lost_kg // KG_PER_TONNE)
        for pk in Issuance.objects.filter(period__project=reversal.project_id).order_by("pk"):
            lock_issuance(pk.pk)
        reversal.buffer_t = _cancel(reversal, [BLOCK.BUFFER], left, by=by)
        reversal.held_t = _cancel(reversal, UNSOLD, left - reversal.buffer_t, by=by)
        reversal.debt_t = left - reversal.buffer_t - reversal.held_t
        reversal.status, reversal.decided_by = Status.APPROVED, by
        reversal.decided_at = timezone.now()
        reversal.save()
        if reversal.rule == Rule.VOID:
            _propose_clawbacks(reversal)
        audit.record_event(
            reversal,
            action="approve_reversal",
            by=by,
            buffer_t=reversal.buffer_t,
            held_t=reversal.held_t,
            debt_t=reversal.debt_t,
        )
    return reversal


def refuse_reversal(reversal: Reversal, *, by: User) -> Reversal:
    """Decide against it, or take back one's own report.

    Raises:
        ReversalDecided: it is decided already.
    """
    require_role(by, "operator", "approver", of=reversal)
    with transaction.atomic():
        reversal = _lock_proposed(reversal)
        reversal.status = Status.REFUSED
        reversal.decided_by = by if by.pk != reversal.proposed_by_id else None
        reversal.decided_at = timezone.now()
        reversal.save(update_fields=["status", "decided_by", "decided_at"])
        audit.record_event(reversal, action="refuse_reversal", by=by)
    return reversal


def _lock_proposed(reversal: Reversal) -> Reversal:
    reversal = Reversal.objects.select_for_update().get(pk=reversal.pk)
    if reversal.status != Status.PROPOSED:
        raise ReversalDecided(status=reversal.get_status_display())
    return reversal


def _issued_results(project: Project, codes: Sequence[str]):  # type: ignore[no-untyped-def]
    runs = Issuance.objects.filter(period__project=project).values("run")
    return FieldResult.objects.filter(run__in=runs, field__code__in=codes)


def _cancel(reversal: Reversal, statuses: Sequence[str], tonnes: int, *, by: User) -> int:
    """Cancel up to `tonnes` of the project's blocks in these statuses, oldest first."""
    done = 0
    blocks = CreditBlock.objects.live().filter(project=reversal.project_id, status__in=statuses)
    for block in blocks.order_by("serial_start"):
        part = min(tonnes - done, block.tonnes)
        if part <= 0:
            break
        move = Move(
            Action.CANCEL,
            BLOCK.CANCELLED,
            by,
            reference=f"reversal:{reversal.pk}",
            reason=reversal.reason,
        )
        move_range(block, move, first=block.serial_start, last=block.serial_start + part - 1)
        done += part
    return done


def _propose_clawbacks(reversal: Reversal) -> None:
    """A row for each household and run with void kilograms, beside all it was credited there."""
    void: defaultdict[tuple[int, int], int] = defaultdict(int)
    rows = _issued_results(reversal.project, reversal.field_codes)
    for run, household, kilograms in rows.values_list("run", "household", "credited_kg"):
        void[run, household] += kilograms
    credited = dict.fromkeys(void, 0)
    for run, household, kilograms in FieldResult.objects.filter(
        run__in={run for run, _household in void}
    ).values_list("run", "household", "credited_kg"):
        if (run, household) in credited:
            credited[run, household] += kilograms
    ClawbackProposal.objects.bulk_create(
        ClawbackProposal(
            cooperative_id=reversal.cooperative_id,
            reversal=reversal,
            run_id=run,
            household_id=household,
            void_kg=kilograms,
            credited_kg=credited[run, household],
        )
        for (run, household), kilograms in sorted(void.items())
        if kilograms
    )
