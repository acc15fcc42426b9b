"""Proof of the books: every check that money adds up, from the triggers to the statements.

Reads only. A check yields a sentence for each thing that is wrong, and nothing where all is well.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import connection
from django.db.models import Count, F, Q, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aggregator.errors import DomainError
from aggregator.record_triggers import find_trigger_faults
from payouts import ledger
from payouts.models import JournalEntry, Posting, Receipt, Settlement, StatementCounter
from payouts.payment_proof import balances_not_negative, payments_match_books
from payouts.settlement_proof import (
    journal_matches_settlements,
    settlements_add_up,
    statements_match_shares,
)

# Enough to see what is wrong; a broken ledger of a million rows need not be printed whole.
SHOWN = 20
GUARDS = {
    "postgresql": {
        "payouts_journalentry.ledger_append_only",
        "payouts_journalentry.ledger_no_truncate",
        "payouts_journalentry.ledger_entry_opens",
        "payouts_journalentry.ledger_entry_balances",
        "payouts_posting.ledger_append_only",
        "payouts_posting.ledger_no_truncate",
        "payouts_posting.ledger_entry_closed",
    },
    "sqlite": {
        "ledger_append_only_journalentry_UPDATE",
        "ledger_append_only_journalentry_DELETE",
        "ledger_append_only_posting_UPDATE",
        "ledger_append_only_posting_DELETE",
        "ledger_no_replace_entry",
        "ledger_no_replace_posting",
        "ledger_entry_opens",
        "ledger_entry_balances",
        "ledger_entry_closed",
    },
}
logger = logging.getLogger(__name__)


class BooksDoNotProve(DomainError):
    code = "books_do_not_prove"
    message = _("The books do not prove: %(problems)s")


@dataclass(frozen=True, slots=True)
class Check:
    """One proof and what is wrong by it; at most the first `SHOWN` findings."""

    name: str
    title: str | Promise
    problems: list[str]

    @property
    def passed(self) -> bool:
        return not self.problems


def check_books() -> Iterator[Check]:
    """Every proof in turn, over all cooperatives."""
    for find_problems, title in CHECKS.items():
        yield Check(find_problems.__name__, title, list(islice(find_problems(), SHOWN)))


def prove_books() -> None:
    """Raise, and leave a line in the log for each finding, unless the books prove.

    Raises:
        BooksDoNotProve: with the first findings.
    """
    problems = [
        f"{check.title}: {problem}" for check in check_books() for problem in check.problems
    ]
    for problem in problems:
        logger.error("ledger check: %s", problem)
    if problems:
        raise BooksDoNotProve(problems="; ".join(problems[:SHOWN]))


def guards_stand() -> Iterator[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgrelid::regclass || '.' || tgname FROM pg_trigger WHERE tgenabled = 'O'"
            )
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        standing = {name for (name,) in cursor.fetchall()}
    for name in sorted(GUARDS[connection.vendor] - standing):
        yield str(_("the trigger %(name)s is missing") % {"name": name})
    for table, name in find_trigger_faults(connection):
        yield str(_("the trigger %(name)s is missing") % {"name": f"{table}.{name}"})


def entries_balance() -> Iterator[str]:
    wrong = (
        JournalEntry.objects.annotate(
            total=Sum("postings__amount_minor"),
            found=Count("postings"),
            currencies=Count("postings__account__currency", distinct=True),
        )
        .exclude(total=0, found=F("posting_count"), currencies=1)
        .order_by("pk")
    )
    for entry in wrong:
        yield gettext(
            "%(entry)s: %(found)s of %(expected)s postings in %(currencies)s currencies"
            " sum to %(total)s"
        ) % {
            "entry": entry.reference,
            "found": entry.found,
            "expected": entry.posting_count,
            "currencies": entry.currencies,
            "total": entry.total,
        }


def postings_keep_to_their_cooperative() -> Iterator[str]:
    strays = Posting.objects.exclude(
        cooperative=F("entry__cooperative"), account__cooperative=F("cooperative")
    ) | Posting.objects.filter(household__isnull=False).exclude(
        household__cooperative=F("cooperative")
    )
    for posting in strays.select_related("entry").order_by("pk"):
        values = {"number": posting.pk, "entry": posting.entry.reference}
        yield gettext("posting %(number)s of %(entry)s crosses cooperatives") % values


def receipts_are_posted() -> Iterator[str]:
    posted = {
        (entry.cooperative_id, entry.reference): int(entry.debit or 0)
        for entry in JournalEntry.objects.filter(reference__startswith="receipt:").annotate(
            debit=Sum("postings__amount_minor", filter=Q(postings__account__code=ledger.BANK))
        )
    }
    for receipt in Receipt.objects.order_by("pk"):
        found = posted.pop((receipt.cooperative_id, f"receipt:{receipt.pk}"), None)
        if found != receipt.amount_minor:
            yield gettext("receipt %(receipt)s: %(amount)s, in the books %(found)s") % {
                "receipt": receipt.reference,
                "amount": receipt.amount_minor,
                "found": "—" if found is None else found,
            }
    for _cooperative, reference in posted:
        yield gettext("%(entry)s is in the books without a receipt") % {"entry": reference}


def statement_numbers_have_no_gap() -> Iterator[str]:
    expected: dict[tuple[int, str], int] = {}
    approved = (
        Settlement.objects.filter(status=Settlement.Status.APPROVED)
        .annotate(taken=Count("shares"))
        .select_related("period")
        .order_by("first_statement", "pk")
    )
    for settlement in approved:
        series = (settlement.cooperative_id, settlement.period.code)
        free = expected.get(series, 1)
        if settlement.first_statement != free:
            found = settlement.first_statement
            yield gettext(
                "settlement %(settlement)s: statements from %(found)s, not from %(expected)s"
            ) % {"settlement": settlement, "found": found, "expected": free}
        expected[series] = (settlement.first_statement or free) + settlement.taken
    for counter in StatementCounter.objects.all():
        free = expected.get((counter.cooperative_id, counter.series), 1)
        if counter.next_number != free:
            yield gettext("series %(series)s: the next number is %(found)s, not %(expected)s") % {
                "series": counter.series,
                "found": counter.next_number,
                "expected": free,
            }


CHECKS: dict[Callable[[], Iterator[str]], str | Promise] = {
    guards_stand: _("the database refuses changes of the ledger"),
    entries_balance: _("every entry sums to zero in one currency"),
    postings_keep_to_their_cooperative: _("no posting crosses cooperatives"),
    receipts_are_posted: _("every receipt is in the books"),
    settlements_add_up: _("shares sum to the lines of their settlement"),
    journal_matches_settlements: _("the journal equals the settlements"),
    statement_numbers_have_no_gap: _("statement numbers have no gap"),
    statements_match_shares: _("statements equal the shares"),
    payments_match_books: _("payments equal the journal"),
    balances_not_negative: _("no member owes the cooperative"),
}
