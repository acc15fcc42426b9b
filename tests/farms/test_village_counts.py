"""The map's counts by village: kept by the worker, never shown once the land was written to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection

from aggregator.models import User, Village
from farms.land_touches import add_up_touches
from farms.map import plots
from farms.map.shades import colourings_for
from farms.map.village_counts import refresh_counts
from farms.models import (
    Boundary,
    Evidence,
    Field,
    LandCount,
    LandTouch,
    Observation,
    Overlap,
    PracticeRecord,
    Season,
)
from farms.redrawing import split_field
from farms.tasks import count_villages
from tests.admin_pages import signed_in
from tests.cast import Cast, make_season
from tests.credits.line import make_enrolled_pool
from tests.farms.land import MIDDLE, MIDSUMMER

EVERYWHERE = "117,29,120,31"


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three plots are too many to be drawn."""
    monkeypatch.setattr(plots, "MOST_DRAWN", 1)


@pytest.fixture
def two_villages(sunrise: Cast) -> Cast:
    """The third field lies in a village of its own."""
    other = Village.objects.create(cooperative=sunrise.cooperative, code="V2", name="二村")
    Field.objects.filter(pk=sunrise.fields[2].pk).update(village=other)
    make_season(sunrise, 2025)
    return sunrise


def look(cast: Cast, *, by: User | None = None, **asked: Any) -> Any:
    values = {"box": EVERYWHERE, "zoom": "9", "colour": "land_class", **asked}
    return signed_in(by or cast.operator).get("/admin/map/plots.json", values).json()


def legend(cast: Cast, **asked: Any) -> dict[str, int]:
    return {each["key"]: each["n"] for each in look(cast, **asked)["legend"] if each["n"]}


def told(cast: Cast, **asked: Any) -> list[tuple[str, int]]:
    return sorted((village["name"], village["n"]) for village in look(cast, **asked)["villages"])


def falsify() -> None:
    """Mark what is kept, so that a page that shows it gives itself away."""
    for row in LandCount.objects.all():
        row.told["n"] = row.told["n"] and 777
        row.save()


def test_kept_counts_are_shown_as_they_were_counted(two_villages: Cast) -> None:
    before = look(two_villages)
    refresh_counts()
    assert look(two_villages) == before
    assert told(two_villages) == [("一村", 2), ("二村", 1)]
    falsify()
    assert told(two_villages) == [("一村", 777), ("二村", 777)]


def test_every_way_to_colour_is_counted_alike_kept_or_not(two_villages: Cast) -> None:
    make_enrolled_pool(two_villages)
    season = Season.objects.get(cooperative=two_villages.cooperative, code="2025")
    ways = [way.name for way in colourings_for(two_villages.operator)]
    asked = [{"colour": name, "season": season.pk} for name in ways]
    before = [look(two_villages, **each) for each in asked]
    refresh_counts()
    assert [look(two_villages, **each) for each in asked] == before
    assert any(name.startswith("project-") for name in ways)
    assert set(LandCount.objects.values_list("colouring", flat=True)) == set(ways)


def redraw(cast: Cast) -> None:
    split_field(cast.fields[0], cut=MIDDLE, codes=["A", "B"], on=MIDSUMMER, by=cast.operator)


def report(cast: Cast) -> None:
    record = PracticeRecord.objects.get(field=cast.fields[0])
    PracticeRecord.objects.filter(pk=record.pk).update(status="withdrawn")


def show(cast: Cast) -> None:
    record = PracticeRecord.objects.get(field=cast.fields[0])
    owned = {"cooperative": cast.cooperative, "record": record}
    Evidence.objects.create(**owned, file_name="a.jpg", sha256="0" * 64)


def lose(cast: Cast) -> None:
    PracticeRecord.objects.filter(field=cast.fields[0]).delete()


def overlap(cast: Cast) -> None:
    owned = {"cooperative": cast.cooperative, "field": cast.fields[0], "other": cast.fields[1]}
    Overlap.objects.create(**owned, share="0.1", area_m2="9", found_at="2025-01-01T00:00Z")


def observe(cast: Cast) -> None:
    owned = {"cooperative": cast.cooperative, "field": cast.fields[0]}
    Observation.objects.create(**owned, seen_on=date(2025, 6, 1), seen="pond")


def classify(cast: Cast) -> None:
    Field.objects.filter(pk=cast.fields[0].pk).update(land_class="general")


def write_sql(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE farms_boundary SET min_x = min_x - 0.5 WHERE field_id = %s",
            [cast.fields[0].pk],
        )


def enrol(cast: Cast) -> None:
    make_enrolled_pool(cast)


@pytest.mark.parametrize(
    "change", [redraw, report, show, lose, overlap, observe, classify, write_sql, enrol]
)
def test_a_village_that_was_written_to_is_counted_as_one_looks(
    two_villages: Cast, change: Callable[[Cast], None]
) -> None:
    refresh_counts()
    falsify()
    change(two_villages)
    shown = dict(told(two_villages))
    assert shown["一村"] in {2, 3}
    refresh_counts()
    assert dict(told(two_villages))["一村"] == shown["一村"]


def test_the_other_villages_stay_as_they_were_counted(two_villages: Cast) -> None:
    refresh_counts()
    falsify()
    classify(two_villages)
    assert told(two_villages) == [("一村", 2), ("二村", 777)]
    assert legend(two_villages)["general"] == 1


def test_a_field_that_moves_is_counted_in_its_new_village_only(two_villages: Cast) -> None:
    refresh_counts()
    village = Village.objects.get(cooperative=two_villages.cooperative, code="V2")
    Field.objects.filter(pk=two_villages.fields[0].pk).update(village=village)
    assert told(two_villages) == [("一村", 1), ("二村", 2)]


def test_of_a_village_across_the_edge_only_the_plots_in_view_are_counted(
    two_villages: Cast,
) -> None:
    refresh_counts()
    # The fields begin at 118.002°, 118.004° and 118.006°, each a thousandth of a degree wide.
    assert told(two_villages, box="118.0035,29.9,118.0075,30.1") == [("一村", 1), ("二村", 1)]


def test_one_village_of_the_filter_is_counted_alone(two_villages: Cast) -> None:
    refresh_counts()
    assert told(two_villages, village=two_villages.village.pk) == [("一村", 2)]


def test_what_is_kept_is_the_own_cooperatives(two_villages: Cast, riverbend: Cast) -> None:
    refresh_counts()
    falsify()
    assert LandCount.objects.filter(cooperative=riverbend.cooperative).exists()
    page = signed_in(riverbend.operator).get("/admin/map/").content.decode()
    assert "data-extent" in page
    kept = {row.cooperative_id for row in LandCount.objects.for_user(two_villages.operator)}
    assert kept == {two_villages.cooperative.pk}
    root = User.objects.create(username="root", is_superuser=True, is_staff=True)
    assert {n for _name, n in told(two_villages, by=root)} == {777}


def test_a_verifier_is_shown_no_counts_of_what_is_not_assigned(two_villages: Cast) -> None:
    refresh_counts()
    falsify()
    assert told(two_villages, by=two_villages.verifier) == []


def test_the_maps_first_view_follows_the_land(two_villages: Cast) -> None:
    client = signed_in(two_villages.operator)
    assert client.get("/admin/map/").context["extent"] == "118.002,30.0,118.007,30.001"
    count_villages()
    assert client.get("/admin/map/").context["extent"] == "118.002,30.0,118.007,30.001"
    Boundary.objects.filter(field=two_villages.fields[2]).update(max_x=118.5)
    assert client.get("/admin/map/").context["extent"] == "118.002,30.0,118.5,30.001"


def test_a_project_that_is_gone_leaves_no_counts(two_villages: Cast) -> None:
    project = make_enrolled_pool(two_villages)
    refresh_counts()
    project.enrolments.all().delete()
    project.delete()
    refresh_counts()
    assert not LandCount.objects.filter(colouring=f"project-{project.pk}").exists()


def test_counting_again_writes_nothing_where_nothing_changed(two_villages: Cast) -> None:
    refresh_counts()
    keys = set(LandCount.objects.values_list("pk", flat=True))
    refresh_counts()
    assert set(LandCount.objects.values_list("pk", flat=True)) == keys


def test_adding_the_touches_up_keeps_their_sums(two_villages: Cast) -> None:
    refresh_counts()
    classify(two_villages)
    refresh_counts()
    falsify()
    add_up_touches()
    rows = LandTouch.objects.filter(cooperative=two_villages.cooperative)
    assert rows.count() == 2
    assert told(two_villages) == [("一村", 777), ("二村", 777)]


def test_more_villages_cost_no_more_queries(
    two_villages: Cast, riverbend: Cast, django_assert_num_queries: Any
) -> None:
    refresh_counts()
    client = signed_in(two_villages.operator)
    asked = {"box": EVERYWHERE, "zoom": "9", "colour": "land_class"}
    for code in ("V3", "V4"):
        with django_assert_num_queries(8):
            client.get("/admin/map/plots.json", asked)
        Village.objects.create(cooperative=two_villages.cooperative, code=code, name="三村")
        refresh_counts()
