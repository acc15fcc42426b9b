"""No right, no credit, field by field and program by program: what an agreement covers.

Kilograms by hand: a field of 1 ha at 1 t/ha earns 1,000 kg in a year, days/365 of it for a part.
"""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aggregator.models import Agreement
from aggregator.periods import Period, year_period
from credits.counting.monitoring import close_period
from credits.models import Enrolment, Project
from credits.pooling.enrolment import enrol_fields
from credits.pooling.reasons import reason_text
from credits.pooling.rights import Rights, Stretch
from farms.models import AgreementField, Field
from tests.cast import Cast, make_field, make_season
from tests.credits.line import make_pool, open_year
from tests.credits.test_rights import transfer

YEAR = year_period(2025)
LAST_DAY = date(2029, 12, 31)


def stretches(cast: Cast, field: Field, project: Project | None = None) -> list[Stretch]:
    rights = Rights(
        Field.objects.filter(pk=field.pk),
        cooperative=cast.cooperative,
        period=YEAR,
        project=project,
    )
    return rights.stretches(field.pk)


def sign(cast: Cast, code: str, *, fields: list[Field] | None = None, **facts: object) -> Agreement:
    """A signed agreement of the first household; of its whole holding unless fields are named."""
    days = {"signed_on": date(2024, 1, 1), "starts_on": date(2024, 1, 1), "ends_on": LAST_DAY}
    agreement = Agreement.objects.create(
        cooperative=cast.cooperative,
        household=cast.households[0],
        code=code,
        whole_holding=fields is None,
        **(days | facts),
    )
    for field in fields or []:
        AgreementField.objects.create(
            cooperative=cast.cooperative, agreement=agreement, field=field
        )
    return agreement


@pytest.fixture
def second(sunrise: Cast) -> Field:
    """A second field of the first household, which has no agreement any more."""
    Agreement.objects.filter(household=sunrise.households[0]).delete()
    return make_field(sunrise.village, sunrise.households[0], 9, east=118.1)


def test_an_agreement_counts_for_the_fields_it_names_alone(sunrise: Cast, second: Field) -> None:
    household = sunrise.households[0].pk
    sign(sunrise, "B1", fields=[sunrise.fields[0]])
    assert stretches(sunrise, sunrise.fields[0]) == [Stretch(YEAR, household)]
    assert stretches(sunrise, second) == [
        Stretch(YEAR, household, "agreement_without_field", household)
    ]


def test_a_field_named_from_a_later_day_counts_from_it(sunrise: Cast, second: Field) -> None:
    household = sunrise.households[0].pk
    sign(sunrise, "B1", fields=[sunrise.fields[0]])
    sign(sunrise, "B2", fields=[second], starts_on=date(2025, 4, 1))
    assert stretches(sunrise, second) == [
        Stretch(
            Period(date(2025, 1, 1), date(2025, 3, 31)),
            household,
            "agreement_without_field",
            household,
        ),
        Stretch(Period(date(2025, 4, 1), date(2025, 12, 31)), household),
    ]


def test_a_draft_gives_no_right(sunrise: Cast, second: Field) -> None:
    household = sunrise.households[0].pk
    sign(sunrise, "B1", signed_on=None)
    assert stretches(sunrise, second) == [
        Stretch(YEAR, household, "agreement_missing_days", household)
    ]


def test_an_agreement_for_another_program_does_not_count(sunrise: Cast, second: Field) -> None:
    household, project = sunrise.households[0].pk, make_pool(sunrise)
    agreement = sign(sunrise, "B1", program="acorn")
    assert stretches(sunrise, second, project) == [
        Stretch(YEAR, household, "agreement_without_field", household)
    ]
    for program in ("ccx", ""):
        Agreement.objects.filter(pk=agreement.pk).update(program=program)
        assert stretches(sunrise, second, project) == [Stretch(YEAR, household)]


def test_days_before_the_signature_count_only_where_the_terms_say_so(
    sunrise: Cast, second: Field
) -> None:
    household = sunrise.households[0].pk
    sign(sunrise, "B1", signed_on=date(2025, 3, 11))
    strict = make_pool(sunrise)
    assert strict.terms["retroactive_agreements"] is False
    assert stretches(sunrise, second, strict) == [
        Stretch(
            Period(date(2025, 1, 1), date(2025, 3, 10)),
            household,
            "agreement_missing_days",
            household,
        ),
        Stretch(Period(date(2025, 3, 11), date(2025, 12, 31)), household),
    ]
    mild = make_pool(sunrise, code="mild", terms={"retroactive_agreements": True})
    assert stretches(sunrise, second, mild) == [Stretch(YEAR, household)]


def test_a_project_from_before_the_term_was_known_keeps_its_way(
    sunrise: Cast, second: Field
) -> None:
    sign(sunrise, "B1", signed_on=date(2025, 3, 11))
    project = make_pool(sunrise)
    del project.terms["retroactive_agreements"]
    assert stretches(sunrise, second, project) == [Stretch(YEAR, sunrise.households[0].pk)]


def test_the_contractor_too_must_have_signed_for_this_very_field(
    sunrise: Cast, second: Field
) -> None:
    transfer(sunrise, date(2025, 7, 1))
    contractor, operator = (household.pk for household in sunrise.households[:2])
    sign(sunrise, "B1", fields=[second])
    assert stretches(sunrise, sunrise.fields[0]) == [
        Stretch(
            Period(date(2025, 1, 1), date(2025, 6, 30)),
            contractor,
            "agreement_without_field",
            contractor,
        ),
        Stretch(
            Period(date(2025, 7, 1), date(2025, 12, 31)),
            operator,
            "agreement_without_field",
            contractor,
        ),
    ]


def test_contractor_and_operator_count_from_the_day_the_later_one_signed(sunrise: Cast) -> None:
    transfer(sunrise, date(2024, 1, 1))
    Agreement.objects.filter(code="A001").update(signed_on=date(2025, 2, 1))
    Agreement.objects.filter(code="A002").update(signed_on=date(2025, 5, 1))
    operator = sunrise.households[1].pk
    # While both are missing the operator is named, whose tonnes they would be.
    assert stretches(sunrise, sunrise.fields[0], make_pool(sunrise)) == [
        Stretch(
            Period(date(2025, 1, 1), date(2025, 4, 30)),
            operator,
            "agreement_missing_days",
            operator,
        ),
        Stretch(Period(date(2025, 5, 1), date(2025, 12, 31)), operator),
    ]


@pytest.mark.usefixtures("in_english")
def test_a_field_not_named_is_refused_with_a_sentence(sunrise: Cast, second: Field) -> None:
    sign(sunrise, "B1", fields=[sunrise.fields[0]])
    project = make_pool(sunrise)
    enrol_fields(project, by=sunrise.operator)
    refused = Enrolment.objects.get(field=second)
    assert refused.status == Enrolment.Status.REFUSED
    assert [reason_text(reason) for reason in refused.reasons] == [
        "Household H001 has signed for other fields or another program, but not for this field, "
        "from 2024-01-01 to 2028-12-31."
    ]


def test_a_revocation_within_the_period_cuts_the_tonnes_by_days(sunrise: Cast) -> None:
    project = make_pool(sunrise)
    enrol_fields(project, by=sunrise.operator)
    make_season(sunrise, 2025)
    # 1 January to 31 August 2025 are 243 days: 1,000 kg × 243/365 = 665.75…, floored.
    Agreement.objects.filter(code="A001").update(revoked_on=date(2025, 9, 1))
    period = open_year(project, 2025, sunrise)
    close_period(period, by=sunrise.operator)
    run = period.runs.get()
    earned = {
        (row.field.code, row.starts_on): (row.gross_kg, row.terms.get("withheld", ""))
        for row in run.results.all()
    }
    assert earned["F001", date(2025, 1, 1)] == (665, "")
    assert earned["F001", date(2025, 9, 1)] == (0, "agreement_missing_days")
    assert earned["F002", date(2025, 1, 1)] == (1000, "")


def test_more_agreements_cost_no_more_queries(sunrise: Cast, second: Field) -> None:
    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            stretches(sunrise, second)
        return len(queries)

    sign(sunrise, "B1", fields=[second])
    few = count()
    for number in range(20):
        sign(sunrise, f"C{number}", fields=[second, sunrise.fields[0]])
    assert count() == few
