"""Paying what is owed: a batch proposed by one person, approved by another, sent, answered.

The books change at approval (on its way), at the bank's answer (paid) and at a failure (owed
again); thresholds hold back a payment, never a share.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Max, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator.audit import record_event
from aggregator.bulk import write_rows
from aggregator.days import refuse_future
from aggregator.errors import BadInput, DomainError
from aggregator.locks import lock_cooperative
from aggregator.memberships import left_by
from aggregator.models import Cooperative, Household, PayeeAccount, User
from aggregator.roles import require_role
from payouts import ledger
from payouts.bank_export import ExportedFile, make_file, read_file
from payouts.bank_files.registry import FORMATS
from payouts.models import JournalEntry, Payment, PaymentBatch
from payouts.payment_targets import ACCOUNT_CLOSED, LEFT, PaymentTargets

Status = PaymentBatch.Status
# A message names the first of them; the batch's page lists all.
NAMED = 10
LIVE = (Payment.Status.PROPOSED, Payment.Status.SENT)


class UnknownFormat(BadInput):
    code = "unknown_format"
    message = _("There is no payment file format %(file_format)s.")


class NothingToPay(DomainError):
    code = "nothing_to_pay"
    message = _(
        "No balance can be paid: all are below the smallest payment, on their way, or without an"
        " account (%(held)s)."
    )


class OwnBatch(DomainError):
    code = "own_batch"
    message = _("You made this batch: a second person approves it.")


class BatchAlreadyApproved(DomainError):
    code = "batch_already_approved"
    message = _("Batch %(number)s has already been approved.")


class BatchNotOpen(DomainError):
    code = "batch_not_open"
    message = _("Batch %(number)s does not allow this step: %(status)s.")


class BatchOutdated(DomainError):
    code = "batch_outdated"
    message = _(
        "Balances or accounts have changed since batch %(number)s was made (first: household"
        " %(household)s). Withdraw it and propose it again."
    )


class NothingToSend(DomainError):
    code = "nothing_to_send"
    message = _(
        "Batch %(number)s has nobody left to pay: the account of every household in it was closed"
        " or changed after the approval (%(households)s). Enter and approve their accounts,"
        " withdraw this batch, and propose a new one."
    )


class NothingToConfirm(DomainError):
    code = "nothing_to_confirm"
    message = _("No payment of batch %(number)s waits for the bank's answer.")


class PaymentNotSent(DomainError):
    code = "payment_not_sent"
    message = _("This payment has not been sent to the bank: %(status)s.")


class Due(NamedTuple):
    """A household's balance and where it would go; no account means it is held for `reason`."""

    household_id: int
    amount_minor: int
    payee_account_id: int | None
    reason: str


@transaction.atomic
def propose_batch(
    cooperative: Cooperative, *, by: User, file_format: str = "generic-xlsx"
) -> PaymentBatch:
    """Put every balance that reaches the smallest payment into a draft batch.

    Households that have left are paid whatever is owed: nothing more would come to reach it.

    Households with a payment under way wait for its answer; those without an account, or with one
    changed a few days ago, are listed as held, with the reason.

    Raises:
        UnknownFormat: `file_format` is not in the registry.
        NothingToPay: no balance can be paid now.
    """
    require_role(by, User.Role.OPERATOR, of=PaymentBatch(cooperative=cooperative))
    if file_format not in FORMATS:
        raise UnknownFormat(file_format=file_format)
    # One proposal at a time: numbers stay gapless and no balance enters two batches.
    cooperative = lock_cooperative(cooperative.pk)
    dues = _due_now(cooperative)
    payable = [due for due in dues if due.payee_account_id is not None]
    if not payable:
        raise NothingToPay(held=len(dues))
    last = PaymentBatch.objects.for_cooperative(cooperative).aggregate(last=Max("number"))["last"]
    batch = PaymentBatch.objects.create(
        cooperative=cooperative,
        number=(last or 0) + 1,
        currency=cooperative.currency,
        file_format=file_format,
        payment_count=len(payable),
        total_minor=sum(due.amount_minor for due in payable),
        created_by=by,
    )
    _write_payments(batch, dues)
    record_event(batch, action="propose_batch", by=by, total_minor=batch.total_minor)
    return batch


@transaction.atomic
def approve_batch(batch: PaymentBatch, *, by: User) -> None:
    """Approve as the second person: what was owed to members is now on its way to them.

    Raises:
        OwnBatch: `by` made it.
        BatchAlreadyApproved, BatchNotOpen: it does not wait for approval.
        BatchOutdated: a balance no longer covers its payment, or an account is no longer paid to.
    """
    require_role(by, User.Role.APPROVER, of=batch)
    batch.refresh_from_db()
    if batch.created_by_id == by.pk:
        raise OwnBatch
    _move(batch, Status.DRAFT, status=Status.APPROVED, approved_by=by, approved_at=timezone.now())
    payments = list(
        batch.payments.filter(status=Payment.Status.PROPOSED)
        .select_related("household", "payee_account")
        .defer("household__phone", "payee_account__number")
    )
    _refuse_outdated(batch, payments)
    members, on_the_way = _accounts(batch, ledger.MEMBERS, ledger.IN_TRANSIT)
    lines = [ledger.Line(members, row.amount_minor, row.household_id) for row in payments]
    lines.append(ledger.Line(on_the_way, -sum(row.amount_minor for row in payments)))
    _post(batch, f"batch:{batch.pk}", timezone.localdate(), lines, by)
    record_event(batch, action="approve_batch", by=by, total_minor=batch.total_minor)


@transaction.atomic
def withdraw_batch(batch: PaymentBatch, *, by: User) -> None:
    """Give up a batch that nobody has approved, or that has nobody left to pay; all stays owed.

    Raises:
        BatchAlreadyApproved, BatchNotOpen: it is no draft, and some of it can be sent.
    """
    require_role(by, User.Role.OPERATOR, User.Role.APPROVER, of=batch)
    batch.refresh_from_db()
    approved = cannot_be_sent(batch)
    _move(batch, Status.APPROVED if approved else Status.DRAFT, status=Status.WITHDRAWN)
    if approved:
        entry = JournalEntry.objects.get(
            cooperative=batch.cooperative_id, reference=f"batch:{batch.pk}"
        )
        today = timezone.localdate()
        ledger.reverse_entry(entry, occurred_on=today, memo=f"#{batch.number}", by=by)
    batch.payments.filter(status=Payment.Status.PROPOSED).update(status=Payment.Status.WITHDRAWN)
    record_event(batch, action="withdraw_batch", by=by)


@transaction.atomic
def export_batch(batch: PaymentBatch, *, by: User) -> ExportedFile:
    """The file to send to the bank; the first time its payments become sent, later it is a copy.

    A payment whose account is no longer the household's has failed: its amount is owed again.

    Raises:
        BatchNotOpen: the batch is not approved.
        NothingToSend: no account of it is paid to any more; nothing is changed.
    """
    require_role(by, User.Role.OPERATOR, of=batch)
    first = PaymentBatch.objects.filter(pk=batch.pk, status=Status.APPROVED).update(
        status=Status.EXPORTED, exported_at=timezone.now()
    )
    batch.refresh_from_db()
    if first:
        _refuse_empty(batch)
        _fail_closed_accounts(batch, by=by)
        sending = batch.payments.filter(status=Payment.Status.PROPOSED)
        batch.file_sha256 = make_file(batch, list(sending.select_related("payee_account")))
        batch.save(update_fields=["file_sha256"])
        sending.update(status=Payment.Status.SENT)
    elif batch.status != Status.EXPORTED:
        raise BatchNotOpen(number=batch.number, status=batch.get_status_display())
    action = "export_batch" if first else "export_copy"
    record_event(batch, action=action, by=by, sha256=batch.file_sha256)
    return read_file(batch, is_copy=not first)


@transaction.atomic
def confirm_batch(batch: PaymentBatch, *, paid_on: date, by: User) -> int:
    """Take the bank's word that what was sent has been paid on `paid_on`; how many payments.

    Raises:
        DayInFuture: `paid_on` is still to come.
        NothingToConfirm: none is waiting for an answer.
    """
    require_role(by, User.Role.OPERATOR, of=batch)
    refuse_future(paid_on)
    _lock(batch.pk)
    sent = batch.payments.filter(status=Payment.Status.SENT)
    total = sent.aggregate(total=Sum("amount_minor"))["total"]
    if not total:
        raise NothingToConfirm(number=batch.number)
    on_the_way, bank = _accounts(batch, ledger.IN_TRANSIT, ledger.BANK)
    lines = [ledger.Line(on_the_way, int(total)), ledger.Line(bank, -int(total))]
    _post(batch, f"batch:{batch.pk}:paid", paid_on, lines, by)
    paid: int = sent.update(status=Payment.Status.PAID, paid_on=paid_on)
    record_event(batch, action="confirm_batch", by=by, payments=paid, total_minor=int(total))
    return paid


@transaction.atomic
def fail_payment(payment: Payment, *, reason: str, by: User) -> None:
    """Record that the bank did not pay, or that the money came back: it is owed again.

    Raises:
        PaymentNotSent: the bank has never had it, or it has failed already.
    """
    require_role(by, User.Role.OPERATOR, of=payment)
    _lock(payment.batch_id)
    payment = Payment.objects.select_related("batch").get(pk=payment.pk)
    if payment.status not in (Payment.Status.SENT, Payment.Status.PAID):
        raise PaymentNotSent(status=payment.get_status_display())
    _owe_again(payment, reason=reason.strip()[:200], by=by)


def cannot_be_sent(batch: PaymentBatch) -> bool:
    """Whether an approved batch would make an empty bank file."""
    return batch.status == Status.APPROVED and not _payable(batch).exists()


def _payable(batch: PaymentBatch) -> QuerySet[Payment]:
    accounts = PayeeAccount.objects.usable(timezone.localdate())
    return batch.payments.filter(status=Payment.Status.PROPOSED, payee_account__in=accounts)


def _refuse_empty(batch: PaymentBatch) -> None:
    if _payable(batch).exists():
        return
    proposed = batch.payments.filter(status=Payment.Status.PROPOSED)
    codes = list(proposed.values_list("household__code", flat=True)[: NAMED + 1])
    named = ", ".join(codes[:NAMED]) + (", …" if len(codes) > NAMED else "")
    raise NothingToSend(number=batch.number, households=named)


def _fail_closed_accounts(batch: PaymentBatch, *, by: User) -> None:
    """Take out of an approved batch what would go to an account closed or made to wait since."""
    proposed = batch.payments.filter(status=Payment.Status.PROPOSED)
    payable = PayeeAccount.objects.usable(timezone.localdate())
    for payment in proposed.exclude(payee_account__in=payable).select_related("batch"):
        _owe_again(payment, reason=ACCOUNT_CLOSED, by=by)


def _owe_again(payment: Payment, *, reason: str, by: User) -> None:
    was = payment.status
    payment.status, payment.reason, payment.paid_on = Payment.Status.FAILED, reason, None
    payment.save(update_fields=["status", "reason", "paid_on"])
    came_from = ledger.BANK if was == Payment.Status.PAID else ledger.IN_TRANSIT
    source, members = _accounts(payment.batch, came_from, ledger.MEMBERS)
    lines = [
        ledger.Line(source, payment.amount_minor),
        ledger.Line(members, -payment.amount_minor, payment.household_id),
    ]
    _post(payment.batch, f"payment:{payment.pk}:failed", timezone.localdate(), lines, by)
    record_event(payment, action="fail_payment", by=by, reason=reason, was=was)


def _lock(batch_id: int) -> None:
    """The bank's answers of one batch queue, so that no payment is both confirmed and failed."""
    PaymentBatch.objects.select_for_update().get(pk=batch_id)


def _due_now(cooperative: Cooperative) -> list[Due]:
    """Balances to pay, in the order of villages and households."""
    today = timezone.localdate()
    owed = ledger.owed_to_households(cooperative, currency=cooperative.currency)
    busy = Payment.objects.for_cooperative(cooperative).filter(status__in=LIVE)
    waiting = set(busy.values_list("household_id", flat=True))
    targets = PaymentTargets(cooperative, on=today)
    left = set(left_by(cooperative, today).values_list("pk", flat=True))
    households = Household.objects.for_cooperative(cooperative).values_list(
        "village__code", "code", "pk"
    )
    smallest = max(cooperative.payment_threshold_minor, 1)
    dues = []
    for _village, _code, pk in sorted(households):
        amount = owed.get(pk, 0)
        if pk in waiting or amount < (1 if pk in left else smallest):
            continue
        account, reason = targets.find(pk)
        dues.append(Due(pk, amount, account, reason or (LEFT if amount < smallest else "")))
    return dues


def _write_payments(batch: PaymentBatch, dues: Sequence[Due]) -> None:
    columns = ["cooperative_id", "batch_id", "position", "household_id", "payee_account_id"]
    columns += ["amount_minor", "status", "reason"]
    rows = [
        (
            batch.cooperative_id,
            batch.pk,
            position,
            due.household_id,
            due.payee_account_id,
            due.amount_minor,
            Payment.Status.PROPOSED if due.payee_account_id else Payment.Status.HELD,
            due.reason,
        )
        for position, due in enumerate(dues, start=1)
    ]
    write_rows(Payment, columns, rows)


def _refuse_outdated(batch: PaymentBatch, payments: Sequence[Payment]) -> None:
    owed = ledger.owed_to_households(batch.cooperative, currency=batch.currency)
    today = timezone.localdate()
    for payment in payments:
        account = payment.payee_account
        covered = owed.get(payment.household_id, 0) >= payment.amount_minor
        if not covered or account is None or not account.is_usable(today):
            raise BatchOutdated(number=batch.number, household=payment.household)


def _move(batch: PaymentBatch, expected: str, **changes: Any) -> None:
    """Compare and set: of two people at once, the database lets one through."""
    moved = PaymentBatch.objects.filter(pk=batch.pk, status=expected).update(**changes)
    batch.refresh_from_db()
    if moved:
        return
    if batch.status in (Status.APPROVED, Status.EXPORTED):
        raise BatchAlreadyApproved(number=batch.number)
    raise BatchNotOpen(number=batch.number, status=batch.get_status_display())


def _accounts(batch: PaymentBatch, *kinds: str) -> list[Any]:
    return [ledger.open_account(batch.cooperative, kind, currency=batch.currency) for kind in kinds]


def _post(
    batch: PaymentBatch, reference: str, day: date, lines: Sequence[ledger.Line], by: User
) -> None:
    heading = ledger.Heading(reference, day, f"#{batch.number}")
    ledger.post_entry(batch.cooperative, heading=heading, lines=lines, by=by)
