"""The member's money pages: what is owed, what came, what is held and why, and what comes next.

Sums by hand: 100.00 yuan over 1, 3 and 0 tonnes is 25.00, 75.00 and 0.00.
"""

from datetime import date

import pytest
from django.test import Client

from aggregator.models import Household, PayeeAccount
from credits.models import MonitoringPeriod, Project
from payouts import payments
from payouts.models import Statement, StatementPdf
from payouts.models.statement import RenderStatus
from payouts.statements import render_pending_pdfs
from tests.aggregator.sign_in_steps import enter
from tests.cast import Cast
from tests.payouts import pool
from tests.payouts.portal_rows import (
    add_period,
    confirm_payments,
    fail_payment,
    send_payments,
    settle_year,
    start_project,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(sunrise: Cast) -> Project:
    return start_project(sunrise)


@pytest.fixture
def settled(sunrise: Cast, project: Project) -> Cast:
    settle_year(sunrise, [1000, 3000, 0], amount_minor=10_000, project=project)
    return sunrise


def read(household: Household, address: str = "/", *, language: str = "en") -> str:
    browser = enter(Client(), household)
    browser.cookies["django_language"] = language
    response = browser.get(address)
    assert response.status_code == 200
    return response.content.decode().replace("\u00a0", " ")


def number_of(household: Household) -> str:
    return Statement.objects.get(household=household).number


def test_home_says_what_is_owed_and_where_it_goes(settled: Cast) -> None:
    page = read(settled.households[0])
    assert '<p class="amount">¥ 25.00</p>' in page
    assert "Comes with the next payment to 农商银行 •••• 0001." in page
    assert "1 plot · 15.00 mu · 1.000 t" in page
    assert "not yet paid" in page


def test_home_before_anything_was_settled_owes_nothing(sunrise: Cast) -> None:
    page = read(sunrise.households[0])
    assert '<p class="amount">¥ 0.00</p>' in page
    assert "Nothing is owed to you yet." in page


def test_a_household_with_no_tonnes_has_a_statement_of_nothing(settled: Cast) -> None:
    page = read(settled.households[2])
    assert "nothing to pay" in page
    assert "Nothing is owed to you yet." in page


def test_money_on_its_way_is_still_owed_until_it_comes(settled: Cast) -> None:
    household = settled.households[0]
    batch = payments.propose_batch(settled.cooperative, by=settled.operator)
    assert "Comes with the next payment" in read(household)
    payments.approve_batch(batch, by=settled.approver)
    for _time in range(2):
        page = read(household)
        assert '<p class="amount">¥ 25.00</p>' in page
        assert "¥ 25.00 is on its way to you." in page
        payments.export_batch(batch, by=settled.operator)
    confirm_payments(settled, batch)
    page = read(household)
    assert '<p class="amount">¥ 0.00</p>' in page
    assert "All is paid. The last: ¥ 25.00 on 15 July 2026." in page
    assert "paid on 15 July 2026" in page


def test_money_that_came_back_says_why_and_what_to_do(settled: Cast) -> None:
    household = settled.households[1]
    fail_payment(settled, send_payments(settled), household, reason="the account is closed")
    for address in ("/", f"/statements/{number_of(household)}/"):
        page = read(household, address)
        assert "The money is held: the account is closed. Ask at the cooperative." in page
        assert "Comes with the next payment" not in page
        assert "¥ 75.00" in page


def test_a_new_account_answers_a_failed_payment(settled: Cast) -> None:
    household = settled.households[1]
    fail_payment(settled, send_payments(settled), household, reason="the account is closed")
    household.payee_accounts.update(status="ended")
    PayeeAccount.objects.create(
        status="active",
        cooperative=settled.cooperative,
        household=household,
        holder_name="户主2",
        bank_name="农商银行",
        number="6222000000099999",
    )
    page = read(household)
    assert "Comes with the next payment to 农商银行 •••• 9999." in page
    assert "held" not in page


def test_a_later_settlement_leaves_the_paid_one_paid(settled: Cast, project: Project) -> None:
    confirm_payments(settled, send_payments(settled))
    settle_year(settled, [1000, 3000, 0], amount_minor=8_000, year=2026, project=project)
    page = read(settled.households[0], "/statements/")
    new, old = page.split("Statement 2025")
    assert "not yet paid" in new
    assert "¥ 20.00" in new
    assert "paid on 15 July 2026" in old


def test_without_an_account_the_page_asks_for_one(settled: Cast) -> None:
    household = settled.households[0]
    household.payee_accounts.update(status="ended")
    page = read(household)
    assert "Bring your bank card to the cooperative." in page
    assert "held" in page


def test_a_small_sum_says_when_it_will_be_paid(settled: Cast) -> None:
    settled.cooperative.payment_threshold_minor = 2501
    settled.cooperative.save()
    assert "paid together from ¥ 25.01 on" in read(settled.households[0])
    settled.cooperative.payment_threshold_minor = 2500
    settled.cooperative.save()
    assert "Comes with the next payment" in read(settled.households[0])


def test_statements_stand_newest_first_and_home_shows_two(settled: Cast, project: Project) -> None:
    for year in (2026, 2027):
        settle_year(settled, [1000, 3000, 0], amount_minor=10_000, year=year, project=project)
    listed = read(settled.households[0], "/statements/")
    places = [listed.index(f"Statement {year}") for year in (2027, 2026, 2025)]
    assert places == sorted(places)
    home = read(settled.households[0])
    assert "Statement 2026" in home
    assert "Statement 2025" not in home
    assert "All statements" in home


def test_the_statement_page_shows_amount_plots_and_payments(settled: Cast) -> None:
    household = settled.households[0]
    confirm_payments(settled, send_payments(settled))
    page = read(household, f"/statements/{number_of(household)}/")
    assert "¥ 25.00" in page
    assert "1号田" in page
    assert "Paid on 15 July 2026" in page


def test_every_page_speaks_both_languages(settled: Cast) -> None:
    household = settled.households[0]
    for address in ("/", "/statements/", f"/statements/{number_of(household)}/"):
        assert '<html lang="en">' in read(household, address)
        assert '<html lang="zh-Hans">' in read(household, address, language="zh-hans")


def test_the_pdf_downloads_under_its_number_and_no_cache_keeps_it(settled: Cast) -> None:
    household = settled.households[0]
    statement = Statement.objects.get(household=household)
    StatementPdf.objects.update_or_create(
        statement=statement,
        defaults={
            "cooperative": settled.cooperative,
            "status": RenderStatus.READY,
            "content": b"%PDF-1.7 made",
        },
    )
    response = enter(Client(), household).get(f"/statements/{statement.number}/pdf/")
    assert response.content == b"%PDF-1.7 made"
    assert response["Content-Type"] == "application/pdf"
    assert statement.number in response["Content-Disposition"]
    assert response["Content-Disposition"].startswith("attachment")
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]


def test_until_the_pdf_is_made_a_page_says_so(settled: Cast) -> None:
    household = settled.households[0]
    browser = enter(Client(), household)
    response = browser.get(f"/statements/{number_of(household)}/pdf/")
    assert response.status_code == 202
    assert "PDF" in response.content.decode()


@pytest.mark.parametrize(
    ("status", "step", "sentence"),
    [
        ("open", "Record", "counts until 31 December 2026"),
        ("closed", "Check", "visit some of the fields"),
        ("verified", "Issue", "are being registered"),
        ("issued", "Sell", "looking for a buyer"),
    ],
)
def test_the_next_step_follows_the_period(
    sunrise: Cast, project: Project, status: str, step: str, sentence: str
) -> None:
    add_period(sunrise, project, status=status)
    page = read(sunrise.households[0])
    assert f'<li aria-current="step">{step}</li>' in page
    assert sentence in page


def test_the_next_step_follows_the_money(sunrise: Cast, project: Project) -> None:
    household = sunrise.households[0]
    period = pool.issue_period(sunrise, [1000, 3000, 0], project=project)
    lot = pool.sell(period, tonnes=1, unit_price_minor=10_000)
    assert "sold. The buyer has not paid yet." in read(household)
    pool.receive(lot, 10_000, reference="r", by=sunrise.operator)
    assert "the buyer has paid. Your share is worked out next." in read(household)
    pool.draft(sunrise, period)
    assert "A second person is checking it." in read(household)


def test_the_oldest_unfinished_year_is_told_first(settled: Cast, project: Project) -> None:
    assert "What comes next" not in read(settled.households[0])
    add_period(
        settled, project, code="2027", starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31)
    )
    add_period(settled, project, status=MonitoringPeriod.Status.VERIFIED)
    assert "2026: the tonnes are checked" in read(settled.households[0])


def test_a_household_without_fields_in_a_project_sees_no_next_step(
    sunrise: Cast, riverbend: Cast, project: Project
) -> None:
    add_period(sunrise, project)
    assert "What comes next" not in read(riverbend.households[0])


@pytest.mark.slow
def test_the_real_pdf_comes_out_of_the_portal(settled: Cast) -> None:
    statement = Statement.objects.get(household=settled.households[0])
    render_pending_pdfs(statement.settlement_id, 3)
    response = enter(Client(), settled.households[0]).get(f"/statements/{statement.number}/pdf/")
    assert response.content.startswith(b"%PDF-")
