"""The one sentence under each line: what comes next, who does it, and where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aggregator.models import DuplicatePair, PayeeAccount, User
from aggregator.money import format_money
from credits.models import CreditBlock, MonitoringPeriod, Verification
from payouts.home import HomeFacts, LineFacts
from payouts.models import PaymentBatch, Settlement

Role = User.Role
Period = MonitoringPeriod.Status


@dataclass(frozen=True)
class NextStep:
    """`role` is empty where nobody has to do anything; the step is done on `target`'s page.

    `target` may be a model: then it is done on its list. `not_by` made it and may not approve it.
    """

    text: str
    role: str = ""
    target: Any = None
    action: str = ""
    not_by: int | None = None

    def waits_for(self, user: User) -> bool:
        return bool(self.role) and user.role == self.role and user.pk != self.not_by


def next_step(line: LineFacts, *, today: date, batches: list[PaymentBatch]) -> NextStep:
    """What comes next for a line; the first thing that is not done."""
    counted = line.credits
    if not counted.fields_enrolled:
        return NextStep(_("Enrol fields in the project."), Role.OPERATOR, counted.project, "enrol")
    if counted.period is None:
        return NextStep(
            _("Open the first monitoring period."), Role.OPERATOR, counted.project, "open-period"
        )
    if counted.period.status != Period.ISSUED:
        return _before_issue(line, today)
    return _before_settlement(line) or _before_paid(line, batches)


def _before_issue(line: LineFacts, today: date) -> NextStep:
    period = line.credits.period
    assert period is not None  # noqa: S101 - the caller has looked
    if period.status == Period.OPEN:
        if today <= period.ends_on:
            return NextStep(
                _("Record practices; the period ends on %(day)s.") % {"day": period.ends_on},
                Role.OPERATOR,
                period,
            )
        return NextStep(_("Close the period and count its tonnes."), Role.OPERATOR, period, "close")
    if period.status == Period.VERIFIED:
        return NextStep(_("Issue the verified credits."), Role.OPERATOR, period, "issue")
    return _before_verified(line, period)


def _before_verified(line: LineFacts, period: MonitoringPeriod) -> NextStep:
    check = line.credits.verification
    if check is None or check.status == Verification.Status.NEGATIVE:
        return NextStep(
            _("Publish the list of fields for verification."),
            Role.OPERATOR,
            period,
            "prepare-verification",
        )
    if check.status == Verification.Status.PREPARED:
        return NextStep(_("Draw the sample."), Role.VERIFIER, check, "draw")
    missing = line.credits.sample_total - line.credits.sample_done
    if missing:
        text = ngettext(
            "Visit %(count)d more sampled field and record the finding.",
            "Visit %(count)d more sampled fields and record the findings.",
            missing,
        )
        return NextStep(text % {"count": missing}, Role.VERIFIER, check)
    return NextStep(
        _("Give the opinion: every sampled field is seen."), Role.VERIFIER, check, "close"
    )


def _before_settlement(line: LineFacts) -> NextStep | None:
    """Selling, receiving, settling; None when all money that has come in is settled."""
    settlement = line.settlement
    if settlement and settlement.status == Settlement.Status.REQUESTED:
        return NextStep(
            _("Settlement %(number)s is being computed; nobody needs to do anything.")
            % {"number": settlement}
        )
    if settlement and settlement.status == Settlement.Status.DRAFT:
        text = _("Review settlement %(number)s: %(amount)s to households.") % {
            "number": settlement,
            "amount": format_money(settlement.net_minor, settlement.currency),
        }
        return NextStep(text, Role.APPROVER, settlement, "", settlement.drafted_by_id)
    currency = line.credits.project.cooperative.currency
    if line.unsettled_minor:
        text = _("Settle the %(amount)s that have come in.") % {
            "amount": format_money(line.unsettled_minor, currency)
        }
        return NextStep(text, Role.OPERATOR, line.credits.period, "settle")
    if not line.sold_minor:
        text = _("Sell the %(tonnes)s t that were issued.") % {
            "tonnes": f"{line.credits.unsold_t:,}"
        }
        return NextStep(text, Role.OPERATOR, CreditBlock)
    if not line.received_minor:
        text = _("Record the money when it comes in: %(amount)s are due from buyers.") % {
            "amount": format_money(line.sold_minor, currency)
        }
        return NextStep(text, Role.OPERATOR, line.credits.issuance)
    return None


def _before_paid(line: LineFacts, batches: list[PaymentBatch]) -> NextStep:
    settlement = line.settlement
    if settlement and settlement.statements_job == Settlement.Job.PENDING:
        return NextStep(
            _("Statements of settlement %(number)s are being made.") % {"number": settlement},
            "",
            settlement,
        )
    if line.shares_paid < line.shares:
        if batches:
            return batch_step(batches[0])
        return NextStep(
            _("Propose a payment batch for what is owed."), Role.OPERATOR, PaymentBatch, "propose"
        )
    return NextStep(_("Done: every household is paid."))


def batch_step(batch: PaymentBatch) -> NextStep:
    """What a payment batch waits for."""
    values = {"number": batch.number, "amount": format_money(batch.total_minor, batch.currency)}
    if batch.status == PaymentBatch.Status.DRAFT:
        text = _("Review payment batch %(number)s: %(amount)s.") % values
        return NextStep(text, Role.APPROVER, batch, "", batch.created_by_id)
    if batch.status == PaymentBatch.Status.APPROVED:
        text = _("Make the bank file of payment batch %(number)s: %(amount)s.") % values
        return NextStep(text, Role.OPERATOR, batch, "export")
    text = _("Confirm payment batch %(number)s when the bank has paid.") % values
    return NextStep(text, Role.OPERATOR, batch, "confirm")


def people_steps(facts: HomeFacts, user: User) -> list[NextStep]:
    """Accounts and possible duplicates that wait for this reader."""
    steps = []
    others = sum(count for maker, count in facts.accounts_waiting.items() if maker != user.pk)
    if others:
        text = ngettext(
            "Approve %(count)d bank account.", "Approve %(count)d bank accounts.", others
        )
        steps.append(NextStep(text % {"count": others}, Role.APPROVER, PayeeAccount, "approve"))
    others = sum(count for maker, count in facts.merges_waiting.items() if maker != user.pk)
    if others:
        text = ngettext(
            "Approve or refuse %(count)d merge of two records.",
            "Approve or refuse %(count)d merges of two records.",
            others,
        )
        steps.append(NextStep(text % {"count": others}, Role.APPROVER, DuplicatePair))
    if facts.pairs_open:
        text = ngettext(
            "Look at %(count)d possible duplicate of a household.",
            "Look at %(count)d possible duplicates of households.",
            facts.pairs_open,
        )
        values = {"count": facts.pairs_open}
        steps.append(NextStep(text % values, Role.OPERATOR, DuplicatePair))
        steps.append(NextStep(text % values, Role.APPROVER, DuplicatePair))
    return steps


def is_on_list(step: NextStep) -> bool:
    return isinstance(step.target, type) and issubclass(step.target, Model)
