"""The database itself keeps the books: raw SQL, past every rule of the program, is refused."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from payouts import ledger
from payouts.ledger import Heading, Line
from payouts.models import Account, JournalEntry, Posting
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def entry(transactional_db: None) -> JournalEntry:
    cast: Cast = make_cast("sunrise", name="青山合作社", households=1, east=118.0)
    bank = ledger.open_account(cast.cooperative, ledger.BANK, currency="CNY")
    members = ledger.open_account(cast.cooperative, ledger.MEMBERS, currency="CNY")
    return ledger.post_entry(
        cast.cooperative,
        heading=Heading("test:1", date(2026, 3, 1)),
        lines=[Line(bank, 500), Line(members, -500, cast.households[0].pk)],
        by=cast.operator,
    )


def run(sql: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)


def insert_entry(entry: JournalEntry, reference: str, amounts: Iterable[int], count: int) -> None:
    """An entry and postings on its first account by plain INSERTs, in one transaction."""
    account = Account.objects.get(code="bank")
    with transaction.atomic():
        fresh = JournalEntry.objects.create(
            cooperative=entry.cooperative,
            reference=reference,
            occurred_on=entry.occurred_on,
            posting_count=count,
        )
        for amount in amounts:
            run(
                "INSERT INTO payouts_posting (cooperative_id, entry_id, account_id, amount_minor)"
                " VALUES (%s, %s, %s, %s)",
                entry.cooperative_id,
                fresh.pk,
                account.pk,
                amount,
            )


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE payouts_posting SET amount_minor = amount_minor + 1",
        "UPDATE payouts_posting SET household_id = NULL",
        "DELETE FROM payouts_posting",
        "UPDATE payouts_journalentry SET reference = 'other'",
        "DELETE FROM payouts_journalentry",
    ],
)
def test_a_raw_change_of_the_books_fails(entry: JournalEntry, sql: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"):
        run(sql)
    assert Posting.objects.count() == 2


@pytest.mark.postgresql
@pytest.mark.parametrize("table", ["payouts_posting", "payouts_journalentry CASCADE"])
def test_a_raw_truncate_fails(entry: JournalEntry, table: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"):
        run(f"TRUNCATE {table}")
    assert Posting.objects.count() == 2


@pytest.mark.sqlite
@pytest.mark.parametrize("table", ["payouts_posting", "payouts_journalentry"])
def test_replacing_a_row_is_no_way_round(entry: JournalEntry, table: str) -> None:
    with pytest.raises(IntegrityError):
        run(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    assert Posting.objects.count() == 2


def test_raw_postings_that_balance_are_taken(entry: JournalEntry) -> None:
    insert_entry(entry, "raw:1", [5, -3, -2], count=3)
    assert JournalEntry.objects.get(reference="raw:1").postings.count() == 3


@pytest.mark.parametrize(
    ("amounts", "count"),
    [
        ([5, -3], 2),  # does not sum to zero
        ([5, -5], 4),  # fewer than declared
        ([5, -5, 7, -7], 2),  # more than declared
        ([5], 1),
        ([], 0),
    ],
)
def test_raw_postings_that_do_not_make_an_entry_fail_as_a_whole(
    entry: JournalEntry, amounts: list[int], count: int
) -> None:
    with pytest.raises(IntegrityError):
        insert_entry(entry, "raw:1", amounts, count)
    assert not JournalEntry.objects.filter(reference="raw:1").exists()
    assert Posting.objects.count() == 2


def test_an_entry_takes_no_posting_once_it_is_written(entry: JournalEntry) -> None:
    account = Account.objects.get(code="bank")
    rows = f"({entry.cooperative_id}, {entry.pk}, {account.pk}, 9)"
    rows += f", ({entry.cooperative_id}, {entry.pk}, {account.pk}, -9)"
    with pytest.raises(IntegrityError, match="closed"):
        run(
            "INSERT INTO payouts_posting (cooperative_id, entry_id, account_id, amount_minor)"
            f" VALUES {rows}"
        )
    assert Posting.objects.count() == 2


def test_a_database_that_is_no_test_database_is_not_emptied(
    entry: JournalEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "NAME", "/srv/tianhui/var/tianhui.sqlite3")
    with pytest.raises(CommandError, match="append-only"):
        call_command("flush", interactive=False, verbosity=0)
    assert Posting.objects.count() == 2


def test_the_guards_stand_again_after_a_flush(entry: JournalEntry) -> None:
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)
    assert not Posting.objects.exists()
    cast = make_cast("sunrise", name="青山合作社", households=1, east=118.0)
    bank = ledger.open_account(cast.cooperative, ledger.BANK, currency="CNY")
    waiting = ledger.open_account(
        cast.cooperative, ledger.UNDISTRIBUTED, currency="CNY", detail="terraces"
    )
    ledger.post_entry(
        cast.cooperative,
        heading=Heading("test:2", date(2026, 3, 1)),
        lines=[Line(bank, 1), Line(waiting, -1)],
        by=None,
    )
    for sql in ("DELETE FROM payouts_posting", "UPDATE payouts_posting SET amount_minor = 7"):
        with pytest.raises(DatabaseError, match="append-only"):
            run(sql)
