"""Whatever is split, merged, transferred, revoked, renewed and enrolled anew: no day counts twice.

Two pools ask for the same land in turn. A failure names its seed, and the seed the same steps.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations

import pytest
import shapely

from aggregator.models import Agreement
from credits.counting.monitoring import NothingEnrolled, close_period
from credits.models import FieldResult, Project
from credits.pooling.enrolment import enrol_fields
from tests.cast import Cast, make_season
from tests.credits.line import make_pool, open_year
from tests.credits.test_any_descent import FIRST, Steps, lay_side_by_side

# Drawn so that most end enrolments, and in some both pools earn.
SEEDS = (2, 8, 23, 24, 25, 34)


class RightSteps(Steps):
    """Land changes hands and shape, rights come and go, and one pool or the other asks."""

    pools: tuple[Project, ...] = ()

    def take(self) -> None:
        if self.draw.random() < 0.4:
            super().take()
        else:
            self.count += 1
            self.taken += 1
            self.draw.choice((self.revoke, self.sign, self.ask, self.ask))()

    def day(self) -> date:
        return FIRST + timedelta(days=self.draw.randrange(365))

    def revoke(self) -> None:
        held = list(Agreement.objects.filter(revoked_on=None).order_by("pk"))
        if held:
            agreement = self.draw.choice(held)
            agreement.revoked_on = max(self.day(), agreement.starts_on)
            agreement.save()

    def sign(self) -> None:
        day = self.day()
        Agreement.objects.create(
            cooperative=self.cast.cooperative,
            household=self.draw.choice(self.cast.households),
            code=f"R{self.count}",
            signed_on=day,
            starts_on=day,
            ends_on=date(2029, 12, 31),
        )

    def ask(self) -> None:
        enrol_fields(self.draw.choice(self.pools), by=self.cast.operator)


def earning(pool: Project, cast: Cast) -> list[FieldResult]:
    try:
        run = close_period(open_year(pool, 2025, cast), by=cast.operator)
    except NothingEnrolled:
        return []
    rows = FieldResult.objects.filter(run=run, gross_kg__gt=0)
    return list(rows.select_related("boundary", "field"))


def share_a_day(one: FieldResult, other: FieldResult) -> bool:
    return one.starts_on <= other.ends_on and other.starts_on <= one.ends_on


def common_land(one: FieldResult, other: FieldResult) -> float:
    """Of the smaller outline, the share that both cover."""
    first, second = (shapely.from_wkb(bytes(row.boundary.geometry_wkb)) for row in (one, other))
    return float(first.intersection(second).area / min(first.area, second.area))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_field_day_is_counted_twice_by_two_pools(sunrise: Cast, seed: int) -> None:
    print(f"seed {seed}")
    lay_side_by_side(sunrise)
    make_season(sunrise, 2025)
    steps = RightSteps(sunrise, seed)
    steps.pools = (make_pool(sunrise, code="one"), make_pool(sunrise, code="two"))
    steps.ask()
    for _at in range(18):
        steps.take()
    rows = [row for pool in steps.pools for row in earning(pool, sunrise)]
    for one, other in combinations(rows, 2):
        if share_a_day(one, other):
            assert common_land(one, other) < 1e-3, (seed, str(one.field), str(other.field))
    earned = sum((Fraction(row.terms["gross_before_floor_kg"]) for row in rows), Fraction(0))
    assert earned <= 3000
