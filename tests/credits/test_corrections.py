"""A finding rate extrapolated: worked by hand, whole kilograms, sums that agree."""

from fractions import Fraction

import pytest

from credits.counting.monitoring import run_to_issue
from credits.models import Verification
from credits.terms.names import TERM_NAMES
from credits.tonnes.issuance import issue_credits
from credits.verifying.corrections import extrapolate
from credits.verifying.sample_rules import OUTLIERS
from credits.verifying.verification import UnknownCorrection, close_verification, record_finding
from tests.cast import Cast, make_field, make_household, make_season
from tests.credits.line import closed_year, drawn_sample, make_enrolled_pool, record_all

pytestmark = pytest.mark.django_db


def make_check(cast: Cast, *, fields: int = 12, **terms: object) -> Verification:
    """A drawn sample of a year in which every field claims 1,000 kg, 200 of them in reserve."""
    for number in range(len(cast.fields) + 1, fields + 1):
        household = make_household(cast.village, number)
        cast.fields.append(make_field(cast.village, household, number, east=118.0))
    make_season(cast, 2025)
    project = make_enrolled_pool(cast)
    project.terms |= {"sample_rate": "0.25", "sample_minimum": 3} | terms
    project.save()
    return drawn_sample(closed_year(project, 2025, cast), cast)


def find_deviation(check: Verification, cast: Cast, kg: int | None) -> None:
    record_all(check, cast)
    first = check.sample.order_by("position")[0]
    record_finding(
        first, finding="deviates", note="half tilled", overclaimed_kg=kg, by=cast.verifier
    )


def test_a_tenth_too_much_on_the_sample_is_taken_from_all_others(sunrise: Cast) -> None:
    # 300 of the sample's 3,000 kg are too much: a tenth. The other nine claim 9,000: 900 less.
    check = make_check(sunrise)
    find_deviation(check, sunrise, 300)
    found = extrapolate(check)
    assert found.overstatement.ratio == Fraction(1, 10)
    assert (found.found_kg, found.unsampled_claim_kg, found.unsampled_taken_kg) == (300, 9000, 900)
    close_verification(check, positive=True, correction="extrapolate", by=sunrise.verifier)
    run = run_to_issue(check)
    assert run.gross_kg == 12_000 - 300 - 900
    rows = sorted(run.results.values_list("gross_kg", "reserve_kg", "credited_kg"))
    # The one found keeps 700: 140 and 560. Two are in order. Nine lose 100 each: 180 and 720.
    assert rows == [(700, 140, 560), *[(900, 180, 720)] * 9, *[(1000, 200, 800)] * 2]
    assert run.credited_kg == sum(row[2] for row in rows)
    check.refresh_from_db()
    assert check.overstatement == "1/10"
    terms = run.results.filter(gross_kg=900)[0].terms
    assert (terms["claimed_kg"], terms["corrected_kg"], terms["overstatement"]) == (
        "1000",
        "100",
        "1/10",
    )
    assert [name for name in terms if name not in TERM_NAMES] == []
    assert terms["correction"] in TERM_NAMES


def test_what_is_issued_is_the_corrected_run_and_counting_again_gives_the_same(
    sunrise: Cast,
) -> None:
    check = make_check(sunrise)
    find_deviation(check, sunrise, None)
    close_verification(check, positive=True, correction="extrapolate", by=sunrise.verifier)
    # A third of 9,000 is 3,000; the field found loses all its 1,000.
    assert run_to_issue(check) == run_to_issue(Verification.objects.get(pk=check.pk))
    period = check.period
    period.refresh_from_db()
    issuance = issue_credits(period, by=sunrise.operator)
    assert issuance.run.gross_kg == 12_000 - 1000 - 3000


def test_void_is_the_default_and_takes_the_whole_field_alone(sunrise: Cast) -> None:
    check = make_check(sunrise)
    find_deviation(check, sunrise, 300)
    close_verification(check, positive=True, by=sunrise.verifier)
    assert (check.correction, run_to_issue(check).gross_kg) == ("void", 11_000)


def test_the_programs_terms_can_ask_for_extrapolation(sunrise: Cast) -> None:
    check = make_check(sunrise, correction_rule="extrapolate")
    find_deviation(check, sunrise, 300)
    close_verification(check, positive=True, by=sunrise.verifier)
    assert run_to_issue(check).gross_kg == 10_800


def test_nothing_found_corrects_nothing(sunrise: Cast) -> None:
    check = make_check(sunrise)
    record_all(check, sunrise)
    close_verification(check, positive=True, correction="extrapolate", by=sunrise.verifier)
    assert run_to_issue(check) == check.run


def test_an_unknown_correction_is_refused(sunrise: Cast) -> None:
    check = make_check(sunrise)
    record_all(check, sunrise)
    with pytest.raises(UnknownCorrection):
        close_verification(check, positive=True, correction="guess", by=sunrise.verifier)


def test_an_outlier_is_corrected_itself_and_estimates_nothing(sunrise: Cast) -> None:
    check = make_check(sunrise, sample_rule=OUTLIERS)
    record_all(check, sunrise)
    row = check.sample.order_by("position")[0]
    row.chosen = "outlier"
    row.save(update_fields=["chosen"])
    record_finding(row, finding="deviates", note="too good", by=sunrise.verifier)
    found = extrapolate(check)
    assert (found.overstatement.ratio, found.found_kg, found.unsampled_taken_kg) == (0, 1000, 0)


def test_a_sample_by_area_expands_by_area(sunrise: Cast) -> None:
    # All areas are one: p = 1/12 each, so 300 kg on one of three is 300 × 12 ÷ 3 of 12,000.
    check = make_check(sunrise, sample_rule="area")
    find_deviation(check, sunrise, 300)
    assert extrapolate(check).overstatement.ratio == Fraction(1, 10)
