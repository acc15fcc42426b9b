"""Every program's preset: complete, sourced, usable, and silent on what is not known."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from aggregator.errors import DomainError
from credits.models import Project
from credits.programs.base import Program, find_unknown
from credits.programs.ccx import CCX
from credits.registry import PROGRAMS
from credits.terms.names import TERM_NAMES
from credits.terms.program_terms import (
    BadTerm,
    DeductedTooMuch,
    FarmersGetTooLittle,
    TermsUnknown,
    adapt_terms,
)
from tests.cast import Cast
from tests.credits.line import PARAMETERS, make_pool

# What a contract with any of them would say where its program's text does not.
ANSWERS: dict[str, Any] = {
    "minimum_term_years": 5,
    "uncertainty_rate": "0.10",
    "leakage_rate": "0.05",
    "permanence_rate": "0.10",
    "reserve_rate": "0.10",
    "reserve_release": "contract_year_end",
    "sample_rate": "0.10",
    "correction_rule": "extrapolate",
}


def answer(program: Program) -> dict[str, Any]:
    """The unknown terms of a program, answered."""
    fees = {name: "0.05" if fee is None else fee for name, fee in program.terms["fees"].items()}
    names = [name for name in find_unknown(program.terms) if not name.startswith("fees.")]
    return {name: ANSWERS[name] for name in names} | {"fees": fees}


EVERY = pytest.mark.parametrize("program", PROGRAMS.values(), ids=lambda program: program.id)


@EVERY
def test_a_pool_is_set_up_once_all_that_is_unknown_is_answered(
    sunrise: Cast, program: Program
) -> None:
    project = make_pool(
        sunrise, program=program.id, terms=answer(program), ends_on=date(2050, 12, 31)
    )
    assert find_unknown(project.terms) == []
    assert project.terms.keys() == program.terms.keys()


@EVERY
def test_a_pool_is_refused_while_anything_is_unknown(sunrise: Cast, program: Program) -> None:
    unknown = find_unknown(program.terms)
    # None of the programs was read so fully that nothing of it had to be asked.
    assert unknown
    with pytest.raises(TermsUnknown) as refusal:
        adapt_terms(program, {}, cooperative=sunrise.cooperative, starts_on=date(2024, 1, 1))
    assert refusal.value.terms == unknown
    assert not Project.objects.exists()


@EVERY
def test_every_term_has_a_name_and_a_source(program: Program) -> None:
    names = [name.removeprefix("fees.") for name in (*program.terms, *program.terms["fees"])]
    assert [name for name in names if name not in TERM_NAMES] == []
    assert all(program.source_of(name) for name in names)
    codes = [*program.terms["documents"], *program.terms["conditions"]]
    assert [code for code in codes if code not in TERM_NAMES] == []


# DOMAIN's table, "Programs": what was read.
READ = [
    ("ccx", "minimum_term_years", 5),
    ("ccx", "reserve_rate", "0.20"),
    ("ccx", "reserve_release", "contract_year_end"),
    ("ccx", "minimum_lot_t", 12_500),
    ("ccx", "correction_rule", "void"),
    ("ccx", "reversal_rule", "void"),
    ("ccx", "low_residue_years", 3),
    ("ccx", "soybean_rate", "0.50"),
    ("plan-vivo-4", "reserve_rate", "0.10"),
    ("plan-vivo-5", "reserve_rate", "0.20"),
    ("car-soil", "minimum_term_years", 10),
    ("car-soil", "permanence_years", 100),
    ("accu-2018-25", "permanence_rate", "0.20"),
    ("accu-2018-25", "first_hold_rate", "0.50"),
    ("accu-2018-25", "reserve_rate", "0.05"),
    ("accu-2018-25", "reserve_release", "never"),
    ("accu-2018-100", "permanence_rate", "0"),
    ("accu-2018-100", "first_hold_rate", "0.50"),
    ("accu-2021-25", "permanence_rate", "0.20"),
    ("accu-2021-25", "first_hold_rate", "0.25"),
    ("accu-2021-100", "permanence_rate", "0"),
    ("accu-2021-100", "permanence_years", 100),
    ("regen-ecometric", "minimum_term_years", 10),
    ("regen-ecometric", "reserve_rate", "0.20"),
    ("regen-ecometric", "reserve_release_years", [10, 20]),
    ("regen-ecometric", "reserve_rounding", "ceil"),
    ("regen-ecometric", "uncertainty_by_period", True),
    ("regen-ecometric", "correction_rule", "void"),
    ("acorn", "permanence_years", 20),
    ("acorn", "farm_below_m2", "100000"),
    ("acorn", "least_price", "20"),
    ("kenya-acp", "minimum_term_years", 20),
    ("indigo", "vesting", ["0.50", "0.20", "0.10", "0.10", "0.10"]),
    ("carbofarm", "minimum_term_years", 8),
    ("carbofarm", "reserve_rate", "0.20"),
    ("nori", "minimum_term_years", 10),
    ("nori", "reserve_rate", "0.25"),
    ("nori", "reserve_release", "daily"),
    ("nori", "longest_period_years", 3),
    ("ccer", "minimum_area_m2", "400"),
]


@pytest.mark.parametrize(("program", "term", "value"), READ)
def test_what_was_read_stands_in_the_preset(program: str, term: str, value: Any) -> None:
    assert PROGRAMS[program].terms[term] == value


# Marked U there, or not told at all.
ASKED = [
    ("ccx", ["sample_rate", "fees.exchange_usd_per_tonne"]),
    (
        "car-soil",
        [
            "reserve_rate",
            "reserve_release",
            "sample_rate",
            "correction_rule",
            "fees.aggregator_rate",
        ],
    ),
    (
        "duke",
        [
            "minimum_term_years",
            "leakage_rate",
            "permanence_rate",
            "reserve_rate",
            "reserve_release",
            "sample_rate",
            "correction_rule",
            "fees.aggregator_rate",
        ],
    ),
]


@pytest.mark.parametrize(("program", "terms"), ASKED)
def test_what_was_only_recalled_is_asked(program: str, terms: list[str]) -> None:
    assert find_unknown(PROGRAMS[program].terms) == terms


def test_no_release_is_asked_where_nothing_is_held_back(sunrise: Cast) -> None:
    terms = answer(PROGRAMS["kenya-acp"]) | {"reserve_rate": "0"}
    terms.pop("reserve_release")
    project = make_pool(sunrise, program="kenya-acp", terms=terms, ends_on=date(2050, 12, 31))
    assert project.terms["reserve_release"] is None


def test_a_sample_by_the_square_root_needs_no_part(sunrise: Cast) -> None:
    adapted = adapt_terms(
        CCX,
        {"sample_rule": "sqrt", "fees": {"exchange_usd_per_tonne": "0.15"}},
        cooperative=sunrise.cooperative,
        starts_on=date(2024, 1, 1),
    )
    assert adapted["sample_rate"] is None


@pytest.mark.parametrize(
    ("starts_on", "smallest"), [(date(2019, 12, 31), "667"), (date(2020, 1, 1), "400")]
)
def test_ccer_s_smallest_parcel_depends_on_the_beginning(
    sunrise: Cast, starts_on: date, smallest: str
) -> None:
    ccer = PROGRAMS["ccer"]
    project = make_pool(
        sunrise,
        program="ccer",
        starts_on=starts_on,
        ends_on=date(2030, 12, 31),
        terms=answer(ccer),
    )
    assert project.terms["minimum_area_m2"] == smallest


def test_plan_vivo_leaves_three_fifths_to_the_farmers(sunrise: Cast) -> None:
    program = PROGRAMS["plan-vivo-5"]
    fees = {"farmer_rate": "0.60", "aggregator_rate": "0.40"}
    assert make_pool(sunrise, program=program.id, terms=answer(program) | {"fees": fees})
    fees = {"farmer_rate": "0.60", "aggregator_rate": "0.41"}
    with pytest.raises(FarmersGetTooLittle):
        make_pool(sunrise, code="more", program=program.id, terms=answer(program) | {"fees": fees})


@pytest.mark.parametrize(
    ("terms", "error"),
    [
        ({"permanence_rate": "0.90"}, DeductedTooMuch),
        ({"reserve_release": "steps"}, BadTerm),
        ({"reserve_release": "sometimes"}, BadTerm),
        ({"reserve_release_years": [20, 10]}, BadTerm),
        ({"reserve_rounding": "up"}, BadTerm),
        ({"sample_rule": "cherries"}, BadTerm),
        ({"fees": {"aggregator_rate": "1.5"}}, BadTerm),
        ({"fees": {"aggregator_of_unit_price": "1/0"}}, BadTerm),
        ({"fees": {"exchange_usd_per_tonne": 0.2}}, BadTerm),
        ({"soybean_rate": "half"}, BadTerm),
    ],
)
def test_terms_that_cannot_be_are_refused(
    sunrise: Cast, terms: dict[str, Any], error: type[DomainError]
) -> None:
    with pytest.raises(error):
        make_pool(sunrise, terms=terms, parameters=PARAMETERS)
