"""A right that ends in mid-period ends the enrolment with it; the days before still count.

Kilograms by hand: a field of 1 ha at 1 t/ha earns 1,000 kg in a year, days/365 of it for a part.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from aggregator.models import Agreement, Membership
from credits.counting.monitoring import close_period
from credits.models import Enrolment, EnrolmentSpan, FieldResult, MonitoringPeriod, Project
from credits.pooling.enrolment import enrol_fields
from credits.pooling.reasons import reason_text
from farms.redrawing import split_field
from tests.cast import Cast, make_season
from tests.credits.line import make_enrolled_pool, make_pool, open_year
from tests.farms.land import MIDDLE, MIDSUMMER

REVOKED = date(2025, 9, 1)
LAST = date(2025, 12, 31)


@pytest.fixture
def pool(sunrise: Cast) -> Project:
    make_season(sunrise, 2025)
    return make_enrolled_pool(sunrise)


def revoke(cast: Cast, on: date = REVOKED) -> None:
    Agreement.objects.filter(code="A001", cooperative=cast.cooperative).update(revoked_on=on)


def renew(cast: Cast, starts_on: date, **facts: Any) -> None:
    household = cast.households[0]
    values = {"signed_on": starts_on, "ends_on": date(2029, 12, 31), **facts}
    Agreement.objects.create(
        cooperative=cast.cooperative,
        household=household,
        code="B001",
        starts_on=starts_on,
        **values,
    )


def ask(project: Project, cast: Cast) -> Enrolment:
    """Ask again for the first field; its row as it stands then."""
    enrol_fields(project, by=cast.operator)
    return Enrolment.objects.get(project=project, field=cast.fields[0])


def earned(period: MonitoringPeriod, cast: Cast, code: str = "F001") -> list[tuple[Any, ...]]:
    run = close_period(period, by=cast.operator)
    rows = FieldResult.objects.filter(run=run, field__code=code).order_by("starts_on")
    return [
        (row.starts_on, row.ends_on, row.gross_kg, row.terms.get("withheld", "")) for row in rows
    ]


@pytest.mark.usefixtures("in_english")
def test_asking_again_after_a_revocation_keeps_the_days_before_it(
    sunrise: Cast, pool: Project
) -> None:
    revoke(sunrise)
    row = ask(pool, sunrise)
    assert row.status == "refused"
    assert [reason_text(reason) for reason in row.reasons] == [
        "Household H001 has no signed agreement from 2025-09-01 to 2028-12-31.",
        "In the pool from 2024-01-01 to 2025-08-31: these days still count.",
    ]
    # 1 January to 31 August are 243 days: 1,000 × 243/365 = 665.75.
    assert earned(open_year(pool, 2025, sunrise), sunrise) == [
        (date(2025, 1, 1), date(2025, 8, 31), 665, "")
    ]


def test_asking_a_third_time_changes_nothing(sunrise: Cast, pool: Project) -> None:
    revoke(sunrise)
    first = ask(pool, sunrise).reasons
    assert ask(pool, sunrise).reasons == first
    assert EnrolmentSpan.objects.count() == 1


def test_a_renewal_begins_a_new_enrolment_and_only_the_gap_earns_nothing(
    sunrise: Cast, pool: Project
) -> None:
    revoke(sunrise)
    ask(pool, sunrise)
    renew(sunrise, date(2025, 11, 1))
    assert ask(pool, sunrise).status == "enrolled"
    # 243, 61 and 61 days: 665.75, nothing, and 1,000 × 61/365 = 167.12.
    assert earned(open_year(pool, 2025, sunrise), sunrise) == [
        (date(2025, 1, 1), date(2025, 8, 31), 665, ""),
        (date(2025, 9, 1), date(2025, 10, 31), 0, "agreement_missing_days"),
        (date(2025, 11, 1), LAST, 167, ""),
    ]


def test_a_renewal_that_nobody_asked_to_enrol_adds_no_day(sunrise: Cast, pool: Project) -> None:
    revoke(sunrise)
    ask(pool, sunrise)
    renew(sunrise, date(2025, 11, 1))
    assert earned(open_year(pool, 2025, sunrise), sunrise) == [
        (date(2025, 1, 1), date(2025, 8, 31), 665, "")
    ]


def test_membership_that_ends_keeps_the_days_before_it(sunrise: Cast, pool: Project) -> None:
    Membership.objects.filter(household=sunrise.households[0]).update(ends_on=date(2025, 6, 30))
    assert ask(pool, sunrise).status == "refused"
    # 181 days: 1,000 × 181/365 = 495.89.
    assert earned(open_year(pool, 2025, sunrise), sunrise) == [
        (date(2025, 1, 1), date(2025, 6, 30), 495, "")
    ]


def test_a_field_refused_for_its_land_keeps_no_day(sunrise: Cast, pool: Project) -> None:
    revoke(sunrise)
    pool.terms["minimum_area_m2"] = 20_000
    pool.save()
    ask(pool, sunrise)
    assert not EnrolmentSpan.objects.exists()


def test_a_field_that_was_never_in_the_pool_keeps_no_day(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    revoke(sunrise)
    pool = make_pool(sunrise)
    assert ask(pool, sunrise).status == "refused"
    assert earned(open_year(pool, 2025, sunrise), sunrise) == []


def test_the_next_pool_counts_from_the_day_after_and_the_first_one_to_it(
    sunrise: Cast, pool: Project
) -> None:
    revoke(sunrise)
    ask(pool, sunrise)
    # Signed late, for the whole year: mild terms let such an agreement count from its start.
    renew(sunrise, date(2025, 1, 1), signed_on=date(2025, 10, 1), program="acorn")
    second = make_pool(sunrise, code="second", terms={"minimum_lot_t": 1})
    Agreement.objects.filter(code="B001").update(program="")
    pool_days = earned(open_year(pool, 2025, sunrise), sunrise)
    second.terms["retroactive_agreements"] = True
    second.save()
    assert ask(second, sunrise).status == "enrolled"
    assert pool_days == [(date(2025, 1, 1), date(2025, 8, 31), 665, "")]
    # September to December: 122 days, 1,000 × 122/365 = 334.25.
    assert earned(open_year(second, 2025, sunrise), sunrise) == [
        (date(2025, 1, 1), date(2025, 8, 31), 0, "counted_elsewhere"),
        (REVOKED, LAST, 334, ""),
    ]


def test_parts_keep_the_days_that_the_whole_still_had(sunrise: Cast, pool: Project) -> None:
    # The agreement ends in autumn, and the field is split in summer.
    Agreement.objects.filter(code="A001").update(ends_on=date(2025, 9, 30))
    ask(pool, sunrise)
    split_field(
        sunrise.fields[0], cut=MIDDLE, codes=["P1", "P2"], on=MIDSUMMER, by=sunrise.operator
    )
    period = open_year(pool, 2025, sunrise)
    assert earned(period, sunrise) == [(date(2025, 1, 1), date(2025, 6, 30), 495, "")]
    # 92 days of half a hectare: 500 × 92/365 = 126.03.
    parts = FieldResult.objects.filter(field__code__in=["P1", "P2"])
    assert [(row.ends_on, row.gross_kg) for row in parts] == [(date(2025, 9, 30), 126)] * 2
