"""The invented members: numbers pass their checksums, names try the fonts, plots lie nearby."""

import math
from collections import Counter
from random import Random

import pytest
from stdnum import luhn
from stdnum.cn import ric

from payouts.demo.people import Community, make_community, make_members


@pytest.fixture(scope="module")
def community() -> Community:
    return make_community(seed=2024)


def test_there_are_240_households_in_three_villages(community: Community) -> None:
    villages = Counter(member.village.name for member in community.members)
    assert villages == {"栖禾村": 80, "云坎村": 80, "霁溪村": 80}


def test_numbers_pass_their_checksums_and_are_nobodys(community: Community) -> None:
    for member in community.members:
        assert ric.is_valid(member.identity_number)
        # A whole province as birthplace: no office issues such a card.
        assert member.identity_number[2:6] == "0000"
        assert member.account_number == "" or luhn.is_valid(member.account_number)
    assert len({member.identity_number for member in community.members}) == 240


def test_names_are_unique_and_some_lie_outside_the_basic_plane(community: Community) -> None:
    names = [member.head_name for member in community.members]
    assert len(set(names)) == 240
    assert sum(any(ord(letter) > 0xFFFF for letter in name) for name in names) == 3


def test_each_household_holds_two_to_six_plots_mostly_nearby(community: Community) -> None:
    held: dict[str, list[tuple[float, float]]] = {}
    for holding in community.holdings:
        centre = holding.plot.shape.centroid.coords[0]
        held.setdefault(holding.member.code, []).append((centre[0], centre[1]))
    assert len(held) == 240
    assert {len(plots) for plots in held.values()} == {2, 3, 4, 5, 6}
    spreads = sorted(math.dist(plots[0], plots[1]) for plots in held.values())
    assert spreads[120] < 100, "the first two plots of half of them are neighbours"


def test_plot_codes_are_nineteen_digits_that_start_with_the_village(community: Community) -> None:
    for holding in community.holdings:
        assert len(holding.code) == 19
        assert holding.code.startswith(holding.member.village.code)


def test_a_lent_plot_is_worked_by_another_household_of_the_village(community: Community) -> None:
    lent = [holding for holding in community.holdings if holding.operator is not None]
    assert len(lent) > 5
    for holding in lent:
        assert holding.operator != holding.member
        assert holding.operator is not None
        assert holding.operator.village == holding.member.village


def test_the_same_seed_invents_the_same_people() -> None:
    assert make_members(Random(5)) == make_members(Random(5))
    assert make_members(Random(5)) != make_members(Random(6))
