"""From what is owed to money in the bank account, and back when it fails.

Three households are owed 5,000, 3,000 and 2,000 fen.
"""

from __future__ import annotations

from datetime import date

import pytest

from aggregator.errors import NotAllowed
from aggregator.models import AuditEvent, PayeeAccount
from aggregator.roles import NotYours
from payouts import ledger, payment_targets, payments
from payouts.models import JournalEntry, Payment, PaymentBatch
from tests.cast import Cast
from tests.payouts import pool

PAID_ON = date(2026, 4, 1)


@pytest.fixture
def owed(sunrise: Cast) -> Cast:
    period = pool.issue_period(sunrise, [5000, 3000, 2000])
    lot = pool.sell(period, tonnes=10, unit_price_minor=1000)
    pool.receive(lot, 10_000, reference="B-1", by=sunrise.operator)
    pool.settle(sunrise, period)
    return sunrise


def balances(cast: Cast) -> list[int]:
    found = ledger.owed_to_households(cast.cooperative, currency="CNY")
    return [found.get(household.pk, 0) for household in cast.households]


def balance(cast: Cast, kind: str) -> int:
    account = ledger.open_account(cast.cooperative, kind, currency="CNY")
    return ledger.account_balance(account)


def exported(cast: Cast) -> PaymentBatch:
    batch = payments.propose_batch(cast.cooperative, by=cast.operator)
    payments.approve_batch(batch, by=cast.approver)
    payments.export_batch(batch, by=cast.operator)
    return batch


def states(batch: PaymentBatch) -> list[tuple[int, str]]:
    return list(batch.payments.values_list("amount_minor", "status"))


def test_a_batch_holds_every_balance_that_is_owed(owed: Cast) -> None:
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    assert (batch.number, batch.payment_count, batch.total_minor) == (1, 3, 10_000)
    assert states(batch) == [(5000, "proposed"), (3000, "proposed"), (2000, "proposed")]
    assert balances(owed) == [5000, 3000, 2000]


def test_a_balance_below_the_smallest_payment_stays_owed(owed: Cast) -> None:
    owed.cooperative.payment_threshold_minor = 3000
    owed.cooperative.save()
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    assert states(batch) == [(5000, "proposed"), (3000, "proposed")]
    assert balances(owed)[2] == 2000


def test_a_household_without_an_account_is_held_with_the_reason(owed: Cast) -> None:
    PayeeAccount.objects.filter(household=owed.households[1]).update(status="ended")
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    held = batch.payments.get(household=owed.households[1])
    assert (held.status, held.reason) == (Payment.Status.HELD, payment_targets.NO_ACCOUNT)
    assert (batch.payment_count, batch.total_minor) == (2, 7000)
    payments.approve_batch(batch, by=owed.approver)
    assert balances(owed) == [0, 3000, 0]


def test_a_held_household_is_paid_in_the_next_batch_once_it_has_an_account(owed: Cast) -> None:
    account = PayeeAccount.objects.get(household=owed.households[1])
    account.status = "ended"
    account.save()
    exported(owed)
    account.status = "active"
    account.save()
    second = payments.propose_batch(owed.cooperative, by=owed.operator)
    assert states(second) == [(3000, "proposed")]


def test_what_is_on_its_way_is_not_proposed_again(owed: Cast) -> None:
    payments.propose_batch(owed.cooperative, by=owed.operator)
    with pytest.raises(payments.NothingToPay):
        payments.propose_batch(owed.cooperative, by=owed.operator)
    assert PaymentBatch.objects.count() == 1


def test_approval_puts_the_money_on_its_way(owed: Cast) -> None:
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    payments.approve_batch(batch, by=owed.approver)
    assert balances(owed) == [0, 0, 0]
    assert balance(owed, ledger.IN_TRANSIT) == -10_000
    assert balance(owed, ledger.BANK) == 10_000


def test_one_does_not_approve_ones_own_batch(owed: Cast) -> None:
    owed.approver.is_superuser = True
    owed.approver.save()
    batch = payments.propose_batch(owed.cooperative, by=owed.approver)
    with pytest.raises(payments.OwnBatch):
        payments.approve_batch(batch, by=owed.approver)
    assert balances(owed) == [5000, 3000, 2000]


def test_approving_a_batch_twice_posts_once(owed: Cast) -> None:
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    payments.approve_batch(batch, by=owed.approver)
    with pytest.raises(payments.BatchAlreadyApproved, match="1"):
        payments.approve_batch(batch, by=owed.approver)
    assert JournalEntry.objects.filter(reference__startswith="batch:").count() == 1


def test_a_batch_whose_account_was_changed_since_is_refused(owed: Cast) -> None:
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    PayeeAccount.objects.filter(household=owed.households[0]).update(status="ended")
    with pytest.raises(payments.BatchOutdated, match="H001"):
        payments.approve_batch(batch, by=owed.approver)
    batch.refresh_from_db()
    assert batch.status == PaymentBatch.Status.DRAFT
    assert balances(owed) == [5000, 3000, 2000]


def test_no_money_is_sent_to_an_account_closed_after_the_approval(owed: Cast) -> None:
    batch = payments.propose_batch(owed.cooperative, by=owed.operator, file_format="generic-csv")
    payments.approve_batch(batch, by=owed.approver)
    PayeeAccount.objects.filter(household=owed.households[0]).update(status="ended")
    exported_file = payments.export_batch(batch, by=owed.operator).content.decode()
    assert "622200000000001" not in exported_file
    assert "Total,2,,,50.00" in exported_file
    assert states(batch) == [(5000, "failed"), (3000, "sent"), (2000, "sent")]
    assert batch.payments.get(position=1).reason == payment_targets.ACCOUNT_CLOSED
    assert (balances(owed), balance(owed, ledger.IN_TRANSIT)) == ([5000, 0, 0], -5000)


def test_a_household_with_a_new_account_is_paid_there_in_the_next_batch(owed: Cast) -> None:
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    payments.approve_batch(batch, by=owed.approver)
    closed = PayeeAccount.objects.get(household=owed.households[0])
    closed.status = "ended"
    closed.save()
    opened = PayeeAccount.objects.create(
        status="active",
        cooperative=owed.cooperative,
        household=owed.households[0],
        number="6222000000099",
    )
    payments.export_batch(batch, by=owed.operator)
    second = payments.propose_batch(owed.cooperative, by=owed.operator)
    assert [(row.amount_minor, row.payee_account) for row in second.payments.all()] == [
        (5000, opened)
    ]


def test_a_batch_that_its_balances_no_longer_cover_is_refused(owed: Cast) -> None:
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    entry = JournalEntry.objects.get(reference__startswith="settlement:")
    ledger.reverse_entry(entry, occurred_on=PAID_ON, memo="错账", by=owed.operator)
    with pytest.raises(payments.BatchOutdated):
        payments.approve_batch(batch, by=owed.approver)
    # The books are put right again, so that they prove out at the end of the test.
    answer = JournalEntry.objects.get(reverses=entry)
    ledger.reverse_entry(answer, occurred_on=PAID_ON, memo="复原", by=owed.operator)


def test_a_withdrawn_batch_leaves_its_balances_to_the_next(owed: Cast) -> None:
    first = payments.propose_batch(owed.cooperative, by=owed.operator)
    payments.withdraw_batch(first, by=owed.operator)
    assert {status for _, status in states(first)} == {"withdrawn"}
    second = payments.propose_batch(owed.cooperative, by=owed.operator)
    assert (second.number, second.total_minor) == (2, 10_000)
    with pytest.raises(payments.BatchNotOpen):
        payments.approve_batch(first, by=owed.approver)


def test_a_draft_is_not_exported(owed: Cast) -> None:
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    with pytest.raises(payments.BatchNotOpen):
        payments.export_batch(batch, by=owed.operator)


@pytest.mark.parametrize("file_format", ["generic-csv", "generic-xlsx"])
def test_a_second_export_is_a_copy_to_the_byte(owed: Cast, file_format: str) -> None:
    batch = payments.propose_batch(owed.cooperative, by=owed.operator, file_format=file_format)
    payments.approve_batch(batch, by=owed.approver)
    first = payments.export_batch(batch, by=owed.operator)
    # Even where a name has changed in between.
    PayeeAccount.objects.filter(household=owed.households[0]).update(holder_name="改名")
    second = payments.export_batch(batch, by=owed.operator)
    assert (first.is_copy, second.is_copy) == (False, True)
    assert first.content == second.content
    assert first.sha256 == second.sha256 == batch.file_sha256
    log = AuditEvent.objects.filter(object_type="paymentbatch", action__startswith="export")
    assert list(log.order_by("pk").values_list("action", flat=True)) == [
        "export_batch",
        "export_copy",
    ]


def test_account_numbers_in_the_kept_file_are_not_readable_in_the_database(owed: Cast) -> None:
    from django.db import connection

    exported(owed)
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM payouts_bankfile")
        (stored,) = cursor.fetchone()
    assert stored.startswith("gAAAA")  # a Fernet token


def test_confirming_takes_the_money_out_of_the_bank(owed: Cast) -> None:
    batch = exported(owed)
    assert payments.confirm_batch(batch, paid_on=PAID_ON, by=owed.operator) == 3
    assert states(batch) == [(5000, "paid"), (3000, "paid"), (2000, "paid")]
    assert set(batch.payments.values_list("paid_on", flat=True)) == {PAID_ON}
    assert balance(owed, ledger.IN_TRANSIT) == balance(owed, ledger.BANK) == 0


def test_confirming_twice_changes_nothing(owed: Cast) -> None:
    batch = exported(owed)
    payments.confirm_batch(batch, paid_on=PAID_ON, by=owed.operator)
    with pytest.raises(payments.NothingToConfirm):
        payments.confirm_batch(batch, paid_on=PAID_ON, by=owed.operator)
    assert balance(owed, ledger.BANK) == 0


def test_a_failed_payment_is_owed_again_and_can_be_paid_anew(owed: Cast) -> None:
    batch = exported(owed)
    failed = batch.payments.get(household=owed.households[0])
    payments.fail_payment(failed, reason="户名不符", by=owed.operator)
    assert balances(owed) == [5000, 0, 0]
    assert payments.confirm_batch(batch, paid_on=PAID_ON, by=owed.operator) == 2
    assert balance(owed, ledger.BANK) == 5000
    follow_up = payments.propose_batch(owed.cooperative, by=owed.operator)
    assert states(follow_up) == [(5000, "proposed")]


def test_money_that_comes_back_weeks_later_is_owed_again(owed: Cast) -> None:
    batch = exported(owed)
    payments.confirm_batch(batch, paid_on=PAID_ON, by=owed.operator)
    returned = batch.payments.get(household=owed.households[2])
    payments.fail_payment(returned, reason="退汇", by=owed.operator)
    returned.refresh_from_db()
    assert (returned.status, returned.reason) == (Payment.Status.FAILED, "退汇")
    assert balances(owed) == [0, 0, 2000]
    assert balance(owed, ledger.BANK) == 2000


def test_a_payment_fails_once_and_only_after_it_was_sent(owed: Cast) -> None:
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    payment = batch.payments.get(household=owed.households[0])
    with pytest.raises(payments.PaymentNotSent):
        payments.fail_payment(payment, reason="x", by=owed.operator)
    payments.approve_batch(batch, by=owed.approver)
    payments.export_batch(batch, by=owed.operator)
    payments.fail_payment(payment, reason="x", by=owed.operator)
    with pytest.raises(payments.PaymentNotSent):
        payments.fail_payment(payment, reason="x", by=owed.operator)
    assert balances(owed) == [5000, 0, 0]


def test_an_unknown_file_format_is_refused(owed: Cast) -> None:
    with pytest.raises(payments.UnknownFormat, match="morse"):
        payments.propose_batch(owed.cooperative, by=owed.operator, file_format="morse")


def test_roles_and_tenants_are_kept_apart(owed: Cast, riverbend: Cast) -> None:
    with pytest.raises(NotAllowed):
        payments.propose_batch(owed.cooperative, by=owed.approver)
    with pytest.raises(NotYours):
        payments.propose_batch(owed.cooperative, by=riverbend.operator)
    batch = payments.propose_batch(owed.cooperative, by=owed.operator)
    with pytest.raises(NotYours):
        payments.approve_batch(batch, by=riverbend.approver)
    payments.approve_batch(batch, by=owed.approver)
    with pytest.raises(NotYours):
        payments.export_batch(batch, by=riverbend.operator)
    with pytest.raises(NotAllowed):
        payments.confirm_batch(batch, paid_on=PAID_ON, by=owed.viewer)
    with pytest.raises(payments.NothingToPay):
        payments.propose_batch(riverbend.cooperative, by=riverbend.operator)
