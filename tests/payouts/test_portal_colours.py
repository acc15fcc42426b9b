"""Contrast of every pair the style sheets use, by WCAG 2.2 (success criteria 1.4.3 and 1.4.11)."""

import re

import pytest
from django.contrib.staticfiles import finders

from tests.contrast import PARTS, TEXT, contrast

GROUNDS = ("paper", "sheet")
INKS = ("ink", "muted", "paddy", "soil", "wheat", "brick", "sky")


def read_palettes() -> dict[str, dict[str, str]]:
    found = finders.find("tianhui/portal.css")
    assert isinstance(found, str)
    with open(found, encoding="utf-8") as file:
        blocks = re.findall(r":root \{(.*?)\}", file.read(), re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in blocks)
    assert set(light) == set(dark)
    return {"light": light, "dark": dark}


def test_the_ratio_is_the_standard_s_own() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    # Grey 0x77 on white is known as the value that just fails.
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("ink", INKS)
def test_text_can_be_read_on_every_ground(scheme: str, ground: str, ink: str) -> None:
    palette = read_palettes()[scheme]
    assert contrast(palette[ink], palette[ground]) >= TEXT


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_main_button_s_words_can_be_read(scheme: str) -> None:
    palette = read_palettes()[scheme]
    assert contrast(palette["on-paddy"], palette["paddy"]) >= TEXT


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_edges_of_what_can_be_pressed_can_be_seen(scheme: str, ground: str) -> None:
    palette = read_palettes()[scheme]
    assert contrast(palette["edge"], palette[ground]) >= PARTS
