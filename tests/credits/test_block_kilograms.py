"""Whose kilograms a block holds: against counting one by one, additive, and in proportion."""

from __future__ import annotations

from math import gcd, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credits.tonnes.block_kilograms import choose_step, count_kilograms, deal_kilograms, sum_floors

shares = st.lists(st.integers(0, 5_000), min_size=1, max_size=8).filter(any)


def one_by_one(dealt: list[int], first: int, last: int) -> list[int]:
    """Walk every kilogram of the range and ask on whose stretch it lies."""
    circle = sum(dealt)
    owners = [owner for owner, own in enumerate(dealt) for _kilogram in range(own)]
    found = [0] * len(dealt)
    for kilogram in range((first - 1) * 1000, last * 1000):
        found[owners[kilogram * choose_step(circle) % circle]] += 1
    return found


def test_three_households_over_two_tonnes_by_hand() -> None:
    # 2,000 kg over 5 : 3 : 2. 2000/φ = 1236.07.
    dealt = deal_kilograms(2, [5, 3, 2])
    assert dealt == [1000, 600, 400]
    first = count_kilograms(dealt, serial_start=1, serial_end=1)
    second = count_kilograms(dealt, serial_start=2, serial_end=2)
    assert [a + b for a, b in zip(first, second, strict=True)] == dealt
    assert first == one_by_one(dealt, 1, 1)


@settings(print_blob=True, deadline=None, max_examples=60)
@given(weights=shares, tonnes=st.integers(1, 6), before=st.integers(0, 40), data=st.data())
def test_a_range_is_what_counting_one_by_one_gives(
    weights: list[int], tonnes: int, before: int, data: st.DataObject
) -> None:
    dealt = deal_kilograms(tonnes, weights)
    first = data.draw(st.integers(before + 1, before + tonnes))
    last = data.draw(st.integers(first, before + tonnes))
    counted = count_kilograms(dealt, serial_start=first, serial_end=last)
    assert counted == one_by_one(dealt, first, last)


@settings(print_blob=True, deadline=None)
@given(
    weights=st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any),
    tonnes=st.integers(1, 10**9),
    before=st.integers(0, 10**9),
    data=st.data(),
)
def test_a_block_however_split_holds_every_kilogram_once(
    weights: list[int], tonnes: int, before: int, data: st.DataObject
) -> None:
    dealt = deal_kilograms(tonnes, weights)
    cuts = data.draw(st.sets(st.integers(1, tonnes), max_size=5)) | {tonnes}
    parts, start = [], before + 1
    for cut in sorted(cuts):
        part = count_kilograms(dealt, serial_start=start, serial_end=before + cut)
        assert sum(part) == (before + cut - start + 1) * 1000
        assert min(part) >= 0
        parts.append(part)
        start = before + cut + 1
    assert [sum(each) for each in zip(*parts, strict=True)] == dealt


@settings(print_blob=True, deadline=None)
@given(
    weights=st.lists(st.integers(1, 10**6), min_size=1, max_size=30),
    tonnes=st.integers(2, 10**6),
    data=st.data(),
)
def test_every_block_holds_each_household_near_its_proportion(
    weights: list[int], tonnes: int, data: st.DataObject
) -> None:
    dealt = deal_kilograms(tonnes, weights)
    first = data.draw(st.integers(1, tonnes))
    last = data.draw(st.integers(first, tonnes))
    counted = count_kilograms(dealt, serial_start=first, serial_end=last)
    for own, found in zip(dealt, counted, strict=True):
        assert abs(found - own * (last - first + 1) / tonnes) < 12


def quotients(numerator: int, denominator: int) -> int:
    if not denominator:
        return 0
    return numerator // denominator + quotients(denominator, numerator % denominator)


@given(circle=st.integers(2, 3000))
def test_the_step_spreads_best_of_sixteen_near_the_golden_section(circle: int) -> None:
    golden = circle * (sqrt(5) - 1) / 2
    coprime = [n for n in range(1, circle + 1) if gcd(n, circle) == 1]
    near = sorted(coprime, key=lambda n: abs(n - golden))[:16]
    assert choose_step(circle) == min(near, key=lambda n: quotients(n, circle))


@given(
    number=st.integers(0, 300),
    modulus=st.integers(1, 500),
    factor=st.integers(0, 2000),
    offset=st.integers(0, 2000),
)
def test_floors_add_up_as_when_added_one_by_one(
    number: int, modulus: int, factor: int, offset: int
) -> None:
    plain = sum((factor * k + offset) // modulus for k in range(number))
    assert sum_floors(number, modulus, factor, offset) == plain


@pytest.mark.parametrize(("first", "last"), [(0, 1), (3, 2), (-1, 4)])
def test_what_is_no_range_of_serials_is_refused(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="not a range"):
        count_kilograms([1000], serial_start=first, serial_end=last)


def test_a_circle_of_nothing_is_refused_and_nobody_s_kilograms_are_none() -> None:
    with pytest.raises(ValueError, match="no circle"):
        choose_step(0)
    assert count_kilograms([0, 0], serial_start=1, serial_end=2) == [0, 0]
