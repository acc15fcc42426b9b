"""Carbon of one core, to a depth or on an equivalent mass of soil."""

from __future__ import annotations

from itertools import pairwise

import pytest

from credits.methodologies.equivalent_mass import (
    EXCESS_MASS,
    LINEAR,
    MONOTONE_SPLINE,
    NATURAL_SPLINE,
    Layer,
    Profile,
    TooShallow,
    depth_at_mass,
    mass_of_cores,
    mass_of_density,
    monotone_spline,
    percentile_mass,
    stack_layers,
    stock_at_depth,
    stock_at_mass,
)

# VM0042 v2.2, figure 3 (the worksheet of Wendt and Hauser): probe of 21.5 mm, four cores, grams
# and g C/kg of two layers; masses and stocks as the figure prints them.
FIGURE_3 = {
    "P1": ((283.2, 24.2872), (189.2, 12.6815)),
    "P2": ((222.7, 28.7673), (144.3, 10.6470)),
    "P3": ((217.5, 20.68), (143.5, 11.28)),
}


def probe_profile(name: str) -> Profile:
    layers = []
    for grams, content in FIGURE_3[name]:
        mass = mass_of_cores(grams, diameter_mm=21.5, cores=4)
        layers.append(Layer(mass, mass * content / 1000))
    return stack_layers(layers)


@pytest.mark.parametrize(
    ("name", "masses", "carbons"),
    [
        ("P1", (1950.143, 3252.993), (47.3635, 63.8856)),
        ("P2", (1533.534, 2527.198), (44.1156, 54.6952)),
    ],
)
def test_a_probe_s_masses_and_carbon_of_vm0042_figure_3(
    name: str, masses: tuple[float, float], carbons: tuple[float, float]
) -> None:
    profile = probe_profile(name)
    assert profile.masses[1:] == pytest.approx(masses, abs=5e-4)
    assert profile.carbons[1:] == pytest.approx(carbons, abs=5e-5)


@pytest.mark.parametrize(
    ("name", "found", "printed"),
    [("P1", 47.3610, 47.36), ("P2", 49.9121, 49.9), ("P3", 36.7814, 36.8)],
)
def test_the_spline_of_vm0042_figure_3(name: str, found: float, printed: float) -> None:
    stock = stock_at_mass(probe_profile(name), 1950, method=NATURAL_SPLINE)
    assert stock == pytest.approx(found, abs=5e-4)
    assert round(stock, 2 if name == "P1" else 1) == printed


def test_the_line_of_the_same_core_differs() -> None:
    # 44.1156 + (1950 − 1533.534) / 993.664 × 10.5796 = 48.5497
    assert stock_at_mass(probe_profile("P2"), 1950, method=LINEAR) == (
        pytest.approx(48.5497, abs=5e-5)
    )


def test_a_layer_by_its_bulk_density() -> None:
    # 15 cm × 1.30 × 0.95 × 100; × 20 g/kg = 37.05
    mass = mass_of_density(15, density=1.30, coarse_share=0.05)
    assert mass == pytest.approx(1852.5)
    assert mass * 20 / 1000 == pytest.approx(37.05)


def test_two_layers_to_a_reference_and_its_depth() -> None:
    # 1,500 t hold 30; 450 more of 10 g/kg hold 4.5: 34.5 t C/ha at 15 + 4.5 cm.
    profile = stack_layers([Layer(1500, 30, 15), Layer(1500, 15, 15)])
    assert stock_at_mass(profile, 1950, method=LINEAR) == pytest.approx(34.5)
    assert depth_at_mass(profile, 1950) == pytest.approx(19.5)
    assert stock_at_depth(profile, 20) == pytest.approx(35)  # 30 + 5/15 of 15


# SimpleESM (Ferchaud et al.), its test file, Year_x, P01, repetition 1: masses and fixed-depth
# stocks of five layers, and the stocks at its reference masses. Printed to one and three decimals.
SIMPLE_ESM = Profile(
    (0.0, 1492.1, 2922.2, 5073.0, 5837.8, 8798.7),
    (0.0, 15.307, 30.259, 47.600, 52.835, 64.298),
    None,
)


@pytest.mark.parametrize(
    ("reference", "line", "spline"),
    [
        (1380, 14.1578, 14.1224),
        (2760, 28.5635, 28.6718),
        (4900, 46.2051, 46.3528),
        (5640, 51.4807, 51.5620),
        (8600, 63.5290, 63.7609),
    ],
)
def test_the_profile_of_simple_esm(reference: float, line: float, spline: float) -> None:
    assert stock_at_mass(SIMPLE_ESM, reference, method=LINEAR) == pytest.approx(line, abs=1e-3)
    assert stock_at_mass(SIMPLE_ESM, reference, method=NATURAL_SPLINE) == (
        pytest.approx(spline, abs=1e-3)
    )


@pytest.mark.parametrize("method", [LINEAR, NATURAL_SPLINE])
def test_every_layer_s_own_mass_gives_its_own_stock(method: str) -> None:
    for mass, carbon in zip(SIMPLE_ESM.masses[1:], SIMPLE_ESM.carbons[1:], strict=True):
        assert stock_at_mass(SIMPLE_ESM, mass, method=method) == pytest.approx(carbon)


def test_a_single_layer_has_no_curve() -> None:
    profile = stack_layers([Layer(4000, 50)])
    assert stock_at_mass(profile, 3000, method=NATURAL_SPLINE) == pytest.approx(37.5)


@pytest.mark.parametrize("method", [LINEAR, NATURAL_SPLINE])
def test_nothing_is_reached_below_the_deepest_layer(method: str) -> None:
    with pytest.raises(TooShallow):
        stock_at_mass(SIMPLE_ESM, 8798.8, method=method)


def test_the_excess_is_taken_off_or_added_at_the_deepest_layer_s_content() -> None:
    profile = stack_layers([Layer(3900, 39.0)])  # 1 %
    assert stock_at_mass(profile, 3925, method=EXCESS_MASS) == pytest.approx(39.25)
    assert stock_at_mass(profile, 3800, method=EXCESS_MASS) == pytest.approx(38.0)


def test_no_depth_is_read_off_a_core_that_tells_none_or_ends_above() -> None:
    with pytest.raises(TooShallow):
        stock_at_depth(SIMPLE_ESM, 30)
    with pytest.raises(TooShallow):
        stock_at_depth(stack_layers([Layer(3000, 30, 20)]), 30)
    assert depth_at_mass(SIMPLE_ESM, 1380) is None


def test_the_tenth_percentile_lies_between_the_two_lightest_cores() -> None:
    # P = 100 (k − 1) / 5: 0 and 20; halfway between 3,900 and 3,950.
    assert percentile_mass([3900, 4050, 4110, 4200, 3950, 4020]) == pytest.approx(3925)


def test_the_monotone_spline_is_the_cubic_where_there_is_one() -> None:
    # Its ends take the third derivative of the cubic through four points, so that a cubic is
    # itself; of x³ + 40x no slope is beyond three times a secant.
    knots = [0, 1, 2.5, 3, 4.5]
    values = [x**3 + 40 * x for x in knots]
    for x in (0.2, 1.7, 2.8, 4.4):
        assert monotone_spline(knots, values, x) == pytest.approx(x**3 + 40 * x)


def test_the_monotone_spline_never_falls_where_the_natural_one_does() -> None:
    profile = Profile((0.0, 1.0, 2.0, 3.0, 4.0), (0.0, 10.0, 10.1, 10.2, 20.0), None)
    places = [each / 50 for each in range(201)]
    natural = [stock_at_mass(profile, x, method=NATURAL_SPLINE) for x in places]
    monotone = [stock_at_mass(profile, x, method=MONOTONE_SPLINE) for x in places]
    assert any(after < before for before, after in pairwise(natural))
    assert all(after >= before - 1e-12 for before, after in pairwise(monotone))


def test_three_knots_or_two() -> None:
    # By hand: secants 2 and 1; the straight ends make every c -1/6, slopes 2.5, 1.5, 0.5.
    assert monotone_spline([0, 1, 2], [0, 2, 3], 0.5) == pytest.approx(1.125)
    line = Profile((0.0, 2.0), (0.0, 3.0), None)
    assert stock_at_mass(line, 1.0, method=MONOTONE_SPLINE) == pytest.approx(1.5)
