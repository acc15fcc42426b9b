"""The portal in a real browser, as a phone of 360 × 640 shows it, with and without JavaScript."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from aggregator.models import Household
from payouts import payments
from payouts.models import Statement
from payouts.statements import render_pending_pdfs
from tests.aggregator.sign_in_steps import enter, last_code
from tests.cast import Cast
from tests.payouts.portal_rows import (
    add_period,
    confirm_payments,
    fail_payment,
    send_payments,
    settle_year,
    start_project,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PHONE = {"width": 360, "height": 640}
# What a reader sees too small, a finger cannot hit, or a screen cuts off.
SMALL_TYPE = """() => [...document.querySelectorAll('body *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
    .filter(e => e.getClientRects().length && parseFloat(getComputedStyle(e).fontSize) < 17)
    .map(e => e.outerHTML.slice(0, 80))"""
SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, summary, input')]
    .filter(e => e.type !== 'hidden')
    .filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 48)
    .map(e => e.outerHTML.slice(0, 80))"""
WIDTH = "() => document.documentElement.scrollWidth"
HEIGHT = "() => document.documentElement.scrollHeight"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no chromium here: apt install chromium (packages.txt)")
    with sync_playwright() as play, pytest.MonkeyPatch.context() as patch:
        # Playwright keeps a loop in this thread; the rows are still read one after another.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        # Root, as in a container, has no sandbox.
        opened = play.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def settled(browser: Browser, sunrise: Cast) -> Cast:
    """Two years settled, one paid; the second household's money came back; the next is open."""
    sunrise.cooperative.phone = "0591-8765 4321"
    sunrise.cooperative.name_en = "Qingshan Cooperative"
    sunrise.cooperative.save()
    project = start_project(sunrise)
    settle_year(sunrise, [1000, 3000, 500], amount_minor=26_000, year=2024, project=project)
    confirm_payments(sunrise, send_payments(sunrise))
    settle_year(sunrise, [1000, 3000, 500], amount_minor=36_000, year=2025, project=project)
    batch = payments.propose_batch(sunrise.cooperative, by=sunrise.operator)
    payments.approve_batch(batch, by=sunrise.approver)
    payments.export_batch(batch, by=sunrise.operator)
    fail_payment(sunrise, batch, sunrise.households[1], reason="账号已销户")
    add_period(sunrise, project)
    return sunrise


def open_page(
    browser: Browser, address: str, *, script: bool = True, scheme: str = "light"
) -> tuple[Page, list[str]]:
    """A phone's page on a server's address, and what its console complains of."""
    context = browser.new_context(
        base_url=address,
        viewport=PHONE,  # type: ignore[arg-type]
        java_script_enabled=script,
        color_scheme=scheme,  # type: ignore[arg-type]
        locale="en-US",
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page, complaints


def carry_session(page: Page, address: str, client, household: Household, language: str) -> None:
    key = enter(client, household).cookies["sessionid"].value
    page.context.add_cookies(
        [
            {"name": "sessionid", "value": key, "url": address},
            {"name": "django_language", "value": language, "url": address},
        ]
    )


def test_a_farmer_walks_from_the_phone_number_to_the_pdf_without_javascript(
    browser: Browser, live_server, settled: Cast
) -> None:
    statement = Statement.objects.get(household=settled.households[0], number__startswith="2025")
    render_pending_pdfs(statement.settlement_id, 3)
    Household.objects.update(language="en")
    page, complaints = open_page(browser, live_server.url, script=False)
    page.goto("/")
    page.get_by_label("Phone number").fill(settled.households[0].phone)
    page.get_by_role("button", name="Send me the code").click()
    page.get_by_label("The six digits").fill(last_code())
    page.get_by_role("button", name="Open my page").click()
    # 1,000 of 4,500 kg of 360.00 yuan.
    assert page.locator(".amount").inner_text().replace("\xa0", " ") == "¥ 80.00"
    page.get_by_role("link", name="Statement 2025").click()
    assert statement.number in page.content()
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    assert statement.number in download.value.suggested_filename
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    page.get_by_role("button", name="中文").click()
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    page.goto("/")
    page.locator("footer button").click()
    page.goto("/")
    assert page.url.endswith("/sign-in/?next=%2F")
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_home_fits_one_screen_and_every_page_its_width(
    browser: Browser, live_server, client, settled: Cast, language: str, scheme: str
) -> None:
    page, complaints = open_page(browser, live_server.url, scheme=scheme)
    for place, household in enumerate(settled.households):
        carry_session(page, live_server.url, client, household, language)
        page.goto("/")
        assert page.evaluate(HEIGHT) <= PHONE["height"], f"home of household {place}"
        number = Statement.objects.filter(household=household).latest("pk").number
        for address in ("/", "/statements/", f"/statements/{number}/", "/sign-in/"):
            page.goto(address)
            assert page.evaluate(WIDTH) <= PHONE["width"], address
            assert page.evaluate(SMALL_TARGETS) == [], address
    assert complaints == []


def test_type_is_large_enough_for_old_eyes(
    browser: Browser, live_server, client, settled: Cast
) -> None:
    page, _complaints = open_page(browser, live_server.url)
    page.goto("/sign-in/")
    assert page.evaluate(SMALL_TYPE) == []
    carry_session(page, live_server.url, client, settled.households[1], "zh-hans")
    for address in ("/", "/statements/", "/households/", "/nothing-here/"):
        page.goto(address)
        assert page.evaluate(SMALL_TYPE) == [], address
