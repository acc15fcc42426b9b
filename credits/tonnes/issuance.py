"""Whole tonnes with serial numbers out of a verified period; the fraction waits for the next.

Kilograms become tonnes at project level only, as the program rounds. A period is issued once.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.days import refuse_future
from aggregator.errors import DomainError
from aggregator.models import User
from aggregator.roles import require_role
from credits.counting.monitoring import run_to_issue
from credits.models import CreditBlock, Issuance, MonitoringPeriod, Project, Verification
from credits.programs.deductions import round_tonnes
from credits.tonnes.blocks import record_issue

Kind = CreditBlock.Kind


class AlreadyIssued(DomainError):
    code = "already_issued"
    message = _("The credits of period %(code)s have been issued already.")


class NotVerified(DomainError):
    code = "not_verified"
    message = _("Period %(code)s has no positive verification yet.")


def issue_credits(period: MonitoringPeriod, *, by: User, issued_on: date | None = None) -> Issuance:
    """Issue a verified period: one sellable and one reserve block, serials running on.

    The reserve is locked to the last day of the year in which the contract ends. A kind that does
    not reach one tonne gets no block; all its kilograms are carried to the project's next issuance.

    Raises:
        AlreadyIssued: it was issued before, perhaps by someone else just now.
        NotVerified: there is no positive opinion.
        DayInFuture: `issued_on` is still to come.
    """
    require_role(by, "operator", of=period)
    issued_on = issued_on or timezone.localdate()
    refuse_future(issued_on)
    with transaction.atomic():
        # The project is locked first: serials and carried kilograms run on in one line.
        project = Project.objects.select_for_update().get(pk=period.project_id)
        _take_verified(period)
        verification = period.verifications.get(status=Verification.Status.POSITIVE)
        run = run_to_issue(verification)
        last = Issuance.objects.filter(period__project=project).order_by("-pk").first()
        carried = last.carried_out_kg if last else 0
        reserve_carried = last.reserve_carried_out_kg if last else 0
        whole = round_tonnes(
            project.terms,
            sellable_kg=run.credited_kg + carried,
            reserve_kg=run.reserve_kg + reserve_carried,
        )
        issuance = Issuance.objects.create(
            cooperative_id=period.cooperative_id,
            period=period,
            run=run,
            issued_on=issued_on,
            carried_in_kg=carried,
            carried_out_kg=whole.carried_kg,
            reserve_carried_in_kg=reserve_carried,
            reserve_carried_out_kg=whole.reserve_carried_kg,
            sellable_t=whole.sellable_t,
            reserve_t=whole.reserve_t,
        )
        _write_blocks(issuance, project, by=by)
        audit.record_event(
            issuance,
            action="issue_credits",
            by=by,
            sellable_t=whole.sellable_t,
            reserve_t=whole.reserve_t,
        )
    period.status = MonitoringPeriod.Status.ISSUED
    return issuance


def _take_verified(period: MonitoringPeriod) -> None:
    """Move the period from verified to issued, or say why not."""
    verified = MonitoringPeriod.objects.filter(
        pk=period.pk, status=MonitoringPeriod.Status.VERIFIED
    )
    if not verified.update(status=MonitoringPeriod.Status.ISSUED):
        if Issuance.objects.filter(period=period).exists():
            raise AlreadyIssued(code=period.code)
        raise NotVerified(code=period.code)


def _write_blocks(issuance: Issuance, project: Project, *, by: User) -> None:
    start = (project.blocks.aggregate(last=Max("serial_end"))["last"] or 0) + 1
    locked = date(project.ends_on.year, 12, 31)
    for kind, status, tonnes, locked_until in (
        (Kind.SELLABLE, CreditBlock.Status.HELD, issuance.sellable_t, None),
        (Kind.RESERVE, CreditBlock.Status.BUFFER, issuance.reserve_t, locked),
    ):
        if tonnes:
            block = CreditBlock.objects.create(
                cooperative_id=issuance.cooperative_id,
                issuance=issuance,
                project=project,
                kind=kind,
                status=status,
                serial_start=start,
                serial_end=start + tonnes - 1,
                locked_until=locked_until,
            )
            record_issue(block, by=by)
            start += tonnes
