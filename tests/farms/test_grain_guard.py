"""The guard keeps its flags up to date and refuses only where a project says so."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from aggregator.errors import NotAllowed
from aggregator.models import AuditEvent
from aggregator.roles import NotYours
from credits.models import Enrolment
from credits.pooling.enrolment import reason_text
from credits.terms.program_terms import BadTerm
from farms.grain_guard import check_land, flag_text, refresh_flags
from farms.models import Field, GrainFlag, Observation, PracticeRecord
from farms.observations import DayToCome, record_observations
from farms.redrawing import split_field
from tests.cast import Cast, make_season
from tests.credits.line import make_enrolled_pool
from tests.farms.land import MIDDLE

pytestmark = pytest.mark.usefixtures("in_english")

Seen = Observation.Seen


def grow(cast: Cast, number: int, crop: str, *, land_class: str) -> Field:
    field = cast.fields[number]
    PracticeRecord.objects.filter(field=field).update(crop=crop)
    Field.objects.filter(pk=field.pk).update(land_class=land_class)
    return field


def flags(cast: Cast) -> list[tuple[str, str]]:
    rows = GrainFlag.objects.for_cooperative(cast.cooperative).order_by("field__code", "rule")
    return [(row.field.code, row.rule) for row in rows]


def look(cast: Cast, field: Field, seen: Seen, day: date, **words: Any) -> int:
    return record_observations(
        cast.cooperative,
        by=words.pop("by", cast.operator),
        field_ids=[field.pk],
        seen=seen,
        seen_on=day,
        **words,
    )


def test_flags_come_and_go_with_what_is_on_record(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    field = grow(sunrise, 0, "茶", land_class="permanent_basic")
    assert check_land(sunrise.cooperative, by=sunrise.operator) == 1
    assert flags(sunrise) == [("F001", "no_crop_land")]
    row = GrainFlag.objects.get()
    assert flag_text(row.rule, row.facts, row.since) == "Season 2025: 茶."
    kept = row.pk
    refresh_flags(sunrise.cooperative)
    assert GrainFlag.objects.get().pk == kept
    PracticeRecord.objects.filter(field=field).update(crop="小麦")
    assert refresh_flags(sunrise.cooperative, [field.pk]) == 0
    assert flags(sunrise) == []


def test_an_observation_raises_a_flag_at_once_and_another_ends_it(sunrise: Cast) -> None:
    field = sunrise.fields[1]
    assert look(sunrise, field, Seen.POND, date(2025, 4, 1), words=("drone", "north half")) == 1
    assert flags(sunrise) == [("F002", "converted")]
    row = GrainFlag.objects.get()
    assert flag_text(row.rule, row.facts, row.since) == "Seen on 2025-04-01: dug into a pond."
    assert look(sunrise, field, Seen.POND, date(2025, 4, 1)) == 0
    assert look(sunrise, field, Seen.CULTIVATED, date(2025, 9, 1)) == 1
    assert flags(sunrise) == []
    assert AuditEvent.objects.filter(action="record_observations").count() == 2


def test_observations_need_a_day_that_came_a_role_and_ones_own_land(
    sunrise: Cast, riverbend: Cast
) -> None:
    field = sunrise.fields[0]
    with pytest.raises(DayToCome):
        look(sunrise, field, Seen.TREES, date(2999, 1, 1))
    with pytest.raises(NotAllowed):
        look(sunrise, field, Seen.TREES, date(2025, 1, 1), by=sunrise.viewer)
    with pytest.raises(NotYours):
        look(sunrise, riverbend.fields[0], Seen.TREES, date(2025, 1, 1))
    assert Observation.objects.count() == 0


def test_only_seasons_that_anybody_entered_prove_anything(sunrise: Cast) -> None:
    make_season(sunrise, 2023)
    make_season(sunrise, 2024)
    third = sunrise.fields[2]
    PracticeRecord.objects.filter(field=third).delete()
    refresh_flags(sunrise.cooperative)
    assert flags(sunrise) == [("F003", "idle")]
    # Reported is not confirmed: it does not answer the question yet.
    season = PracticeRecord.objects.all()[0].season
    record = PracticeRecord.objects.create(
        cooperative=sunrise.cooperative,
        field=third,
        season=season,
        practice="fallow",
        status="reported",
    )
    refresh_flags(sunrise.cooperative)
    assert flags(sunrise) == [("F003", "idle")]
    PracticeRecord.objects.filter(pk=record.pk).update(status="confirmed")
    refresh_flags(sunrise.cooperative)
    assert flags(sunrise) == []


def test_land_counted_in_acres_is_not_under_chinas_rules(riverbend: Cast) -> None:
    riverbend.cooperative.area_unit = "acre"
    riverbend.cooperative.save()
    make_season(riverbend, 2025)
    field = grow(riverbend, 0, "apples", land_class="permanent_basic")
    look(riverbend, field, Seen.TREES, date(2025, 5, 1))
    assert flags(riverbend) == []
    project = make_enrolled_pool(riverbend)
    assert project.terms["grain_guard"] == ""


@pytest.mark.parametrize(
    ("term", "status", "rules"),
    [
        ("refuse", "refused", ["no_crop_land"]),
        ("flag", "enrolled", ["no_crop_land"]),
        ("", "enrolled", []),
    ],
)
def test_the_projects_terms_say_what_a_broken_rule_does(
    sunrise: Cast, term: str, status: str, rules: list[str]
) -> None:
    make_season(sunrise, 2025)
    field = grow(sunrise, 0, "苹果", land_class="permanent_basic")
    project = make_enrolled_pool(sunrise, terms={"grain_guard": term})
    row = Enrolment.objects.get(project=project, field=field)
    assert row.status == status
    assert [reason["rule"] for reason in row.reasons] == rules
    for reason in row.reasons:
        text = reason_text(reason)
        assert text.startswith(
            "Grain guard, trees, orchard or pond on cropland: Season 2025: 苹果."
        )
        assert "leave the field out until it is cropland again" in text
    others = Enrolment.objects.filter(project=project).exclude(field=field)
    assert {other.status for other in others} == {"enrolled"}


def test_what_is_only_worth_a_look_never_refuses(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    field = grow(sunrise, 0, "蔬菜", land_class="permanent_basic")
    project = make_enrolled_pool(sunrise, terms={"grain_guard": "refuse"})
    row = Enrolment.objects.get(project=project, field=field)
    assert (row.status, [reason["rule"] for reason in row.reasons]) == ("enrolled", ["no_grain"])


def test_a_project_of_a_cooperative_in_mu_shows_flags_unless_it_says_otherwise(
    sunrise: Cast,
) -> None:
    assert make_enrolled_pool(sunrise).terms["grain_guard"] == "flag"
    with pytest.raises(BadTerm):
        make_enrolled_pool(sunrise, code="two", terms={"grain_guard": "perhaps"})


def test_an_excluded_crop_is_found_by_any_of_its_names(sunrise: Cast) -> None:
    make_season(sunrise, 2025)
    field = grow(sunrise, 0, "茶叶+花生", land_class="")
    terms = {"excluded_crops": ["tea"], "grain_guard": ""}
    project = make_enrolled_pool(sunrise, terms=terms)
    row = Enrolment.objects.get(project=project, field=field)
    assert row.reasons == [{"code": "excluded_crop", "crop": "tea"}]


def test_a_part_is_not_idle_where_the_whole_was_worked(sunrise: Cast) -> None:
    for year in (2023, 2024):
        make_season(sunrise, year)
    split_field(
        sunrise.fields[0], cut=MIDDLE, codes=["P1", "P2"], on=date(2025, 1, 1), by=sunrise.operator
    )
    assert check_land(sunrise.cooperative, by=sunrise.operator) == 0
    PracticeRecord.objects.filter(field=sunrise.fields[0]).delete()
    check_land(sunrise.cooperative, by=sunrise.operator)
    assert flags(sunrise) == [("F001", "idle"), ("P1", "idle"), ("P2", "idle")]
