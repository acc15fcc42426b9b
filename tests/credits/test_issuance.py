"""Whole tonnes issued once, serials that run on, fractions that are carried and never lost."""

from datetime import date

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import NotAllowed
from aggregator.models import Cooperative, User
from aggregator.roles import NotYours
from credits.models import (
    CreditBlock,
    Issuance,
    MonitoringPeriod,
    Project,
    QuantificationRun,
    Verification,
)
from credits.tonnes.balance import project_balance
from credits.tonnes.block_proof import check_credits
from credits.tonnes.issuance import AlreadyIssued, NotVerified, issue_credits
from tests.cast import Cast, make_season
from tests.credits.line import closed_year, issued_year, make_enrolled_pool, sellable_block, verify


def blocks(issuance: Issuance) -> list[tuple[str, int, int]]:
    rows = issuance.blocks.order_by("serial_start")
    return list(rows.values_list("kind", "serial_start", "serial_end"))


def test_two_years_carry_the_fraction_and_continue_the_serials(sunrise: Cast) -> None:
    # Each year 2,400 kg sellable and 600 kg reserve. 2024: 2 t + 400 kg, 0 t + 600 kg.
    # 2025: 2,800 kg = 2 t + 800 kg; 1,200 kg = 1 t + 200 kg.
    for year in (2024, 2025):
        make_season(sunrise, year)
    project = make_enrolled_pool(sunrise)
    first = issued_year(project, 2024, sunrise)
    second = issued_year(project, 2025, sunrise)
    assert blocks(first) == [("sellable", 1, 2)]
    assert blocks(second) == [("sellable", 3, 4), ("reserve", 5, 5)]
    assert (second.carried_in_kg, second.reserve_carried_in_kg) == (400, 600)
    assert (second.carried_out_kg, second.reserve_carried_out_kg) == (800, 200)
    assert check_credits(project) == []


def test_the_reserve_is_locked_to_the_end_of_the_contract_s_last_year(sunrise: Cast) -> None:
    for year in (2024, 2025):
        make_season(sunrise, year)
    terms = {"minimum_lot_t": 1, "minimum_term_years": 1}
    project = make_enrolled_pool(sunrise, ends_on=date(2027, 6, 30), terms=terms)
    issued_year(project, 2024, sunrise)
    issuance = issued_year(project, 2025, sunrise)
    reserve = issuance.blocks.get(kind=CreditBlock.Kind.RESERVE)
    assert reserve.locked_until == date(2027, 12, 31)
    assert sellable_block(issuance).locked_until is None


def test_issuing_twice_issues_once(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    project = make_enrolled_pool(sunrise)
    issuance = issued_year(project, 2025, sunrise)
    with pytest.raises(AlreadyIssued):
        issue_credits(issuance.period, by=sunrise.operator)
    assert Issuance.objects.count() == 1
    assert project_balance(project).issued_t == 2


def test_a_period_that_is_not_verified_is_not_issued(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    period = closed_year(make_enrolled_pool(sunrise), 2025, sunrise)
    with pytest.raises(NotVerified):
        issue_credits(period, by=sunrise.operator)
    period.refresh_from_db()
    assert period.status == MonitoringPeriod.Status.CLOSED


def test_less_than_a_tonne_is_issued_as_nothing_and_carried_whole(sunrise: Cast) -> None:
    season = make_season(sunrise, 2025)
    season.practice_records.exclude(field=sunrise.fields[0]).delete()
    issuance = issued_year(make_enrolled_pool(sunrise), 2025, sunrise)
    assert (issuance.sellable_t, issuance.reserve_t) == (0, 0)
    assert (issuance.carried_out_kg, issuance.reserve_carried_out_kg) == (800, 200)
    assert blocks(issuance) == []


def test_only_the_cooperative_s_own_operator_issues(sunrise: Cast, riverbend: Cast) -> None:
    make_season(sunrise, 2025)
    period = closed_year(make_enrolled_pool(sunrise), 2025, sunrise)
    verify(period, sunrise)
    with pytest.raises(NotAllowed):
        issue_credits(period, by=sunrise.verifier)
    with pytest.raises(NotYours):
        issue_credits(period, by=riverbend.operator)
    assert not Issuance.objects.exists()


kilograms = st.integers(0, 5_000_000)


@pytest.mark.django_db
@settings(max_examples=30, print_blob=True, deadline=None)
@given(years=st.lists(st.tuples(kilograms, kilograms), min_size=1, max_size=4))
def test_over_the_years_no_kilogram_is_lost(years: list[tuple[int, int]]) -> None:
    with transaction.atomic():
        cooperative = Cooperative.objects.create(code="sums", name="sums")
        operator = User.objects.create(username="sums", cooperative=cooperative, role="operator")
        project = Project.objects.create(
            cooperative=cooperative,
            code="sums",
            program="ccx",
            methodology="ccx-soil",
            starts_on=date(2020, 1, 1),
            ends_on=date(2029, 12, 31),
        )
        for number, (credited_kg, reserve_kg) in enumerate(years):
            period = verified_period(project, 2020 + number, credited_kg, reserve_kg)
            last = issue_credits(period, by=operator)
        balance = project_balance(project)
        issued_kg = 1000 * (balance.unsold_t + balance.sold_t) + last.carried_out_kg
        held_kg = 1000 * balance.reserve_t + last.reserve_carried_out_kg
        assert issued_kg == sum(credited_kg for credited_kg, _reserve in years)
        assert held_kg == sum(reserve_kg for _credited, reserve_kg in years)
        assert check_credits(project) == []
        transaction.set_rollback(True)


def verified_period(
    project: Project, year: int, credited_kg: int, reserve_kg: int
) -> MonitoringPeriod:
    """A verified period with a run of these kilograms, as plain rows."""
    owned = {"cooperative": project.cooperative}
    period = MonitoringPeriod.objects.create(
        **owned,
        project=project,
        code=str(year),
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
        status=MonitoringPeriod.Status.VERIFIED,
    )
    run = QuantificationRun.objects.create(
        **owned,
        period=period,
        methodology="ccx-soil",
        methodology_version="1.0",
        gross_kg=credited_kg + reserve_kg,
        reserve_kg=reserve_kg,
        credited_kg=credited_kg,
    )
    Verification.objects.create(
        **owned,
        period=period,
        run=run,
        body="sums",
        population_size=1,
        status=Verification.Status.POSITIVE,
    )
    return period
