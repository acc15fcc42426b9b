"""The published rules of sampling: sizes from their documents, outliers, draws by area."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credits.verifying.sample_rules import (
    Entry,
    Rule,
    Step,
    draw_by_rule,
    find_outliers,
    read_rule,
    size_sample,
    split_certain,
)
from credits.verifying.sampling import SamplingError, draw_positions

RFC_KEY = "9319./2.5.8.10.12./9.18.26.34.41.45./"
# The published draw of RFC 3797, section 6, of 25 places.
RFC_DRAW = [17, 7, 2, 16, 25, 23, 8, 24, 19, 13, 22, 5, 18, 9, 1, 4]


def rule(name: str, rate: str = "0.05", minimum: int = 0) -> Rule:
    return Rule(name, Fraction(rate), minimum)


@pytest.mark.parametrize(
    ("name", "population", "size"),
    [
        # IAF MD1 as read in the accreditation body's answers 42.6 and 46.5.
        ("sqrt", 26, 6),
        ("sqrt", 25, 5),
        ("sqrt", 24, 5),
        ("sqrt", 2, 2),
        ("sqrt_surveillance", 2, 1),
        ("sqrt_renewal", 2, 2),
        # 0.6 × 10 and 0.8 × 10 are whole; one site more is one more.
        ("sqrt_surveillance", 100, 6),
        ("sqrt_surveillance", 101, 7),
        ("sqrt_renewal", 100, 8),
        ("sqrt_renewal", 101, 9),
        # Printed in the SQF table.
        ("sqf", 10, 5),
        ("sqf", 40, 9),
        ("sqf", 81, 18),
        ("sqf", 130, 26),
        # Three sites are all that there are; 74 is floor(12.9), 20 floor(6.7).
        ("sqf", 3, 3),
        ("sqf", 20, 6),
        ("sqf", 74, 12),
        ("sqf", 100, 20),
        ("sqf", 101, 21),
        ("rate", 100, 5),
        ("outliers", 101, 6),
    ],
)
def test_sizes_are_those_of_the_published_rules(name: str, population: int, size: int) -> None:
    assert size_sample(rule(name), population) == size


def test_terms_that_name_no_rule_sample_a_percentage() -> None:
    terms = {"sample_rate": "0.10", "sample_minimum": 5}
    assert read_rule(terms) == Rule("rate", Fraction("0.10"), 5)
    assert read_rule(terms | {"sample_rule": "sqf"}).name == "sqf"


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(SamplingError):
        size_sample(rule("by_hand"), 5)


def entries(*pairs: tuple[int, int], practice: str = "no_till") -> list[Entry]:
    return [Entry(area, kg, practice) for area, kg in pairs]


def test_a_field_far_from_its_practices_median_is_an_outlier() -> None:
    # Yields 10, 11, 12, 13, 40 a unit: median 12, deviations 2 1 0 1 28, their median 1. At 100
    # units 3 × 1 × 100 + 2 = 302 kg are allowed around 1,200: only 4,000 lies outside.
    same = entries((100, 1000), (100, 1100), (100, 1200), (100, 1300), (100, 4000))
    assert find_outliers(same) == [5]


def test_a_field_at_the_limit_is_no_outlier_and_one_kilogram_beyond_it_is() -> None:
    others = [(100, 1000), (100, 1100), (100, 1200), (100, 1300)]
    assert find_outliers(entries(*others, (100, 1502))) == []
    assert find_outliers(entries(*others, (100, 1503))) == [5]


def test_each_practice_has_its_own_median() -> None:
    tilled = entries((10, 100), (10, 100), (10, 100))
    sown = entries((10, 500), (10, 500), (10, 500), practice="cover_crop")
    assert find_outliers([*tilled, *sown]) == []
    assert find_outliers([*tilled, *entries((10, 500))]) == [4]


def test_rounding_down_to_kilograms_makes_no_outlier() -> None:
    # 0.75 kg a unit rounded down: most say 0.75 exactly, one field says 0 of 0.75.
    assert find_outliers(entries((4, 3), (4, 3), (8, 6), (1, 0), (3, 2))) == []


def test_outliers_are_taken_always_and_a_draw_of_one_is_kept_as_rejected() -> None:
    # 25 places; 7 and 2 are outliers, so that the RFC's second and third draw are rejected.
    plain = [(100, 1000)] * 25
    plain[6] = plain[1] = (100, 9000)
    steps = draw_by_rule(rule("outliers", "0.13"), entries(*plain), key=RFC_KEY)
    # 13% of the other 23 is 2.99, so 3 are drawn: 17, then 16 and 25.
    assert steps == [
        Step(2, "outlier"),
        Step(7, "outlier"),
        Step(17, "drawn"),
        Step(7, "rejected"),
        Step(2, "rejected"),
        Step(16, "drawn"),
        Step(25, "drawn"),
    ]


@pytest.mark.parametrize("name", ["rate", "sqrt", "sqf"])
def test_simple_rules_draw_as_rfc_3797_does(name: str) -> None:
    steps = draw_by_rule(rule(name, "0.20"), entries(*[(1, 1)] * 25), key=RFC_KEY)
    assert [step.place for step in steps] == RFC_DRAW[: len(steps)]
    assert {step.fate for step in steps} == {"drawn"}


def test_a_field_as_large_as_the_interval_is_certain_and_the_interval_is_then_asked_again() -> None:
    # 3 of 100 + 30 + 10 + 10 + 10 = 160: the interval 53.3 takes the first; then 2 of 60: the
    # interval 30 takes the second, which is just as large; then 1 of 30: none is.
    assert split_certain([100, 30, 10, 10, 10], 3) == ([1, 2], [3, 4, 5])


def test_a_sample_of_all_is_certain_throughout() -> None:
    steps = draw_by_rule(rule("area", "1"), entries((5, 1), (1, 1), (9, 1)), key=RFC_KEY)
    assert steps == [Step(1, "certain"), Step(2, "certain"), Step(3, "certain")]


def test_the_draw_by_area_steps_through_the_cumulated_area_in_the_drawn_order() -> None:
    # Four fields of one area and a sample of two: the order is the RFC's of 4, and whatever the
    # start, each second one is hit: the first and third, or the second and fourth.
    order = draw_positions(key=RFC_KEY, pool=4, count=4)
    steps = draw_by_rule(rule("area", "0.5"), entries(*[(1000, 1)] * 4), key=RFC_KEY)
    assert [step.place for step in steps] in (order[::2], order[1::2])


@given(
    areas=st.lists(st.integers(1, 10_000), min_size=1, max_size=60),
    part=st.fractions(0, 1),
    key=st.text(min_size=1, max_size=9),
)
def test_a_draw_by_area_has_its_size_and_nobody_twice(
    areas: list[int], part: Fraction, key: str
) -> None:
    by_area = Rule("area", part, 1)
    steps = draw_by_rule(by_area, entries(*((area, 1) for area in areas)), key=key)
    places = [step.place for step in steps]
    assert len(places) == len(set(places)) == size_sample(by_area, len(areas))
    assert all(1 <= place <= len(areas) for place in places)


def test_larger_fields_are_drawn_more_often_by_their_area() -> None:
    # One of four by area 4 : 3 : 2 : 1 is drawn with these odds; 1,000 seeds, within 5 hundredths.
    listed = entries((4, 1), (3, 1), (2, 1), (1, 1))
    drawn = [draw_by_rule(rule("area", "0.25"), listed, key=str(n))[0].place for n in range(1000)]
    for place, odds in enumerate((400, 300, 200, 100), start=1):
        assert abs(drawn.count(place) - odds) < 50


def test_an_order_longer_than_the_algorithms_rounds_is_refused() -> None:
    with pytest.raises(SamplingError):
        draw_by_rule(rule("area", "0.00001"), entries(*[(1, 1)] * 65_537), key=RFC_KEY)
