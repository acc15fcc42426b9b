"""No right, no credit: each day of a field belongs to somebody who may be credited, or to none."""

from datetime import date

from aggregator.models import Agreement, Membership
from aggregator.periods import Period, year_period
from credits.pooling.rights import Rights, Stretch
from farms.models import Field, Tenure
from tests.cast import Cast

YEAR = year_period(2025)


def stretches(cast: Cast) -> list[Stretch]:
    """Those of the cast's first field in 2025."""
    fields = Field.objects.filter(pk=cast.fields[0].pk)
    rights = Rights(fields, cooperative=cast.cooperative, period=YEAR)
    return rights.stretches(cast.fields[0].pk)


def transfer(cast: Cast, starts_on: date, ends_on: date | None = None) -> None:
    """Field 1 goes from household 1, who contracts it, to household 2."""
    Tenure.objects.create(
        cooperative=cast.cooperative,
        field=cast.fields[0],
        household=cast.households[1],
        kind=Tenure.Kind.TRANSFER,
        starts_on=starts_on,
        ends_on=ends_on,
    )


def test_a_member_with_an_agreement_has_the_whole_year(sunrise: Cast) -> None:
    assert stretches(sunrise) == [Stretch(YEAR, sunrise.households[0].pk)]


def test_a_transfer_within_the_year_splits_it_by_days(sunrise: Cast) -> None:
    transfer(sunrise, date(2025, 7, 1))
    first, second = sunrise.households[:2]
    assert stretches(sunrise) == [
        Stretch(Period(date(2025, 1, 1), date(2025, 6, 30)), first.pk),
        Stretch(Period(date(2025, 7, 1), date(2025, 12, 31)), second.pk),
    ]


def test_days_before_the_agreement_are_cut_off_and_named(sunrise: Cast) -> None:
    Agreement.objects.filter(code="A001").update(starts_on=date(2025, 3, 1))
    household = sunrise.households[0].pk
    early = Period(date(2025, 1, 1), date(2025, 2, 28))
    assert stretches(sunrise) == [
        Stretch(early, household, "agreement_missing_days", household),
        Stretch(Period(date(2025, 3, 1), date(2025, 12, 31)), household),
    ]


def test_two_agreements_that_meet_leave_no_gap(sunrise: Cast) -> None:
    Agreement.objects.filter(code="A001").update(ends_on=date(2025, 6, 30))
    Agreement.objects.create(
        cooperative=sunrise.cooperative,
        household=sunrise.households[0],
        code="A101",
        signed_on=date(2025, 6, 1),
        starts_on=date(2025, 7, 1),
        ends_on=date(2029, 12, 31),
    )
    assert stretches(sunrise) == [Stretch(YEAR, sunrise.households[0].pk)]


def test_leaving_the_cooperative_ends_the_right(sunrise: Cast) -> None:
    Membership.objects.filter(household=sunrise.households[0]).update(ends_on=date(2025, 9, 30))
    household = sunrise.households[0].pk
    assert stretches(sunrise)[1] == Stretch(
        Period(date(2025, 10, 1), date(2025, 12, 31)), household, "no_membership", household
    )


def test_membership_is_named_before_the_agreement(sunrise: Cast) -> None:
    Membership.objects.filter(household=sunrise.households[0]).delete()
    Agreement.objects.filter(code="A001").update(ends_on=date(2025, 6, 30))
    household = sunrise.households[0].pk
    assert stretches(sunrise) == [Stretch(YEAR, household, "no_membership", household)]


def test_a_contractor_who_revokes_ends_the_operator_s_right(sunrise: Cast) -> None:
    transfer(sunrise, date(2024, 1, 1))
    Agreement.objects.filter(code="A001").update(revoked_on=date(2025, 4, 1))
    contractor, operator = (household.pk for household in sunrise.households[:2])
    assert stretches(sunrise) == [
        Stretch(Period(date(2025, 1, 1), date(2025, 3, 31)), operator),
        Stretch(
            Period(date(2025, 4, 1), date(2025, 12, 31)),
            operator,
            "agreement_missing_days",
            contractor,
        ),
    ]


def test_an_operator_without_any_contract_behind_him_has_no_right(sunrise: Cast) -> None:
    sunrise.fields[0].tenures.all().delete()
    transfer(sunrise, date(2024, 1, 1))
    operator = sunrise.households[1].pk
    assert stretches(sunrise) == [Stretch(YEAR, operator, "no_tenure", operator)]


def test_a_field_that_nobody_holds_has_no_days(sunrise: Cast) -> None:
    sunrise.fields[0].tenures.all().delete()
    assert stretches(sunrise) == []
