"""The cast of the tests: two cooperatives and their people, made as plain rows.

Sunrise 青山 has an operator, an approver, a verifier and three households with a field each;
Riverbend 河湾 has one of each and must see nothing of Sunrise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shapely.geometry import box

from aggregator.models import (
    Agreement,
    Cooperative,
    Household,
    Membership,
    PayeeAccount,
    Person,
    User,
    Village,
)
from farms.models import Boundary, Field, PracticeRecord, Season, Tenure

START = date(2020, 1, 1)


@dataclass
class Cast:
    """One cooperative with its staff, households and fields, in order."""

    cooperative: Cooperative
    village: Village
    operator: User
    approver: User
    verifier: User
    viewer: User
    households: list[Household]
    fields: list[Field]


def make_cast(code: str, *, name: str, households: int, east: float) -> Cast:
    cooperative = Cooperative.objects.create(code=code, name=name, name_en=code.title())
    village = Village.objects.create(cooperative=cooperative, code="V1", name="一村")
    staff = {
        role: User.objects.create(username=f"{code}-{role}", cooperative=cooperative, role=role)
        for role in User.Role.values
    }
    members = [make_household(village, number) for number in range(1, households + 1)]
    fields = [
        make_field(village, member, number, east=east)
        for number, member in enumerate(members, start=1)
    ]
    return Cast(
        cooperative=cooperative,
        village=village,
        households=members,
        fields=fields,
        **staff,
    )


def make_household(village: Village, number: int) -> Household:
    cooperative = village.cooperative
    household = Household.objects.create(
        cooperative=cooperative,
        village=village,
        code=f"H{number:03d}",
        # Keys never start again on PostgreSQL: one worker that ran a thousand tests is past 999.
        phone=f"+8613800{cooperative.pk % 1000:03d}{number:03d}",
    )
    owned = {"cooperative": cooperative, "household": household}
    Person.objects.create(**owned, name=f"户主{number}", is_head=True)
    Membership.objects.create(**owned, starts_on=START)
    Agreement.objects.create(
        **owned,
        code=f"A{number:03d}",
        signed_on=START,
        starts_on=START,
        ends_on=date(2029, 12, 31),
    )
    PayeeAccount.objects.create(
        **owned,
        holder_name=f"户主{number}",
        bank_name="农商银行",
        number=f"62220000000{number:05d}",
        status=PayeeAccount.Status.ACTIVE,
    )
    return household


def make_field(village: Village, household: Household, number: int, *, east: float) -> Field:
    """A field about 0.001° square (some 14–15 mu), a gap apart from the next."""
    cooperative = village.cooperative
    field = Field.objects.create(
        cooperative=cooperative, village=village, code=f"F{number:03d}", name=f"{number}号田"
    )
    shape = box(east + number * 0.002, 30.0, east + number * 0.002 + 0.001, 30.001)
    west, south, right, north = shape.bounds
    Boundary.objects.create(
        cooperative=cooperative,
        field=field,
        version=1,
        geometry_wkb=shape.wkb,
        area_m2=Decimal("10000.00"),  # a round figure for sums by hand; not the shape's own
        min_x=west,
        min_y=south,
        max_x=right,
        max_y=north,
        source_crs="EPSG:4326",
    )
    Tenure.objects.create(
        cooperative=cooperative, field=field, household=household, starts_on=START
    )
    return field


def make_season(cast: Cast, year: int, *, practice: str = "no_till") -> Season:
    """A calendar-year season in which every field of the cast followed `practice`."""
    season = Season.objects.create(
        cooperative=cast.cooperative,
        code=str(year),
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
    )
    for field in cast.fields:
        PracticeRecord.objects.create(
            cooperative=cast.cooperative, field=field, season=season, practice=practice
        )
    return season
