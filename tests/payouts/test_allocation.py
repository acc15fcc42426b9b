"""The splitter against published examples and against exact fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import allocation
from aggregator.allocation import AllocationError, allocate

HUGE = 10**18
totals = st.integers(0, HUGE)
weight_lists = st.integers(0, 18).flatmap(
    lambda power: st.lists(st.integers(0, 10**power), min_size=1, max_size=200)
)


def split_by_fractions(total: int, weights: list[int]) -> list[int]:
    """Largest remainder as the textbook has it, in exact fractions."""
    quotas = [Fraction(total * weight, sum(weights)) for weight in weights]
    parts = [quota.numerator // quota.denominator for quota in quotas]
    by_remainder = sorted(
        range(len(weights)), key=lambda index: (parts[index] - quotas[index], index)
    )
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        # METHODS.md, worked example 16.
        (10, [47000, 16000, 15900, 12000, 6000, 3100], [5, 2, 1, 1, 1, 0]),
        (10, [6, 6, 2], [4, 4, 2]),
        # ARCHITECTURE.md: where django-hordak's ratio_split hands someone −0.01.
        (75, [8, 21, 21], [12, 32, 31]),
        (10, [803, 6, 992, 329], [4, 0, 5, 1]),
        # Equal weights: the units left over go to the lower indices.
        (5, [1, 1, 1], [2, 2, 1]),
        (0, [3, 4], [0, 0]),
        (0, [], []),
        (0, [0, 0], [0, 0]),
        (7, [0, 5, 0], [0, 7, 0]),
    ],
)
def test_published_and_hand_worked_examples(
    total: int, weights: list[int], parts: list[int]
) -> None:
    assert allocate(total, weights) == parts


def test_a_negative_total_is_the_negated_split_of_its_magnitude() -> None:
    assert allocate(-75, [8, 21, 21]) == [-12, -32, -31]


def test_a_larger_pool_can_lower_a_part_so_tranches_are_split_apart() -> None:
    """The Alabama paradox: [6, 6, 2] of 10 gives the last 2, of 11 only 1.

    By hand: 10 → 4.29, 4.29, 1.43, the unit left to the last; 11 → 4.71, 4.71, 1.57, two units
    left, to the first two.
    """
    assert allocate(10, [6, 6, 2]) == [4, 4, 2]
    assert allocate(11, [6, 6, 2]) == [5, 5, 1]
    tranches = [allocate(10, [6, 6, 2]), allocate(1, [6, 6, 2])]
    assert [sum(parts) for parts in zip(*tranches, strict=True)] == [5, 4, 2]


@pytest.mark.parametrize(
    ("total", "weights"),
    [
        (1.0, [1]),
        (True, [1]),
        (10, [1.5, 2]),
        (10, [True, 2]),
        (10, [np.int64(3), 4]),
        (10, np.array([0.5, 0.5])),
        (10, [3, -1]),
        (10, [0, 0]),
        (10, []),
        (-1, []),
    ],
)
def test_what_cannot_be_split_is_refused(total: int, weights: list[int]) -> None:
    with pytest.raises(AllocationError):
        allocate(total, weights)


def test_an_integer_array_is_taken_as_it_is() -> None:
    assert allocate(10, np.array([6, 6, 2])) == [4, 4, 2]


@settings(max_examples=300, print_blob=True)
@given(totals, weight_lists.filter(any))
def test_parts_are_those_of_exact_fractions(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)
    assert parts == split_by_fractions(total, weights)
    assert sum(parts) == total


@settings(max_examples=300, print_blob=True)
@given(totals, weight_lists.filter(any))
def test_each_part_is_within_a_unit_of_its_quota(total: int, weights: list[int]) -> None:
    weight_sum = sum(weights)
    parts = allocate(total, weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, weight_sum)) < 1
        assert weight or not part
    by_weight: dict[int, set[int]] = {}
    for part, weight in zip(parts, weights, strict=True):
        by_weight.setdefault(weight, set()).add(part)
    assert all(max(found) - min(found) <= 1 for found in by_weight.values())


@settings(max_examples=300, print_blob=True)
@given(
    totals,
    st.integers(0, 15).flatmap(
        lambda power: st.lists(st.integers(0, 10**power), min_size=64, max_size=300)
    ),
)
def test_arrays_and_plain_integers_agree_wherever_arrays_are_used(
    total: int, weights: list[int]
) -> None:
    weight_sum = sum(weights)
    if weight_sum and allocation._fits_int64(total, weight_sum):
        fast = allocation._split_array(total, np.array(weights), weight_sum)
        assert fast == allocation._split_integers(total, weights, weight_sum)


@pytest.mark.parametrize("total", [2**50 - 1, 2**53 + 1, 2**61 - 1, 10**18])
def test_products_that_wrap_around_int64_are_still_exact(total: int) -> None:
    """Weights as large as the fast way admits: the product has some 110 bits."""
    count = 100
    largest = (2**63 // (allocation._estimate_error(total) + 1) - 1) // count
    weights = [largest - 7 * index for index in range(count)]
    assert allocation._fits_int64(total, sum(weights))
    assert allocate(total, weights) == split_by_fractions(total, weights)


def test_the_fast_way_is_left_before_it_could_be_wrong() -> None:
    assert not allocation._fits_int64(2**62, 64)
    assert not allocation._fits_int64(10, 2**62)
    assert allocate(HUGE, [HUGE] * 100) == [HUGE // 100] * 100


@settings(max_examples=100, print_blob=True)
@given(totals, st.lists(st.integers(1, 10**6), min_size=2, max_size=150, unique=True), st.randoms())
def test_the_order_of_rows_does_not_matter_once_ties_are_ordered(
    total: int, weights: list[int], random: object
) -> None:
    """Rows arrive in any order; sorted by their published key they are split alike."""
    keyed = list(enumerate(weights))
    shuffled = list(keyed)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = sorted(shuffled)
    assert allocate(total, [weight for _, weight in again]) == allocate(total, weights)
