"""A check of the land finds what overlaps, tells no stranger's field, and sees what is mended."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from shapely.geometry import box

from aggregator.errors import NotAllowed
from aggregator.models import AuditEvent
from credits.models import Enrolment
from credits.pooling.enrolment import enrol_fields
from credits.pooling.overlap_check import check_waiting_land
from farms.boundaries import make_boundary
from farms.geometry import Outline
from farms.models import Boundary, Field, Overlap, OverlapScan, Tenure
from farms.overlap_scan import ScanWaits, ask_scan
from tests.admin_pages import signed_in, words
from tests.cast import START, Cast
from tests.credits.line import make_enrolled_pool, make_pool

OVERLAPS = "/admin/farms/overlap/"


def lay(field: Field, west: float, south: float = 30.0) -> None:
    """Lay a field's outline, 0.001° square, elsewhere."""
    shape = box(west, south, west + 0.001, south + 0.001)
    Boundary.objects.filter(field=field).update(
        geometry_wkb=shape.wkb,
        min_x=west,
        min_y=south,
        max_x=west + 0.001,
        max_y=south + 0.001,
    )


def check(cast: Cast) -> None:
    ask_scan(cast.cooperative, by=cast.operator)
    assert check_waiting_land() == 1


def test_two_own_fields_that_overlap_are_found_with_how_much(sunrise: Cast) -> None:
    # Field 1 begins at 118.002; the second a quarter of its width before the first one's end.
    lay(sunrise.fields[1], 118.00275)
    check(sunrise)
    overlap = Overlap.objects.get()
    assert (overlap.field, overlap.other) == (sunrise.fields[0], sunrise.fields[1])
    assert overlap.share == Decimal("0.2500")
    # 0.00025° by 0.001° at 30° N: about 24.12 m by 110.85 m.
    assert overlap.area_m2 == pytest.approx(Decimal(2674), abs=3)
    scan = OverlapScan.objects.get()
    assert (scan.status, scan.compared, scan.found) == ("done", 3, 1)


def test_land_enrolled_by_another_cooperative_is_told_without_whose(
    sunrise: Cast, riverbend: Cast
) -> None:
    make_enrolled_pool(riverbend)
    lay(sunrise.fields[0], 119.0025)
    check(sunrise)
    overlap = Overlap.objects.get()
    assert (overlap.cooperative, overlap.field) == (sunrise.cooperative, sunrise.fields[0])
    assert overlap.other is None
    assert overlap.share == Decimal("0.5000")


def test_land_of_another_cooperative_that_is_not_enrolled_is_no_matter(
    sunrise: Cast, riverbend: Cast
) -> None:
    lay(sunrise.fields[0], 119.0025)
    check(sunrise)
    assert not Overlap.objects.exists()


def test_what_is_mended_is_resolved_and_what_comes_back_is_open_again(sunrise: Cast) -> None:
    lay(sunrise.fields[1], 118.00275)
    check(sunrise)
    lay(sunrise.fields[1], 118.004)
    check(sunrise)
    overlap = Overlap.objects.get()
    assert overlap.resolved_at is not None
    lay(sunrise.fields[1], 118.0025)
    check(sunrise)
    overlap.refresh_from_db()
    assert overlap.resolved_at is None
    assert overlap.share == Decimal("0.5000")


def test_a_field_and_what_it_was_split_into_do_not_overlap(sunrise: Cast) -> None:
    parent, child = sunrise.fields[:2]
    lay(child, 118.002)
    Field.objects.filter(pk=parent.pk).update(ends_on=date(2025, 5, 31))
    Field.objects.filter(pk=child.pk).update(starts_on=date(2025, 6, 1))
    check(sunrise)
    assert not Overlap.objects.exists()
    # One day on which both exist, and the land is there twice.
    Field.objects.filter(pk=parent.pk).update(ends_on=date(2025, 6, 1))
    check(sunrise)
    assert Overlap.objects.get().share == 1


def test_only_the_boundary_in_force_is_compared(sunrise: Cast) -> None:
    old = sunrise.fields[1].boundaries.get()
    shape = box(118.0022, 30.0, 118.0032, 30.001)
    old.pk, old.version, old.geometry_wkb = None, 2, shape.wkb
    old.min_x, old.max_x = 118.0022, 118.0032
    old.save()
    check(sunrise)
    assert Overlap.objects.get().share == Decimal("0.8000")


def test_a_split_parcels_part_is_enrolled_though_the_parcel_was(sunrise: Cast) -> None:
    parent, child = sunrise.fields[:2]
    project = make_pool(sunrise)
    enrol_fields(project, by=sunrise.operator, fields=[parent])
    lay(child, 118.002)
    Field.objects.filter(pk=parent.pk).update(ends_on=date(2025, 5, 31))
    Field.objects.filter(pk=child.pk).update(starts_on=date(2025, 6, 1))
    enrol_fields(project, by=sunrise.operator, fields=[child])
    reasons = Enrolment.objects.get(field=child).reasons
    assert "overlaps_enrolled" not in [reason["code"] for reason in reasons]


def test_a_second_check_does_not_queue_behind_one_that_waits(sunrise: Cast) -> None:
    ask_scan(sunrise.cooperative, by=sunrise.operator)
    with pytest.raises(ScanWaits):
        ask_scan(sunrise.cooperative, by=sunrise.operator)
    assert check_waiting_land() == 1
    assert check_waiting_land() == 0


def test_a_check_that_a_killed_worker_left_is_run_again(sunrise: Cast) -> None:
    scan = ask_scan(sunrise.cooperative, by=sunrise.operator)
    long_ago = timezone.now() - timedelta(hours=2)
    OverlapScan.objects.filter(pk=scan.pk).update(status="running", started_at=long_ago)
    assert check_waiting_land() == 1
    scan.refresh_from_db()
    assert scan.status == "done"


@pytest.mark.parametrize("role", ["approver", "verifier", "viewer"])
def test_only_the_operator_asks_for_a_check(sunrise: Cast, role: str) -> None:
    with pytest.raises(NotAllowed):
        ask_scan(sunrise.cooperative, by=getattr(sunrise, role))


def test_asking_and_finding_are_on_record(sunrise: Cast) -> None:
    check(sunrise)
    actions = AuditEvent.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["ask_overlap_scan", "scan_overlaps"]


def test_the_page_shows_both_own_fields_and_hides_the_strangers(
    sunrise: Cast, riverbend: Cast
) -> None:
    make_enrolled_pool(riverbend)
    Field.objects.filter(pk=riverbend.fields[0].pk).update(code="STRANGE")
    lay(sunrise.fields[0], 119.0025)
    lay(sunrise.fields[2], 118.00425)
    check(sunrise)
    page = words(signed_in(sunrise.operator).get(OVERLAPS))
    assert "50.0%" in page
    assert "75.0%" in page
    assert "F002" in page
    assert "F003" in page
    assert "land of another cooperative" in page
    assert "STRANGE" not in page
    assert "F001" not in words(signed_in(riverbend.operator).get(OVERLAPS))


def test_open_and_resolved_are_one_filter_away(sunrise: Cast) -> None:
    lay(sunrise.fields[1], 118.00275)
    check(sunrise)
    client = signed_in(sunrise.operator)
    assert "F001" in words(client.get(f"{OVERLAPS}?resolved=no"))
    assert "F001" not in words(client.get(f"{OVERLAPS}?resolved=yes"))


def test_the_button_queues_a_check(sunrise: Cast) -> None:
    client = signed_in(sunrise.operator)
    assert client.get(f"{OVERLAPS}do/check/").status_code == 200
    client.post(f"{OVERLAPS}do/check/")
    assert OverlapScan.objects.get().asked_by == sunrise.operator


def test_enrolment_asks_as_often_for_many_fields_as_for_few(sunrise: Cast) -> None:
    project = make_pool(sunrise)
    counts = []
    for fields in (sunrise.fields[:1], sunrise.fields):
        with CaptureQueriesContext(connection) as queries:
            enrol_fields(project, by=sunrise.operator, fields=fields)
        counts.append(len(queries))
    assert counts[1] <= counts[0]


def stack_fields(cast: Cast, count: int, *, held_from: int = 0) -> list[Field]:
    """Near copies of the cast's first field; those before `held_from` nobody holds."""
    fields = Field.objects.bulk_create(
        Field(cooperative=cast.cooperative, village=cast.village, code=f"S{at:04d}")
        for at in range(count)
    )
    shapes = [box(119 + at * 1e-8, 30, 119.001 + at * 1e-8, 30.001) for at in range(count)]
    Boundary.objects.bulk_create(
        make_boundary(field, Outline(shape, Decimal(10_000)), version=1, source_crs="EPSG:4326")
        for field, shape in zip(fields, shapes, strict=True)
    )
    Tenure.objects.bulk_create(
        Tenure(
            cooperative=cast.cooperative,
            field=field,
            household=cast.households[0],
            starts_on=START,
        )
        for field in fields[held_from:]
    )
    return fields


def test_of_a_stack_of_near_copies_one_is_enrolled_whichever_is_fit(sunrise: Cast) -> None:
    # The first forty have no holder: what is known of the others are mostly pairs with them.
    stack = stack_fields(sunrise, 200, held_from=40)
    counts = enrol_fields(make_pool(sunrise), by=sunrise.operator, fields=stack)
    assert (counts.enrolled, counts.refused) == (1, 199)
    assert Enrolment.objects.get(status="enrolled").field == stack[40]


def test_a_check_of_a_stack_says_that_not_all_is_listed_and_resolves_nothing_unseen(
    sunrise: Cast,
) -> None:
    stack = stack_fields(sunrise, 200)
    now = timezone.now()
    last = {"cooperative": sunrise.cooperative, "field": stack[198], "other": stack[199]}
    Overlap.objects.create(**last, share=1, area_m2=10_000, found_at=now)
    check(sunrise)
    scan = OverlapScan.objects.get()
    assert scan.crowded == 200
    assert 1_000 <= scan.found < 6_000  # of 19,900
    assert Overlap.objects.get(field=stack[198], other=stack[199]).resolved_at is None
