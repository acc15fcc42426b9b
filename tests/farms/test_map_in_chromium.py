"""The map in a real browser: a plot is drawn, split and merged with mouse and keyboard."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright

from farms.models import Field
from tests.cast import Cast
from tests.farms.land import measure

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


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
def page(browser: Browser, sunrise: Cast, live_server: Any) -> Iterator[Page]:
    """A desk's page of the operator; whatever the browser complains of fails the test."""
    measure(sunrise)
    client = Client()
    client.force_login(sunrise.operator)
    name = django_settings.SESSION_COOKIE_NAME
    context = browser.new_context(
        viewport={"width": 1280, "height": 1000}, locale="en", base_url=live_server.url
    )
    cookie = client.cookies[name].value
    context.add_cookies([{"name": name, "value": cookie, "url": live_server.url}])
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "console", lambda said: complaints.append(said.text) if said.type == "error" else None
    )
    yield opened
    context.close()
    assert complaints == []


def click_at(page: Page, x: float, y: float) -> None:
    """Click the drawing map at a part of its width and height."""
    box = page.locator("#drawing-map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)


def corners(page: Page) -> int:
    return page.locator("#drawing-map .corner:not(.corner-between)").count()


def test_a_plot_is_drawn_split_and_merged(page: Page, sunrise: Cast) -> None:
    page.goto("/admin/map/draw/")
    # Beside the row of plots, which lie in the middle of the map.
    for x, y in ((0.3, 0.7), (0.5, 0.7), (0.5, 0.9), (0.3, 0.9)):
        click_at(page, x, y)
    assert corners(page) == 4
    page.fill("[name=code]", "N1")
    page.select_option("[name=village]", label="一村")
    page.fill("[name=household]", "H001")
    page.fill("[name=starts_on]", "2025-01-01")
    page.click("button.decision-main")
    page.wait_for_selector(".messagelist")
    field = Field.objects.get(code="N1")
    assert len(field.boundaries.get().geometry_wkb) > 0

    page.goto(f"/admin/map/fields/{field.pk}/split/")
    click_at(page, 0.5, 0.02)
    click_at(page, 0.5, 0.98)
    expect(page.locator("#split-parts li")).to_have_count(2)
    expect(page.locator("#drawing-map .split-part")).to_have_count(2)
    page.fill("[name=on]", "2025-07-01")
    page.fill("[name=codes]", "N1-a\nN1-b")
    assert "N1-b" in page.inner_text("#split-parts li:last-child")
    page.click("button.decision-main")
    page.wait_for_selector(".messagelist")
    assert Field.objects.filter(code__startswith="N1-").count() == 2

    page.goto("/admin/map/?field=N1-a")
    page.wait_for_selector("#map-panel h2")
    page.click("#map-list-box summary")
    for code in ("N1-a", "N1-b"):
        page.get_by_label(code).check()
    assert page.inner_text("#map-count") == "2"
    page.click("#map-choice button.decision-main")
    page.click("text=Merge into one plot")
    page.fill("[name=code]", "N2")
    page.fill("[name=on]", "2026-01-01")
    page.click("button.decision-main")
    page.wait_for_selector(".messagelist")
    whole = Field.objects.get(code="N2").boundaries.get()
    assert whole.area_m2 == field.boundaries.get().area_m2


def test_corners_are_set_moved_and_removed_by_keyboard(page: Page, sunrise: Cast) -> None:
    page.goto("/admin/map/draw/")
    centre = page.locator("[data-tool=centre]")
    centre.focus()
    page.keyboard.press("Enter")
    assert corners(page) == 1
    page.locator("#drawing-map .corner").first.focus()
    page.keyboard.press("Shift+ArrowRight")
    centre.focus()
    page.keyboard.press("Enter")
    page.locator("#drawing-map .corner").nth(1).focus()
    page.keyboard.press("Shift+ArrowDown")
    centre.focus()
    page.keyboard.press("Enter")
    assert corners(page) == 3
    assert page.input_value("[name=shape]").startswith('{"type":"Polygon"')
    page.locator("#drawing-map .corner").first.focus()
    page.keyboard.press("Delete")
    assert corners(page) == 2
    assert page.input_value("[name=shape]") == ""


def test_an_outline_on_record_is_moved_corner_by_corner(page: Page, sunrise: Cast) -> None:
    field = sunrise.fields[0]
    page.goto(f"/admin/map/fields/{field.pk}/redraw/")
    # Four corners of a square: its outline is there to be moved, not to be drawn anew.
    assert corners(page) == 4
    assert page.get_attribute("[data-tool=move]", "aria-pressed") == "true"
    page.locator("#drawing-map .corner:not(.corner-between)").first.focus()
    page.keyboard.press("Shift+ArrowRight")
    page.click("button.decision-main")
    page.wait_for_selector(".messagelist")
    assert field.boundaries.count() == 2


def test_a_line_typed_in_the_box_shows_its_parts_without_a_mouse(page: Page, sunrise: Cast) -> None:
    page.goto(f"/admin/map/fields/{sunrise.fields[0].pk}/split/")
    page.fill("[name=shape]", "118.0025, 29.999\n118.0025, 30.0005")
    page.keyboard.press("Tab")
    expect(page.locator("#split-parts p")).to_contain_text("does not divide the field")
    page.fill("[name=shape]", "118.0025, 29.999\n118.0025, 30.002")
    page.keyboard.press("Tab")
    expect(page.locator("#split-parts li")).to_have_count(2)


def test_the_tab_key_goes_past_the_plots_to_the_list_of_them(page: Page, sunrise: Cast) -> None:
    page.goto("/admin/map/")
    page.wait_for_selector("#map .plot")
    page.locator("#map").focus()
    stops: list[str] = []
    while len(stops) < 10 and "SUMMARY" not in stops:
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.tagName"))
    assert "path" not in stops
    assert stops[-1] == "SUMMARY"


def test_a_rectangle_chooses_the_plots_it_touches(page: Page, sunrise: Cast) -> None:
    page.goto("/admin/map/")
    page.wait_for_selector("#map-legend li")
    page.click("[data-tool=box]")
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 80, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 60, steps=4)
    page.mouse.up()
    expect(page.locator("#map-count")).to_have_text("2")
    chosen = page.input_value("#map-choice [name=fields]").split(",")
    assert sorted(map(int, chosen)) == [field.pk for field in sunrise.fields[:2]]
