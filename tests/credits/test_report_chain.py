"""The report's line from found to sellable: every kilogram taken stands with its formula."""

from __future__ import annotations

import pytest

from credits.counting.package import find_count
from credits.counting.report import report_context
from credits.models import Verification
from credits.verifying.verification import close_verification
from tests.cast import Cast, make_season
from tests.credits.line import closed_year, make_enrolled_pool, verify
from tests.credits.test_corrections import find_deviation, make_check

pytestmark = pytest.mark.usefixtures("in_english")


def lines_of(check: Verification) -> list[tuple[str, str]]:
    period = check.period
    period.refresh_from_db()
    chain = report_context(find_count(period), language="en")["chain"]
    return [(line["name"], line["tonnes"]) for line in chain]


def test_deductions_and_an_extrapolation_add_up(sunrise: Cast) -> None:
    """Twelve fields of 1,000 kg less a tenth claim 900 each; of three drawn, one 300 too much.

    That is a ninth of 2,700: of the other nine fields' 8,100 kg, 900.
    """
    check = make_check(sunrise, uncertainty_rate="0.10")
    find_deviation(check, sunrise, 300)
    close_verification(check, positive=True, correction="extrapolate", by=sunrise.verifier)
    assert lines_of(check) == [
        ("found by the methodology", "12.000"),
        ("uncertainty deduction", "−1.200"),
        ("corrected as found", "−0.300"),
        ("corrected by extrapolation", "−0.900"),
        ("earned", "9.600"),
    ]


def test_a_voided_field_is_found_and_taken(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    period = closed_year(make_enrolled_pool(sunrise), 2025, sunrise)
    verify(period, sunrise, deviating=("F003",))
    assert lines_of(period.verifications.get()) == [
        ("found by the methodology", "3.000"),
        ("voided by the verifier", "−1.000"),
        ("earned", "2.000"),
    ]


def test_permanence_and_what_is_rounded_stand_in_the_line(sunrise: Cast) -> None:
    """1,000 kg less a third are 666.67, of them a fifth 133.33: 533.33, kept as 533 kg."""
    check = make_check(
        sunrise,
        fields=3,
        uncertainty_rate="0.3333",
        permanence_rate="0.20",
        reserve_rate="0.05",
    )
    lines = lines_of(check)
    # 3 × 333.3 = 999.9; of 2,000.1 a fifth is 400.02; what is left, 1,600.08, is 3 × 533.
    assert lines == [
        ("found by the methodology", "3.000"),
        ("uncertainty deduction", "−1.000"),
        ("permanence deduction", "−0.400"),
        ("rounding", "−0.001"),
        ("earned", "1.599"),
    ]
    context = report_context(find_count(check.period), language="en")
    assert context["reserve_formula"].startswith("what was there before the permanence deduction")


def test_the_english_report_has_english_names(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    context = report_context(
        find_count(closed_year(make_enrolled_pool(sunrise), 2025, sunrise)), language="en"
    )
    assert (context["project_name"], context["cooperative"]) == ("Hills", "Sunrise")
