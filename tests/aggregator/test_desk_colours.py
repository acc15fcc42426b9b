"""Contrast of every pair of colours in the desk's style sheets, in light and in dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings

from tests.contrast import PARTS, TEXT, contrast

ROOT = Path(settings.BASE_DIR)
ADMIN = ROOT / "aggregator/static/tianhui/admin.css"
# What the farmer's phone and the printer show stands on a palette of its own, tested there.
SHEETS = [
    sheet
    for sheet in sorted(ROOT.glob("*/static/tianhui/*.css"))
    if sheet.name not in ("portal.css", "statement.css")
]
SCHEMES = ("light", "dark", "chosen dark")
GROUNDS = ("paper", "sheet")
# What a rule lays behind its words; of a sign that is drawn, the body is its fill.
BEHIND = ("background", "background-color", "fill")
# Django's own sheets put words on these; what stands on a wash may be any of the inks.
WORDS_ON = {
    "message-success-bg": ("body-fg",),
    "message-warning-bg": ("body-fg",),
    "message-error-bg": ("body-fg",),
    "selected-row": ("body-fg", "link-fg", "body-quiet-color", "paddy", "brick"),
    "header-bg": ("header-color", "header-branding-color", "header-link-color"),
    "breadcrumbs-bg": ("breadcrumbs-fg", "breadcrumbs-link-fg"),
    "button-bg": ("button-fg",),
    "button-hover-bg": ("button-fg",),
    "close-button-bg": ("button-fg",),
    "close-button-hover-bg": ("button-fg",),
    "delete-button-bg": ("button-fg",),
    "delete-button-hover-bg": ("button-fg",),
    "darkened-bg": ("body-fg", "body-quiet-color", "link-fg", "error-fg"),
}
TONES = ("paddy", "sky", "wheat", "soil", "brick", "muted")


class Rule(NamedTuple):
    """One rule of a style sheet: where it stands, its selector, what it declares."""

    sheet: str
    selector: str
    declared: dict[str, str]


def read_rules(sheet: Path) -> Iterator[Rule]:
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", text):
        pairs = (line.split(":", 1) for line in body.split(";") if ":" in line)
        declared = {name.strip(): value.strip() for name, value in pairs}
        yield Rule(sheet.name, " ".join(selector.split()), declared)


def read_palettes() -> dict[str, dict[str, str]]:
    """The variables of each scheme, with those that name another one resolved."""
    rules = [rule.declared for rule in read_rules(ADMIN)]
    bases = [declared for declared in rules if "--paper" in declared]
    (names,) = (declared for declared in rules if "--body-fg" in declared)
    assert len(bases) == len(SCHEMES)
    return {
        scheme: {name[2:]: value for name, value in {**base, **names}.items() if name[:2] == "--"}
        for scheme, base in zip(SCHEMES, bases, strict=True)
    }


def resolve(value: str, palette: dict[str, str]) -> str | None:
    """The colour a value stands for; None where it is none of ours (inherit, none, a picture)."""
    while found := re.fullmatch(r"var\(--([\w-]+)(?:, #\w+)?\)", value):
        value = palette[found[1]]
    return value if re.fullmatch(r"#[0-9a-f]{6}", value) else None


def mix(one: str, other: str, share: float) -> str:
    pairs = [(int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def test_dark_is_one_palette_whether_chosen_or_set_by_the_machine() -> None:
    palettes = read_palettes()
    assert palettes["dark"] == palettes["chosen dark"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_on_what_their_rule_puts_them_on(scheme: str) -> None:
    palette = read_palettes()[scheme]
    seen, faint = 0, []
    for rule in (rule for sheet in SHEETS for rule in read_rules(sheet)):
        ink = resolve(rule.declared.get("color", ""), palette)
        if ink is None:
            continue
        own = next((rule.declared[name] for name in BEHIND if name in rule.declared), "")
        ground = resolve(own, palette)
        for behind in [ground] if ground else [palette[name] for name in GROUNDS]:
            seen += 1
            if contrast(ink, behind) < TEXT:
                faint.append((rule.sheet, rule.selector, ink, behind))
    assert faint == []
    assert seen > 200


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ground", WORDS_ON)
def test_words_can_be_read_on_the_grounds_of_django_s_own_sheets(scheme: str, ground: str) -> None:
    palette = read_palettes()[scheme]
    behind = resolve(palette[ground], palette)
    for name in WORDS_ON[ground]:
        ink = resolve(palette[name], palette)
        assert ink is not None
        assert behind is not None
        assert contrast(ink, behind) >= TEXT, (name, ground)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("tone", TONES)
def test_a_sign_can_be_read_on_its_colour_in_the_map_s_legend(scheme: str, tone: str) -> None:
    # map.css mixes 40% of the tone into the paper; a plot on the map has 45% of it.
    palette = read_palettes()[scheme]
    for share in (0.40, 0.45):
        assert contrast(palette["ink"], mix(palette[tone], palette["paper"], share)) >= TEXT


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["edge", "sky", *TONES])
def test_edges_and_the_frame_of_the_focus_can_be_seen(scheme: str, name: str) -> None:
    palette = read_palettes()[scheme]
    for ground in GROUNDS:
        assert contrast(palette[name], palette[ground]) >= PARTS


def test_no_sheet_of_the_desk_has_a_colour_of_its_own() -> None:
    own = [
        (rule.sheet, rule.selector, name)
        for sheet in SHEETS
        for rule in read_rules(sheet)
        for name, value in rule.declared.items()
        if not name.startswith("--")
        and re.search(r"#[0-9a-f]{3,6}\b|rgba?\(", re.sub(r"var\([^)]*\)", "", value))
    ]
    assert own == []


def test_what_is_printed_can_be_read_on_white() -> None:
    for rule in read_rules(ROOT / "templates/print.css"):
        ink = rule.declared.get("color", "")
        if re.fullmatch(r"#[0-9a-f]{6}", ink):
            assert contrast(ink, "#ffffff") >= TEXT, rule.selector
