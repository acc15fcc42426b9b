"""CCX's limits of crops: too many bean or soybean years earn nothing; alfalfa counts as no-till."""

from __future__ import annotations

from datetime import date

import pytest

from credits.counting.monitoring import close_period
from credits.models import Enrolment, FieldResult, Project
from credits.pooling.reasons import reason_text, zero_text
from credits.programs.ccx import CCX
from credits.programs.crop_limits import (
    LOW_RESIDUE,
    SOYBEANS,
    contract_year,
    limited_crops,
    years_beyond,
)
from farms.models import PracticeRecord
from tests.cast import Cast, make_season
from tests.credits.line import make_enrolled_pool, open_year


def test_the_fourth_year_of_beans_is_beyond() -> None:
    grown = {year: {"pulses"} for year in (1, 2, 4, 5)}
    assert years_beyond(CCX.terms, grown, contract_years=5) == {5: LOW_RESIDUE}


def test_mung_beans_are_beans() -> None:
    grown = {1: {"pulses"}, 2: {"mung_bean"}, 3: {"adzuki_bean"}, 4: {"mung_bean", "wheat"}}
    assert years_beyond(CCX.terms, grown, contract_years=5) == {4: LOW_RESIDUE}


@pytest.mark.parametrize(("years", "beyond"), [(4, {3: SOYBEANS, 5: SOYBEANS}), (6, {5: SOYBEANS})])
def test_soybeans_take_at_most_half_of_the_years(years: int, beyond: dict[int, str]) -> None:
    """Half of four years is two, of six three."""
    grown = {year: {"soybean"} for year in (1, 2, 3, 5)}
    assert years_beyond(CCX.terms, grown, contract_years=years) == beyond


def test_half_of_five_years_are_two_whole_ones() -> None:
    grown = {year: {"soybean"} for year in (1, 3, 5)}
    assert years_beyond(CCX.terms, grown, contract_years=5) == {5: SOYBEANS}


def test_a_program_without_limits_counts_no_crop() -> None:
    assert limited_crops({"reserve_rate": "0.20"}) == set()
    grown = {year: {"soybean", "pulses"} for year in range(1, 6)}
    assert years_beyond({}, grown, contract_years=5) == {}


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2024, 3, 1), 1), (date(2025, 2, 28), 1), (date(2025, 3, 1), 2), (date(2024, 2, 29), 0)],
)
def test_contract_years_run_from_the_contract_s_first_day(day: date, year: int) -> None:
    assert contract_year(day, starts_on=date(2024, 3, 1)) == year


def grow(cast: Cast, crop: str, *years: int, practice: str = "no_till") -> None:
    for year in years:
        season = make_season(cast, year, practice=practice)
        PracticeRecord.objects.filter(season=season).update(crop=crop)


def result_of(project: Project, year: int, cast: Cast) -> FieldResult:
    run = close_period(open_year(project, year, cast), by=cast.operator)
    found = FieldResult.objects.filter(run=run).order_by("field__code").first()
    assert found is not None
    return found


@pytest.mark.usefixtures("in_english")
def test_the_third_year_of_soybeans_earns_nothing_and_says_so(sunrise: Cast) -> None:
    grow(sunrise, "黄豆", 2023, 2024, 2025)
    # The contract runs from 2022 to 2026: five years, two of them with soybeans at most.
    project = make_enrolled_pool(sunrise, starts_on=date(2022, 1, 1), ends_on=date(2026, 12, 31))
    assert result_of(project, 2024, sunrise).gross_kg > 0
    beyond = result_of(project, 2025, sunrise)
    assert beyond.gross_kg == 0
    assert zero_text(beyond.terms) == (
        "Soybeans grew here in more years of the contract than the program allows."
    )


@pytest.mark.usefixtures("in_english")
def test_the_enrolment_names_the_year_and_stays(sunrise: Cast) -> None:
    grow(sunrise, "绿豆", 2024, 2025, 2026, 2027)
    project = make_enrolled_pool(sunrise)
    row = Enrolment.objects.filter(project=project, status="enrolled").first()
    assert row is not None
    assert [reason_text(reason) for reason in row.reasons if reason["code"] == LOW_RESIDUE] == [
        "Beans, peas or lentils grew in more years of the contract than the program allows: year 4 "
        "of it earns nothing."
    ]


def test_alfalfa_counts_as_no_till_however_it_was_recorded(sunrise: Cast) -> None:
    grow(sunrise, "苜蓿", 2024, practice="conventional")
    result = result_of(make_enrolled_pool(sunrise), 2024, sunrise)
    assert (result.practice, result.gross_kg) == ("no_till", 1_000)


def test_other_crops_do_not(sunrise: Cast) -> None:
    grow(sunrise, "小麦", 2024, practice="conventional")
    assert result_of(make_enrolled_pool(sunrise), 2024, sunrise).gross_kg == 0
