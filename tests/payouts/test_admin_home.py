"""The staff's home counts the line right, links to what it counts, and says what comes next."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from aggregator.models import ImportRun, User
from credits.models import MonitoringPeriod
from payouts.home import count_money, gather_home
from payouts.models import Payment, Settlement
from payouts.next_step import NextStep, next_step
from payouts.payments import approve_batch, confirm_batch, export_batch, fail_payment, propose_batch
from payouts.settlement import approve_settlement
from payouts.statements import issue_statements
from tests.admin_pages import signed_in, words
from tests.cast import Cast, make_household, make_season
from tests.credits.line import (
    closed_year,
    drawn_sample,
    make_enrolled_pool,
    make_pool,
    open_year,
    record_all,
    verify,
)
from tests.payouts.pool import add_rule, draft, issue_period, receive, sell, settle
from tests.whole_line import make_whole_line


def cells(client: Client, place: int = 0) -> dict[str, Any]:
    pool = client.get("/admin/").context["home"]["pools"][place]
    return {cell.name: cell for cell in pool["cells"]}


def step(cast: Cast, today: date = date(2026, 1, 15)) -> NextStep:
    facts = gather_home(cast.cooperative)
    return next_step(facts.lines[-1], today=today, batches=facts.batches)


def test_a_line_that_went_all_the_way_is_counted_station_by_station(sunrise: Cast) -> None:
    """Three hectares at one tonne each: 2.4 t sellable, two whole ones sold at 100.00."""
    make_whole_line(sunrise)
    counted = {name: cell.count for name, cell in cells(signed_in(sunrise.viewer)).items()}
    assert counted == {
        "Members": "3",
        "Fields": "3",
        "Evidence": "3/3",
        "Verified": "3/3",
        "Issued": "2 t",
        "Sold": "2 t",
        # 200.00 less 1.50 a tonne and 8% of 200.00.
        "Settled": "¥ 181.00",
        "Paid": "3/3",
    }


def test_each_count_links_to_as_many_rows(sunrise: Cast) -> None:
    make_whole_line(sunrise)
    make_household(sunrise.village, 99)
    client = signed_in(sunrise.viewer)
    for name, cell in cells(client).items():
        if name in {"Issued", "Sold", "Settled"}:
            continue
        listed = client.get(cell.url).context["cl"].result_count
        assert listed == int(cell.count.partition("/")[0]), name


def test_tonnes_link_to_blocks_and_lots_that_hold_them(sunrise: Cast) -> None:
    make_whole_line(sunrise)
    client = signed_in(sunrise.viewer)
    line = cells(client)
    blocks = client.get(line["Issued"].url).context["cl"].result_list
    assert sum(block.tonnes for block in blocks if block.kind == "sellable") == 2
    lots = client.get(line["Sold"].url).context["cl"].result_list
    assert sum(lot.tonnes for lot in lots) == 2


def test_the_newest_period_stands_on_top(sunrise: Cast) -> None:
    project = make_enrolled_pool(sunrise)
    for year in (2024, 2025):
        open_year(project, year, sunrise)
    pools = signed_in(sunrise.viewer).get("/admin/").context["home"]["pools"]
    assert [pool["period"] for pool in pools] == ["2025", "2024"]


def test_the_next_step_follows_the_line(sunrise: Cast) -> None:
    """Every station in turn: who must act, and on which row."""
    make_season(sunrise, 2025)
    project = make_pool(sunrise)
    seen = [(step(sunrise).role, step(sunrise).action)]
    project.delete()
    project = make_enrolled_pool(sunrise)
    seen.append((step(sunrise).role, step(sunrise).action))
    period = open_year(project, 2025, sunrise)
    seen.append((step(sunrise).role, step(sunrise).action))
    early = step(sunrise, today=date(2025, 6, 1))
    assert (early.action, "2025-12-31" in early.text) == ("", True)
    period.delete()
    period = closed_year(project, 2025, sunrise)
    seen.append((step(sunrise).role, step(sunrise).action))
    check = drawn_sample(period, sunrise)
    seen.append((step(sunrise).role, step(sunrise).action))
    record_all(check, sunrise)
    seen.append((step(sunrise).role, step(sunrise).action))
    assert seen == [
        ("operator", "enrol"),
        ("operator", "open-period"),
        ("operator", "close"),
        ("operator", "prepare-verification"),
        ("verifier", ""),
        ("verifier", "close"),
    ]


def test_a_verified_period_waits_to_be_issued(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    verify(closed_year(make_enrolled_pool(sunrise), 2025, sunrise), sunrise)
    assert (step(sunrise).role, step(sunrise).action) == ("operator", "issue")


def money_steps(cast: Cast, period: MonitoringPeriod) -> list[tuple[str, str]]:
    """Roles and actions from unsold to paid."""
    seen = []

    def look() -> None:
        found = step(cast)
        seen.append((found.role, found.action))

    look()
    lot = sell(period, tonnes=6, unit_price_minor=1_000)
    look()
    receive(lot, 6_000, reference="R1", by=cast.operator)
    look()
    drafted = draft(cast, period)
    look()
    approve_settlement(drafted, by=cast.approver)
    issue_statements(drafted)
    look()
    batch = propose_batch(cast.cooperative, by=cast.operator)
    look()
    approve_batch(batch, by=cast.approver)
    look()
    export_batch(batch, by=cast.operator)
    look()
    confirm_batch(batch, paid_on=date(2026, 6, 1), by=cast.operator)
    look()
    return seen


def test_the_next_step_follows_the_money(sunrise: Cast) -> None:
    project = make_enrolled_pool(sunrise)
    period = issue_period(sunrise, [100, 200, 300], project=project)
    assert money_steps(sunrise, period) == [
        ("operator", ""),
        ("operator", ""),
        ("operator", "settle"),
        ("approver", ""),
        ("operator", "propose"),
        ("approver", ""),
        ("operator", "export"),
        ("operator", "confirm"),
        ("", ""),
    ]


def test_a_draft_waits_for_the_approver_but_not_for_its_maker(sunrise: Cast) -> None:
    period = issue_period(sunrise, [1, 2, 3], project=make_enrolled_pool(sunrise))
    receive(sell(period, tonnes=1, unit_price_minor=600), 600, reference="R", by=sunrise.operator)
    drafted = draft(sunrise, period)
    waiting = signed_in(sunrise.approver).get("/admin/").context["home"]["waiting"]
    assert [step["url"] for step in waiting] == [f"/admin/payouts/settlement/{drafted.pk}/change/"]
    assert signed_in(sunrise.operator).get("/admin/").context["home"]["waiting"] == []
    Settlement.objects.update(drafted_by=sunrise.approver)
    assert signed_in(sunrise.approver).get("/admin/").context["home"]["waiting"] == []


def test_the_next_sentence_names_who(sunrise: Cast) -> None:
    User.objects.filter(pk=sunrise.operator.pk).update(last_name="林小满")
    make_enrolled_pool(sunrise)
    page = words(signed_in(sunrise.viewer).get("/admin/"))
    assert "Next, operator 林小满: Open the first monitoring period." in page


@pytest.fixture
def half_paid(sunrise: Cast) -> Cast:
    """600.00 received, 10% taken, 540.00 owed; one of three payments failed, 100.00 unshared."""
    period = issue_period(sunrise, [100, 200, 300], project=make_enrolled_pool(sunrise))
    add_rule(period.project, 1, "rate_of_gross", rate="0.10")
    lot = sell(period, tonnes=70, unit_price_minor=1_000)
    receive(lot, 60_000, reference="R1", by=sunrise.operator)
    settle(sunrise, period)
    receive(lot, 10_000, reference="R2", by=sunrise.operator)
    batch = propose_batch(sunrise.cooperative, by=sunrise.operator)
    approve_batch(batch, by=sunrise.approver)
    export_batch(batch, by=sunrise.operator)
    failed = Payment.objects.get(household=sunrise.households[0])
    fail_payment(failed, reason="closed", by=sunrise.operator)
    confirm_batch(batch, paid_on=date(2026, 6, 1), by=sunrise.operator)
    return sunrise


def test_the_money_adds_up(half_paid: Cast) -> None:
    money = count_money(half_paid.cooperative)
    assert dict(money.parts()) == {
        "paid": 45_000,
        "on_its_way": 0,
        "owed": 9_000,
        "fees": 6_000,
        "not_shared": 10_000,
    }
    assert money.received == 70_000 == sum(amount for _name, amount in money.parts())


def test_the_money_bar_is_filled_to_the_end(half_paid: Cast) -> None:
    bar = signed_in(half_paid.viewer).get("/admin/").context["home"]["money"]
    assert sum(part["width"] for part in bar["segments"]) == 1000


def test_paid_households_are_those_whose_payments_reach_their_shares(half_paid: Cast) -> None:
    client = signed_in(half_paid.viewer)
    paid = cells(client)["Paid"]
    assert (paid.count, paid.tone) == ("2/3", "wait")
    unpaid = client.get(paid.url.replace("paid=yes", "paid=no")).context["cl"].result_list
    assert [share.household for share in unpaid] == [half_paid.households[0]]


def test_problems_are_counted_by_kind_and_linked(half_paid: Cast) -> None:
    ImportRun.objects.create(
        cooperative=half_paid.cooperative, kind="fields", file_name="f", sha256="", status="refused"
    )
    client = signed_in(half_paid.viewer)
    problems = client.get("/admin/").context["home"]["problems"]
    assert [problem["count"] for problem in problems] == [1, 1]
    for problem in problems:
        assert client.get(problem["url"]).context["cl"].result_count == problem["count"]


def test_a_file_mended_since_is_no_problem(sunrise: Cast) -> None:
    for status in ("refused", "imported"):
        ImportRun.objects.create(
            cooperative=sunrise.cooperative, kind="fields", file_name="f", sha256="", status=status
        )
    assert gather_home(sunrise.cooperative).problems["imports"] == 0


def test_an_empty_cooperative_is_told_how_to_begin(riverbend: Cast) -> None:
    page = words(signed_in(riverbend.operator).get("/admin/"))
    assert "No project yet." in page
    assert "No money has come in yet." in page


def test_the_first_steps_are_ticked_as_they_are_done(riverbend: Cast) -> None:
    client = signed_in(riverbend.operator)
    steps = client.get("/admin/").context["home"]["first_steps"]
    assert [(step.text, step.count) for step in steps] == [
        ("Bring in the households", 1),
        ("Bring in the fields", 1),
        ("Bring in the practices", 0),
        ("Set up a project", 0),
    ]
    page = words(client.get("/admin/"))
    assert page.count("1 on record") == 2
    assert page.count("not yet") == 2
    assert all(client.get(step.url).status_code == 200 for step in steps)


def test_with_a_project_the_first_steps_are_gone(sunrise: Cast) -> None:
    make_whole_line(sunrise)
    page = words(signed_in(sunrise.operator).get("/admin/"))
    assert "The first steps" not in page


def test_the_home_takes_few_queries_however_many_periods(
    sunrise: Cast, django_assert_max_num_queries: Any
) -> None:
    project = make_whole_line(sunrise, year=2024).project
    for year in (2025, 2026, 2027):
        open_year(project, year, sunrise)
    client = signed_in(sunrise.approver)
    with django_assert_max_num_queries(38):
        assert len(client.get("/admin/").context["home"]["pools"]) == 4


def test_every_word_has_a_sign_beside_its_colour(sunrise: Cast) -> None:
    make_whole_line(sunrise)
    page = signed_in(sunrise.viewer).get("/admin/").content.decode()
    states = re.findall(r'class="state state-\w+"><span aria-hidden="true">(.)</span> (\S)', page)
    assert len(states) == page.count('class="state ')
