"""A soil sampling round: list before seed, points by strata, the next for one not reached."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from pathlib import Path

import pytest
import shapely
from openpyxl import Workbook

from aggregator.errors import NotAllowed
from aggregator.models import AuditEvent
from aggregator.roles import NotYours
from credits.models import SoilPoint
from credits.soil.population import PointSource, find_redraw_faults, unpack_list
from credits.soil.sampling import (
    BadDepths,
    NoEarlierRound,
    PointNotOpen,
    PointsDrawn,
    ReasonMissing,
    ResultsMissing,
    RoundUnderWay,
    SeedMissing,
    close_round,
    draw_points,
    open_points,
    plan_round,
    replace_point,
)
from credits.soil.strata import (
    NothingEnrolled,
    SheetDoesNotFit,
    SheetMissing,
    TooFewPoints,
    gather_parcels,
    share_points,
)
from farms.models import Field
from tests.cast import Cast, make_season
from tests.credits.soil_rounds import SEED, drawn_round, make_plan, make_pool, measured_round

pytestmark = pytest.mark.django_db


def test_the_list_is_published_under_its_hash_before_there_is_a_seed(sunrise: Cast) -> None:
    campaign = plan_round(make_pool(sunrise), plan=make_plan(), by=sunrise.operator)
    content = unpack_list(campaign)
    assert campaign.seed == ""
    assert hashlib.sha256(content).hexdigest() == campaign.population_sha256
    listed = json.loads(content)
    assert [field["code"] for field in listed["fields"]] == ["F001", "F002", "F003"]
    assert listed["strata"] == [{"name": "all", "points": 6}]
    assert "户主" not in content.decode()
    event = AuditEvent.objects.get(action="plan_soil_round")
    assert event.details["population_sha256"] == campaign.population_sha256


def test_every_drawn_point_lies_in_its_field_and_comes_out_again(sunrise: Cast) -> None:
    campaign = drawn_round(sunrise, make_pool(sunrise))
    points = list(campaign.points.select_related("boundary"))
    assert [point.code for point in points] == [f"SOIL-1-1-0{number}" for number in range(1, 7)]
    for point in points:
        plot = shapely.from_wkb(bytes(point.boundary.geometry_wkb))
        assert plot.contains(shapely.Point(point.longitude, point.latitude))
        assert point.boundary.field_id == point.field_id
    source = PointSource(unpack_list(campaign), seed=SEED)
    field, drawn = source.draw("all", 3)
    assert field["code"] == points[2].field.code
    assert Decimal(drawn.longitude_e7).scaleb(-7) == points[2].longitude
    assert list(find_redraw_faults(campaign)) == []


@pytest.mark.usefixtures("in_english")
def test_a_point_that_was_moved_is_found_out(sunrise: Cast) -> None:
    campaign = drawn_round(sunrise, make_pool(sunrise))
    SoilPoint.objects.filter(position=2).update(longitude=Decimal("118.0025"))
    SoilPoint.objects.filter(position=5).delete()
    assert list(find_redraw_faults(campaign)) == [
        "Point SOIL-1-1-02 is not where the seed puts it.",
        "1 drawn points are missing.",
    ]


def test_points_are_drawn_once(sunrise: Cast) -> None:
    campaign = drawn_round(sunrise, make_pool(sunrise))
    with pytest.raises(PointsDrawn):
        draw_points(campaign, seed="another", by=sunrise.operator)
    assert campaign.points.count() == 6


def test_no_seed_draws_nothing(sunrise: Cast) -> None:
    campaign = plan_round(make_pool(sunrise), plan=make_plan(), by=sunrise.operator)
    for seed in ("  ", "x" * 201):
        with pytest.raises(SeedMissing):
            draw_points(campaign, seed=seed, by=sunrise.operator)
    assert campaign.points.count() == 0


def test_the_next_point_of_the_draw_replaces_one_not_reached(sunrise: Cast) -> None:
    campaign = drawn_round(sunrise, make_pool(sunrise))
    gone = campaign.points.get(position=4)
    new = replace_point(gone, reason="水淹", by=sunrise.operator)
    gone.refresh_from_db()
    assert new is not None
    assert (new.position, new.replaces) == (7, gone)
    assert (gone.status, gone.reason) == (SoilPoint.Status.UNREACHED, "水淹")
    assert open_points(campaign).count() == 6
    assert list(find_redraw_faults(campaign)) == []
    with pytest.raises(PointNotOpen):
        replace_point(gone, reason="again", by=sunrise.operator)
    with pytest.raises(ReasonMissing):
        replace_point(new, reason=" ", by=sunrise.operator)


def test_strata_follow_the_land_and_each_gets_its_share(sunrise: Cast) -> None:
    project = make_pool(sunrise)
    Field.objects.filter(code="F001").update(land_class="general")
    campaign = drawn_round(sunrise, project, stratify_by="land_class", total_points=9)
    told = [(each["name"], each["fields"], each["points"]) for each in campaign.strata]
    assert told == [("general", 1, 3), ("none", 2, 6)]
    general = campaign.points.filter(stratum="general").select_related("field")
    assert {point.field.code for point in general} == {"F001"}


def test_strata_by_practice_size_and_village(sunrise: Cast) -> None:
    project = make_pool(sunrise)
    make_season(sunrise, 2025)
    make_season(sunrise, 2026, practice="cover_crop")
    strata = {
        by: sorted(parcel.stratum for parcel in gather_parcels(project, by=by))
        for by in ("practice", "area_class", "village")
    }
    assert strata["practice"] == ["cover_crop"] * 3
    assert strata["area_class"] == ["large", "middle", "small"]
    assert strata["village"] == ["V1 一村"] * 3


def test_strata_come_from_a_sheet_that_names_every_field(sunrise: Cast, tmp_path: Path) -> None:
    project = make_pool(sunrise)
    sheet = tmp_path / "strata.xlsx"
    workbook = Workbook()
    for row in (("地块编码", "分层"), ("F001", "坡地"), ("F002", "坝子"), ("F003", "坝子")):
        workbook.worksheets[0].append(row)
    workbook.save(sheet)
    parcels = gather_parcels(project, by="sheet", sheet=sheet)
    assert [parcel.stratum for parcel in parcels] == ["坡地", "坝子", "坝子"]
    workbook.worksheets[0].delete_rows(4)
    workbook.save(sheet)
    with pytest.raises(SheetDoesNotFit, match="F003"):
        gather_parcels(project, by="sheet", sheet=sheet)
    with pytest.raises(SheetMissing):
        gather_parcels(project, by="sheet")


def test_points_are_shared_by_area_and_by_spread_with_the_least_in_each() -> None:
    areas = {"flat": Decimal(700), "hill": Decimal(200), "wet": Decimal(100)}
    assert share_points(20, areas, least=2) == {"flat": 14, "hill": 4, "wet": 2}
    # The reserve's three in each stratum come on top of what area gives the others.
    assert share_points(20, areas, least=3) == {"flat": 14, "hill": 4, "wet": 3}
    spread = {"flat": 1.0, "hill": 2.0, "wet": 4.0}
    # 700 : 400 : 400 of 15.
    assert share_points(15, areas, least=2, deviations=spread) == {"flat": 7, "hill": 4, "wet": 4}
    with pytest.raises(TooFewPoints):
        share_points(5, areas, least=2)


def test_a_plan_that_cannot_be_carried_out_is_refused(sunrise: Cast) -> None:
    project = make_pool(sunrise)
    for depths in ((), (30, 15), (0, 30), (15, 400)):
        with pytest.raises(BadDepths):
            plan_round(project, plan=make_plan(depths_cm=depths), by=sunrise.operator)
    with pytest.raises(NoEarlierRound):
        plan_round(project, plan=make_plan(revisits=True), by=sunrise.operator)
    with pytest.raises(NoEarlierRound):
        plan_round(project, plan=make_plan(by_spread=True), by=sunrise.operator)
    project.enrolments.all().delete()
    with pytest.raises(NothingEnrolled):
        plan_round(project, plan=make_plan(), by=sunrise.operator)


def test_a_round_is_closed_with_all_results_before_the_next(sunrise: Cast) -> None:
    project = make_pool(sunrise)
    campaign = drawn_round(sunrise, project)
    with pytest.raises(ResultsMissing, match=r"^(?!.*SOIL-1-1-06)"):
        close_round(campaign, by=sunrise.operator)
    with pytest.raises(RoundUnderWay):
        plan_round(project, plan=make_plan(), by=sunrise.operator)


def test_the_next_round_keeps_the_strata_or_goes_back_to_the_points(
    sunrise: Cast, tmp_path: Path
) -> None:
    project = make_pool(sunrise)
    first = measured_round(sunrise, project, tmp_path, carbon=[10, 11, 12, 13, 14, 15])
    second = measured_round(
        sunrise, project, tmp_path, carbon=[11, 12, 13, 14, 15, 16], stratify_by="earlier"
    )
    assert second.follows == first
    assert second.points.get(position=1).longitude != first.points.get(position=1).longitude
    third = drawn_round(sunrise, project, revisits=True, stratify_by="earlier")
    places = third.points.values_list("label", "longitude", "latitude")
    assert list(places) == list(second.points.values_list("label", "longitude", "latitude"))
    assert list(find_redraw_faults(third)) == []
    gone = third.points.get(position=1)
    assert replace_point(gone, reason="已建房", by=sunrise.operator) is None


@pytest.mark.parametrize("role", ["approver", "verifier", "viewer"])
def test_only_the_operator_samples(sunrise: Cast, role: str) -> None:
    project = make_pool(sunrise)
    other = getattr(sunrise, role)
    with pytest.raises(NotAllowed):
        plan_round(project, plan=make_plan(), by=other)
    campaign = drawn_round(sunrise, project)
    with pytest.raises(NotAllowed):
        draw_points(campaign, seed=SEED, by=other)
    with pytest.raises(NotAllowed):
        replace_point(campaign.points.all()[0], reason="why", by=other)
    with pytest.raises(NotAllowed):
        close_round(campaign, by=other)


def test_another_cooperative_finds_nothing_to_sample(sunrise: Cast, riverbend: Cast) -> None:
    campaign = drawn_round(sunrise, make_pool(sunrise))
    for act in (
        lambda: plan_round(campaign.project, plan=make_plan(), by=riverbend.operator),
        lambda: draw_points(campaign, seed=SEED, by=riverbend.operator),
        lambda: replace_point(campaign.points.all()[0], reason="why", by=riverbend.operator),
        lambda: close_round(campaign, by=riverbend.operator),
    ):
        with pytest.raises(NotYours):
            act()
