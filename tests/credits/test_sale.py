"""Lots: lowest free serials, never the reserve, never more than is left."""

from datetime import date
from typing import Any

import pytest

from aggregator.errors import DomainError, NotAllowed
from aggregator.roles import NotYours
from credits.models import Buyer, CreditBlock, Lot, Project
from credits.tonnes.balance import Balance, project_balance
from credits.tonnes.block_proof import check_credits
from credits.tonnes.blocks import free_tonnes, reserve_tonnes
from credits.tonnes.sale import (
    BadPrice,
    BadQuantity,
    BelowMinimumLot,
    NotEnoughCredits,
    PriceTooHigh,
    ReserveLocked,
    block_serials,
    lot_serials,
    sell_lot,
    unsold_tonnes,
)
from tests.cast import Cast, make_season
from tests.credits.line import (
    PARAMETERS,
    ROUND_RATE,
    issued_year,
    make_buyer,
    make_enrolled_pool,
    sellable_block,
)

# 3 fields × 1 ha × 50 t = 150 t: 120 t sellable (serials 1–120), 30 t reserve (121–150).
RICH = {**PARAMETERS, "rates": [{**ROUND_RATE, "t_per_hectare_year": "50"}]}


@pytest.fixture
def project(sunrise: Cast) -> Project:
    make_season(sunrise, 2025)
    project = make_enrolled_pool(sunrise, parameters=RICH, terms={"minimum_lot_t": 10})
    issued_year(project, 2025, sunrise)
    return project


@pytest.fixture
def block(project: Project) -> CreditBlock:
    return sellable_block(project.periods.get().issuance)


@pytest.fixture
def buyer(sunrise: Cast) -> Buyer:
    return make_buyer(sunrise)


def sell(block: CreditBlock, tonnes: int, buyer: Buyer, cast: Cast, **facts: Any) -> Lot:
    values: dict[str, Any] = {
        "unit_price_minor": 6000,
        "sold_on": date(2026, 4, 1),
        "by": cast.operator,
    } | facts
    return sell_lot(block, tonnes=tonnes, buyer=buyer, **values)


def test_lots_take_the_lowest_free_serials_one_after_another(
    sunrise: Cast, block: CreditBlock, buyer: Buyer
) -> None:
    first, second = (sell(block, tonnes, buyer, sunrise) for tonnes in (50, 30))
    assert str(block_serials(block)) == "TH-CCX-hills-2025-1-120"
    assert str(lot_serials(first)) == "TH-CCX-hills-2025-1-50"
    assert str(lot_serials(second)) == "TH-CCX-hills-2025-51-80"
    assert (second.amount_minor, second.currency) == (180_000, "CNY")
    assert unsold_tonnes(block) == 40


def test_issued_tonnes_are_sold_unsold_or_reserve(
    sunrise: Cast, project: Project, block: CreditBlock, buyer: Buyer
) -> None:
    sell(block, 50, buyer, sunrise)
    balance = project_balance(project)
    assert balance == Balance(issued_t=150, sold_t=50, unsold_t=70, reserve_t=30)
    assert balance.issued_t == balance.sold_t + balance.unsold_t + balance.reserve_t


def test_a_freed_range_is_sold_again_first(sunrise: Cast, block: CreditBlock, buyer: Buyer) -> None:
    aside = reserve_tonnes(block, tonnes=40, by=sunrise.operator)
    assert sell(block, 40, buyer, sunrise).serial_start == 41
    free_tonnes(aside, by=sunrise.operator)
    assert sell(block, 20, buyer, sunrise).serial_start == 1
    assert sell(block, 30, buyer, sunrise).serial_start == 81  # 21–40 is too short
    assert sell(block, 20, buyer, sunrise).serial_start == 21


def test_the_last_tonne_can_be_sold_and_none_after_it(
    sunrise: Cast, block: CreditBlock, buyer: Buyer
) -> None:
    sell(block, 110, buyer, sunrise)
    with pytest.raises(NotEnoughCredits) as refusal:
        sell(block, 11, buyer, sunrise)
    assert refusal.value.values == {"left": 10, "tonnes": 11}
    assert sell(block, 10, buyer, sunrise).serial_end == 120


def test_the_reserve_is_not_for_sale(
    sunrise: Cast, project: Project, block: CreditBlock, buyer: Buyer
) -> None:
    reserve = project.blocks.get(kind=CreditBlock.Kind.RESERVE)
    with pytest.raises(ReserveLocked) as refusal:
        sell(reserve, 10, buyer, sunrise)
    assert refusal.value.values == {"locked_until": date(2028, 12, 31)}


@pytest.mark.parametrize(
    ("tonnes", "facts", "error"),
    [
        (9, {}, BelowMinimumLot),
        (0, {}, BadQuantity),
        (-10, {}, BadQuantity),
        (10.5, {}, BadQuantity),
        (10, {"unit_price_minor": 0}, BadPrice),
        # A slip of the hand: more than a database can add up over a few lots.
        (10, {"unit_price_minor": 222_020_200_112_233}, PriceTooHigh),
    ],
)
def test_a_lot_that_cannot_be_is_refused(
    sunrise: Cast,
    block: CreditBlock,
    buyer: Buyer,
    tonnes: int,
    facts: dict[str, Any],
    error: type[DomainError],
) -> None:
    with pytest.raises(error) as refusal:
        sell(block, tonnes, buyer, sunrise, **facts)
    assert str(refusal.value)
    assert not Lot.objects.exists()


def test_only_the_cooperative_s_own_operator_sells_to_its_own_buyers(
    sunrise: Cast, riverbend: Cast, block: CreditBlock, buyer: Buyer
) -> None:
    with pytest.raises(NotAllowed):
        sell(block, 10, buyer, sunrise, by=sunrise.approver)
    with pytest.raises(NotYours):
        sell(block, 10, buyer, sunrise, by=riverbend.operator)
    with pytest.raises(NotYours):
        sell(block, 10, make_buyer(riverbend), sunrise)


def test_the_check_finds_lots_that_overlap_or_leave_their_block(
    sunrise: Cast, project: Project, block: CreditBlock, buyer: Buyer
) -> None:
    lot = sell(block, 20, buyer, sunrise)
    Lot.objects.filter(pk=sell(block, 20, buyer, sunrise).pk).update(
        serial_start=20, serial_end=121
    )
    problems = check_credits(project)
    assert len(problems) == 2
    assert f"overlaps lot {lot.pk}" in problems[0]
    assert "is not the sale of its block" in problems[1]
