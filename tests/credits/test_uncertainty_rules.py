"""The standards' rules of uncertainty; figures as printed or worked by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from credits.methodologies.uncertainty_rules import (
    carbonplus_deduction,
    exceeded_change,
    exceeded_trend,
    fit_trend,
    student_t,
    vcs_uncertainty,
    vm0042_adjusted,
    vm0042_credits,
    vm0042_uncertainty,
)


@pytest.mark.parametrize(
    ("df", "t"), [(1, 0.578747), (5, 0.458251), (10, 0.444710), (100, 0.432927)]
)
def test_t_of_two_thirds_as_vm0042_writes_it(df: int, t: float) -> None:
    assert student_t(0.667, df) == pytest.approx(t, abs=5e-7)


def test_t_of_very_many_samples_is_z() -> None:
    assert student_t(0.667, 1e9) == pytest.approx(0.4316, abs=5e-5)
    assert student_t(2 / 3, 1e9) == pytest.approx(0.4307, abs=5e-5)


def test_vm0042_equation_74() -> None:
    # √0.04 × 10 ha × 44/12 = 7.3333 on 50 t; t is 0.4447 at ten degrees of freedom.
    share = vm0042_uncertainty(50, 0.2 * 10 * 44 / 12, 0.4447)
    assert share == pytest.approx(0.065222, abs=1e-6)
    assert 50 * (1 - share) == pytest.approx(46.7389, abs=5e-5)
    assert vm0042_uncertainty(-50, 0.2, 0.4447) > 0
    with pytest.raises(ZeroDivisionError):
        vm0042_uncertainty(0, 0.2, 0.4447)


def test_sixty_per_cent_exceedance_lies_below_the_change() -> None:
    # 348.54 + 186.717823 × −0.261921 = 299.634663
    assert exceeded_change(348.54, 186.717823, 8) == pytest.approx(299.634663, abs=5e-6)


def test_a_trend_of_three_rounds() -> None:
    # x̄ 3, ȳ 124/3: slope 9/18; residuals 1/6, −1/3, 1/6: SE = √(1/6 / 18) = 0.096225.
    trend = fit_trend([0, 3, 6], [40, 41, 43])
    assert trend.slope == pytest.approx(0.5)
    assert trend.standard_error == pytest.approx(0.096225, abs=5e-7)
    assert trend.df == 1
    # (0.5 + 0.096225 × −0.324920) × 6
    assert exceeded_trend(trend, 6) == pytest.approx(2.812408, abs=5e-6)


@pytest.mark.parametrize(
    ("error", "deduction"), [(0, 0), (20, 0), (35, "17.15"), (50, 50), (51, None)]
)
def test_the_error_deduction_of_carbonplus(error: int, deduction: str | int | None) -> None:
    expected = None if deduction is None else Fraction(deduction)
    assert carbonplus_deduction(Fraction(error)) == expected


def test_the_vcs_discount() -> None:
    # 0.3 / 1.6449 × 0.4307
    assert vcs_uncertainty(0.3) == pytest.approx(0.078552, abs=5e-7)


def test_uncertainty_works_against_the_project_either_way() -> None:
    tenth = Fraction("0.1")
    assert vm0042_adjusted(Fraction(100), Fraction(-20), tenth) == (90, -18)
    assert vm0042_adjusted(Fraction(-30), Fraction(-10), tenth) == (-33, -11)


@pytest.mark.parametrize(
    ("earlier", "project", "baseline", "reductions", "removals"),
    [
        (0, 10, 2, 3, 8),  # gains are removals
        (20, -4, -6, 5, 0),  # a smaller loss is a reduction
        (-20, 10, 2, 11, 0),  # until the whole is a gain, a gain is a reduction
        (0, -4, -6, 5, 0),
    ],
)
def test_reductions_and_removals_of_equations_37_and_40(
    earlier: int, project: int, baseline: int, reductions: int, removals: int
) -> None:
    found = vm0042_credits(
        Fraction(project), Fraction(baseline), sources=Fraction(3), earlier=Fraction(earlier)
    )
    assert (found.reductions, found.removals) == (reductions, removals)


def test_leakage_is_shared_out_and_the_buffer_is_of_stocks_alone() -> None:
    # Gross 24 + 40; leakage 4 → 1.5 and 2.5; buffer 15 % of 40; 22.5 + 37.5 − 6 = 54.
    found = vm0042_credits(
        Fraction(40),
        Fraction(0),
        sources=Fraction(24),
        leakage=Fraction(4),
        buffer_share=Fraction("0.15"),
    )
    assert (found.net_reductions, found.net_removals) == (Fraction("22.5"), Fraction("37.5"))
    assert (found.net, found.buffer, found.vcu) == (60, 6, 54)


def test_a_loss_avoided_is_buffered_and_a_deposit_is_never_negative() -> None:
    avoided = vm0042_credits(Fraction(-4), Fraction(-6), buffer_share=Fraction("0.2"))
    assert avoided.buffer_reductions == Fraction("0.4")
    lost = vm0042_credits(Fraction(-6), Fraction(-4), buffer_share=Fraction("0.2"))
    assert (lost.vcu, lost.buffer) == (-2, 0)


def test_leakage_without_anything_gained_stays() -> None:
    assert vm0042_credits(Fraction(0), Fraction(0), leakage=Fraction(5)).net == -5
