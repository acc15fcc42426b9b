"""Money that came in for a lot: recorded once, never edited, and put into the books at once.

Shares nothing out; a settlement gathers what no settlement has taken yet.
"""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from aggregator.audit import record_event
from aggregator.days import refuse_future
from aggregator.errors import BadInput, DomainError
from aggregator.models import User
from aggregator.money import format_money
from aggregator.roles import require_role
from credits.models import Lot
from payouts import ledger
from payouts.models import Receipt


class NotAnAmount(BadInput):
    code = "not_an_amount"
    message = _("A receipt is a whole amount of fen or cents above zero.")


class ReferenceMissing(BadInput):
    code = "reference_missing"
    message = _("Give the reference that stands on the bank statement.")


class DuplicateReference(DomainError):
    code = "duplicate_reference"
    message = _("A receipt with the bank reference %(reference)s is already recorded.")


class MoreThanOutstanding(DomainError):
    code = "more_than_outstanding"
    message = _("%(amount)s is more than the %(outstanding)s still outstanding on this lot.")


class ForeignCurrency(DomainError):
    code = "foreign_currency"
    message = _("The lot was sold in %(lot)s, but the cooperative's books are in %(books)s.")


@transaction.atomic
def record_receipt(
    lot: Lot, *, amount_minor: int, received_on: date, reference: str, by: User
) -> Receipt:
    """Record money received for `lot`, whole or a part, and post it as not yet shared.

    Raises:
        NotAnAmount, ReferenceMissing, DayInFuture: what was typed cannot be.
        DuplicateReference: that line of the bank statement was taken before.
        MoreThanOutstanding: the lot would be paid more than its price.
        ForeignCurrency: the lot's currency is not that of the books.
    """
    require_role(by, User.Role.OPERATOR, of=lot)
    reference = reference.strip()
    if type(amount_minor) is not int or amount_minor <= 0:
        raise NotAnAmount
    if not reference:
        raise ReferenceMissing
    refuse_future(received_on)
    # The lock makes two receipts of one lot queue, so that together they cannot overpay it.
    lot = Lot.objects.select_for_update(of=("self",)).select_related("cooperative").get(pk=lot.pk)
    if lot.currency != lot.cooperative.currency:
        raise ForeignCurrency(lot=lot.currency, books=lot.cooperative.currency)
    if Receipt.objects.for_cooperative(lot.cooperative).filter(reference=reference).exists():
        raise DuplicateReference(reference=reference)
    outstanding = outstanding_minor(lot)
    if amount_minor > outstanding:
        raise MoreThanOutstanding(
            amount=format_money(amount_minor, lot.currency),
            outstanding=format_money(outstanding, lot.currency),
        )
    receipt = _create(
        lot, amount_minor=amount_minor, received_on=received_on, reference=reference, by=by
    )
    _post(receipt, by=by)
    record_event(receipt, action="record_receipt", by=by, amount_minor=amount_minor, lot=lot.pk)
    return receipt


def outstanding_minor(lot: Lot) -> int:
    """What the buyer of `lot` has not yet paid, in minor units."""
    received = Receipt.objects.filter(lot=lot).aggregate(total=Sum("amount_minor"))["total"]
    return lot.amount_minor - int(received or 0)


def _create(lot: Lot, *, amount_minor: int, received_on: date, reference: str, by: User) -> Receipt:
    try:
        with transaction.atomic():
            return Receipt.objects.create(
                cooperative=lot.cooperative,
                lot=lot,
                amount_minor=amount_minor,
                currency=lot.currency,
                received_on=received_on,
                reference=reference,
                recorded_by=by,
            )
    except IntegrityError as error:
        raise DuplicateReference(reference=reference) from error


def _post(receipt: Receipt, *, by: User) -> None:
    cooperative, currency = receipt.cooperative, receipt.currency
    project = receipt.lot.block.project
    bank = ledger.open_account(cooperative, ledger.BANK, currency=currency)
    waiting = ledger.open_account(
        cooperative, ledger.UNDISTRIBUTED, currency=currency, detail=project.code
    )
    ledger.post_entry(
        cooperative,
        heading=ledger.Heading(f"receipt:{receipt.pk}", receipt.received_on, receipt.reference),
        lines=[
            ledger.Line(bank, receipt.amount_minor),
            ledger.Line(waiting, -receipt.amount_minor),
        ],
        by=by,
    )
