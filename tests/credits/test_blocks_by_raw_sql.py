"""Whatever is typed as SQL: what no rule would do the database refuses, on both of them."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from credits.models import CreditBlock, Project, Removal
from credits.tonnes.block_proof import check_all
from credits.tonnes.removals import approve_removal, propose_cancellation, propose_retirement
from tests.cast import Cast, make_season
from tests.credits.line import issued_year, make_enrolled_pool, sellable_block
from tests.credits.test_blocks import RICH, sell

COLUMNS = (
    "cooperative_id, issuance_id, project_id, kind, status, is_live,"
    " serial_start, serial_end, locked_until"
)
# A copy of block {pk} with some columns otherwise.
COPY = "INSERT INTO credits_creditblock (" + COLUMNS + ") SELECT {values} FROM credits_creditblock"
END = "UPDATE credits_creditblock SET is_live = {false} WHERE id = {pk}"


def copy_as(**changes: str) -> str:
    """SQL that copies block {pk}, with SQL for the columns named."""
    values = (changes.get(name, name) for name in COLUMNS.replace(" ", "").split(","))
    return COPY.replace("{values}", ", ".join(values)) + " WHERE id = {pk}"


# {pk} is the block retired (serials 1–10), {held} the one held (11–120), {buffer} 121–150.
NOT_AT_ALL = {
    "a live block over another": [copy_as(serial_start="serial_start + 5")],
    "the same serials once more": [copy_as()],
    "a dead block that never lived": [copy_as(is_live="{false}")],
    "fewer tonnes in a block": [
        "UPDATE credits_creditblock SET serial_end = 9 WHERE id = {pk}",
    ],
    "other serials for a block": [
        "UPDATE credits_creditblock SET serial_start = 900, serial_end = 909 WHERE id = {pk}",
    ],
    "more tonnes issued": ["UPDATE credits_issuance SET sellable_t = sellable_t + 1"],
    "another day of issuance": ["UPDATE credits_issuance SET carried_out_kg = 999"],
    "retired tonnes held again": [
        "UPDATE credits_creditblock SET status = 'held' WHERE id = {pk}",
    ],
    "retired tonnes sold": [
        "UPDATE credits_creditblock SET status = 'transferred' WHERE id = {pk}",
    ],
    "held tonnes put into the buffer": [
        "UPDATE credits_creditblock SET status = 'buffer' WHERE id = {held}",
    ],
    "a dead block brought to life": [
        "UPDATE credits_creditblock SET is_live = {true} WHERE id = {dead}",
    ],
    "a buffer without its lock": [
        "UPDATE credits_creditblock SET locked_until = NULL WHERE id = {buffer}",
    ],
    "a block of another cooperative": [
        "UPDATE credits_creditblock SET cooperative_id = cooperative_id + 1 WHERE id = {held}",
    ],
    # In one go, so that the totals are right at every moment that counts.
    "ended as retired, begun as held": [END, copy_as(status="'held'", is_live="{true}")],
    "ended as retired, begun as new serials": [
        END,
        copy_as(
            status="'held'",
            is_live="{true}",
            serial_start="serial_start + 9000",
            serial_end="serial_end + 9000",
        ),
    ],
    "ended in one project, begun in another": [
        END,
        copy_as(project_id="(SELECT max(id) FROM credits_project)", is_live="{true}"),
    ],
    "ended in the buffer, begun without a lock": [
        END.replace("{pk}", "{buffer}"),
        copy_as(locked_until="NULL", is_live="{true}").replace("{pk}", "{buffer}"),
    ],
    "a certificate of more tonnes": [
        "UPDATE credits_removal SET serial_end = 40 WHERE status = 'approved'",
    ],
    "a retirement proposed again": [
        "UPDATE credits_removal SET status = 'proposed' WHERE status = 'approved'",
    ],
    "a retirement forgotten": ["DELETE FROM credits_removal WHERE status = 'approved'"],
    "moves forgotten": ["DELETE FROM credits_blockevent"],
    "a move told otherwise": ["UPDATE credits_blockevent SET to_status = 'held'"],
    "ancestry forgotten": ["DELETE FROM credits_blocklink"],
    "ancestry told otherwise": ["UPDATE credits_blocklink SET parent_id = child_id"],
    "a tonne sold twice": [
        "INSERT INTO credits_lot (cooperative_id, block_id, buyer_id, serial_start, serial_end,"
        " unit_price_minor, currency, sold_on) SELECT cooperative_id, block_id, buyer_id,"
        " serial_start + 1, serial_end, unit_price_minor, currency, sold_on FROM credits_lot",
    ],
}
# Refused when the transaction would end: only then are the totals to be right.
NOT_IN_THE_END = {
    "a block gone": ["DELETE FROM credits_creditblock WHERE id = {held}"],
    "a dead block gone": ["DELETE FROM credits_creditblock WHERE id = {dead}"],
    "a block ended and nothing begun": [END],
    "a block ended and a part of it begun": [
        END,
        copy_as(is_live="{true}", serial_end="serial_end - 1"),
    ],
    "an issuance gone": ["DELETE FROM credits_issuance"],
}


@pytest.fixture
def moved(sunrise: Cast) -> Project:
    """Serials 1–10 sold and retired, 11–120 held, 121–150 in the buffer; another project."""
    make_season(sunrise, 2025)
    project = make_enrolled_pool(sunrise, parameters=RICH)
    lot = sell(sellable_block(issued_year(project, 2025, sunrise)), 10, sunrise)
    said = {"beneficiary": "Harbour Shipping", "purpose": "its fleet"}
    proposal = propose_retirement(lot.block, tonnes=10, by=sunrise.operator, **said)
    approve_removal(proposal, by=sunrise.approver)
    make_enrolled_pool(sunrise, code="other")
    return project


def type_sql(statements: list[str], project: Project) -> None:
    live = project.blocks.live()
    places = {
        "pk": live.get(status="retired").pk,
        "held": live.get(status="held").pk,
        "buffer": live.get(status="buffer").pk,
        "dead": project.blocks.get(is_live=False).pk,
        "true": "true" if connection.vendor == "postgresql" else "1",
        "false": "false" if connection.vendor == "postgresql" else "0",
    }
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.format(**places))


@pytest.mark.parametrize("name", NOT_AT_ALL)
def test_the_database_refuses(moved: Project, name: str) -> None:
    with pytest.raises(DatabaseError):
        type_sql(NOT_AT_ALL[name], moved)
    assert list(check_all()) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", NOT_IN_THE_END)
def test_the_database_does_not_commit(moved: Project, name: str) -> None:
    with pytest.raises(DatabaseError):
        type_sql(NOT_IN_THE_END[name], moved)
    assert list(check_all()) == []


@pytest.mark.django_db(transaction=True)
def test_a_proposal_may_still_be_decided_and_blocks_be_parted(
    moved: Project, sunrise: Cast
) -> None:
    held = moved.blocks.live().get(status="held")
    proposal = propose_cancellation(held, tonnes=5, reason="twice", by=sunrise.operator)
    approve_removal(proposal, by=sunrise.approver)
    assert Removal.objects.filter(status="approved").count() == 2
    assert CreditBlock.objects.live().filter(status="cancelled").get().tonnes == 5
    assert list(check_all()) == []
