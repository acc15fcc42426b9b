"""In a browser of a phone's width: the header leaves the page its room, and the keys find all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect, sync_playwright

from tests.cast import make_cast

CHROMIUM = "/usr/bin/chromium"
PHONE = {"width": 360, "height": 640}
HEIGHT = "document.querySelector('#header').offsetHeight"
WIDTH = "document.documentElement.scrollWidth"
# Whether what has the focus is seen to have it.
MARKED = """() => {
  const look = getComputedStyle(document.activeElement);
  return look.outlineStyle !== "none" || look.boxShadow !== "none";
}"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Chromium is not installed")
@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
def test_the_header_is_two_lines_and_each_of_its_ways_is_reached_by_tab(
    live_server: Any, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    cast = make_cast("sunrise", name="青山土地股份专业合作社联合社", households=1, east=118.0)
    client = Client()
    client.force_login(cast.operator)
    session = client.cookies["sessionid"].value
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(locale=language, viewport=PHONE)  # type: ignore[arg-type]
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        for address in ("/admin/", f"/admin/aggregator/household/{cast.households[0].pk}/change/"):
            page.goto(live_server.url + address)
            # An eighth of a small phone's window.
            assert page.evaluate(HEIGHT) <= 80, address
            assert page.evaluate(WIDTH) == PHONE["width"], address
        page.keyboard.press("Tab")  # past the menu
        for _step in range(page.locator("#header a, #header button").count()):
            page.keyboard.press("Tab")
            assert page.evaluate(MARKED), page.locator(":focus").inner_text()
            expect(page.locator(":focus")).to_be_in_viewport()
        browser.close()
