"""The rows of the lists benchmark: a cooperative's villages, households, fields and tenures."""

from __future__ import annotations

from decimal import Decimal

import shapely
from django.utils import timezone

from aggregator.bulk import write_rows
from aggregator.models import Cooperative, Household, Person, User, Village
from farms.models import Boundary, Field, Tenure

FIELDS_A_VILLAGE = 200
LAND_CLASSES = ("", "general", "permanent_basic")
BOX = (112.0, 30.0, 112.001, 30.001)


def make_fields(count: int) -> User:
    """A cooperative of `count` fields, two a household; returns its operator."""
    cooperative = Cooperative.objects.create(code=f"c{count}", name=f"c{count}")
    villages = [
        Village.objects.create(cooperative=cooperative, code=f"V{n:04d}", name=f"村{n}").pk
        for n in range(count // FIELDS_A_VILLAGE)
    ]
    households = _make_households(cooperative, villages, count // 2)
    columns = ["cooperative_id", "village_id", "code", "name", "land_class"]
    write_rows(
        Field,
        columns,
        (
            (
                cooperative.pk,
                villages[n // FIELDS_A_VILLAGE],
                f"F{n:08d}",
                f"东坡{n % 997}",
                LAND_CLASSES[n % 3],
            )
            for n in range(count)
        ),
    )
    fields = Field.objects.filter(cooperative=cooperative).order_by("code")
    keys = list(fields.values_list("pk", flat=True))
    _draw(cooperative, keys)
    write_rows(
        Tenure,
        ["cooperative_id", "field_id", "household_id", "kind", "starts_on"],
        (
            (cooperative.pk, key, households[n // 2], "contract", "2020-01-01")
            for n, key in enumerate(keys)
        ),
    )
    return User.objects.create(username=f"u{count}", cooperative=cooperative, role="operator")


def _make_households(cooperative: Cooperative, villages: list[int], count: int) -> list[int]:
    coop = cooperative.pk
    write_rows(
        Household,
        ["cooperative_id", "village_id", "code", "phone", "phone_hash", "language"],
        ((coop, villages[n % len(villages)], f"H{n:07d}", "", "", "zh-hans") for n in range(count)),
    )
    own = Household.objects.filter(cooperative=cooperative).order_by("code")
    keys = list(own.values_list("pk", flat=True))
    columns = ["cooperative_id", "household_id", "name", "is_head", "leaving"]
    write_rows(
        Person,
        [*columns, "identity_number", "identity_hash"],
        ((coop, key, f"户主{n}", True, "", "", "") for n, key in enumerate(keys)),
    )
    return keys


def _draw(cooperative: Cooperative, fields: list[int]) -> None:
    wkb, now = shapely.box(*BOX).wkb, timezone.now()
    columns = ["cooperative_id", "field_id", "version", "geometry_wkb", "area_m2"]
    columns += ["min_x", "min_y", "max_x", "max_y", "source_crs", "recorded_at", "origin"]
    write_rows(
        Boundary,
        columns,
        (
            (cooperative.pk, key, 1, wkb, Decimal("10600.00"), *BOX, "", now, "import")
            for key in fields
        ),
    )
