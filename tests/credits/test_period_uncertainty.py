"""Where a program has an uncertainty for each round, each period is counted with its own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from aggregator.errors import NotAllowed
from aggregator.models import Agreement
from credits.counting.activity import describe_header
from credits.counting.monitoring import close_period, quantify_period
from credits.models import Project
from credits.programs.base import find_unknown
from credits.programs.regen import REGEN
from credits.terms.period_uncertainty import (
    BadUncertainty,
    UncertaintyMissing,
    UncertaintyNotAsked,
    UncertaintyStands,
    tell_uncertainty,
)
from tests.admin_pages import signed_in, words
from tests.cast import Cast, make_season
from tests.credits.line import make_enrolled_pool, open_year
from tests.credits.test_programs import answer


@pytest.fixture
def pool(sunrise: Cast) -> Project:
    """Three fields of 1,000 kg a year, under Regen/Ecometric."""
    for year in (2024, 2025):
        make_season(sunrise, year)
    Agreement.objects.update(ends_on=date(2043, 12, 31))
    return make_enrolled_pool(
        sunrise, program=REGEN.id, terms=answer(REGEN), ends_on=date(2043, 12, 31)
    )


def test_regen_asks_no_uncertainty_of_the_project(pool: Project) -> None:
    assert "uncertainty_rate" not in find_unknown(REGEN.terms)
    assert "uncertainty_rate" in find_unknown({**REGEN.terms, "uncertainty_by_period": False})
    assert pool.terms["uncertainty_rate"] is None


def test_each_period_is_counted_less_its_own_uncertainty(sunrise: Cast, pool: Project) -> None:
    found = []
    for year, rate in ((2024, "0.10"), (2025, "0.25")):
        period = open_year(pool, year, sunrise)
        tell_uncertainty(period, rate=Decimal(rate), source="report", by=sunrise.operator)
        run = close_period(period, by=sunrise.operator)
        found.append(run.gross_kg)
        assert describe_header(period)["deductions"] == {
            "uncertainty_rate": {"0.10": "1/10", "0.25": "1/4"}[rate]
        }
    assert found == [3 * 900, 3 * 750]


def test_a_period_is_not_counted_before_it_is_told(sunrise: Cast, pool: Project) -> None:
    period = open_year(pool, 2024, sunrise)
    for count in (close_period, quantify_period):
        with pytest.raises(UncertaintyMissing):
            count(period, by=sunrise.operator)
    period.refresh_from_db()
    assert period.status == "open"


def test_it_is_told_anew_until_the_period_closes(sunrise: Cast, pool: Project) -> None:
    period = open_year(pool, 2024, sunrise)
    for rate in ("0.10", "0.20"):
        told = tell_uncertainty(period, rate=Decimal(rate), source="r", by=sunrise.operator)
    assert told.rate == Decimal("0.20")
    close_period(period, by=sunrise.operator)
    with pytest.raises(UncertaintyStands):
        tell_uncertainty(period, rate=Decimal("0.3"), source="r", by=sunrise.operator)


@pytest.mark.parametrize(
    ("rate", "source"),
    [("-0.1", "r"), ("1.1", "r"), ("0.123456789", "r"), ("NaN", "r"), ("0.1", " ")],
)
def test_no_part_of_one_is_refused(sunrise: Cast, pool: Project, rate: str, source: str) -> None:
    with pytest.raises(BadUncertainty):
        tell_uncertainty(
            open_year(pool, 2024, sunrise), rate=Decimal(rate), source=source, by=sunrise.operator
        )


def test_a_project_with_one_rate_takes_none_for_a_period(sunrise: Cast) -> None:
    period = open_year(make_enrolled_pool(sunrise), 2024, sunrise)
    with pytest.raises(UncertaintyNotAsked):
        tell_uncertainty(period, rate=Decimal("0.1"), source="r", by=sunrise.operator)
    with pytest.raises(NotAllowed):
        tell_uncertainty(period, rate=Decimal("0.1"), source="r", by=sunrise.viewer)


@pytest.mark.usefixtures("in_english")
def test_the_page_takes_per_cent(sunrise: Cast, pool: Project) -> None:
    period = open_year(pool, 2024, sunrise)
    client = signed_in(sunrise.operator)
    page = f"/admin/credits/monitoringperiod/{period.pk}/do/uncertainty/"
    assert "each round of monitoring" in words(client.get(page))
    client.post(page, {"percent": "17.57", "source": "Lowick, 2023"})
    period.refresh_from_db()
    assert (period.uncertainty.rate, period.uncertainty.source) == (
        Decimal("0.1757"),
        "Lowick, 2023",
    )
