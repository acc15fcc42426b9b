"""Sizes of soil samples and how they are shared out; figures as printed or worked by hand."""

from __future__ import annotations

import pytest

from credits.methodologies.sampling_design import (
    share_by_neyman,
    share_in_proportion,
    size_after_presampling,
    size_for_mean,
    size_for_proportion,
    size_in_finite,
    size_to_detect,
    whole_samples,
)


@pytest.mark.parametrize(
    ("mean", "variance", "n", "size", "printed"),
    [(38, 9, 12, 2.0102, 2), (97, 300, 8, 11.4447, 11), (112, 245, 8, 7.0106, 7)],
)
def test_presampling_as_the_ruuts_protocol_prints_it(
    mean: float, variance: float, n: int, size: float, printed: int
) -> None:
    # t is 1.7959 at 11 and 1.8946 at 7 degrees of freedom.
    found = size_after_presampling(mean, variance, n)
    assert found == pytest.approx(size, abs=5e-5)
    assert round(found) == printed


def test_a_mean_within_ten_per_cent() -> None:
    # (1.96 × 0.5 / 0.1)² = 96.04
    assert whole_samples(size_for_mean(0.5)) == 97
    assert whole_samples(25.0) == whole_samples(25.0000000001) == 25


def test_a_proportion_and_a_small_population() -> None:
    # 0.25 × (1.96 / 0.05)² = 384.15; of 1,000: 384.15 / 1.38415 = 277.5
    size = size_for_proportion(0.5, half_width=0.05)
    assert size == pytest.approx(384.146, abs=5e-4)
    assert size_in_finite(size, 1000) == pytest.approx(277.533, abs=5e-4)


def test_the_fewest_pairs_that_show_a_difference() -> None:
    # With 20: (4 × (2.0930 + 1.3277) / 3)² = 20.80, too few; with 21: 20.69.
    assert size_to_detect(4, 3, power=0.90) == 21
    assert size_to_detect(1, 100) == 2


def test_more_spread_and_more_land_get_more_samples() -> None:
    # 100 × 2 : 50 × 8 : 1 × 1; the last is lifted to two, 18 are shared 1 : 2.
    shares = share_by_neyman(20, {"a": 100, "b": 50, "c": 1}, {"a": 2, "b": 8, "c": 1})
    assert shares == {"a": 6, "b": 12, "c": 2}


def test_remainders_go_to_the_largest_and_ties_to_the_first_name() -> None:
    assert share_in_proportion(10, {"c": 1, "b": 1, "a": 1}) == {"c": 3, "b": 3, "a": 4}
    # 12 × 5.5/12, 12 × 4.2/12, 12 × 2.3/12
    assert share_in_proportion(12, {"a": 5.5, "b": 4.2, "c": 2.3}) == {"a": 6, "b": 4, "c": 2}


def test_strata_that_do_not_vary_at_all_share_alike() -> None:
    assert share_by_neyman(6, {"a": 1, "b": 9}, {"a": 0, "b": 0}) == {"a": 3, "b": 3}


def test_every_stratum_needs_two() -> None:
    with pytest.raises(ValueError, match="too few"):
        share_in_proportion(5, {"a": 1, "b": 1, "c": 1})
