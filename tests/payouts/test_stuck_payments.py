"""A held or failed payment counts once a household, and only until another payment came."""

from __future__ import annotations

from aggregator.models import Household
from payouts.home import gather_home
from payouts.models import Payment, PaymentBatch
from tests.admin_pages import signed_in
from tests.cast import Cast


def pay(cast: Cast, household: Household, status: str, *, number: int) -> None:
    batch, _made = PaymentBatch.objects.get_or_create(
        cooperative=cast.cooperative,
        number=number,
        defaults={"currency": "CNY", "status": "exported"},
    )
    Payment.objects.create(
        cooperative=cast.cooperative,
        batch=batch,
        position=household.pk,
        household=household,
        payee_account=household.payee_accounts.get(),
        amount_minor=100,
        status=status,
    )


def make_payments(cast: Cast) -> None:
    first, second, third = cast.households
    # Held twice; held and paid later; failed, and the batch that tried again withdrawn.
    pay(cast, first, "held", number=1)
    pay(cast, second, "held", number=1)
    pay(cast, third, "failed", number=1)
    pay(cast, first, "held", number=2)
    pay(cast, second, "paid", number=2)
    pay(cast, third, "withdrawn", number=2)


def test_a_household_held_twice_counts_once_and_one_paid_since_not(sunrise: Cast) -> None:
    make_payments(sunrise)
    problems = gather_home(sunrise.cooperative).problems
    assert (problems["held"], problems["failed"]) == (1, 1)


def test_the_list_behind_the_count_shows_as_many(sunrise: Cast) -> None:
    make_payments(sunrise)
    client = signed_in(sunrise.operator)
    for status in ("held", "failed"):
        address = f"/admin/payouts/payment/?status__exact={status}&stuck=yes"
        assert client.get(address).context["cl"].result_count == 1
    page = client.get("/admin/").content.decode()
    assert "stuck=yes" in page
