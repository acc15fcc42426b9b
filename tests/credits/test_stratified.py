"""Stratified means and their variances, against R's survey package and by hand."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from credits.methodologies.stratified import (
    Stratum,
    TooFewSamples,
    estimate_mean,
    independent_change,
    paired_strata,
    sample_stratum,
)

# R survey, apistrat: schools in the population, sampled, mean and variance of api00 by type.
APISTRAT = {
    "E": (4421, 100, 674.43, 15687.419292929293),
    "M": (1018, 50, 636.6, 13824.857142857143),
    "H": (755, 50, 625.82, 11947.089387755103),
}
SCHOOLS = 6194


def api_strata() -> list[Stratum]:
    return [
        Stratum(name, units / SCHOOLS, n, mean, variance / n * (1 - n / units))
        for name, (units, n, mean, variance) in APISTRAT.items()
    ]


def test_the_mean_and_error_of_apistrat() -> None:
    found = estimate_mean(api_strata())
    assert found.value == pytest.approx(662.287363, abs=1e-6)
    assert found.standard_error == pytest.approx(9.408941, abs=5e-7)
    assert found.df == 197


def test_the_file_of_apistrat_gives_the_same(real_data: Path) -> None:
    schools: dict[str, list[float]] = {}
    units: dict[str, float] = {}
    with (real_data / "soil" / "apistrat.csv").open() as lines:
        for row in csv.DictReader(lines):
            schools.setdefault(row["stype"], []).append(float(row["api00"]))
            units[row["stype"]] = float(row["fpc"])
    strata = [
        sample_stratum(name, values, share=units[name] / SCHOOLS, units=units[name])
        for name, values in schools.items()
    ]
    assert estimate_mean(strata).value == pytest.approx(662.287363, abs=1e-6)
    assert estimate_mean(strata).standard_error == pytest.approx(9.408941, abs=5e-7)


def test_without_a_finite_population_the_error_is_larger() -> None:
    found = sample_stratum("E", [1.0, 2.0, 3.0, 4.0], share=1)
    assert found.variance == pytest.approx(5 / 12)  # s² = 5/3, n = 4
    few = sample_stratum("E", [1.0, 2.0, 3.0, 4.0], share=1, units=8)
    assert few.variance == pytest.approx(5 / 24)


def test_a_stratum_with_one_sample_is_refused_by_name() -> None:
    with pytest.raises(TooFewSamples) as refusal:
        sample_stratum("ridge", [42.0], share=0.1)
    assert refusal.value.stratum == "ridge"


def test_two_samples_drawn_apart_add_their_variances() -> None:
    before = [Stratum("a", 0.5, 4, 40.0, 2.0), Stratum("b", 0.5, 6, 50.0, 1.0)]
    after = [Stratum("a", 0.5, 5, 42.0, 1.0), Stratum("b", 0.5, 7, 51.0, 0.5)]
    found = independent_change(before, after)
    assert found.value == pytest.approx(1.5)
    assert found.variance == pytest.approx(0.25 * 4.5)
    assert found.df == 22 - 4  # (10 − 2) + (12 − 2)
    # c = .5, .25, .25, .125: 1.125² / (.25/3 + .0625/5 + .0625/4 + .015625/6) = 11.1
    satterthwaite = independent_change(before, after, satterthwaite=True).df
    assert satterthwaite == pytest.approx(1.265625 / 0.1140625)


def test_the_same_points_give_the_variance_of_their_differences() -> None:
    # Differences 2, 1, 3: s² = 1, of the mean 1/3; VM0042 equation 71.
    pairs = {"a": [(10.0, 12.0), (12.0, 13.0), (11.0, 14.0)]}
    (found,) = paired_strata(pairs, {"a": 1.0})
    assert (found.mean, found.variance, found.n) == (2.0, pytest.approx(1 / 3), 3)


def test_no_variance_at_all_leaves_the_plain_degrees_of_freedom() -> None:
    same = [Stratum("a", 1.0, 4, 40.0, 0.0)]
    assert estimate_mean(same, satterthwaite=True).df == 3
