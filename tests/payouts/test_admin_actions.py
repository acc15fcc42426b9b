"""Decisions in the admin: asked once in words, one rule called, refusals said and nothing done."""

from __future__ import annotations

import pytest

from credits.models import Lot, Project
from payouts.models import JournalEntry, Payment, PaymentBatch, Receipt, Settlement
from tests.admin_pages import notes, signed_in, words
from tests.cast import Cast
from tests.credits.line import make_buyer, make_enrolled_pool, make_pool
from tests.payouts.pool import draft, issue_period, receive, sell, settle


@pytest.fixture
def drafted(sunrise: Cast) -> Settlement:
    """600 kg shared 100 : 200 : 300 over 600.00."""
    period = issue_period(sunrise, [100, 200, 300])
    lot = sell(period, tonnes=60, unit_price_minor=1_000)
    receive(lot, 60_000, reference="R1", by=sunrise.operator)
    return draft(sunrise, period)


def do(settlement: Settlement, action: str) -> str:
    return f"/admin/payouts/settlement/{settlement.pk}/do/{action}/"


def buttons(sunrise: Cast, role: str, address: str) -> list[str]:
    offered = signed_in(getattr(sunrise, role)).get(address).context["object_actions"]
    return [action["url"].rstrip("/").rpartition("/")[2] for action in offered]


def test_the_page_asks_with_the_amounts_and_posting_decides(
    sunrise: Cast, drafted: Settlement
) -> None:
    client = signed_in(sunrise.approver)
    asked = words(client.get(do(drafted, "approve")))
    assert "3 households are owed ¥ 600.00 in all, out of ¥ 600.00 received." in asked
    drafted.refresh_from_db()
    assert drafted.status == Settlement.Status.DRAFT
    answer = client.post(do(drafted, "approve"), follow=True)
    drafted.refresh_from_db()
    assert (drafted.status, drafted.approved_by) == ("approved", sunrise.approver)
    assert any("is approved" in note for note in notes(answer))


def test_approving_twice_posts_once_and_says_so(sunrise: Cast, drafted: Settlement) -> None:
    client = signed_in(sunrise.approver)
    client.post(do(drafted, "approve"))
    answer = client.post(do(drafted, "approve"))
    assert answer.status_code == 409
    assert notes(answer)[-1] == "The settlement 2025-1 has already been approved."
    assert JournalEntry.objects.filter(reference=f"settlement:{drafted.pk}").count() == 1


def test_nobody_approves_his_own_draft(sunrise: Cast, drafted: Settlement) -> None:
    Settlement.objects.filter(pk=drafted.pk).update(drafted_by=sunrise.approver)
    page = f"/admin/payouts/settlement/{drafted.pk}/change/"
    assert buttons(sunrise, "approver", page) == ["withdraw"]
    answer = signed_in(sunrise.approver).post(do(drafted, "approve"))
    assert answer.status_code == 409
    drafted.refresh_from_db()
    assert drafted.status == Settlement.Status.DRAFT


@pytest.mark.parametrize("role", ["operator", "verifier", "viewer"])
def test_only_an_approver_approves(sunrise: Cast, drafted: Settlement, role: str) -> None:
    client = signed_in(getattr(sunrise, role))
    # A verifier sees no money at all.
    refused = 404 if role == "verifier" else 403
    assert client.get(do(drafted, "approve")).status_code == refused
    assert client.post(do(drafted, "approve")).status_code == refused
    drafted.refresh_from_db()
    assert drafted.status == Settlement.Status.DRAFT


def test_buttons_follow_role_and_state(sunrise: Cast, drafted: Settlement) -> None:
    page = f"/admin/payouts/settlement/{drafted.pk}/change/"
    assert buttons(sunrise, "approver", page) == ["approve", "withdraw"]
    assert buttons(sunrise, "operator", page) == ["withdraw"]
    assert buttons(sunrise, "viewer", page) == []
    signed_in(sunrise.approver).post(do(drafted, "approve"))
    assert buttons(sunrise, "approver", page) == []


def test_a_step_that_is_not_open_leads_back_with_a_word(sunrise: Cast, drafted: Settlement) -> None:
    client = signed_in(sunrise.approver)
    client.post(do(drafted, "approve"))
    answer = client.get(do(drafted, "approve"), follow=True)
    assert "This step is not open now." in notes(answer)


def test_a_decision_needs_the_token_of_its_page(sunrise: Cast, drafted: Settlement) -> None:
    client = signed_in(sunrise.approver)
    client.handler.enforce_csrf_checks = True
    assert client.post(do(drafted, "approve")).status_code == 403
    drafted.refresh_from_db()
    assert drafted.status == Settlement.Status.DRAFT


def test_an_unknown_step_is_not_found(sunrise: Cast, drafted: Settlement) -> None:
    assert signed_in(sunrise.approver).post(do(drafted, "destroy")).status_code == 404


def test_money_is_typed_in_yuan_and_kept_in_fen(sunrise: Cast) -> None:
    lot = sell(issue_period(sunrise, [1, 2, 3]), tonnes=10, unit_price_minor=1_000)
    typed = {"amount_minor": "12.34", "received_on": "2026-03-01", "reference": "R7"}
    answer = signed_in(sunrise.operator).post(
        f"/admin/credits/lot/{lot.pk}/do/receive/", typed, follow=True
    )
    assert "¥ 12.34 are recorded." in notes(answer)
    assert Receipt.objects.get().amount_minor == 1_234


@pytest.mark.parametrize(
    ("currency", "typed", "kept"), [("JPY", "1200", 1_200), ("KWD", "1.234", 1_234)]
)
def test_money_is_kept_in_the_smallest_unit_that_its_currency_has(
    sunrise: Cast, currency: str, typed: str, kept: int
) -> None:
    sunrise.cooperative.currency = currency
    sunrise.cooperative.save()
    period = issue_period(sunrise, [1, 2, 3])
    lot = sell(period, tonnes=10, unit_price_minor=1_000, currency=currency)
    form = {"amount_minor": typed, "received_on": "2026-03-01", "reference": "R7"}
    signed_in(sunrise.operator).post(f"/admin/credits/lot/{lot.pk}/do/receive/", form)
    assert Receipt.objects.get().amount_minor == kept


def test_half_a_yen_is_refused(sunrise: Cast) -> None:
    sunrise.cooperative.currency = "JPY"
    sunrise.cooperative.save()
    period = issue_period(sunrise, [1, 2, 3])
    lot = sell(period, tonnes=10, unit_price_minor=1_000, currency="JPY")
    form = {"amount_minor": "12.50", "received_on": "2026-03-01", "reference": "R7"}
    address = f"/admin/credits/lot/{lot.pk}/do/receive/"
    assert signed_in(sunrise.operator).post(address, form).status_code == 400
    assert not Receipt.objects.exists()


def test_a_third_decimal_is_refused_before_the_rule(sunrise: Cast) -> None:
    lot = sell(issue_period(sunrise, [1, 2, 3]), tonnes=10, unit_price_minor=1_000)
    typed = {"amount_minor": "12.345", "received_on": "2026-03-01", "reference": "R7"}
    answer = signed_in(sunrise.operator).post(f"/admin/credits/lot/{lot.pk}/do/receive/", typed)
    assert answer.status_code == 400
    assert not Receipt.objects.exists()


def test_a_rule_that_refuses_keeps_what_was_typed(sunrise: Cast) -> None:
    lot = sell(issue_period(sunrise, [1, 2, 3]), tonnes=1, unit_price_minor=1_000)
    typed = {"amount_minor": "99.00", "received_on": "2026-03-01", "reference": "R7"}
    answer = signed_in(sunrise.operator).post(f"/admin/credits/lot/{lot.pk}/do/receive/", typed)
    assert answer.status_code == 409
    assert "99.00" in answer.content.decode()
    assert notes(answer)


def test_a_batch_goes_from_proposal_to_paid_by_buttons(sunrise: Cast, drafted: Settlement) -> None:
    operator, approver = signed_in(sunrise.operator), signed_in(sunrise.approver)
    approver.post(do(drafted, "approve"))
    operator.post("/admin/payouts/paymentbatch/do/propose/", {"file_format": "generic-csv"})
    batch = PaymentBatch.objects.get()
    page = f"/admin/payouts/paymentbatch/{batch.pk}/do/"
    assert operator.post(f"{page}approve/").status_code == 403
    approver.post(f"{page}approve/")
    file = operator.post(f"{page}export/")
    assert file["Content-Disposition"].startswith("attachment")
    assert b"600.00" in file.content
    copy = operator.post(f"{page}copy/")
    assert copy.content == file.content
    payment = batch.payments.order_by("position")[0]
    operator.post(f"/admin/payouts/payment/{payment.pk}/do/fail/", {"reason": "No such account"})
    answer = operator.post(f"{page}confirm/", {"paid_on": "2026-06-10"}, follow=True)
    assert notes(answer)[-1] == "2 payments are confirmed."
    assert sorted(batch.payments.values_list("status", flat=True)) == ["failed", "paid", "paid"]


def test_a_failed_payment_says_whom_it_is_owed_to(sunrise: Cast, drafted: Settlement) -> None:
    signed_in(sunrise.approver).post(do(drafted, "approve"))
    operator = signed_in(sunrise.operator)
    operator.post("/admin/payouts/paymentbatch/do/propose/", {"file_format": "generic-csv"})
    signed_in(sunrise.approver).post(
        f"/admin/payouts/paymentbatch/{PaymentBatch.objects.get().pk}/do/approve/"
    )
    operator.post(f"/admin/payouts/paymentbatch/{PaymentBatch.objects.get().pk}/do/export/")
    payment = Payment.objects.get(household=sunrise.households[0])
    asked = words(operator.get(f"/admin/payouts/payment/{payment.pk}/do/fail/"))
    assert "¥ 100.00 are owed to household H001 again" in asked


def test_a_project_is_set_up_and_filled_by_buttons(sunrise: Cast) -> None:
    client = signed_in(sunrise.operator)
    typed = {
        "code": "hills",
        "name": "坡地",
        "program": "ccx",
        "methodology": "ccx-soil",
        "starts_on": "2024-01-01",
        "ends_on": "2028-12-31",
        "region": "iowa",
        "ccx-sample_rate": "10",
        "ccx-fees.exchange_usd_per_tonne": "0.20",
    }
    client.post("/admin/credits/project/do/create/", typed)
    project = Project.objects.get()
    assert project.terms["reserve_rate"] == "0.20"
    answer = client.post(f"/admin/credits/project/{project.pk}/do/enrol/", follow=True)
    assert "3 fields are enrolled, 0 refused." in notes(answer)
    typed = {"code": "2025", "starts_on": "2025-01-01", "ends_on": "2025-12-31"}
    client.post(f"/admin/credits/project/{project.pk}/do/open-period/", typed)
    assert project.periods.get().code == "2025"


def test_a_lot_is_sold_to_ones_own_buyers_only(sunrise: Cast, riverbend: Cast) -> None:
    period = issue_period(sunrise, [1, 2, 3], project=make_pool(sunrise))
    block = period.issuance.blocks.get()
    stranger, own = make_buyer(riverbend, "Stranger"), make_buyer(sunrise, "Own")
    typed = {"tonnes": "5", "unit_price_minor": "10", "sold_on": "2026-04-01"}
    client = signed_in(sunrise.operator)
    address = f"/admin/credits/creditblock/{block.pk}/do/sell/"
    assert client.post(address, typed | {"buyer": str(stranger.pk)}).status_code == 400
    client.post(address, typed | {"buyer": str(own.pk)})
    lot = Lot.objects.get()
    assert (lot.tonnes, lot.unit_price_minor, lot.buyer) == (5, 1_000, own)


def test_a_settled_period_offers_no_second_settlement(sunrise: Cast) -> None:
    period = issue_period(sunrise, [1, 2, 3])
    receive(sell(period, tonnes=1, unit_price_minor=600), 600, reference="R1", by=sunrise.operator)
    page = f"/admin/credits/monitoringperiod/{period.pk}/change/"
    assert "settle" in buttons(sunrise, "operator", page)
    settle(sunrise, period)
    assert "settle" not in buttons(sunrise, "operator", page)


def test_the_list_offers_what_makes_a_new_row(sunrise: Cast) -> None:
    make_enrolled_pool(sunrise)
    assert buttons(sunrise, "operator", "/admin/credits/project/") == ["create"]
    assert buttons(sunrise, "approver", "/admin/credits/project/") == []
