"""Whatever is split, merged and transferred in a year, each square metre counts once on each day.

Steps are drawn by a seed: a failure names it, and the same seed draws the same steps again.
"""

import random
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import shapely
from shapely.affinity import translate
from shapely.geometry import LineString, box

from aggregator.errors import DomainError
from credits.counting.monitoring import close_period
from credits.models import FieldResult, MonitoringPeriod
from farms.models import Boundary, Field, Tenure
from farms.redrawing import merge_fields, split_field
from farms.transfers import change_contractor, transfer_field
from tests.cast import Cast, make_season
from tests.credits.line import make_enrolled_pool, open_year
from tests.farms.land import outline

FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
HOLDING = box(118.002, 30.0, 118.005, 30.001)


def lay_side_by_side(cast: Cast) -> None:
    for at, field in enumerate(cast.fields):
        shape = translate(outline(field), xoff=-0.001 * at)
        west, south, east, north = shape.bounds
        Boundary.objects.filter(field=field).update(
            geometry_wkb=shape.wkb, min_x=west, max_x=east, min_y=south, max_y=north
        )
    Tenure.objects.filter(field__in=cast.fields).update(household=cast.households[0])


class Steps:
    """One random step after another; a refused one changes nothing."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.draw = cast, random.Random(seed)
        self.taken = 0
        self.count = 0

    def take(self) -> None:
        self.count += 1
        fields = list(Field.objects.filter(ends_on=None, cooperative=self.cast.cooperative))
        day = FIRST + timedelta(days=self.draw.randrange(365))
        step = self.draw.choice((self.split, self.split, self.merge, self.merge, self.transfer))
        try:
            step(fields, day)
            self.taken += 1
        except DomainError:
            pass

    def split(self, fields: list[Field], day: date) -> None:
        field = self.draw.choice(fields)
        west, south, east, north = outline(field).bounds
        if self.draw.random() < 0.5:
            x = west + (east - west) * self.draw.uniform(0.2, 0.8)
            cut = LineString([(x, south - 1), (x, north + 1)])
        else:
            y = south + (north - south) * self.draw.uniform(0.2, 0.8)
            cut = LineString([(west - 1, y), (east + 1, y)])
        codes = [f"S{self.count}-1", f"S{self.count}-2"]
        split_field(field, cut=cut, codes=codes, on=day, by=self.cast.operator)

    def merge(self, fields: list[Field], day: date) -> None:
        joined = self.draw.sample(fields, min(2, len(fields)))
        merge_fields(joined, code=f"M{self.count}", on=day, by=self.cast.operator)

    def transfer(self, fields: list[Field], day: date) -> None:
        to = self.draw.choice(self.cast.households)
        field = self.draw.choice(fields)
        if self.draw.random() < 0.5:
            change_contractor(field, household=to, on=day, by=self.cast.operator)
        else:
            transfer_field(
                field, household=to, kind="transfer", starts_on=day, by=self.cast.operator
            )


def square_metre_days(results: Any) -> Decimal:
    return sum(
        (row.area_m2 * ((row.ends_on - row.starts_on).days + 1) for row in results), Decimal(0)
    )


def covered_on(period: MonitoringPeriod, day: date) -> list[Any]:
    rows = FieldResult.objects.filter(run__period=period, starts_on__lte=day, ends_on__gte=day)
    return [shapely.from_wkb(bytes(row.boundary.geometry_wkb)) for row in rows]


def check_land_of(period: MonitoringPeriod) -> None:
    results = list(FieldResult.objects.filter(run__period=period))
    assert square_metre_days(results) == 30_000 * 365
    whole = sum((Fraction(row.terms["gross_before_floor_kg"]) for row in results), Fraction(0))
    # Terms are cut off after six decimals, once a row; so no row is lost and none is twice.
    assert 0 <= 3000 - whole < Fraction(len(results), 10**6)
    for day in {row.starts_on for row in results} | {row.ends_on for row in results}:
        plots = covered_on(period, day)
        # No land twice, and none left out, but for the noise of cutting by floating point.
        twice = sum(plot.area for plot in plots) - shapely.union_all(plots).area
        assert abs(twice) < HOLDING.area * 1e-6, day
        assert abs(sum(plot.area for plot in plots) - HOLDING.area) < HOLDING.area * 1e-6, day


@pytest.mark.parametrize("seed", range(8))
def test_every_square_metre_counts_once_on_every_day(sunrise: Cast, seed: int) -> None:
    lay_side_by_side(sunrise)
    make_season(sunrise, 2025)
    pool = make_enrolled_pool(sunrise)
    steps = Steps(sunrise, seed)
    for _at in range(20):
        steps.take()
    assert steps.taken >= 3, "the seed draws too few steps that are allowed"
    period = open_year(pool, 2025, sunrise)
    close_period(period, by=sunrise.operator)
    check_land_of(period)
