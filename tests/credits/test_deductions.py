"""From gross to tonnes: the order of the deductions, and the published examples, by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credits.methodologies.base import Quantity, credit_quantity
from credits.programs.deductions import Deductions, Tonnes, deduct, read_deductions, round_tonnes
from credits.registry import PROGRAMS
from credits.terms.names import TERM_NAMES

REGEN = dict(PROGRAMS["regen-ecometric"].terms)
CCX = dict(PROGRAMS["ccx"].terms)


def found(gross_kg: int, emissions_kg: int = 0) -> Quantity:
    return Quantity(gross_kg, "no_till", {}, Fraction(emissions_kg))


def test_every_step_is_taken_of_what_the_one_before_left() -> None:
    """10,000 − 10% = 9,000; − 500 = 8,500; − 20% = 6,800; − 25% = 5,100; − 20% = 4,080."""
    taken = deduct(
        10_000,
        Deductions(Fraction(1, 10), Fraction(1, 5), Fraction(1, 4), Fraction(1, 5)),
        emissions_kg=500,
    )
    assert [int(kg) for kg in taken.steps.values()] == [1_000, 500, 1_700, 1_700, 1_020]
    assert (taken.base_kg, taken.left_kg) == (5_100, 4_080)


def test_permanence_and_buffer_of_accu_add_up() -> None:
    """25 years: 20% and 5% of the same 1,000 kg leave 750."""
    terms = PROGRAMS["accu-2021-25"].terms
    credit = credit_quantity(
        found(1_000),
        reserve_rate=Fraction(terms["reserve_rate"]),
        deductions=read_deductions(terms, first_round=False),
    )
    assert (credit.gross_kg, credit.reserve_kg, credit.credited_kg) == (800, 50, 750)


@pytest.mark.parametrize(("method", "left"), [("accu-2018-100", 500), ("accu-2021-100", 750)])
def test_the_first_round_is_held_once(method: str, left: int) -> None:
    terms = PROGRAMS[method].terms
    first = deduct(1_000, read_deductions(terms, first_round=True))
    later = deduct(1_000, read_deductions(terms, first_round=False))
    assert (first.left_kg, later.left_kg) == (left, 1_000)


def test_lowick_2023_gives_8050_credits_of_which_1610_are_buffer() -> None:
    """2,679.43 t C × 3.67 = 9,833.51; − 1,727.84 − 55.60 = 8,050.07 t (Regen / Ecometric)."""
    uncertainty = Fraction(172_784, 983_351)
    terms = REGEN | {"uncertainty_rate": str(uncertainty)}
    taken = deduct(
        9_833_510, read_deductions(terms, first_round=True), emissions_kg=Fraction(55_600)
    )
    assert taken.left_kg == 8_050_070
    credit = credit_quantity(
        found(9_833_510, 55_600),
        reserve_rate=Fraction("0.20"),
        deductions=read_deductions(terms, first_round=True),
    )
    whole = round_tonnes(terms, sellable_kg=credit.credited_kg, reserve_kg=credit.reserve_kg)
    assert whole == Tonnes(sellable_t=6_440, reserve_t=1_610, carried_kg=70, reserve_carried_kg=0)


def test_regen_rounds_the_buffer_up_out_of_whole_credits() -> None:
    """101.9 t are 101 credits; a fifth of them is 20.2, so 21 are buffer and 80 are sold."""
    whole = round_tonnes(REGEN, sellable_kg=81_520, reserve_kg=20_380)
    assert whole == Tonnes(80, 21, 900, 0)


def test_ccx_rounds_both_kinds_down_by_themselves() -> None:
    """101.9 t: 81.52 and 20.38 t, 0.52 and 0.38 of which wait."""
    assert round_tonnes(CCX, sellable_kg=81_520, reserve_kg=20_380) == Tonnes(81, 20, 520, 380)


def test_ccx_sells_four_fifths() -> None:
    credit = credit_quantity(found(100_000), reserve_rate=Fraction("0.20"))
    assert (credit.credited_kg, credit.reserve_kg) == (80_000, 20_000)


def test_without_deductions_the_terms_are_as_they_always_were() -> None:
    credit = credit_quantity(found(1_001), reserve_rate=Fraction("0.20"))
    assert credit.terms == {"reserve_rate": "0.2", "reserve_exact_kg": "1001/5"}
    assert (credit.gross_kg, credit.reserve_kg, credit.credited_kg) == (1_001, 201, 800)


def test_every_step_stands_in_the_terms_under_a_name_people_read() -> None:
    credit = credit_quantity(
        found(1_000, 100),
        reserve_rate=Fraction("0.05"),
        deductions=Deductions(Fraction(1, 10), Fraction(1, 10), Fraction(1, 4), Fraction(1, 5)),
    )
    # 1,000 − 100 − 100 = 800; − 80 = 720; − 180 = 540, of which 108 and 27.
    assert credit.terms["found_kg"] == "1000"
    assert credit.terms["uncertainty_kg"] == "100"
    assert credit.terms["project_emissions_kg"] == "100"
    assert credit.terms["leakage_kg"] == "80"
    assert credit.terms["first_hold_kg"] == "180"
    assert credit.terms["permanence_kg"] == "108"
    assert credit.terms["net_exact_kg"] == "432"
    assert credit.terms["reserve_exact_kg"] == "27"
    assert credit.credited_kg == 405
    assert [name for name in credit.terms if name not in TERM_NAMES] == []


def test_emissions_leave_nothing_rather_than_less() -> None:
    taken = deduct(100, Deductions(), emissions_kg=300)
    assert (taken.steps["project_emissions_kg"], taken.left_kg) == (100, 0)


def test_terms_of_before_deductions_take_nothing() -> None:
    assert not read_deductions({"reserve_rate": "0.20"}, first_round=True)


@pytest.mark.parametrize(
    ("gross_kg", "deductions"),
    [(-1, Deductions()), (1, Deductions(uncertainty=Fraction(2))), (1, Deductions(Fraction(-1)))],
)
def test_nonsense_is_refused(gross_kg: int, deductions: Deductions) -> None:
    with pytest.raises(ValueError, match="cannot be taken"):
        deduct(gross_kg, deductions)


rates = st.fractions(0, 1, max_denominator=1_000)


@given(
    gross_kg=st.integers(0, 10**9),
    emissions_kg=st.integers(0, 10**6),
    parts=st.tuples(rates, rates, rates, rates, rates),
)
def test_a_field_s_kilograms_always_add_up(
    gross_kg: int, emissions_kg: int, parts: tuple[Fraction, ...]
) -> None:
    *first, permanence, reserve = parts
    reserve = min(reserve, 1 - permanence)
    credit = credit_quantity(
        found(gross_kg, emissions_kg),
        reserve_rate=reserve,
        deductions=Deductions(*first, permanence),
    )
    assert credit.gross_kg == credit.reserve_kg + credit.credited_kg
    assert min(credit.reserve_kg, credit.credited_kg) >= 0
    steps = deduct(gross_kg, Deductions(*first, permanence), emissions_kg=emissions_kg)
    assert sum(steps.steps.values()) + steps.left_kg == gross_kg


@given(
    sellable_kg=st.integers(0, 10**10),
    reserve_kg=st.integers(0, 10**10),
    rounding=st.sampled_from(["floor", "ceil"]),
)
def test_no_kilogram_of_an_issuance_is_lost(
    sellable_kg: int, reserve_kg: int, rounding: str
) -> None:
    terms = {"reserve_rate": "0.20", "reserve_rounding": rounding}
    whole = round_tonnes(terms, sellable_kg=sellable_kg, reserve_kg=reserve_kg)
    tonnes_kg = (whole.sellable_t + whole.reserve_t) * 1_000
    assert tonnes_kg + whole.carried_kg + whole.reserve_carried_kg == sellable_kg + reserve_kg
    assert 0 <= whole.carried_kg < 1_000
    assert 0 <= whole.reserve_carried_kg < 1_000
    assert whole.sellable_t >= 0
