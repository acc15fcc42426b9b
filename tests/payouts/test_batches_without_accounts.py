"""A batch whose accounts were all closed after its approval makes no empty bank file.

Three households are owed 5,000, 3,000 and 2,000 fen.
"""

from __future__ import annotations

import pytest

from aggregator.models import PayeeAccount
from payouts import books, ledger, payments
from payouts.models import BankFile, PaymentBatch
from tests.admin_pages import notes, signed_in
from tests.cast import Cast
from tests.payouts import pool


@pytest.fixture
def approved(sunrise: Cast) -> PaymentBatch:
    period = pool.issue_period(sunrise, [5000, 3000, 2000])
    lot = pool.sell(period, tonnes=10, unit_price_minor=1000)
    pool.receive(lot, 10_000, reference="B-1", by=sunrise.operator)
    pool.settle(sunrise, period)
    batch = payments.propose_batch(sunrise.cooperative, by=sunrise.operator)
    payments.approve_batch(batch, by=sunrise.approver)
    return batch


def close_accounts(cast: Cast) -> None:
    PayeeAccount.objects.filter(cooperative=cast.cooperative).update(status="ended")


@pytest.mark.usefixtures("in_english")
def test_the_export_is_refused_with_the_households_and_what_to_do(
    sunrise: Cast, approved: PaymentBatch
) -> None:
    close_accounts(sunrise)
    with pytest.raises(payments.NothingToSend) as refused:
        payments.export_batch(approved, by=sunrise.operator)
    assert str(refused.value) == (
        "Batch 1 has nobody left to pay: the account of every household in it was closed or"
        " changed after the approval (H001, H002, H003). Enter and approve their accounts,"
        " withdraw this batch, and propose a new one."
    )


def test_a_refused_export_changes_nothing(sunrise: Cast, approved: PaymentBatch) -> None:
    close_accounts(sunrise)
    with pytest.raises(payments.NothingToSend):
        payments.export_batch(approved, by=sunrise.operator)
    approved.refresh_from_db()
    assert (approved.status, approved.file_sha256) == ("approved", "")
    assert set(approved.payments.values_list("status", flat=True)) == {"proposed"}
    assert not BankFile.objects.exists()


def test_withdrawn_it_is_owed_again_and_the_next_batch_pays(
    sunrise: Cast, approved: PaymentBatch
) -> None:
    close_accounts(sunrise)
    payments.withdraw_batch(approved, by=sunrise.operator)
    owed = ledger.owed_to_households(sunrise.cooperative, currency="CNY")
    assert [owed[household.pk] for household in sunrise.households] == [5000, 3000, 2000]
    books.prove_books()
    for number, household in enumerate(sunrise.households):
        PayeeAccount.objects.create(
            status="active",
            cooperative=sunrise.cooperative,
            household=household,
            number=f"62220000000009{number}",
        )
    second = payments.propose_batch(sunrise.cooperative, by=sunrise.operator)
    assert (second.number, second.total_minor) == (2, 10_000)


def test_a_batch_that_can_be_sent_is_not_withdrawn_after_its_approval(
    sunrise: Cast, approved: PaymentBatch
) -> None:
    PayeeAccount.objects.filter(household=sunrise.households[0]).update(status="ended")
    with pytest.raises(payments.BatchAlreadyApproved):
        payments.withdraw_batch(approved, by=sunrise.operator)


def test_the_page_says_it_and_offers_to_withdraw(sunrise: Cast, approved: PaymentBatch) -> None:
    close_accounts(sunrise)
    client = signed_in(sunrise.operator)
    page = f"/admin/payouts/paymentbatch/{approved.pk}"
    answer = client.post(f"{page}/do/export/", follow=True)
    assert any("H001, H002, H003" in note for note in notes(answer))
    answer = client.post(f"{page}/do/withdraw/", follow=True)
    assert notes(answer) == ["The batch is withdrawn."]
