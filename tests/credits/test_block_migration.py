"""Blocks of before there were moves: what was sold becomes a block, and nothing is lost."""

from __future__ import annotations

from datetime import date
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from credits.models import BlockEvent, CreditBlock, Lot
from credits.tonnes.balance import project_balance
from credits.tonnes.block_proof import check_credits
from tests.cast import Cast, make_season
from tests.credits.line import (
    PARAMETERS,
    ROUND_RATE,
    issued_year,
    make_buyer,
    make_enrolled_pool,
    sellable_block,
)

part_blocks = import_module("credits.migrations.0006_part_sold_blocks").part_blocks
RICH = {**PARAMETERS, "rates": [{**ROUND_RATE, "t_per_hectare_year": "50"}]}


@pytest.fixture
def _before_successors(db: None) -> None:
    """As it was when that migration ran: a block could begin as sold."""
    with connection.cursor() as cursor:
        on_table = " ON credits_creditblock" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER blocks_succeed{on_table}")


@pytest.mark.usefixtures("_before_successors")
@pytest.mark.parametrize(
    ("sold", "expected"),
    [
        ([], [("held", 1, 120)]),
        ([(1, 120)], [("transferred", 1, 120)]),
        ([(1, 50)], [("transferred", 1, 50), ("held", 51, 120)]),
        (
            [(11, 50), (51, 60), (101, 120)],
            [
                ("held", 1, 10),
                ("transferred", 11, 50),
                ("transferred", 51, 60),
                ("held", 61, 100),
                ("transferred", 101, 120),
            ],
        ),
    ],
)
def test_lots_of_before_become_blocks_that_were_sold(
    sunrise: Cast, sold: list[tuple[int, int]], expected: list[tuple[str, int, int]]
) -> None:
    make_season(sunrise, 2025)
    project = make_enrolled_pool(sunrise, parameters=RICH)
    block = sellable_block(issued_year(project, 2025, sunrise))
    # The buffer passed to its status when it was issued; the rest is as it was before.
    Lot.objects.bulk_create(
        Lot(
            cooperative=sunrise.cooperative,
            block=block,
            buyer=make_buyer(sunrise, f"from {start}"),
            serial_start=start,
            serial_end=end,
            unit_price_minor=6000,
            currency="CNY",
            sold_on=date(2026, 4, 1),
        )
        for start, end in sold
    )
    events = set(BlockEvent.objects.values_list("pk", flat=True))
    part_blocks(apps, None)
    live = project.blocks.live().filter(kind=CreditBlock.Kind.SELLABLE)
    assert list(live.values_list("status", "serial_start", "serial_end")) == expected
    assert [(lot.block.serial_start, lot.block.serial_end) for lot in Lot.objects.all()] == sold
    assert project_balance(project).issued_t == 150
    told = BlockEvent.objects.exclude(pk__in=events)
    assert told.filter(action="sell").count() == len(sold)
    # Issued twice over in this test: by the rule and by the migration.
    left = [problem for problem in check_credits(project) if "leads from held" not in problem]
    assert [each for each in left if "leads from buffer" not in each] == []
