"""The draw of RFC 3797 and the size of a sample."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credits.verifying.sampling import SamplingError, draw_positions, sample_size

RFC_KEY = "9319./2.5.8.10.12./9.18.26.34.41.45./"


def test_the_draw_is_that_of_rfc_3797_section_6() -> None:
    drawn = draw_positions(key=RFC_KEY, pool=25, count=16)
    assert drawn == [17, 7, 2, 16, 25, 23, 8, 24, 19, 13, 22, 5, 18, 9, 1, 4]


@settings(print_blob=True)
@given(key=st.text(min_size=1), pool=st.integers(1, 400), part=st.fractions(0, 1))
def test_nobody_is_drawn_twice_and_nobody_outside_the_list(
    key: str, pool: int, part: Fraction
) -> None:
    count = int(pool * part)
    drawn = draw_positions(key=key, pool=pool, count=count)
    assert len(drawn) == len(set(drawn)) == count
    assert set(drawn) <= set(range(1, pool + 1))


def test_a_longer_draw_begins_like_a_shorter_one() -> None:
    assert draw_positions(key=RFC_KEY, pool=25, count=5) == [17, 7, 2, 16, 25]


@pytest.mark.parametrize(("key", "pool", "count"), [("", 5, 1), ("k", 5, 6), ("k", 5, -1)])
def test_an_impossible_draw_is_refused(key: str, pool: int, count: int) -> None:
    with pytest.raises(SamplingError):
        draw_positions(key=key, pool=pool, count=count)


@pytest.mark.parametrize(
    ("population", "size"),
    [(3, 3), (5, 5), (40, 5), (50, 5), (51, 6), (900, 90), (901, 91)],
)
def test_a_sample_is_a_tenth_rounded_up_but_at_least_five(population: int, size: int) -> None:
    assert sample_size(population, rate=Fraction("0.10"), minimum=5) == size
