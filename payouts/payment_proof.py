"""Proof of payments: batches, payments and the journal tell the same story.

Reads only; used by `payouts.books`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from payouts import ledger
from payouts.models import Account, JournalEntry, Payment, PaymentBatch, Posting

Status = Payment.Status


def payments_match_books() -> Iterator[str]:
    yield from _batches()
    yield from _failures()
    yield from _on_the_way()


def balances_not_negative() -> Iterator[str]:
    overpaid = (
        Posting.objects.filter(account__code=ledger.MEMBERS)
        .order_by("household__code")
        .values("household__code", "account__currency")
        .annotate(total=Sum("amount_minor"))
        .filter(total__gt=0)
    )
    for row in overpaid:
        values = {"code": row["household__code"], "amount": row["total"]}
        yield _("household %(code)s is overpaid by %(amount)s") % values


def _batches() -> Iterator[str]:
    entries = _entries(r"^batch:\d+$", reversed_by=None)
    for batch in PaymentBatch.objects.select_related("cooperative"):
        entry = entries.pop(f"batch:{batch.pk}", None)
        stands = batch.status in (PaymentBatch.Status.APPROVED, PaymentBatch.Status.EXPORTED)
        if stands != (entry is not None):
            values = {"batch": batch.number, "status": batch.get_status_display()}
            yield _("batch %(batch)s is %(status)s, but its entry says otherwise") % values
            continue
        payments = _paying(batch)
        if entry is not None and _debits(entry) != Counter(payments):
            yield _("batch %(batch)s and its journal entry differ") % {"batch": batch.number}
        totals = (len(payments), sum(amount for _household, amount in payments))
        if stands and totals != (batch.payment_count, batch.total_minor):
            values = {"batch": batch.number, "count": totals[0], "total": totals[1]}
            yield (
                _("batch %(batch)s: its payments are %(count)s, of %(total)s: not as approved")
                % values
            )
    for reference in entries:
        yield _("%(entry)s is in the books without a batch") % {"entry": reference}


def _failures() -> Iterator[str]:
    entries = _entries(r"^payment:\d+:failed$")
    for payment in Payment.objects.filter(status=Status.FAILED):
        if entries.pop(f"payment:{payment.pk}:failed", None) is None:
            yield _("payment %(number)s failed, but is not owed again") % {"number": payment.pk}
    for reference in entries:
        yield _("%(entry)s is in the books, but the payment has not failed") % {"entry": reference}


def _on_the_way() -> Iterator[str]:
    """What is on its way in the books is what the bank has, or will get, and has not answered."""
    live = Payment.objects.filter(
        Q(status=Status.SENT)
        | Q(status=Status.PROPOSED, batch__status=PaymentBatch.Status.APPROVED)
    )
    expected = Counter(
        {
            (row["cooperative_id"], row["batch__currency"]): int(row["total"])
            for row in live.order_by()
            .values("cooperative_id", "batch__currency")
            .annotate(total=Sum("amount_minor"))
        }
    )
    for account in Account.objects.filter(code=ledger.IN_TRANSIT).with_balance():
        due = expected.pop((account.cooperative_id, account.currency), 0)
        if -account.balance_minor != due:
            values = {"booked": -account.balance_minor, "due": due}
            yield _("%(booked)s is on its way in the books, %(due)s in the batches") % values
    for total in expected.values():
        yield _("%(due)s is on its way in the batches, but not in the books") % {"due": total}


def _entries(pattern: str, **more: Any) -> dict[str, JournalEntry]:
    rows = JournalEntry.objects.filter(reference__regex=pattern, **more)
    return {row.reference: row for row in rows}


def _paying(batch: PaymentBatch) -> list[tuple[int, int]]:
    paying = batch.payments.exclude(status__in=[Status.HELD, Status.WITHDRAWN])
    return list(paying.values_list("household_id", "amount_minor"))


def _debits(entry: JournalEntry) -> Counter[tuple[int, int]]:
    members = entry.postings.filter(account__code=ledger.MEMBERS)
    return Counter(members.values_list("household_id", "amount_minor"))
