"""The API shows a cooperative its own rows, no personal numbers, and takes decisions by POST."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from payouts.models import JournalEntry, Settlement
from tests.admin_pages import signed_in
from tests.cast import Cast
from tests.payouts.pool import add_rule, draft, issue_period, make_project, receive, sell
from tests.whole_line import make_whole_line

LISTS = (
    *("villages", "households", "fields", "agreements"),
    *("projects", "periods", "issuances", "lots"),
    *("receipts", "settlements", "shares", "statements", "payment-batches", "payments"),
)


@pytest.fixture
def drafted(sunrise: Cast) -> Settlement:
    period = issue_period(sunrise, [100, 200, 300])
    add_rule(period.project, 1, "rate_of_gross", rate="0.10")
    lot = sell(period, tonnes=60, unit_price_minor=1_000)
    receive(lot, 60_000, reference="R1", by=sunrise.operator)
    return draft(sunrise, period)


def rows(client: Client, name: str, **query: str) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/{name}/", query)
    assert answer.status_code == 200, name
    return answer.json()["results"]  # type: ignore[no-any-return]


def test_a_visitor_is_refused(sunrise: Cast) -> None:
    for name in LISTS:
        assert Client().get(f"/api/v1/{name}/").status_code == 403


def test_a_verifier_reads_no_list_of_money(sunrise: Cast) -> None:
    make_whole_line(sunrise)
    client = signed_in(sunrise.verifier)
    for name in ("lots", "settlements", "statements"):
        assert rows(client, name) == []


@pytest.mark.parametrize("role", ["operator", "approver", "viewer"])
def test_every_role_reads_every_list_without_personal_numbers(sunrise: Cast, role: str) -> None:
    make_whole_line(sunrise)
    client = signed_in(getattr(sunrise, role))
    numbers = [household.phone for household in sunrise.households]
    numbers += [household.payee_accounts.get().number for household in sunrise.households]
    for name in LISTS:
        found = rows(client, name)
        assert found, name
        text = json.dumps(found)
        assert not [number for number in numbers if number in text], name


def test_lists_hold_as_many_rows_as_the_cooperative_has(sunrise: Cast, riverbend: Cast) -> None:
    assert [row["code"] for row in rows(signed_in(sunrise.viewer), "households")] == [
        "H001",
        "H002",
        "H003",
    ]
    assert len(rows(signed_in(riverbend.viewer), "households")) == 1


def test_a_household_is_shown_with_head_and_masked_phone(sunrise: Cast) -> None:
    first = rows(signed_in(sunrise.viewer), "households")[0]
    assert first["head_name"] == "户主1"
    assert first["phone"] == f"•••• {sunrise.households[0].phone[-4:]}"


def test_amounts_and_tonnes_are_decimal_strings(sunrise: Cast, drafted: Settlement) -> None:
    (found,) = rows(signed_in(sunrise.viewer), "settlements")
    assert (found["gross"], found["net"], found["credited_t"]) == ("600.00", "540.00", "0.600")
    assert [line["amount"] for line in found["lines"]] == ["60.00"]
    shares = rows(signed_in(sunrise.viewer), "shares")
    assert [share["net"] for share in shares] == ["90.00", "180.00", "270.00"]


def test_a_fields_outline_comes_when_asked_for(sunrise: Cast) -> None:
    client = signed_in(sunrise.viewer)
    assert "geometry" not in rows(client, "fields")[0]
    outline = rows(client, "fields", geometry="1")[0]["geometry"]
    assert outline["type"] == "Polygon"
    assert sorted({round(x, 3) for x, _y in outline["coordinates"][0]}) == [118.002, 118.003]


def test_approving_by_post_calls_the_same_rule(sunrise: Cast, drafted: Settlement) -> None:
    address = f"/api/v1/settlements/{drafted.pk}/approve/"
    operator = signed_in(sunrise.operator).post(address)
    assert (operator.status_code, operator.json()["code"]) == (403, "not_allowed")
    client = signed_in(sunrise.approver)
    assert client.get(address).status_code == 405
    assert client.post(address).json()["status"] == "approved"
    again = client.post(address)
    assert (again.status_code, again.json()["code"]) == (409, "already_approved")
    assert JournalEntry.objects.filter(reference=f"settlement:{drafted.pk}").count() == 1


def test_a_stranger_cannot_even_find_what_he_would_approve(
    riverbend: Cast, drafted: Settlement
) -> None:
    client = signed_in(riverbend.approver)
    assert client.post(f"/api/v1/settlements/{drafted.pk}/approve/").status_code == 404


@pytest.mark.parametrize("name", LISTS)
def test_a_browser_gets_no_form_with_the_rows_of_strangers(
    sunrise: Cast, riverbend: Cast, name: str
) -> None:
    make_project(riverbend, code="their-secret-pool")
    client = signed_in(sunrise.operator)
    answer = client.get(f"/api/v1/{name}/", headers={"accept": "text/html,*/*;q=0.8"})
    assert answer["Content-Type"] == "application/json"
    assert answer.json()["count"] == len(rows(client, name))


def test_a_settlement_is_asked_for_by_post(sunrise: Cast, riverbend: Cast) -> None:
    period = issue_period(sunrise, [1, 2, 3])
    receive(sell(period, tonnes=1, unit_price_minor=600), 600, reference="R", by=sunrise.operator)
    stranger = signed_in(riverbend.operator).post("/api/v1/settlements/", {"period": period.pk})
    assert stranger.status_code == 400
    client = signed_in(sunrise.operator)
    made = client.post("/api/v1/settlements/", {"period": period.pk})
    assert (made.status_code, made.json()["status"]) == (201, "requested")
    again = client.post("/api/v1/settlements/", {"period": period.pk})
    assert (again.status_code, again.json()["code"]) == (409, "settlement_already_open")


def test_a_post_needs_the_csrf_token(sunrise: Cast, drafted: Settlement) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(sunrise.approver)
    assert client.post(f"/api/v1/settlements/{drafted.pk}/approve/").status_code == 403
    drafted.refresh_from_db()
    assert drafted.status == Settlement.Status.DRAFT


def test_a_batch_is_withdrawn_and_confirmed_with_a_day(sunrise: Cast) -> None:
    batch = make_whole_line(sunrise).batch
    client = signed_in(sunrise.operator)
    address = f"/api/v1/payment-batches/{batch.pk}"
    assert client.post(f"{address}/confirm/").status_code == 400
    done = client.post(f"{address}/confirm/", {"paid_on": "2026-06-01"})
    assert (done.status_code, done.json()["code"]) == (409, "nothing_to_confirm")
    assert client.post(f"{address}/withdraw/").status_code == 409
    assert signed_in(sunrise.approver).post(f"{address}/approve/").status_code == 409


def test_long_lists_come_in_pages(sunrise: Cast) -> None:
    answer = signed_in(sunrise.viewer).get("/api/v1/households/").json()
    assert (answer["count"], answer["next"]) == (3, None)
