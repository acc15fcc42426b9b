"""In a browser: rows come and go in place, what was typed stays, and each input has a label."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from tests.cast import make_cast

CHROMIUM = "/usr/bin/chromium"
UNNAMED = """() => [...document.querySelectorAll("main input, main select")]
  .filter((each) => !["hidden", "submit"].includes(each.type) && !each.labels.length)
  .map((each) => each.name)"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Chromium is not installed")
def test_rows_come_and_go_with_a_script_and_without_one(
    live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The browser's own loop is no reason to refuse the database in this thread.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    cast = make_cast("sunrise", name="青山合作社", households=1, east=118.0)
    client = Client()
    client.force_login(cast.operator)
    session = {
        "name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url,
    }  # fmt: skip
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for script in (True, False):
            page = open_page(browser, session, live_server.url, script=script)
            add_and_take_off(page, script=script)
        browser.close()


def open_page(browser: Browser, session: Any, url: str, *, script: bool) -> Page:
    context = browser.new_context(
        locale="en-GB", viewport={"width": 360, "height": 640}, java_script_enabled=script
    )
    context.add_cookies([session])
    page = context.new_page()
    page.goto(f"{url}/admin/estimates/ipcc-rice-ch4/?example=1")
    return page


def add_and_take_off(page: Page, *, script: bool) -> None:
    if script:
        assert page.evaluate(UNNAMED) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.evaluate("window.still = true")
    page.fill('[name="area_ha"]', "2")
    page.click('button[name="more"][value="amendments"]')
    second = page.locator('[name="amendments[1].kind"]')
    second.wait_for()
    if script:
        # The same page, and the keyboard stands in the new row.
        assert page.evaluate("window.still")
        assert page.evaluate("document.activeElement.name") == "amendments[1].kind"
    second.select_option("compost")
    page.click('button[name="less"][value="amendments[0]"]')
    second.wait_for(state="detached")
    assert page.input_value('[name="amendments[0].kind"]') == "compost"
    page.fill('[name="amendments[0].amount_t_per_ha"]', "10")
    page.keyboard.press("Enter")
    # 2 ha × 112 d × 1.32 kg × (1 + 10 × 0.17)^0.59 = 531.284 kg.
    page.locator(".estimate-answer").wait_for()
    assert "531.284 kg" in page.inner_text(".estimate-answer")
