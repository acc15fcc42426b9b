"""What a kilogram of each gas weighs against CO2, report by report."""

from __future__ import annotations

from fractions import Fraction

import pytest

from credits.methodologies.estimates import Estimate, Term, credit_reduction, describe_estimate
from credits.methodologies.gwp import GWP_SETS, co2e_of

# IPCC reports, tables named in credits.methodologies.gwp: CH4, N2O.
PUBLISHED = {
    "SAR": ("21", "310"),
    "TAR": ("23", "296"),
    "AR4": ("25", "298"),
    "AR5": ("28", "265"),
    "AR5-feedback": ("34", "298"),
    "AR6": ("27", "273"),
    "AR6-generic": ("27.9", "273"),
    "AR6-fossil": ("29.8", "273"),
}


def test_every_set_holds_the_published_values() -> None:
    found = {name: (values["ch4"], values["n2o"]) for name, values in GWP_SETS.items()}
    assert found == {name: tuple(map(Fraction, pair)) for name, pair in PUBLISHED.items()}
    assert {values["co2"] for values in GWP_SETS.values()} == {1}


def test_gases_are_weighed_and_removals_count_against() -> None:
    gases = {"co2": Fraction(-100), "ch4": Fraction(2), "n2o": Fraction(1, 10)}
    assert co2e_of(gases, gwp="AR5") == Fraction("-17.5")  # -100 + 56 + 26.5
    assert co2e_of(gases, gwp="AR6") == Fraction("-18.7")  # -100 + 54 + 27.3


def test_a_claim_is_rounded_down_and_never_negative() -> None:
    assert credit_reduction(Fraction("-17.9")) == 17
    assert credit_reduction(Fraction("0.1")) == 0


def test_an_unknown_set_is_no_guess() -> None:
    with pytest.raises(KeyError):
        co2e_of({"co2": Fraction(1)}, gwp="AR7")


def test_an_estimate_is_described_with_twelve_digits() -> None:
    estimate = Estimate(
        {"ch4": Fraction(1, 3)}, "AR5", (Term("days", 112, "d"), Term("x", Fraction(2, 3)))
    )
    said = describe_estimate(estimate)
    assert said["gases_kg"] == {"ch4": 0.333333333333}
    assert said["co2e_kg"] == 9.33333333333
    assert [term["value"] for term in said["terms"]] == [112, 0.666666666667]
    assert estimate.term("days") == 112
