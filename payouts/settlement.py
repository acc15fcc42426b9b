"""The life of a settlement: requested, drafted by the worker, approved by a second person.

Never imports tasks: a rule leaves a row in the state that the worker looks for.
"""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator.audit import record_event
from aggregator.errors import DomainError
from aggregator.models import User
from aggregator.roles import require_role
from credits.models import Issuance, MonitoringPeriod
from payouts import ledger
from payouts.drafting import Progress, unsettled_receipts, write_draft
from payouts.models import Settlement, Share, StatementCounter
from payouts.rule_proposals import require_farmers_part

Status = Settlement.Status


class PeriodNotIssued(DomainError):
    code = "period_not_issued"
    message = _("No credits have been issued for the period %(period)s yet.")


class NothingToSettle(DomainError):
    code = "nothing_to_settle"
    message = _("No money has come in for the period %(period)s that is not already settled.")


class NobodyToShare(DomainError):
    code = "nobody_to_share"
    message = _("No household has sellable kilograms in the period %(period)s.")


class SettlementAlreadyOpen(DomainError):
    code = "settlement_already_open"
    message = _("The settlement %(settlement)s of this period is still open.")


class OwnDraft(DomainError):
    code = "own_draft"
    message = _("You drafted this settlement: a second person approves it.")


class AlreadyApproved(DomainError):
    code = "already_approved"
    message = _("The settlement %(settlement)s has already been approved.")


class NotADraft(DomainError):
    code = "not_a_draft"
    message = _("The settlement %(settlement)s is not a draft: %(status)s.")


@transaction.atomic
def request_settlement(period: MonitoringPeriod, *, by: User | None) -> Settlement:
    """Ask the worker to share what has come in for `period`; `by` None is the scheduler.

    Raises:
        PeriodNotIssued, NobodyToShare: there is nothing to share by.
        NothingToSettle: every receipt belongs to a settlement already.
        SettlementAlreadyOpen: an earlier one waits to be drafted or approved.
    """
    if by is not None:
        require_role(by, User.Role.OPERATOR, of=period)
    issuance = Issuance.objects.filter(period=period).select_related("run").first()
    if issuance is None:
        raise PeriodNotIssued(period=period.code)
    if issuance.run.credited_kg <= 0:
        raise NobodyToShare(period=period.code)
    _refuse_second_open(period)
    receipt = unsettled_receipts(period).first()
    if receipt is None:
        raise NothingToSettle(period=period.code)
    last = Settlement.objects.filter(period=period).aggregate(last=Max("number"))["last"]
    try:
        with transaction.atomic():
            settlement = Settlement.objects.create(
                cooperative_id=period.cooperative_id,
                project_id=period.project_id,
                period=period,
                run=issuance.run,
                number=(last or 0) + 1,
                currency=receipt.currency,
                drafted_by=by,
            )
    except IntegrityError as error:
        # Two at once: the other one's row is there by now, or its number is.
        raise SettlementAlreadyOpen(settlement=f"{period.code}-{(last or 0) + 1}") from error
    record_event(settlement, action="request_settlement", by=by)
    return settlement


@transaction.atomic
def draft_settlement(settlement: Settlement, *, on_progress: Progress | None = None) -> bool:
    """Compute and write the draft of a requested settlement, all of it or nothing.

    Returns:
        Whether this call did it; False where another has, or it is no longer asked for.
    """
    won = Settlement.objects.filter(pk=settlement.pk, status=Status.REQUESTED).update(
        status=Status.DRAFT, drafted_at=timezone.now()
    )
    settlement.refresh_from_db()
    if not won:
        return False
    write_draft(settlement, on_progress=on_progress)
    record_event(
        settlement,
        action="draft_settlement",
        by=settlement.drafted_by,
        gross_minor=settlement.gross_minor,
        net_minor=settlement.net_minor,
        inputs_sha256=settlement.inputs_sha256,
    )
    return True


@transaction.atomic
def withdraw_settlement(settlement: Settlement, *, by: User) -> None:
    """Give up a settlement that is not approved; its receipts are free for the next one.

    Raises:
        AlreadyApproved, NotADraft: it is no longer open.
    """
    require_role(by, User.Role.OPERATOR, User.Role.APPROVER, of=settlement)
    _move(
        settlement,
        Settlement.objects.filter(status__in=[Status.REQUESTED, Status.DRAFT]),
        status=Status.WITHDRAWN,
    )
    settlement.receipts.update(settlement=None)
    record_event(settlement, action="withdraw_settlement", by=by)


@transaction.atomic
def approve_settlement(settlement: Settlement, *, by: User) -> None:
    """Approve a draft as the second person: one journal entry, and numbers for the statements.

    Every household of the run has a share, and a statement, also where the share is nothing; only
    those with money get a posting.

    Raises:
        OwnDraft: `by` drafted it.
        FarmersGetLess: the program leaves the farmers more.
        AlreadyApproved, NotADraft: it does not wait for approval.
    """
    require_role(by, User.Role.APPROVER, of=settlement)
    settlement.refresh_from_db()
    if settlement.drafted_by_id == by.pk:
        raise OwnDraft
    require_farmers_part(
        settlement.project,
        gross_minor=settlement.gross_minor,
        net_minor=settlement.net_minor,
        lines=settlement.lines.count(),
    )
    _move(
        settlement,
        Settlement.objects.filter(status=Status.DRAFT),
        status=Status.APPROVED,
        approved_by=by,
        approved_at=timezone.now(),
        statements_job=Settlement.Job.PENDING,
    )
    _post(settlement, by=by)
    settlement.first_statement = _reserve_numbers(settlement)
    settlement.save(update_fields=["first_statement"])
    record_event(
        settlement,
        action="approve_settlement",
        by=by,
        net_minor=settlement.net_minor,
        first_statement=settlement.first_statement,
    )


def _refuse_second_open(period: MonitoringPeriod) -> None:
    opened = Settlement.objects.filter(
        period=period, status__in=[Status.REQUESTED, Status.DRAFT]
    ).first()
    if opened:
        raise SettlementAlreadyOpen(settlement=opened)


def _move(settlement: Settlement, allowed: Any, **changes: Any) -> None:
    """Compare and set: of two people at once, the database lets one through."""
    moved = allowed.filter(pk=settlement.pk).update(**changes)
    settlement.refresh_from_db()
    if moved:
        return
    if settlement.status == Status.APPROVED:
        raise AlreadyApproved(settlement=settlement)
    raise NotADraft(settlement=settlement, status=settlement.get_status_display())


def _post(settlement: Settlement, *, by: User) -> None:
    cooperative, currency = settlement.cooperative, settlement.currency
    waiting = ledger.open_account(
        cooperative, ledger.UNDISTRIBUTED, currency=currency, detail=settlement.project.code
    )
    members = ledger.open_account(cooperative, ledger.MEMBERS, currency=currency)
    lines = [ledger.Line(waiting, settlement.gross_minor)]
    for line in settlement.lines.filter(amount_minor__gt=0):
        payee = ledger.open_account(
            cooperative, ledger.DEDUCTION, currency=currency, detail=line.code
        )
        lines.append(ledger.Line(payee, -line.amount_minor))
    shares = settlement.shares.filter(net_minor__gt=0).values_list("household_id", "net_minor")
    lines += [ledger.Line(members, -net, household_id) for household_id, net in shares]
    heading = ledger.Heading(
        f"settlement:{settlement.pk}",
        timezone.localdate(settlement.approved_at),
        f"{settlement.project.code} {settlement}",
    )
    ledger.post_entry(cooperative, heading=heading, lines=lines, by=by)


def _reserve_numbers(settlement: Settlement) -> int:
    """Take as many numbers of the vintage's series as there are shares; the first is returned."""
    series: dict[str, Any] = {
        "cooperative": settlement.cooperative,
        "series": settlement.period.code,
    }
    StatementCounter.objects.get_or_create(**series)
    counter = StatementCounter.objects.select_for_update().get(**series)
    first: int = counter.next_number
    counter.next_number += Share.objects.filter(settlement=settlement).count()
    counter.save(update_fields=["next_number"])
    return first
