"""The proof finds what is planted. Each test breaks one thing past the rules, with plain SQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from payouts import books, ledger, payments
from payouts.models import (
    JournalEntry,
    Payment,
    PaymentBatch,
    Receipt,
    Settlement,
    Share,
    StatementCounter,
)
from tests.cast import Cast
from tests.payouts import pool


@pytest.fixture(autouse=True)
def proven_books() -> None:
    """These books are broken on purpose."""


@pytest.fixture
def paying(sunrise: Cast) -> Cast:
    """Settled, and a batch of three payments on its way."""
    period = pool.issue_period(sunrise, [5000, 3000, 2000])
    pool.add_rule(period.project, 1, "fixed", amount_minor=100)
    lot = pool.sell(period, tonnes=10, unit_price_minor=1000)
    pool.receive(lot, 10_000, reference="B-1", by=sunrise.operator)
    pool.settle(sunrise, period)
    batch = payments.propose_batch(sunrise.cooperative, by=sunrise.operator)
    payments.approve_batch(batch, by=sunrise.approver)
    payments.export_batch(batch, by=sunrise.operator)
    return sunrise


def failing() -> set[str]:
    return {check.name for check in books.check_books() if not check.passed}


@pytest.mark.usefixtures("in_english")
def test_sound_books_prove(paying: Cast) -> None:
    assert failing() == set()
    books.prove_books()
    out = StringIO()
    call_command("check_ledger", stdout=out)
    assert "The books prove." in out.getvalue()
    assert out.getvalue().count("ok ") == len(books.CHECKS)


def test_broken_books_end_the_command_with_an_error(paying: Cast) -> None:
    Share.objects.filter(ordinal=0).update(net_minor=1)
    out = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("check_ledger", stdout=out)
    assert refusal.value.returncode == 1
    assert "FAIL" in out.getvalue()
    with pytest.raises(books.BooksDoNotProve):
        books.prove_books()


def raise_receipt() -> None:
    Receipt.objects.update(amount_minor=10_001)


def lose_receipt() -> None:
    Receipt.objects.update(settlement=None)


def move_a_fen() -> None:
    first, second = Share.objects.filter(ordinal__lt=2)
    for share, amount in ((first, 1), (second, -1)):
        share.net_minor += amount
        share.gross_minor += amount
        share.save()


def shift_kilograms() -> None:
    Share.objects.filter(ordinal=0).update(credited_kg=4999)


def forget_approval() -> None:
    Settlement.objects.update(status="draft")


def skip_number() -> None:
    StatementCounter.objects.update(next_number=5)


def start_late() -> None:
    Settlement.objects.update(first_statement=2)


def claim_statements() -> None:
    Settlement.objects.update(statements_job="done")


def pay_less() -> None:
    Payment.objects.filter(position=1).update(amount_minor=1)


def fail_in_silence() -> None:
    Payment.objects.filter(position=1).update(status="failed")


def forget_batch() -> None:
    PaymentBatch.objects.update(status="draft", approved_by=None)


def drop_a_trigger() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE payouts_posting DISABLE TRIGGER ledger_entry_closed")
        else:
            cursor.execute("DROP TRIGGER ledger_entry_closed")


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        (raise_receipt, "receipts_are_posted"),
        (raise_receipt, "settlements_add_up"),
        (lose_receipt, "settlements_add_up"),
        (move_a_fen, "settlements_add_up"),
        (move_a_fen, "journal_matches_settlements"),
        (shift_kilograms, "settlements_add_up"),
        (forget_approval, "journal_matches_settlements"),
        (skip_number, "statement_numbers_have_no_gap"),
        (start_late, "statement_numbers_have_no_gap"),
        (claim_statements, "statements_match_shares"),
        (pay_less, "payments_match_books"),
        (fail_in_silence, "payments_match_books"),
        (forget_batch, "payments_match_books"),
        (drop_a_trigger, "guards_stand"),
    ],
)
def test_a_planted_fault_is_found(paying: Cast, plant: Callable[[], None], found: str) -> None:
    plant()
    assert found in failing()


def test_an_overpaid_member_is_found(paying: Cast) -> None:
    entry = JournalEntry.objects.get(reference__startswith="settlement:")
    ledger.reverse_entry(entry, occurred_on=date(2026, 5, 1), memo="", by=paying.operator)
    assert "balances_not_negative" in failing()


def test_postings_that_cross_cooperatives_are_found(paying: Cast, riverbend: Cast) -> None:
    account = ledger.open_account(paying.cooperative, ledger.BANK, currency="CNY")
    ledger.post_entry(
        riverbend.cooperative,
        heading=ledger.Heading("test:1", date(2026, 5, 1)),
        lines=[
            ledger.Line(ledger.open_account(riverbend.cooperative, "bank", currency="CNY"), 5),
            ledger.Line(
                ledger.open_account(riverbend.cooperative, "members", currency="CNY"),
                -5,
                paying.households[0].pk,
            ),
        ],
        by=None,
    )
    assert ledger.account_balance(account) == 10_000
    assert failing() == {"postings_keep_to_their_cooperative"}
