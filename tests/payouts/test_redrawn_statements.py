"""Fields split, merged and transferred in mid-period, followed to the households' statements.

The cast's fields have 10,000 m² and earn 1,000 kg a year, of which a fifth is held in reserve.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from shapely.affinity import translate

from credits.models import FieldResult
from credits.progress import credits_progress
from farms.models import Boundary, Tenure
from farms.redrawing import merge_fields, split_field
from farms.transfers import transfer_field
from payouts.models import Settlement, Statement
from payouts.statement_text import count_plots, total_area
from payouts.statement_view import statement_context
from payouts.statements import issue_statements
from tests.cast import Cast, make_season
from tests.credits.line import make_enrolled_pool
from tests.farms.land import MIDDLE, MIDSUMMER, outline
from tests.whole_line import add_rules, settled, sold_year

OCTOBER = date(2025, 10, 1)


@pytest.fixture
def settlement(sunrise: Cast) -> Settlement:
    """F001 is split at midsummer and one half transferred in October; F002 and F003 are merged."""
    one, two, three = sunrise.fields
    # Small enough that even these fields give tonnes enough to sell.
    Boundary.objects.all().update(area_m2=Decimal("100000.00"))
    shape = translate(outline(two), xoff=0.001)
    west, south, east, north = shape.bounds
    Boundary.objects.filter(field=three).update(
        geometry_wkb=shape.wkb, min_x=west, max_x=east, min_y=south, max_y=north
    )
    Tenure.objects.filter(field=three).update(household=sunrise.households[1])
    make_season(sunrise, 2024)
    pool = make_enrolled_pool(sunrise)
    add_rules(pool)
    by = sunrise.operator
    _west, eastern = split_field(one, cut=MIDDLE, codes=("F001-1", "F001-2"), on=MIDSUMMER, by=by)
    transfer_field(
        eastern, household=sunrise.households[2], kind="transfer", starts_on=OCTOBER, by=by
    )
    merge_fields([two, three], code="M1", on=MIDSUMMER, by=by)
    lot = sold_year(sunrise, pool, 2025)
    _receipt, settlement = settled(sunrise, lot)
    issue_statements(settlement)
    return settlement


def statements_of(settlement: Settlement) -> dict[str, dict[str, Any]]:
    rows = Statement.objects.filter(settlement=settlement)
    return {row.data["household"]["code"]: row.data for row in rows}


def spans(data: dict[str, Any]) -> list[tuple[str, str, str, int]]:
    return [
        (plot["code"], plot["starts_on"], plot["ends_on"], plot["days"]) for plot in data["plots"]
    ]


def test_each_plot_stands_with_its_days(settlement: Settlement) -> None:
    found = statements_of(settlement)
    assert spans(found["H001"]) == [
        ("F001", "2025-01-01", "2025-06-30", 181),
        ("F001-1", "2025-07-01", "2025-12-31", 184),
        ("F001-2", "2025-07-01", "2025-09-30", 92),
    ]
    assert spans(found["H002"]) == [
        ("F002", "2025-01-01", "2025-06-30", 181),
        ("F003", "2025-01-01", "2025-06-30", 181),
        ("M1", "2025-07-01", "2025-12-31", 184),
    ]
    assert spans(found["H003"]) == [("F001-2", "2025-10-01", "2025-12-31", 92)]


def test_kilograms_and_money_add_up_from_the_fields_to_the_statements(
    settlement: Settlement,
) -> None:
    found = statements_of(settlement)
    results = FieldResult.objects.filter(run=settlement.run)
    counted = sum(results.values_list("credited_kg", flat=True))
    assert sum(data["totals"]["kg"] for data in found.values()) == counted
    assert counted == settlement.credited_kg
    for part in ("gross", "net"):
        told = sum(data["totals"][f"{part}_minor"] for data in found.values())
        assert told == getattr(settlement, f"{part}_minor")
    for at, line in enumerate(settlement.lines.order_by("position")):
        taken = sum(data["lines"][at]["household_minor"] for data in found.values())
        assert taken == line.amount_minor
    # 30 ha by a tonne a hectare, less a fifth; each of seven rows is cut down to a kilogram, twice.
    assert 24_000 - 14 <= counted <= 24_000


def test_every_row_can_be_worked_out_from_what_it_shows(settlement: Settlement) -> None:
    for data in statements_of(settlement).values():
        for plot in data["plots"]:
            terms = plot["terms"]
            earned = Fraction(terms["rate"]) * Fraction(terms["area"]) * Fraction(terms["years"])
            share = earned * plot["days"] / data["period"]["days"]
            assert plot["gross_kg"] == int(share * 1000)
            assert plot["gross_kg"] - plot["reserve_kg"] == plot["credited_kg"]
        assert sum(plot["credited_kg"] for plot in data["plots"]) == data["totals"]["kg"]


def test_land_is_counted_once_before_and_after_it_was_redrawn(settlement: Settlement) -> None:
    found = statements_of(settlement)
    names = {code: [plot["code"] for plot in count_plots(data)] for code, data in found.items()}
    assert names == {"H001": ["F001-1", "F001-2"], "H002": ["M1"], "H003": ["F001-2"]}
    assert round(total_area(found["H001"])) == 100_000
    assert round(total_area(found["H002"])) == 200_000
    why = statement_context(found["H001"], language="en")["why"]
    assert why.startswith("Your 2 plots, 150.00 mu of no-till, have earned ")


def test_a_former_plot_says_what_it_became_and_is_not_drawn_beneath(
    settlement: Settlement,
) -> None:
    context = statement_context(statements_of(settlement)["H001"], language="en")
    first, second, _third = context["plots"]
    assert first["days"].endswith("181 of 365 days; from then on it is No. 2, 3")
    assert second["days"].endswith("184 of 365 days")
    assert [plot.number for plot in context["drawing"]["plots"]] == [2, 3]


def test_progress_counts_the_fields_there_are(settlement: Settlement, sunrise: Cast) -> None:
    (row,) = credits_progress(sunrise.cooperative)
    # Two halves of the first, and the one that the others became.
    assert row.fields_enrolled == 3


def test_progress_of_a_year_before_counts_the_fields_of_its_last_day(sunrise: Cast) -> None:
    make_season(sunrise, 2024)
    pool = make_enrolled_pool(sunrise)
    pool.periods.create(
        cooperative=sunrise.cooperative,
        code="2024",
        starts_on=date(2024, 1, 1),
        ends_on=date(2024, 12, 31),
    )
    split_field(sunrise.fields[0], cut=MIDDLE, codes=("A", "B"), on=MIDSUMMER, by=sunrise.operator)
    pool.periods.create(
        cooperative=sunrise.cooperative,
        code="2025",
        starts_on=date(2025, 1, 1),
        ends_on=date(2025, 12, 31),
    )
    counted = {
        row.period.code: row.fields_enrolled for row in credits_progress(sunrise.cooperative)
    }
    assert counted == {"2024": 3, "2025": 4}
