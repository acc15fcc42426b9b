"""A household whose share is nothing is neither paid nor waits to be: there is nothing to pay.

Of three households one earned no kilogram in 2025; the others share 50.00 and 30.00.
"""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlparse

import pytest

from payouts.payments import approve_batch, confirm_batch, export_batch, propose_batch
from tests.admin_pages import signed_in, words
from tests.cast import Cast
from tests.payouts.pool import issue_period, receive, sell, settle


@pytest.fixture
def settled(sunrise: Cast) -> Cast:
    period = issue_period(sunrise, [5000, 0, 3000])
    lot = sell(period, tonnes=8, unit_price_minor=1000)
    receive(lot, 8000, reference="B-1", by=sunrise.operator)
    settle(sunrise, period)
    return sunrise


def paid_cell(cast: Cast):  # type: ignore[no-untyped-def]
    (pool,) = signed_in(cast.viewer).get("/admin/").context["home"]["pools"]
    return next(cell for cell in pool["cells"] if cell.name == "Paid")


def listed(cast: Cast, paid: str) -> list[str]:
    address = urlparse(paid_cell(cast).url)
    query = {**{key: values[0] for key, values in parse_qs(address.query).items()}, "paid": paid}
    rows = signed_in(cast.viewer).get(address.path, query).context["cl"].result_list
    return sorted(share.household.code for share in rows)


def test_before_the_first_payment_nobody_counts_as_paid(settled: Cast) -> None:
    cell = paid_cell(settled)
    assert (cell.count, cell.tone) == ("0/2", "wait")
    assert cell.word == "households so far · 1 with nothing to pay"
    assert listed(settled, "yes") == []
    assert listed(settled, "no") == ["H001", "H003"]
    assert listed(settled, "nothing") == ["H002"]


def test_all_are_paid_once_all_that_was_owed_is(settled: Cast) -> None:
    batch = propose_batch(settled.cooperative, by=settled.operator)
    approve_batch(batch, by=settled.approver)
    export_batch(batch, by=settled.operator)
    confirm_batch(batch, paid_on=date(2026, 6, 1), by=settled.operator)
    cell = paid_cell(settled)
    assert (cell.count, cell.tone) == ("2/2", "good")
    assert cell.word == "all households · 1 with nothing to pay"
    assert listed(settled, "yes") == ["H001", "H003"]
    assert listed(settled, "no") == []


def test_the_list_of_shares_says_it_in_words(settled: Cast) -> None:
    page = signed_in(settled.viewer).get("/admin/payouts/share/", {"paid": "nothing"})
    assert "nothing to pay" in words(page).partition("H002")[2]
