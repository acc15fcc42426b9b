"""The grain guard's rules, each with a case that breaks it and one that just does not."""

from __future__ import annotations

from datetime import date

import pytest

from farms.crops import Use, crop_keys, crop_uses, normalise_crops
from farms.grain_rules import Case, SeasonUse, Sight, judge_field


def season(year: int, *crops: str, worked: bool = True) -> SeasonUse:
    return SeasonUse(
        str(year), date(year, 1, 1), date(year, 12, 31), crops=crops, worked=worked or bool(crops)
    )


def broken(land_class: str, *seasons: SeasonUse, sights: tuple[Sight, ...] = ()) -> list[str]:
    flags = judge_field(Case(land_class, seasons, sights))
    return [f"{flag.rule} {flag.severity}" for flag in flags]


@pytest.mark.parametrize(
    ("typed", "kept", "use"),
    [
        ("稻谷", "水稻", Use.GRAIN),
        ("苞谷", "玉米", Use.GRAIN),
        ("xiaomai", "小麦", Use.GRAIN),
        ("Corn", "maize", Use.GRAIN),
        ("winter wheat", "winter wheat", Use.GRAIN),
        ("晚稻", "晚稻", Use.GRAIN),
        ("红薯", "甘薯", Use.GRAIN),
        ("油菜籽", "油菜", Use.FOOD),
        ("烤烟", "烟叶", Use.FOOD),
        ("脐橙", "脐橙", Use.ORCHARD),
        ("茶叶", "茶", Use.ORCHARD),
        ("绿化苗木", "苗木", Use.TREES),
        ("坑塘", "鱼塘", Use.POND),
    ],
)
def test_a_crop_is_known_by_its_many_names(typed: str, kept: str, use: Use) -> None:
    assert normalise_crops(typed) == (kept, [])
    assert crop_uses(typed) == {use}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("小麦和玉米", "小麦、玉米"),
        ("冬小麦 和玉米", "冬小麦、玉米"),
        ("油菜与水稻", "油菜、水稻"),
        ("wheat and corn", "wheat, maize"),
    ],
)
def test_two_crops_joined_by_a_word_are_two(typed: str, kept: str) -> None:
    assert normalise_crops(typed) == (kept, [])


def test_a_name_with_such_a_word_in_it_stays_one() -> None:
    assert normalise_crops("和田玉枣") == ("和田玉枣", ["和田玉枣"])
    assert normalise_crops("candy and") == ("candy and", ["candy and"])


def test_two_crops_in_a_cell_are_told_apart_and_an_unknown_one_stays_as_typed() -> None:
    assert normalise_crops("冬小麦+苞谷") == ("冬小麦、玉米", [])
    assert normalise_crops("wheat, quinoa") == ("wheat, quinoa", ["quinoa"])
    assert crop_keys("麦子/玉米") == {"wheat", "maize"} == crop_keys("corn + wheat")


@pytest.mark.parametrize("crop", ["苹果", "茶", "杨树", "草皮", "鱼塘"])
@pytest.mark.parametrize("land_class", ["permanent_basic", "high_standard"])
def test_trees_fruit_tea_and_fish_are_against_the_rules_on_protected_farmland(
    land_class: str, crop: str
) -> None:
    assert broken(land_class, season(2025, crop)) == ["no_crop_land refuse"]


def test_an_orchard_on_general_farmland_is_worth_a_look() -> None:
    assert broken("general", season(2025, "苹果")) == ["no_crop_land look"]
    assert broken("", season(2025, "苹果")) == ["no_crop_land look"]


def test_an_orchard_that_was_cleared_is_forgotten() -> None:
    assert broken("permanent_basic", season(2024, "苹果"), season(2025, "小麦")) == []


def test_grain_between_young_trees_is_no_conversion() -> None:
    assert broken("general", season(2025, "核桃+小麦")) == []


@pytest.mark.parametrize("land_class", ["permanent_basic", "high_standard"])
def test_protected_farmland_without_grain_is_worth_a_look(land_class: str) -> None:
    assert broken(land_class, season(2025, "蔬菜")) == ["no_grain look"]
    assert broken(land_class, season(2025, "蔬菜+水稻")) == []
    assert broken("general", season(2025, "蔬菜")) == []


def test_one_season_of_grain_within_the_year_is_enough() -> None:
    rice = SeasonUse("2024秋", date(2024, 6, 1), date(2024, 10, 31), ("水稻",), worked=True)
    rape = SeasonUse("2025春", date(2024, 11, 1), date(2025, 5, 31), ("油菜",), worked=True)
    assert broken("permanent_basic", rice, rape) == []
    # The rice of the year before does not count for this year's rape.
    old = SeasonUse("2023秋", date(2023, 6, 1), date(2023, 10, 31), ("水稻",), worked=True)
    assert broken("permanent_basic", old, rape) == ["no_grain look"]


def test_a_crop_nobody_knows_accuses_nobody() -> None:
    assert broken("permanent_basic", season(2025, "藜麦")) == []
    assert broken("permanent_basic", season(2025, "蔬菜、藜麦")) == []


def test_two_seasons_without_anything_are_worth_a_look_and_one_is_not() -> None:
    assert broken("", season(2024, worked=False), season(2025, worked=False)) == ["idle look"]
    assert broken("", season(2025, worked=False)) == []
    assert broken("", season(2024, worked=True), season(2025, worked=False)) == []


def test_a_sight_of_a_cultivated_field_answers_an_empty_record() -> None:
    idle = (season(2024, worked=False), season(2025, worked=False))
    assert broken("", *idle, sights=(Sight("cultivated", date(2025, 7, 1)),)) == []
    assert broken("", *idle, sights=(Sight("cultivated", date(2023, 7, 1)),)) == ["idle look"]


@pytest.mark.parametrize("seen", ["trees", "pond", "built"])
def test_land_seen_converted_is_against_the_rules_until_seen_cultivated(seen: str) -> None:
    gone = Sight(seen, date(2025, 3, 1))
    assert broken("general", season(2025, "小麦"), sights=(gone,)) == ["converted refuse"]
    back = Sight("cultivated", date(2025, 9, 1))
    assert broken("general", season(2025, "小麦"), sights=(back, gone)) == []


def test_land_seen_abandoned_is_against_the_rules_until_a_later_season_is_worked() -> None:
    seen = (Sight("abandoned", date(2024, 8, 1)),)
    assert broken("", season(2024, "小麦"), sights=seen) == ["abandoned refuse"]
    assert broken("", season(2024, "小麦"), season(2025, "小麦"), sights=seen) == []


def test_a_flag_says_since_when_and_what() -> None:
    (flag,) = judge_field(Case("permanent_basic", [season(2025, "茶叶")]))
    assert (flag.since, flag.facts) == (date(2025, 1, 1), {"season": "2025", "crop": "茶叶"})
