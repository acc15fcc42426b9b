"""Deductions in order: what each takes, from what, and never more than is left."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payouts.waterfall import (
    Line,
    Rule,
    Shares,
    SharesDoNotAddUp,
    WaterfallError,
    apply_rules,
    check_shares,
    split_lines,
)

TENTH = Fraction(1, 10)


def apply(gross: int, *rules: Rule, tonnes: Fraction = Fraction(0), **taken: int) -> list[Line]:
    return apply_rules(gross, rules, tonnes=tonnes, already_taken=taken)


def test_iowa_farm_bureau_keeps_a_tenth_of_the_proceeds() -> None:
    """2005, 2 USD/t: no-till 1.00 USD an acre gross, 0.90 after 10% (DOMAIN.md, examples)."""
    (line,) = apply(100, Rule("aggregator", "rate_of_gross", rate=TENTH))
    assert 100 - line.amount_minor == 90
    (line,) = apply(150, Rule("aggregator", "rate_of_gross", rate=TENTH))
    assert 150 - line.amount_minor == 135


def test_kenya_shares_a_hundred_as_sixty_thirty_five_and_five() -> None:
    rules = [
        Rule("advisory", "rate_of_gross", rate=Fraction(35, 100)),
        Rule("marketing", "rate_of_gross", rate=Fraction(5, 100)),
    ]
    lines = apply(100, *rules)
    assert [line.amount_minor for line in lines] == [35, 5]


def test_a_rate_of_what_remains_follows_the_lines_before_it() -> None:
    lines = apply(
        1000,
        Rule("a", "rate_of_gross", rate=TENTH),
        Rule("b", "rate_of_remaining", rate=TENTH),
        Rule("c", "rate_of_gross", rate=TENTH),
    )
    assert lines == [Line("a", 1000, 100), Line("b", 900, 90), Line("c", 1000, 100)]


def test_fees_are_rounded_half_up() -> None:
    (line,) = apply(1005, Rule("a", "rate_of_gross", rate=TENTH))
    assert line.amount_minor == 101  # 100.5
    (line,) = apply(1004, Rule("a", "rate_of_gross", rate=TENTH))
    assert line.amount_minor == 100  # 100.4


def test_a_fee_per_tonne_counts_the_tonnes_that_were_paid_for() -> None:
    """A third of a tonne paid for: 1/3 × 100 = 33.33 fen; two thirds of a fen are rounded up."""
    rule = Rule("exchange", "per_tonne", amount_minor=100)
    assert apply(5000, rule, tonnes=Fraction(1, 3)) == [Line("exchange", 5000, 33)]
    assert apply(5000, rule, tonnes=Fraction(2, 3)) == [Line("exchange", 5000, 67)]


def test_a_fixed_fee_is_taken_once_a_period_over_its_tranches() -> None:
    rule = Rule("verification", "fixed", amount_minor=800)
    assert apply(500, rule)[0].amount_minor == 500
    assert apply(500, rule, verification=500)[0].amount_minor == 300
    assert apply(500, rule, verification=800)[0].amount_minor == 0
    assert apply(500, rule, verification=900)[0].amount_minor == 0


def test_no_line_takes_more_than_what_remains() -> None:
    lines = apply(
        100,
        Rule("a", "fixed", amount_minor=70),
        Rule("b", "rate_of_gross", rate=Fraction(1, 2)),
        Rule("c", "per_tonne", amount_minor=10),
        tonnes=Fraction(4),
    )
    assert [line.amount_minor for line in lines] == [70, 30, 0]


@pytest.mark.parametrize(
    "rule",
    [
        Rule("a", "lottery", amount_minor=1),
        Rule("a", "fixed"),
        Rule("a", "per_tonne", amount_minor=-1),
        Rule("a", "rate_of_gross"),
        Rule("a", "rate_of_gross", rate=Fraction(11, 10)),
    ],
)
def test_a_rule_without_its_number_is_refused(rule: Rule) -> None:
    with pytest.raises(WaterfallError, match="a"):
        apply(100, rule)


def test_a_negative_pool_is_refused() -> None:
    with pytest.raises(WaterfallError):
        apply(-1)


rules_of_any_kind = st.one_of(
    st.builds(
        Rule,
        code=st.just("amount"),
        kind=st.sampled_from(["per_tonne", "fixed"]),
        amount_minor=st.integers(0, 10**12),
    ),
    st.builds(
        Rule,
        code=st.just("rate"),
        kind=st.sampled_from(["rate_of_gross", "rate_of_remaining"]),
        rate=st.integers(0, 10**8).map(lambda parts: Fraction(parts, 10**8)),
    ),
)


@settings(max_examples=200, print_blob=True)
@given(
    gross=st.integers(0, 10**15),
    rules=st.lists(rules_of_any_kind, max_size=6),
    tonnes=st.fractions(0, 10**6),
    weights=st.lists(st.integers(0, 10**9), min_size=1, max_size=120).filter(any),
)
def test_every_line_adds_up_for_the_pool_and_for_each_household(
    gross: int, rules: list[Rule], tonnes: Fraction, weights: list[int]
) -> None:
    """Invariants 1–3 of DOMAIN.md."""
    amounts = [
        line.amount_minor for line in apply_rules(gross, rules, tonnes=tonnes, already_taken={})
    ]
    net = gross - sum(amounts)
    shares = split_lines(net, amounts, weights)
    assert net >= 0
    assert all(amount >= 0 for amount in amounts)
    assert sum(shares.gross) == gross
    assert sum(shares.net) == net
    assert [sum(parts) for parts in shares.deductions] == amounts
    weight_sum = sum(weights)
    for place, weight in enumerate(weights):
        parts = [column[place] for column in shares.deductions]
        assert shares.gross[place] - sum(parts) == shares.net[place] >= 0
        for part, amount in [*zip(parts, amounts, strict=True), (shares.net[place], net)]:
            assert part >= 0
            assert abs(part - Fraction(amount * weight, weight_sum)) < 1
            assert weight or part == 0
    check_shares(shares, gross_minor=gross, line_amounts=amounts, weights=weights)


@pytest.mark.parametrize(
    ("shares", "broken"),
    [
        (Shares(gross=[6, 5], deductions=[[1, 1]], net=[5, 3]), "gross"),
        (Shares(gross=[5, 5], deductions=[[1, 2]], net=[4, 3]), "net"),
        (Shares(gross=[5, 5], deductions=[[2, 1]], net=[4, 4]), "line 1"),
        (Shares(gross=[6, 4], deductions=[[2, 0]], net=[4, 4]), "line 1: 2 is a unit or more"),
        (Shares(gross=[5, 5], deductions=[[3, -1]], net=[4, 4]), "negative"),
        (Shares(gross=[6, 4], deductions=[[1, 1]], net=[4, 4]), "household"),
        (Shares(gross=[6, 4], deductions=[[1, 1]], net=[5, 3]), "net: 5 is a unit or more"),
    ],
)
def test_shares_that_do_not_add_up_are_caught(shares: Shares, broken: str) -> None:
    """A pool of 10 less a line of 2, over two equal households: 5, 1 and 4 each."""
    with pytest.raises(SharesDoNotAddUp, match=broken):
        check_shares(shares, gross_minor=10, line_amounts=[2], weights=[1, 1])
