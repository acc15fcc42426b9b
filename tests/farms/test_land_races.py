"""Two people change the same land at once: one does, the other is told; no land lost or doubled."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from shapely.affinity import translate
from shapely.geometry import LineString, box

from aggregator.errors import DomainError
from aggregator.models import AuditEvent
from credits.models import Enrolment
from credits.pooling.enrolment import enrol_fields
from farms.models import Field, FieldDescent, PracticeRecord, Tenure
from farms.practice_entry import Entry, enter_practice
from farms.redrawing import NewField, draw_field, merge_fields, redraw_field, split_field
from farms.reports import Deed
from farms.transfers import end_tenure, transfer_field, transfer_fields
from tests.cast import START, Cast, make_season
from tests.credits.line import make_pool
from tests.farms.land import MIDDLE, MIDSUMMER, NORTH, SOUTH, area, half, outline

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
# Races show themselves seldom: each is run until they had a fair chance.
ROUNDS = 4
FAR = box(118.1, 30.0, 118.101, 30.001)


def at_once(*steps: Callable[[], Any]) -> list[Any]:
    """Run the steps in a thread each, started together; give what each returned or refused."""
    barrier = Barrier(len(steps))

    def run(step: Callable[[], Any]) -> Any:
        try:
            barrier.wait(timeout=20)
            return step()
        except DomainError as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


def fresh(field: Field) -> Field:
    return Field.objects.get(pk=field.pk)


def split(cast: Cast, field: Field, *codes: str, cut: Any = MIDDLE) -> list[Field]:
    return split_field(fresh(field), cut=cut, codes=codes, on=MIDSUMMER, by=cast.operator)


def draw(cast: Cast, polygon: Any, code: str) -> Field:
    facts = NewField(code, cast.village, cast.households[0], "contract", START)
    return draw_field(facts, polygon=polygon, by=cast.operator)


def neighbour(cast: Cast, code: str = "N1") -> Field:
    return draw(cast, translate(outline(cast.fields[0]), xoff=0.001), code)


def check_whole(parent: Field) -> None:
    """A field that ended has successors of exactly its area, each held from the day on."""
    children = [row.child for row in FieldDescent.objects.filter(parent=parent)]
    assert children
    parents = {row.parent for row in FieldDescent.objects.filter(child__in=children)}
    assert sum(map(area, children)) == sum(map(area, parents))
    assert {each.ends_on for each in parents} == {MIDSUMMER - timedelta(days=1)}
    for child in children:
        assert {held.starts_on for held in child.tenures.all()} == {MIDSUMMER}


def test_a_field_split_twice_at_once_is_split_once(sunrise: Cast) -> None:
    field = sunrise.fields[0]
    across = LineString([(118.0, (SOUTH + NORTH) / 2), (118.01, (SOUTH + NORTH) / 2)])
    results = at_once(
        lambda: split(sunrise, field, "A1", "A2"),
        lambda: split(sunrise, field, "B1", "B2", cut=across),
        lambda: split(sunrise, field, "C1", "C2", cut=[half("west"), half("east")]),
    )
    assert results.count("field_ended") == 2
    assert FieldDescent.objects.filter(parent=field).count() == 2
    check_whole(field)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_code_given_to_two_at_once_is_taken_by_one(sunrise: Cast, _round: int) -> None:
    one, other = sunrise.fields[:2]
    cut = translate(MIDDLE, xoff=0.002)
    results = at_once(
        lambda: split(sunrise, one, "X1", "X2"),
        lambda: split(sunrise, other, "X2", "X3", cut=cut),
        lambda: draw(sunrise, FAR, "X2"),
    )
    assert results.count("field_code_taken") == 2, results
    assert Field.objects.filter(code="X2").count() == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_the_same_land_drawn_by_two_at_once_is_one_field(sunrise: Cast, _round: int) -> None:
    results = at_once(lambda: draw(sunrise, FAR, "D1"), lambda: draw(sunrise, FAR, "D2"))
    assert results.count("overlaps_neighbour") == 1, results
    assert Field.objects.filter(code__startswith="D").count() == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_fields_redrawn_over_one_gap_at_once_do_not_both_get_it(
    sunrise: Cast, _round: int
) -> None:
    # 118.002–118.003 and 118.004–118.005: each wants the 0.001° between them.
    west, east = sunrise.fields[:2]
    results = at_once(
        lambda: redraw_field(west, polygon=box(118.002, 30, 118.004, 30.001), by=sunrise.operator),
        lambda: redraw_field(east, polygon=box(118.003, 30, 118.005, 30.001), by=sunrise.operator),
    )
    assert results.count("overlaps_neighbour") == 1, results


def test_two_mergers_that_share_a_field_at_once_take_it_once(sunrise: Cast) -> None:
    first, second = sunrise.fields[0], neighbour(sunrise)
    third = draw(sunrise, translate(outline(first), yoff=0.001), "N2")
    results = at_once(
        lambda: merge_fields([first, second], code="M1", on=MIDSUMMER, by=sunrise.operator),
        lambda: merge_fields([third, first], code="M2", on=MIDSUMMER, by=sunrise.operator),
        lambda: split(sunrise, first, "S1", "S2"),
    )
    assert results.count("field_ended") == 2, results
    check_whole(first)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_tenure_ended_while_its_field_is_split_ends_on_the_parts(
    sunrise: Cast, _round: int
) -> None:
    field = sunrise.fields[0]
    tenure = field.tenures.get()
    last = date(2025, 9, 30)
    _parts, ended = at_once(
        lambda: split(sunrise, field, "P1", "P2"),
        lambda: end_tenure(tenure, on=last, by=sunrise.operator),
    )
    told = [row.ends_on for row in Tenure.objects.filter(field__code__in=["P1", "P2"])]
    # Either it was ended before, and the parts have that day, or the clerk was told.
    assert told == ([None, None] if ended == "ends_outside_tenure" else [last, last]), ended


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_tenure_to_come_is_ended_or_gone_when_its_field_is_split(
    sunrise: Cast, _round: int
) -> None:
    field = sunrise.fields[0]
    lease = transfer_field(
        field,
        household=sunrise.households[1],
        kind="transfer",
        starts_on=date(2025, 8, 1),
        by=sunrise.operator,
    )
    last = date(2025, 10, 31)
    _parts, ended = at_once(
        lambda: split(sunrise, field, "P1", "P2"),
        lambda: end_tenure(lease, on=last, by=sunrise.operator),
    )
    told = list(
        Tenure.objects.filter(field__code__in=["P1", "P2"], kind="transfer").values_list(
            "ends_on", flat=True
        )
    )
    assert told == ([None, None] if ended == "tenure_gone" else [last, last]), ended


def test_a_field_transferred_while_it_is_split_goes_whole_or_is_refused(sunrise: Cast) -> None:
    field = sunrise.fields[0]
    _parts, transferred = at_once(
        lambda: split(sunrise, field, "P1", "P2"),
        lambda: transfer_field(
            fresh(field),
            household=sunrise.households[1],
            kind="transfer",
            starts_on=date(2025, 9, 1),
            by=sunrise.operator,
        ),
    )
    parts = Tenure.objects.filter(field__code__in=["P1", "P2"], kind="transfer")
    assert parts.count() == (0 if transferred == "outside_fields_life" else 2)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_many_transferred_in_two_orders_at_once_wait_for_each_other(
    sunrise: Cast, _round: int
) -> None:
    lessee = sunrise.households[2]
    fields = [*sunrise.fields[:2], neighbour(sunrise)]

    def transfer(order: list[Field], starts_on: date) -> Any:
        return transfer_fields(
            order, household=lessee, kind="transfer", starts_on=starts_on, by=sunrise.operator
        )

    results = at_once(
        lambda: transfer(fields, date(2025, 1, 1)),
        lambda: transfer(fields[::-1], date(2025, 2, 1)),
    )
    assert results.count("already_held") == 1, results
    assert Tenure.objects.filter(kind="transfer").count() == 3


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_field_enrolled_while_it_is_split_leaves_no_part_outside(
    sunrise: Cast, _round: int
) -> None:
    pool, field = make_pool(sunrise), sunrise.fields[0]
    at_once(
        lambda: enrol_fields(pool, by=sunrise.operator, fields=[field]),
        lambda: split(sunrise, field, "P1", "P2"),
    )
    order = AuditEvent.objects.filter(action__in=["enrol_fields", "split_field"]).order_by("pk")
    enrolled_first = order.first().action == "enrol_fields"
    codes = Enrolment.objects.filter(status="enrolled").values_list("field__code", flat=True)
    # Split first, only what was asked for is enrolled: the former field, for its own days.
    assert set(codes) == ({"F001", "P1", "P2"} if enrolled_first else {"F001"})


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_practice_entered_while_fields_merge_is_on_both_or_on_neither(
    sunrise: Cast, _round: int
) -> None:
    first, second = sunrise.fields[0], neighbour(sunrise)
    season = make_season(sunrise, 2025)
    PracticeRecord.objects.all().delete()
    entry = Entry(season, "straw_return", Deed("", False, None, ""))
    merged, _entered = at_once(
        lambda: merge_fields([first, second], code="M1", on=MIDSUMMER, by=sunrise.operator),
        lambda: enter_practice(
            sunrise.cooperative, entry, by=sunrise.operator, field_ids=[first.pk]
        ),
    )
    alone = PracticeRecord.objects.filter(field=first).exists()
    assert alone
    # Entered first, the merger is refused; merged first, the entry names a season of its life.
    assert merged == "records_differ" or fresh(first).ends_on is not None
