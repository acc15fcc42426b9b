"""The page an approver reads: the waterfall with its figures, the checks with their reasons."""

from __future__ import annotations

import pytest

from payouts.admin.settlement_page import histogram, run_checks, waterfall_bars
from payouts.models import Settlement, Share, VillageDocument
from payouts.models.statement import RenderStatus
from payouts.statements import issue_statements
from tests.admin_pages import signed_in, words
from tests.cast import Cast
from tests.payouts.pool import add_rule, draft, issue_period, receive, sell, settle


@pytest.fixture
def drafted(sunrise: Cast) -> Settlement:
    """60 t at 10.00; 0.50 a tonne, then 10% of the 570.00 that remain: 513.00 to households."""
    period = issue_period(sunrise, [100, 200, 300])
    add_rule(period.project, 1, "per_tonne", amount_minor=50)
    add_rule(period.project, 2, "rate_of_remaining", rate="0.10")
    lot = sell(period, tonnes=60, unit_price_minor=1_000)
    receive(lot, 60_000, reference="R1", by=sunrise.operator)
    return draft(sunrise, period)


def tones(settlement: Settlement, cast: Cast) -> list[str]:
    return [check.tone for check in run_checks(settlement, cast.approver)]


def test_each_bar_stands_where_the_rule_bites(drafted: Settlement) -> None:
    bars = [(bar.kind, bar.amount, bar.x, bar.width) for bar in waterfall_bars(drafted)]
    assert bars == [
        ("gross", "¥ 600.00", 0, 1000),
        ("deduction", "− ¥ 30.00", 950, 50),
        ("deduction", "− ¥ 57.00", 855, 95),
        ("net", "¥ 513.00", 0, 855),
    ]


def test_each_rule_shows_its_formula_with_numbers(sunrise: Cast, drafted: Settlement) -> None:
    page = words(signed_in(sunrise.approver).get(f"/admin/payouts/settlement/{drafted.pk}/change/"))
    assert "¥ 0.50 × 60.000 t" in page
    assert "10% × ¥ 570.00" in page
    assert "Average price a tonne ¥ 10.00" in page


def test_all_checks_but_the_second_person_pass_on_a_good_draft(
    sunrise: Cast, drafted: Settlement
) -> None:
    assert tones(drafted, sunrise) == ["good", "good", "good", "good", "wait"]


def test_a_household_without_an_account_is_told_of(sunrise: Cast, drafted: Settlement) -> None:
    sunrise.households[0].payee_accounts.update(status="ended")
    assert tones(drafted, sunrise)[3] == "wait"


def test_a_missing_agreement_is_told_of(sunrise: Cast, drafted: Settlement) -> None:
    sunrise.households[0].agreements.all().delete()
    assert tones(drafted, sunrise)[2] == "bad"


def test_sums_that_do_not_add_up_are_told_of(sunrise: Cast, drafted: Settlement) -> None:
    share = Share.objects.filter(settlement=drafted)[0]
    Share.objects.filter(pk=share.pk).update(net_minor=share.net_minor - 1)
    assert tones(drafted, sunrise)[1] == "bad"
    Share.objects.filter(pk=share.pk).update(net_minor=share.net_minor)


def test_money_still_to_come_is_told_of(sunrise: Cast, drafted: Settlement) -> None:
    sell(drafted.period, tonnes=1, unit_price_minor=100)
    assert tones(drafted, sunrise)[0] == "wait"


def test_the_histogram_counts_every_household_once() -> None:
    drawn = histogram([0, 100, 100, 600, 1200], "CNY")
    assert drawn is not None
    assert [column["count"] for column in drawn["columns"]] == [1, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    assert (drawn["most"], drawn["middle"], drawn["none"]) == ("¥ 12.00", "¥ 1.00", 1)


def test_there_is_no_histogram_of_nothing() -> None:
    assert histogram([], "CNY") is None
    assert histogram([0, 0], "CNY") is None


def test_a_settlement_being_drafted_says_so(sunrise: Cast, drafted: Settlement) -> None:
    Settlement.objects.filter(pk=drafted.pk).update(status="requested", gross_minor=0, net_minor=0)
    page = signed_in(sunrise.approver).get(f"/admin/payouts/settlement/{drafted.pk}/change/")
    assert page.status_code == 200
    assert "The draft is being computed." in words(page)


def test_documents_that_are_ready_can_be_fetched(sunrise: Cast) -> None:
    period = issue_period(sunrise, [100, 200, 300])
    lot = sell(period, tonnes=60, unit_price_minor=1_000)
    receive(lot, 60_000, reference="R1", by=sunrise.operator)
    settlement = settle(sunrise, period)
    issue_statements(settlement)
    client = signed_in(sunrise.approver)
    document = VillageDocument.objects.filter(settlement=settlement)[0]
    address = f"/admin/payouts/villagedocument/{document.pk}/file/"
    assert client.get(address).status_code == 404
    VillageDocument.objects.filter(pk=document.pk).update(
        status=RenderStatus.READY, content=b"%PDF-1.7"
    )
    answer = client.get(address)
    assert (answer["Content-Type"], answer.content) == ("application/pdf", b"%PDF-1.7")
    assert (
        address in client.get(f"/admin/payouts/settlement/{settlement.pk}/change/").content.decode()
    )


def test_a_statement_is_shown_to_staff_as_the_household_sees_it(sunrise: Cast) -> None:
    period = issue_period(sunrise, [100, 200, 300])
    lot = sell(period, tonnes=60, unit_price_minor=1_000)
    receive(lot, 60_000, reference="R1", by=sunrise.operator)
    settlement = settle(sunrise, period)
    issue_statements(settlement)
    statement = settlement.statements.order_by("number")[0]
    page = words(signed_in(sunrise.viewer).get(f"/admin/payouts/statement/{statement.pk}/page/"))
    assert statement.number in page
    assert "¥ 100.00" in page
