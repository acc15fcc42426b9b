"""What if I stop ploughing? A farmer's question put to the IPCC's soil carbon, tier 1.

Reads the household's own land and the cooperative's last sale; promises nothing and writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from aggregator.formats import format_area
from aggregator.models import Cooperative, Household
from aggregator.money import round_half_up
from aggregator.units import M2_PER_HECTARE
from credits.methodologies.estimates import Caution
from credits.methodologies.ipcc_soc_tables import CLIMATES, FLU, SOC_EDITIONS, SOILS
from credits.methodologies.ipcc_soc_tier1 import IpccSocTier1
from credits.models import Lot, Project
from farms.models import Field, Tenure

METHODOLOGY = IpccSocTier1()
# A straw word: what returns to the soil now, and what would.
STRAW = {
    "returned": ("medium", "medium"),
    "would_return": ("low", "medium"),
    "taken": ("low", "low"),
}


_TABLES = SOC_EDITIONS["2019"]


def soils_of(climate: str) -> list[str]:
    """The soils for which the tables have a stock in this climate."""
    return [soil for soil in SOILS if (soil, climate) in _TABLES.reference]


def climates_with_fields() -> list[str]:
    """The climates for which the tables have factors of annual crops: none beyond the boreal."""
    return [each for each in CLIMATES if (FLU, "annual", each) in _TABLES.factors]


@dataclass(frozen=True, slots=True)
class Plot:
    """A field of the household as the question names it."""

    key: str
    words: str
    area_m2: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """What a tonne last brought, in minor units."""

    amount_minor: int
    currency: str
    sold_on: date


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The answer for one year; `credited_kg` is whole kilograms, none where the soil loses."""

    area_m2: Decimal
    co2_kg: Fraction
    credited_kg: int
    inputs: dict[str, Any]
    cautions: tuple[Caution, ...]

    @property
    def gains(self) -> bool:
        return self.co2_kg < 0


def list_plots(household: Household, *, today: date) -> list[Plot]:
    """The fields the household holds today, with the area of their newest boundary."""
    held = Tenure.objects.filter(household=household).touching(today, today)
    fields = (
        Field.objects.for_cooperative(household.cooperative)
        .filter(tenures__in=held)
        .with_area()
        .order_by("code")
        .distinct()
    )
    unit = household.cooperative.area_unit
    return [
        Plot(
            str(field.pk),
            f"{field.name or field.code} · {format_area(field.area_m2, unit)}",
            field.area_m2,
        )
        for field in fields
        if field.area_m2
    ]


def find_ground(cooperative: Cooperative) -> dict[str, str]:
    """Climate and soil as the cooperative's newest project has them; absent where none has, and
    where the tables have no figure for the two together."""
    ground: dict[str, str] = {}
    for project in Project.objects.for_cooperative(cooperative).order_by("-starts_on", "-pk"):
        for name, known in (("climate", CLIMATES), ("soil", SOILS)):
            value = project.parameters.get(name)
            if isinstance(value, str) and value in known:
                ground.setdefault(name, value)
    if ground.get("climate") not in climates_with_fields():
        ground.pop("climate", None)
    elif "soil" in ground and ground["soil"] not in soils_of(ground["climate"]):
        return {}
    return ground


def find_last_price(cooperative: Cooperative) -> Price | None:
    """The price of the newest sale in the cooperative's own currency."""
    lot = (
        Lot.objects.for_cooperative(cooperative)
        .filter(currency=cooperative.currency)
        .order_by("-sold_on", "-pk")
        .first()
    )
    return Price(lot.unit_price_minor, lot.currency, lot.sold_on) if lot else None


def ask_soil(area_m2: Decimal, *, answers: Mapping[str, str], today: date) -> WhatIf:
    """Put the question to the methodology for the year that begins now.

    Args:
        area_m2: the land in question.
        answers: ``now`` and ``then`` as its words of tillage, ``straw`` a key of `STRAW`,
            ``climate`` and ``soil``.
        today: whose year is the first of the change.

    Raises:
        InputsRefused: its tables have no figure for this ground.
    """
    before, after = STRAW[answers["straw"]]
    inputs = {
        "area_ha": Fraction(area_m2) / M2_PER_HECTARE,
        "climate": answers["climate"],
        "soil": answers["soil"],
        "before": {"tillage": answers["now"], "residue_input": before},
        "changes": [
            {"year": today.year, "tillage": answers["then"], "residue_input": after},
        ],
    }
    estimate = METHODOLOGY.estimate(inputs)
    return WhatIf(
        area_m2=area_m2,
        co2_kg=estimate.co2e_kg,
        credited_kg=estimate.credited_kg or 0,
        inputs=inputs,
        cautions=estimate.cautions,
    )


def worth_minor(credited_kg: int, price: Price) -> int:
    """What the tonnes would have brought at a price, before any deduction; minor units."""
    return round_half_up(Fraction(credited_kg * price.amount_minor, 1000))


def name_ground(ground: Mapping[str, str]) -> str:
    """Climate and soil in words, for a sentence that says what was assumed."""
    words = [
        _(known[ground[name]])
        for name, known in (("climate", CLIMATES), ("soil", SOILS))
        if name in ground
    ]
    return " · ".join(words)
