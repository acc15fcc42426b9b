"""Points drawn at random in plots: the same on every machine, evenly over area, never outside."""

from __future__ import annotations

import hashlib
from math import cos, radians

import pytest

from credits.soil.point_draw import DrawError, Plot, draw_key, draw_point, is_inside

UNIT = 10**9


def ring(*corners: tuple[float, float]) -> list[list[int]]:
    return [[round(x * UNIT), round(y * UNIT)] for x, y in corners]


SQUARE = ring((118.0, 30.0), (118.001, 30.0), (118.001, 30.001), (118.0, 30.001))


def test_a_point_is_what_anyone_works_out_from_the_hash() -> None:
    """By hand: SHA-256 of ``key, stratum, position, try``, the low 80 bits for the column."""
    key = draw_key("ab" * 32, "seed")
    drawn = draw_point([Plot("F1", 1, [SQUARE])], key=key, stratum="all", position=1)
    attempt = 0
    while True:
        attempt += 1
        digest = hashlib.sha256(f"{'ab' * 32}\nseed\nall\n1\n{attempt}".encode()).digest()
        number = int.from_bytes(digest, "big")
        east, north, chance = ((number >> shift) % 2**80 / 2**80 for shift in (0, 80, 160))
        x, y = 1_180_000_000 + int(east * 10_001), 300_000_000 + int(north * 10_001)
        if chance < cos(radians(y / 1e7)) / cos(radians(30)):
            break
    assert (drawn.plot, drawn.longitude_e7, drawn.latitude_e7) == (0, x, y)


def test_another_list_or_seed_or_position_draws_another_point() -> None:
    plots = [Plot("F1", 1, [SQUARE])]
    keys = [draw_key("a", "1"), draw_key("b", "1"), draw_key("a", "2")]
    found = {draw_point(plots, key=key, stratum="all", position=1) for key in keys}
    found.add(draw_point(plots, key=keys[0], stratum="all", position=2))
    found.add(draw_point(plots, key=keys[0], stratum="hill", position=1))
    assert len(found) == 5


def test_plots_come_by_their_weight_and_places_evenly() -> None:
    """Of 2,000 points a plot of three quarters gets 1,500 ± 4 standard deviations (77)."""
    other = ring((118.1, 30.0), (118.101, 30.0), (118.101, 30.001), (118.1, 30.001))
    plots = [Plot("F1", 25, [SQUARE]), Plot("F2", 75, [other])]
    drawn = [
        draw_point(plots, key="k", stratum="all", position=number) for number in range(1, 2001)
    ]
    assert abs(sum(each.plot == 1 for each in drawn) - 1500) < 78
    west = sum(each.longitude_e7 % 1_000_000 < 5000 for each in drawn)
    south = sum(each.latitude_e7 - 300_000_000 < 5000 for each in drawn)
    assert abs(west - 1000) < 90
    assert abs(south - 1000) < 90


def test_no_point_falls_into_a_hole_or_beside_a_slanted_plot() -> None:
    hole = ring((118.0002, 30.0002), (118.0008, 30.0002), (118.0008, 30.0008), (118.0002, 30.0008))
    slant = ring((118.0, 30.0), (118.001, 30.0), (118.0, 30.001))
    for number in range(1, 200):
        found = draw_point([Plot("F1", 1, [SQUARE, hole])], key="k", stratum="a", position=number)
        x, y = found.longitude_e7 * 100, found.latitude_e7 * 100
        assert not is_inside([hole], x, y)
        found = draw_point([Plot("F1", 1, [slant])], key="k", stratum="a", position=number)
        assert (found.longitude_e7 - 1_180_000_000) + (found.latitude_e7 - 300_000_000) <= 10_000


@pytest.mark.parametrize(
    ("plots", "said"),
    [
        ([], "has no area"),
        ([Plot("F1", 0, [SQUARE])], "has no area"),
        ([Plot("F9", 1, [ring((1.00000001, 1), (1.00000002, 1), (1.00000002, 2))])], "F9"),
    ],
)
def test_what_has_no_room_is_refused_by_name(plots: list[Plot], said: str) -> None:
    with pytest.raises(DrawError, match=said):
        draw_point(plots, key="k", stratum="all", position=1)
