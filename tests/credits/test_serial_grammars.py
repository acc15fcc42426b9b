"""Serials as six registries print them: published examples, round trips, refusals with a hint."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credits.tonnes.serial_grammars import GRAMMARS, SerialsNotRead, print_serials, read_serials


@pytest.mark.parametrize(
    ("text", "registry", "quantity"),
    [
        # METHODS.md, worked example 15.
        (
            "13557-513004457-513073958-VCS-VCU-1289-VER-TZ-1-2366-16042021-15102021-0",
            "verra",
            69_502,
        ),
        ("CAR-1-US-1480-46-1156-FL-2026-10272-852724 to 860723", "car", 8_000),
        # METHODS.md, H.
        ("ACR-US-192-2010-203-1-5000", "acr", 5_000),
        # Registries' public lists: a lot of 29,743; the others by their ends.
        ("GS1-1-KE-GS7495-16-2025-30645-608-30350", "gold-standard", 29_743),
        ("9344-82392553-82392562-VCS-VCU-262-VER-BR-14-1686-01012017-31122017-1", "verra", 10),
        (
            "9660-115597313-115618057-VCS-VCU-261-VER-US-14-1060-01012019-31122019-0",
            "verra",
            20_745,
        ),
        ("KE-ITMO-15-12-2025-0-1-1280", "undp", 1_280),
        ("TH-CCX-north-slope-2024-2025-1-1280", "tianhui", 1_280),
    ],
)
def test_published_serials_are_read_counted_and_printed_back(
    text: str, registry: str, quantity: int
) -> None:
    serials = read_serials(f" {text}\n")
    assert (serials.registry, serials.quantity) == (registry, quantity)
    assert print_serials(registry, serials.parts) == text


def test_the_parts_have_names() -> None:
    parts = read_serials(GRAMMARS["verra"].example).parts
    assert (parts["country"], parts["project"], parts["from_day"]) == ("TZ", "2366", "16042021")


days = st.dates(date(1990, 1, 1), date(2100, 1, 1)).map(lambda day: day.strftime("%d%m%Y"))


@given(registry=st.sampled_from(sorted(GRAMMARS)), data=st.data())
def test_what_is_printed_is_read_back(registry: str, data: st.DataObject) -> None:
    grammar = GRAMMARS[registry]
    parts = {
        name: data.draw(days if name.endswith("_day") else st.from_regex(kind, fullmatch=True))
        for name, kind in grammar.parts.items()
    }
    start = data.draw(st.integers(1, 10**12))
    end = start + data.draw(st.integers(0, 10**9))
    parts |= {"start": str(start), "end": str(end)}
    text = print_serials(registry, parts)
    read = read_serials(text, registry=registry)
    assert dict(read.parts) == parts
    assert read.quantity == end - start + 1
    assert read_serials(text).quantity == read.quantity


@given(registry=st.sampled_from(sorted(GRAMMARS)), data=st.data())
def test_any_change_of_a_sign_is_read_differently_or_refused(
    registry: str, data: st.DataObject
) -> None:
    example = GRAMMARS[registry].example
    place = data.draw(st.integers(0, len(example) - 1))
    sign = data.draw(st.characters(codec="ascii", exclude_characters=example[place]))
    changed = example[:place] + sign + example[place + 1 :]
    try:
        read = read_serials(changed)
    except SerialsNotRead:
        return
    assert (read.registry, dict(read.parts)) != (
        registry,
        dict(read_serials(example).parts),
    ) or changed.strip() != changed


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("13557-513004457-513073958-VCS-VCU-1289-VER-TZ-1-2366", "verra"),
        ("GS1-1-KE-GS7495-16-2025-608-30350", "gold-standard"),
        ("CAR-1-US-1480-46-1156-FL-2026-10272-852724-860723", "car"),
        ("ACR-US-192-203-1-5000", "acr"),
        ("KE-ITMO-16-12-2025-0-1-1280", "undp"),
        ("TH-CCX-2025-1-4", "tianhui"),
    ],
)
def test_what_fits_none_is_refused_with_the_nearest_shape(text: str, nearest: str) -> None:
    with pytest.raises(SerialsNotRead) as refusal:
        read_serials(text)
    assert refusal.value.registry == nearest
    assert refusal.value.hint == GRAMMARS[nearest].shape


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("ACR-US-192-2010-203-5000-1", "5000 to 1 is not a range"),
        ("ACR-US-192-2010-203-0-1", "0 to 1 is not a range"),
        (
            "13557-513004457-513073958-VCS-VCU-1289-VER-TZ-1-2366-31022021-15102021-0",
            "31022021 is no day",
        ),
    ],
)
def test_a_shape_that_fits_with_an_impossible_part_is_refused(text: str, fault: str) -> None:
    with pytest.raises(SerialsNotRead, match=fault):
        read_serials(text)


def test_a_part_that_is_missing_or_would_break_the_shape_is_not_printed() -> None:
    parts = dict(read_serials(GRAMMARS["acr"].example).parts)
    with pytest.raises(SerialsNotRead, match="batch"):
        print_serials("acr", {name: part for name, part in parts.items() if name != "batch"})
    with pytest.raises(SerialsNotRead, match="cannot stand as project"):
        print_serials("acr", parts | {"project": "19-2"})
