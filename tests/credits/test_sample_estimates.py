"""From findings to a correction: the overstatement, its limits, and the kilograms it takes."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credits.verifying.sample_estimates import (
    Seen,
    estimate_by_area,
    estimate_simple,
    spread_reduction,
)


def seen(claimed_kg: int, overclaimed_kg: int, area: int = 1) -> Seen:
    return Seen(claimed_kg, overclaimed_kg, area)


def test_a_simple_sample_estimates_the_ratio_of_the_sums() -> None:
    # 100 of 1,000 + 3,000: R = 1/40. Residuals 100 − 25 = 75 and 0 − 75: squares sum to 11,250.
    # v = (1 − 2/20) ÷ (2 × 2,000²) × 11,250 ÷ 1 = 0.001265625, and √v = 0.0355756…
    found = estimate_simple([seen(1000, 100), seen(3000, 0)], population=20)
    assert found.ratio == Fraction(1, 40)
    assert found.variance == Fraction("0.001265625")
    assert found.low == 0
    # t of one degree of freedom is 6.314: 0.025 + 6.314 × 0.0355756 = 0.249624.
    assert found.high is not None
    assert round(float(found.high), 6) == 0.249624


def test_who_saw_all_knows_it_without_a_limit() -> None:
    found = estimate_simple([seen(100, 50), seen(100, 0)], population=2)
    assert (found.ratio, found.low, found.high) == (Fraction(1, 4),) * 3


def test_one_field_tells_nothing_of_the_spread() -> None:
    found = estimate_simple([seen(100, 50)], population=9)
    assert (found.ratio, found.variance, found.low, found.high) == (
        Fraction(1, 2),
        None,
        None,
        None,
    )


def test_a_sample_by_area_is_expanded_by_each_fields_part() -> None:
    # p = 1/10 and 3/10; z/p = 20 ÷ 1/10 = 200 and 0: t̂ = 100 kg of 1,000; v = 2 × 100² ÷ 2 kg².
    found = estimate_by_area(
        [seen(100, 20, area=10), seen(300, 0, area=30)], whole_area_cm2=100, claimed_kg=1000
    )
    assert found.ratio == Fraction(1, 10)
    assert found.variance == Fraction(10_000, 1_000_000)
    # 0.1 ± 6.314 × 0.1
    assert (found.low, found.high) == (0, Fraction("0.7314"))


def test_no_expansion_takes_more_than_everything() -> None:
    found = estimate_by_area([seen(10, 10, area=1)], whole_area_cm2=1000, claimed_kg=20)
    assert found.ratio == 1


@pytest.mark.parametrize(
    ("claims", "ratio", "taken"),
    [
        # 10% of 15 + 17 + 18 is 5 exactly: 1.5, 1.7, 1.8 leave 2 kg to the largest remainders.
        ([15, 17, 18], "1/10", [1, 2, 2]),
        # 10% of 11 is 1.1, rounded up.
        ([5, 6], "1/10", [1, 1]),
        ([1000, 1000, 1000], "1/3", [334, 333, 333]),
        ([7, 8], "0", [0, 0]),
        ([7, 8], "1", [7, 8]),
        ([], "1/2", []),
    ],
)
def test_a_part_is_spread_by_largest_remainders(
    claims: list[int], ratio: str, taken: list[int]
) -> None:
    assert spread_reduction(claims, Fraction(ratio)) == taken


@given(st.lists(st.integers(0, 10**9), max_size=40), st.fractions(0, 1))
def test_what_is_taken_sums_to_the_part_and_from_nobody_more_than_he_has(
    claims: list[int], ratio: Fraction
) -> None:
    taken = spread_reduction(claims, ratio)
    assert sum(taken) == -(-(sum(claims) * ratio) // 1)
    assert all(0 <= part <= claim for part, claim in zip(taken, claims, strict=True))


def test_a_part_beyond_the_whole_is_refused() -> None:
    with pytest.raises(ValueError, match="not a part"):
        spread_reduction([1], Fraction(2))
