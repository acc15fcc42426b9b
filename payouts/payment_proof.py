"""Proof of payments: batches, payments and the journal tell the same story.

Reads only; used by `payouts.books`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.db.models import Q, Sum

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
        yield f"household {row['household__code']} is overpaid by {row['total']}"


def _batches() -> Iterator[str]:
    entries = _entries(r"^batch:\d+$")
    for batch in PaymentBatch.objects.select_related("cooperative"):
        entry = entries.pop(f"batch:{batch.pk}", None)
        stands = batch.status in (PaymentBatch.Status.APPROVED, PaymentBatch.Status.EXPORTED)
        if stands != (entry is not None):
            yield f"batch {batch.number} is {batch.status}, but its entry says otherwise"
            continue
        payments = _paying(batch)
        if entry is not None and _debits(entry) != Counter(payments):
            yield f"batch {batch.number} and its journal entry differ"
        totals = (len(payments), sum(amount for _household, amount in payments))
        if stands and totals != (batch.payment_count, batch.total_minor):
            yield f"batch {batch.number}: its payments are {totals}, not as approved"
    for reference in entries:
        yield f"{reference} is in the books without a batch"


def _failures() -> Iterator[str]:
    entries = _entries(r"^payment:\d+:failed$")
    for payment in Payment.objects.filter(status=Status.FAILED):
        if entries.pop(f"payment:{payment.pk}:failed", None) is None:
            yield f"payment {payment.pk} failed, but is not owed again"
    for reference in entries:
        yield f"{reference} is in the books, but the payment has not failed"


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
            yield f"{-account.balance_minor} is on its way in the books, {due} in the batches"
    for total in expected.values():
        yield f"{total} is on its way in the batches, but not in the books"


def _entries(pattern: str) -> dict[str, JournalEntry]:
    return {row.reference: row for row in JournalEntry.objects.filter(reference__regex=pattern)}


def _paying(batch: PaymentBatch) -> list[tuple[int, int]]:
    paying = batch.payments.exclude(status__in=[Status.HELD, Status.WITHDRAWN])
    return list(paying.values_list("household_id", "amount_minor"))


def _debits(entry: JournalEntry) -> Counter[tuple[int, int]]:
    members = entry.postings.filter(account__code=ledger.MEMBERS)
    return Counter(members.values_list("household_id", "amount_minor"))
