"""Every preset's terms act: on the kilograms counted, the sample, the correction and the tonnes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

import pytest

from aggregator.models import Agreement
from credits.counting.monitoring import close_period
from credits.models import FieldResult
from credits.programs.base import Program
from credits.programs.releases import release_schedule
from credits.registry import PROGRAMS
from credits.terms.period_uncertainty import is_asked, tell_uncertainty
from credits.tonnes.issuance import issue_credits
from credits.tonnes.reversals import reversal_rule
from credits.verifying.sample_rules import read_rule, size_sample
from credits.verifying.verification import close_verification
from tests.cast import Cast, make_season
from tests.credits.line import confirm_all, drawn_sample, make_enrolled_pool, open_year, record_all
from tests.credits.test_programs import answer


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=lambda program: program.id)
def test_a_year_runs_by_the_program_s_own_terms(sunrise: Cast, program: Program) -> None:
    """Three fields of a tonne each; what is kept of it is worked out here from the terms alone."""
    Agreement.objects.update(ends_on=date(2050, 12, 31))
    make_season(sunrise, 2024)
    project = make_enrolled_pool(
        sunrise, program=program.id, terms=answer(program), ends_on=date(2050, 12, 31)
    )
    period = open_year(project, 2024, sunrise)
    uncertainty = "0.15"
    if is_asked(period):
        tell_uncertainty(period, rate=Decimal(uncertainty), source="r", by=sunrise.operator)
    terms = project.terms
    run = close_period(period, by=sunrise.operator)
    confirm_all(period, sunrise)
    base = Fraction(1000)
    for name in ("uncertainty_rate", "leakage_rate", "first_hold_rate"):
        base *= 1 - Fraction(terms[name] or uncertainty)
    gross = floor(base * (1 - Fraction(terms["permanence_rate"])))
    reserve = min(ceil(base * Fraction(terms["reserve_rate"])), gross)
    rows = FieldResult.objects.filter(run=run).values_list("gross_kg", "reserve_kg")
    assert list(rows) == [(gross, reserve)] * 3

    check = drawn_sample(period, sunrise)
    assert check.sample_size == size_sample(read_rule(terms), 3)
    assert check.correction == terms["correction_rule"]
    assert reversal_rule(project) == terms["reversal_rule"]
    record_all(check, sunrise)
    close_verification(check, positive=True, by=sunrise.verifier)
    period.refresh_from_db()
    issued = issue_credits(period, by=sunrise.operator, issued_on=date(2025, 3, 1))
    whole = 3 * gross // 1000
    if terms["reserve_rounding"] == "ceil":
        assert (issued.sellable_t + issued.reserve_t) == whole
    else:
        assert (issued.sellable_t, issued.reserve_t) == (
            3 * (gross - reserve) // 1000,
            3 * reserve // 1000,
        )
    plan = release_schedule(
        terms, issued_on=issued.issued_on, tonnes=10, contract_ends_on=project.ends_on
    )
    assert sum(tonnes for _day, tonnes in plan) == (
        0 if terms["reserve_release"] == "never" else 10
    )
