"""In a browser: the page that asks once more is left by Esc, and its inputs have labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import sync_playwright

from aggregator.models import AuditEvent
from tests.cast import make_cast

CHROMIUM = "/usr/bin/chromium"
# What a screen reader could not name: inputs without a word, and pages without their one heading.
UNNAMED = """() => [...document.querySelectorAll("main input, main select, main textarea")]
  .filter((each) => !["hidden", "submit"].includes(each.type) && !each.labels.length
    && !each.getAttribute("aria-label") && !each.getAttribute("aria-labelledby"))
  .map((each) => each.name)"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Chromium is not installed")
def test_a_decision_is_left_by_esc_and_every_page_is_named(
    live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The browser's own loop is no reason to refuse the database in this thread.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    cast = make_cast("sunrise", name="青山合作社", households=1, east=118.0)
    client = Client()
    client.force_login(cast.operator)
    key = cast.households[0].pk
    household = f"{live_server.url}/admin/aggregator/household/{key}/"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(locale="en-GB")
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        for address in (f"{household}do/reveal/", f"{household}history/", "/admin/guide/"):
            page.goto(address if "://" in address else live_server.url + address)
            assert page.locator("h1").count() == 1, address
            assert page.evaluate(UNNAMED) == [], address
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.getAttribute('href')") == "#content-start"
        page.goto(f"{household}do/reveal/")
        page.keyboard.press("Escape")
        page.wait_for_url(f"{household}change/")
        browser.close()
    assert not AuditEvent.objects.filter(action="revealed").exists()
