"""The demonstration's figures: rates, deductions, prices and days. None is measured; all say so.

Only data; the rules are called in ``line``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from payouts.models import WaterfallRule

_SOURCE = "Demonstration figure of this program's authors; not measured, not for use"
VERIFICATION_BODY = "明衡核查（演示）"
# Where papers and conditions of the program are seen.
SEEN_IN = "档案柜 3，卷 1（演示）"
REGION = "qiyun-demo"
# The exchange's own smallest lot is 12,500 t; three villages have some 70.
TERMS = {
    "minimum_lot_t": 10,
    "minimum_area_m2": "233",
    "sample_minimum": 30,
    "sample_rate": "0.03",
    "excluded_crops": ["茶"],
    "fees": {"aggregator_rate": "0.10", "exchange_usd_per_tonne": "0.20"},
}


@dataclass(frozen=True)
class YearFacts:
    """What differs between the years. `sales` name a buyer and a price in fen, lot by lot;
    `arrivals` the days on which hundredths of each lot's amount came in."""

    year: int
    seed: str
    issued_on: date
    sold_on: date
    sales: tuple[tuple[str, int], ...]
    arrivals: tuple[tuple[tuple[date, int], ...], ...]


SETTLED = YearFacts(
    2024,
    seed="演示抽签 2025-02-14: 04 11 19 23 28 33 + 07",
    issued_on=date(2025, 3, 10),
    sold_on=date(2025, 4, 8),
    sales=(("清和染整（演示买方）", 92_00), ("远帆物流（演示买方）", 96_50)),
    arrivals=(((date(2025, 4, 22), 100),), ((date(2025, 5, 6), 100),)),
)
WAITING = YearFacts(
    2025,
    seed="演示抽签 2026-02-13: 02 08 15 21 27 30 + 12",
    issued_on=date(2026, 3, 12),
    sold_on=date(2026, 4, 9),
    sales=(("清和染整（演示买方）", 101_00), ("听涛置业（演示买方）", 104_00)),
    arrivals=(((date(2026, 4, 27), 60), (date(2026, 5, 20), 40)), ((date(2026, 5, 12), 100),)),
)

_RATES = (
    ("no_till", True, "1.48"),
    ("no_till", False, "1.20"),
    ("straw_return", None, "0.95"),
    ("reduced_till", None, "0.60"),
    ("organic_fertiliser", None, "0.80"),
)


def list_rates() -> list[dict[str, Any]]:
    """The project's own rate table, in the methodology's form."""
    return [
        {
            "practice": practice,
            "region": REGION,
            "irrigated": irrigated,
            "vintage_from": 2023,
            "vintage_to": 2027,
            "t_per_hectare_year": rate,
            "source": _SOURCE,
        }
        for practice, irrigated, rate in _RATES
    ]


def list_deductions() -> list[dict[str, Any]]:
    """What is taken before the households share, in order, as columns of a waterfall rule."""
    kind = WaterfallRule.Kind
    return [
        {
            "code": "registry",
            "name": "登记费",
            "name_en": "Registry fee",
            "payee": "登记机构",
            "payee_en": "the registry",
            "kind": kind.PER_TONNE,
            "amount_minor": 1_20,
        },
        {
            "code": "verification",
            "name": "核查费",
            "name_en": "Verification",
            "payee": "第三方核查机构",
            "payee_en": "the independent verifier",
            "kind": kind.FIXED,
            "amount_minor": 480_00,
        },
        {
            "code": "service",
            "name": "合作社服务费",
            "name_en": "Cooperative's service fee",
            "payee": "合作社",
            "payee_en": "the cooperative",
            "kind": kind.RATE_OF_GROSS,
            "rate": Decimal("0.10"),
        },
        {
            "code": "ecology",
            "name": "村集体生态基金",
            "name_en": "Village ecological fund",
            "payee": "村集体",
            "payee_en": "the villages",
            "kind": kind.RATE_OF_REMAINING,
            "rate": Decimal("0.05"),
        },
    ]
