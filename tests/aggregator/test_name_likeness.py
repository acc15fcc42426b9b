"""Which names may be one name written twice; pure."""

from __future__ import annotations

import pytest

from aggregator.name_likeness import are_alike, block_keys, fold_name

ALIKE = [
    ("王小明", "王小明"),
    ("王 小明", "王小明"),
    ("劉國華", "刘国华"),  # traditional and simplified
    ("王小明", "王晓明"),  # heard the same
    ("张林生", "章林森"),  # sounds that southern speakers merge
    ("李海", "黎海"),  # two characters, heard the same
    ("王建国", "王建园"),  # one character astray
    ("Zhang Wei", "Wei Zhang"),
    ("Zhang Weiming", "Zhang Weimin"),
    ("José García", "Jose Garcia"),
    ("John Smith", "Jonh Smith"),
]
APART = [
    ("王小明", "李小红"),
    ("李海", "李河"),
    ("王小明", "Wang Xiaoming"),
    ("Li Na", "Li Bo"),
    ("", ""),
]


@pytest.mark.parametrize(("first", "second"), ALIKE)
def test_these_are_alike_and_share_a_block(first: str, second: str) -> None:
    one, other = fold_name(first), fold_name(second)
    assert are_alike(one, other)
    assert block_keys(one) & block_keys(other)


@pytest.mark.parametrize(("first", "second"), APART)
def test_these_are_not(first: str, second: str) -> None:
    assert not are_alike(fold_name(first), fold_name(second))


def test_a_rare_character_outside_the_basic_plane_is_compared_like_any() -> None:
    assert are_alike(fold_name("王𠮷明"), fold_name("王𠮷明"))
    assert block_keys(fold_name("王𠮷明"))
