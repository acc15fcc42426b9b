"""What programs ask of farms, periods and prices: refused, with the reason."""
# ruff: noqa: F811

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from credits.counting.monitoring import PeriodTooLong, open_period
from credits.models import Enrolment, Project
from credits.pooling.enrolment import enrol_fields
from credits.pooling.reasons import reason_text
from credits.registry import PROGRAMS
from credits.tonnes.sale import PriceBelowProgram, sell_lot
from farms.models import PracticeRecord, Season, Tenure
from tests.cast import Cast, make_field, make_season
from tests.credits.line import make_buyer, make_enrolled_pool, make_pool
from tests.credits.test_blocks import block, project  # noqa: F401
from tests.credits.test_programs import answer


def pool_of(cast: Cast, program: str, **terms: Any) -> Project:
    answers = answer(PROGRAMS[program]) | terms
    return make_pool(cast, program=program, terms=answers, ends_on=date(2050, 12, 31))


def reasons_of(project: Project, code: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = Enrolment.objects.get(project=project, field__code=code).reasons
    return [each for each in found if each["code"] in ("farm_too_large", "practised_before")]


@pytest.mark.usefixtures("in_english")
def test_acorn_takes_farms_below_ten_hectares(sunrise: Cast) -> None:
    """H001 works eleven fields of a hectare; the ten of H002 are ten hectares: not below."""
    for number in range(100, 110):
        make_field(sunrise.village, sunrise.households[0], number, east=90.0)
    for number in range(200, 209):
        make_field(sunrise.village, sunrise.households[1], number, east=91.0)
    project = pool_of(sunrise, "acorn")
    enrol_fields(project, by=sunrise.operator)
    assert reasons_of(project, "F001") == [
        {"code": "farm_too_large", "area_m2": "110000.00", "limit_m2": "100000"}
    ]
    assert reasons_of(project, "F002")[0]["area_m2"] == "100000.00"
    assert reasons_of(project, "F003") == []
    assert "works 110000.00 m² in all" in reason_text(reasons_of(project, "F001")[0])


def test_a_farm_is_what_its_household_works_not_what_it_has_let(sunrise: Cast) -> None:
    """F100 is under contract to H001, and H003 works it: it counts to the farm of H003."""
    for number in range(100, 109):
        make_field(sunrise.village, sunrise.households[0], number, east=90.0)
    Tenure.objects.create(
        cooperative=sunrise.cooperative,
        field=sunrise.fields[0],
        household=sunrise.households[2],
        kind=Tenure.Kind.TRANSFER,
        starts_on=date(2021, 1, 1),
    )
    project = pool_of(sunrise, "acorn")
    enrol_fields(project, by=sunrise.operator)
    assert not [code for code in ("F001", "F100", "F003") if reasons_of(project, code)]


@pytest.mark.usefixtures("in_english")
def test_a_practice_of_the_look_back_is_not_additional(sunrise: Cast) -> None:
    """The contract begins in 2024 and looks back three years: 2021 is one of them, 2020 is not."""
    season = make_season(sunrise, 2021)
    PracticeRecord.objects.exclude(field=sunrise.fields[0]).delete()
    earlier = Season.objects.create(
        cooperative=sunrise.cooperative,
        code="2020",
        starts_on=date(2020, 1, 1),
        ends_on=date(2020, 12, 31),
    )
    owned = {"cooperative": sunrise.cooperative}
    PracticeRecord.objects.create(
        **owned, field=sunrise.fields[1], season=earlier, practice="no_till"
    )
    PracticeRecord.objects.create(
        **owned, field=sunrise.fields[2], season=season, practice="conventional"
    )
    project = make_enrolled_pool(sunrise, terms={"lookback_years": 3})
    assert reasons_of(project, "F001") == [
        {"code": "practised_before", "practice": "no_till", "year": "2021"}
    ]
    assert (reasons_of(project, "F002"), reasons_of(project, "F003")) == ([], [])
    said = reason_text(reasons_of(project, "F001")[0])
    assert said == "no-till was done here in 2021 already: the program asks for what is new."


def test_without_a_look_back_nothing_is_refused_for_it(sunrise: Cast) -> None:
    make_season(sunrise, 2021)
    assert reasons_of(make_enrolled_pool(sunrise), "F001") == []


def test_nori_wants_each_period_verified_within_three_years(sunrise: Cast) -> None:
    project = pool_of(sunrise, "nori")
    with pytest.raises(PeriodTooLong) as refusal:
        open_period(
            project,
            code="2024",
            starts_on=date(2024, 1, 1),
            ends_on=date(2027, 1, 1),
            by=sunrise.operator,
        )
    assert refusal.value.values == {"years": 3, "until": "2026-12-31"}
    assert open_period(
        project,
        code="2024",
        starts_on=date(2024, 1, 1),
        ends_on=date(2026, 12, 31),
        by=sunrise.operator,
    )


def test_acorn_s_tonnes_are_not_sold_below_twenty_euros(
    sunrise: Cast,
    block: Any,
) -> None:
    acorn = PROGRAMS["acorn"].terms
    block.project.terms |= {key: acorn[key] for key in ("least_price", "least_price_currency")}
    block.project.save(update_fields=["terms"])
    buyer = make_buyer(sunrise)
    facts = {"tonnes": 1, "buyer": buyer, "sold_on": date(2026, 6, 1), "by": sunrise.operator}
    # No rate of exchange is assumed: yuan are not compared.
    assert sell_lot(block, unit_price_minor=1, **facts)
    block.cooperative.currency = "EUR"
    block.cooperative.save(update_fields=["currency"])
    with pytest.raises(PriceBelowProgram):
        sell_lot(block, unit_price_minor=19_99, **facts)
    assert sell_lot(block, unit_price_minor=20_00, **facts).unit_price_minor == 20_00
    assert Decimal(acorn["least_price"]) == 20
