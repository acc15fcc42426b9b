"""The verifier's look: published list, repeatable draw, findings, opinion and what follows."""

from typing import Any

import pytest

from aggregator.errors import DomainError, NotAllowed
from aggregator.models import User
from aggregator.roles import NotYours
from credits.counting.monitoring import PeriodFrozen, close_period, quantify_period, run_to_issue
from credits.models import MonitoringPeriod, SampledField, Verification
from credits.tonnes.issuance import issue_credits
from credits.verifying.sampling import draw_positions
from credits.verifying.verification import (
    AlreadyDrawn,
    BodyMissing,
    DeviationNeedsNote,
    FindingsMissing,
    NotDrawn,
    NothingToVerify,
    NotIndependent,
    PeriodNotClosed,
    SeedMissing,
    SeedUsed,
    UnknownFinding,
    VerificationUnderWay,
    close_verification,
    draw_sample,
    hash_population,
    list_population,
    prepare_verification,
    record_finding,
)
from credits.verifying.verifiers import assign_verifier
from tests.cast import Cast, make_field, make_household, make_season
from tests.credits.line import (
    SEED,
    closed_year,
    drawn_sample,
    make_enrolled_pool,
    open_year,
    record_all,
    verify,
)


@pytest.fixture
def period(sunrise: Cast) -> MonitoringPeriod:
    """2025 of the pool of Sunrise, closed: three fields of 1,000 kg each."""
    make_season(sunrise, 2025)
    return closed_year(make_enrolled_pool(sunrise), 2025, sunrise)


def prepare(period: MonitoringPeriod, cast: Cast) -> Verification:
    return prepare_verification(period, body="Lin & Partners", by=cast.operator)


def test_the_list_and_its_hash_are_fixed_before_the_seed(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    verification = prepare(period, sunrise)
    assert list_population(verification.run) == ["F001", "F002", "F003"]
    assert verification.population_size == 3
    expected = hash_population(verification.run, ["F001", "F002", "F003"])
    assert verification.population_sha256 == expected
    assert (verification.seed, verification.sample.count()) == ("", 0)


def test_the_sample_is_the_draw_of_rfc_3797_from_the_list(sunrise: Cast) -> None:
    # Sixty fields: the sample is six, a tenth; the places are those of the pure draw.
    for number in range(4, 61):
        household = make_household(sunrise.village, number)
        sunrise.fields.append(make_field(sunrise.village, household, number, east=118.0))
    make_season(sunrise, 2025)
    period = closed_year(make_enrolled_pool(sunrise), 2025, sunrise)
    verification = drawn_sample(period, sunrise)
    assert verification.sample_size == 6
    drawn = [sampled.result.field.code for sampled in verification.sample.all()]
    places = draw_positions(key=SEED, pool=60, count=6)
    assert drawn == [f"F{place:03d}" for place in places]


def test_fields_that_earned_nothing_are_not_on_the_list(sunrise: Cast) -> None:
    season = make_season(sunrise, 2025)
    season.practice_records.filter(field=sunrise.fields[1]).delete()
    period = closed_year(make_enrolled_pool(sunrise), 2025, sunrise)
    assert list_population(period.runs.get()) == ["F001", "F003"]


def test_a_period_in_which_nothing_was_earned_has_nothing_to_verify(sunrise: Cast) -> None:
    period = closed_year(make_enrolled_pool(sunrise), 2025, sunrise)
    with pytest.raises(NothingToVerify):
        prepare(period, sunrise)


def test_an_open_period_cannot_be_verified(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    period = open_year(make_enrolled_pool(sunrise), 2025, sunrise)
    with pytest.raises(PeriodNotClosed):
        prepare(period, sunrise)


def test_one_verification_at_a_time(sunrise: Cast, period: MonitoringPeriod) -> None:
    prepare(period, sunrise)
    with pytest.raises(VerificationUnderWay):
        prepare(period, sunrise)


@pytest.mark.parametrize("text", ["", " ", "x" * 201])
def test_a_body_and_a_seed_are_asked_for(
    sunrise: Cast, period: MonitoringPeriod, text: str
) -> None:
    with pytest.raises(BodyMissing):
        prepare_verification(period, body=text, by=sunrise.operator)
    with pytest.raises(SeedMissing):
        draw_sample(prepare(period, sunrise), seed=text, by=sunrise.operator)


def test_a_second_draw_is_refused(sunrise: Cast, period: MonitoringPeriod) -> None:
    verification = drawn_sample(period, sunrise)
    with pytest.raises(AlreadyDrawn):
        draw_sample(verification, seed="another", by=sunrise.operator)
    assert Verification.objects.get().seed == SEED


def test_records_changed_after_the_list_was_published_are_refused(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    prepare(period, sunrise)
    sunrise.fields[0].practice_records.all().delete()
    with pytest.raises(PeriodFrozen):
        quantify_period(period, by=sunrise.operator)


def test_a_positive_opinion_verifies_the_period(sunrise: Cast, period: MonitoringPeriod) -> None:
    verification = drawn_sample(period, sunrise)
    record_all(verification, sunrise)
    close_verification(verification, positive=True, opinion="as found", by=sunrise.verifier)
    period.refresh_from_db()
    assert period.status == MonitoringPeriod.Status.VERIFIED
    verification.refresh_from_db()
    assert (verification.status, verification.closed_by) == ("positive", sunrise.verifier)
    assert run_to_issue(verification) == verification.run


def test_a_positive_opinion_needs_all_findings(sunrise: Cast, period: MonitoringPeriod) -> None:
    verification = drawn_sample(period, sunrise)
    record_finding(verification.sample.get(position=1), finding="conforms", by=sunrise.verifier)
    with pytest.raises(FindingsMissing) as refusal:
        close_verification(verification, positive=True, opinion="", by=sunrise.verifier)
    assert refusal.value.values == {"count": 2}
    period.refresh_from_db()
    assert period.status == MonitoringPeriod.Status.CLOSED
    assert Verification.objects.get().status == Verification.Status.DRAWN


def test_a_field_that_deviates_is_void_in_the_run_that_is_issued(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    verify(period, sunrise, deviating=("F002",))
    verification = period.verifications.get()
    issued = issue_credits(period, by=sunrise.operator).run
    assert issued != verification.run
    assert (issued.gross_kg, issued.credited_kg) == (2000, 1600)
    void = issued.results.get(field__code="F002")
    assert (void.gross_kg, void.practice) == (0, "")
    assert void.terms["withheld"] == "voided_by_verification"
    assert void.terms["withheld_kg"] == "1000"
    assert verification.run.gross_kg == 3000


def test_counting_again_after_deviations_gives_the_run_that_is_issued(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    verify(period, sunrise, deviating=("F002",))
    again = quantify_period(period, by=sunrise.operator)
    assert again == run_to_issue(period.verifications.get())
    assert period.runs.count() == 2


def test_a_negative_opinion_opens_the_period_for_correction(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    verification = drawn_sample(period, sunrise)
    close_verification(verification, positive=False, opinion="no logs", by=sunrise.verifier)
    period.refresh_from_db()
    assert period.status == MonitoringPeriod.Status.OPEN
    sunrise.fields[0].practice_records.all().delete()
    assert close_period(period, by=sunrise.operator).gross_kg == 2000
    second = prepare(period, sunrise)
    with pytest.raises(SeedUsed):
        draw_sample(second, seed=SEED, by=sunrise.operator)
    draw_sample(second, seed="5.12.19.23.30./", by=sunrise.operator)
    assert second.population_size == 2


@pytest.mark.parametrize(
    ("finding", "note", "error"),
    [
        ("pending", "", UnknownFinding),
        ("fine", "", UnknownFinding),
        ("deviates", " ", DeviationNeedsNote),
    ],
)
def test_a_finding_that_says_nothing_is_refused(
    sunrise: Cast, period: MonitoringPeriod, finding: str, note: str, error: type[DomainError]
) -> None:
    sampled = drawn_sample(period, sunrise).sample.get(position=1)
    with pytest.raises(error):
        record_finding(sampled, finding=finding, note=note, by=sunrise.verifier)
    assert SampledField.objects.get(pk=sampled.pk).finding == "pending"


def test_findings_and_opinions_end_with_the_opinion(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    verify(period, sunrise)
    verification = period.verifications.get()
    with pytest.raises(NotDrawn):
        record_finding(verification.sample.get(position=1), finding="conforms", by=sunrise.verifier)
    with pytest.raises(NotDrawn):
        close_verification(verification, positive=False, opinion="", by=sunrise.verifier)


def test_only_a_verifier_of_this_cooperative_records_and_judges(
    sunrise: Cast, riverbend: Cast, period: MonitoringPeriod
) -> None:
    verification = drawn_sample(period, sunrise)
    sampled = verification.sample.get(position=1)
    cases: list[tuple[User, Any]] = [
        (sunrise.operator, NotAllowed),
        (sunrise.approver, NotAllowed),
        (riverbend.verifier, NotYours),
    ]
    for by, error in cases:
        with pytest.raises(error):
            record_finding(sampled, finding="conforms", by=by)
        with pytest.raises(error):
            close_verification(verification, positive=True, opinion="", by=by)
    with pytest.raises(NotYours):
        prepare_verification(period, body="x", by=riverbend.verifier)
    with pytest.raises(NotYours):
        draw_sample(verification, seed="x", by=riverbend.verifier)


def test_who_closed_the_period_cannot_verify_it_with_another_role(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    verification = drawn_sample(period, sunrise)
    sunrise.operator.role = User.Role.VERIFIER
    sunrise.operator.save()
    assign_verifier(period.project, username=sunrise.operator.username, by=sunrise.approver)
    with pytest.raises(NotIndependent):
        record_finding(verification.sample.get(position=1), finding="conforms", by=sunrise.operator)
    with pytest.raises(NotIndependent):
        close_verification(verification, positive=False, opinion="", by=sunrise.operator)
