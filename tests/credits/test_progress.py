"""The counts along the line, for the home page."""

from datetime import date
from typing import Any

from aggregator.models import Agreement
from credits.models import Verification
from credits.progress import credits_progress
from credits.tonnes.sale import sell_lot
from farms.models import Evidence
from tests.cast import Cast, make_season
from tests.credits.line import (
    closed_year,
    drawn_sample,
    issued_year,
    make_buyer,
    make_enrolled_pool,
    make_pool,
    sellable_block,
)


def test_a_pool_without_a_period_has_one_row(sunrise: Cast, riverbend: Cast) -> None:
    make_pool(riverbend)
    project = make_pool(sunrise)
    [row] = credits_progress(sunrise.cooperative)
    assert (row.project, row.period, row.fields_enrolled) == (project, None, 0)


def test_each_station_is_counted(sunrise: Cast) -> None:
    # Household 3 never signed: two fields are in, one is refused.
    Agreement.objects.filter(code="A003").delete()
    for year in (2024, 2025):
        season = make_season(sunrise, year)
        shown = season.practice_records.get(field=sunrise.fields[0])
        for name in ("one.jpg", "two.jpg"):
            Evidence.objects.create(
                cooperative=sunrise.cooperative, record=shown, file_name=name, sha256=name
            )
    project = make_enrolled_pool(sunrise)
    issuance = issued_year(project, 2024, sunrise)
    sell_lot(
        sellable_block(issuance),
        tonnes=1,
        buyer=make_buyer(sunrise),
        unit_price_minor=6000,
        sold_on=date(2025, 4, 1),
        by=sunrise.operator,
    )
    drawn_sample(closed_year(project, 2025, sunrise), sunrise, seed="5.12.19./")

    done, waiting = credits_progress(sunrise.cooperative)
    assert (done.fields_enrolled, done.fields_refused, done.households) == (2, 1, 2)
    assert (done.records, done.records_with_evidence) == (2, 1)
    assert (done.gross_kg, done.credited_kg) == (2000, 1600)
    assert (done.sample_done, done.sample_total) == (2, 2)
    assert (done.sellable_t, done.sold_t, done.unsold_t, done.reserve_t) == (1, 1, 0, 0)
    assert waiting.verification is not None
    assert waiting.verification.status == Verification.Status.DRAWN
    assert (waiting.sample_done, waiting.sample_total) == (0, 2)
    assert (waiting.issuance, waiting.sold_t) == (None, 0)


def test_more_periods_cost_no_more_queries(sunrise: Cast, django_assert_num_queries: Any) -> None:
    for year in (2024, 2025):
        make_season(sunrise, year)
    project = make_enrolled_pool(sunrise)
    issued_year(project, 2024, sunrise)
    with django_assert_num_queries(10):
        credits_progress(sunrise.cooperative)
    issued_year(project, 2025, sunrise)
    with django_assert_num_queries(10):
        credits_progress(sunrise.cooperative)
