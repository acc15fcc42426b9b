"""No kilogram is counted twice or lost when fields are split, merged or transferred in mid-period.

The cast's fields have 10,000 m² and earn one tonne a hectare and year: 1,000 kg over a whole year.
"""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from shapely.affinity import translate
from shapely.geometry import LineString

from credits.counting.monitoring import close_period, open_period
from credits.models import Enrolment, FieldResult, MonitoringPeriod, Project
from credits.pooling.descent import ProjectsDiffer, name_frozen_periods
from credits.pooling.enrolment import enrol_fields
from farms.models import Boundary, Evidence, Field, PracticeRecord, Season, Tenure
from farms.observations import record_observations
from farms.redrawing import merge_fields, split_field
from farms.successors import RecordsDiffer
from farms.transfers import transfer_field
from tests.cast import Cast, make_season
from tests.credits.line import confirm_all, drawn_sample, make_enrolled_pool, open_year
from tests.farms.land import MIDDLE, MIDSUMMER, outline

Row = tuple[str, str, date, date, int]


def rows_of(period: MonitoringPeriod, cast: Cast, *fields: str) -> list[Row]:
    run = close_period(period, by=cast.operator)
    results = FieldResult.objects.filter(run=run).order_by("starts_on", "field__code")
    found = results.values_list(
        "field__code", "household__code", "starts_on", "ends_on", "gross_kg"
    )
    return [row for row in found if not fields or row[0] in fields]


def exact_kg(period: MonitoringPeriod) -> Fraction:
    """What all rows of the period's only run earned before each was rounded down."""
    results = FieldResult.objects.filter(run__period=period)
    texts = results.values_list("terms__gross_before_floor_kg", flat=True)
    return sum((Fraction(text) for text in texts), Fraction(0))


def split(cast: Cast, on: date = MIDSUMMER, **how: Any) -> list[Field]:
    values = {"cut": MIDDLE, "codes": ("F001-1", "F001-2"), **how}
    return split_field(cast.fields[0], on=on, by=cast.operator, **values)


@pytest.fixture
def pool(sunrise: Cast) -> Project:
    make_season(sunrise, 2025)
    return make_enrolled_pool(sunrise)


def test_a_field_counts_to_its_last_day_and_its_parts_from_their_first(
    sunrise: Cast, pool: Project
) -> None:
    split(sunrise)
    rows = rows_of(open_year(pool, 2025, sunrise), sunrise, "F001", "F001-1", "F001-2")
    # 181 days: 1000 × 181/365 = 495.89. Halves for 184 days: 500 × 184/365 = 252.05 each.
    assert rows == [
        ("F001", "H001", date(2025, 1, 1), date(2025, 6, 30), 495),
        ("F001-1", "H001", MIDSUMMER, date(2025, 12, 31), 252),
        ("F001-2", "H001", MIDSUMMER, date(2025, 12, 31), 252),
    ]


def test_before_rounding_a_split_changes_no_gram(sunrise: Cast, pool: Project) -> None:
    split(sunrise)
    period = open_year(pool, 2025, sunrise)
    rows = rows_of(period, sunrise)
    # Three fields of 1,000 kg; terms are cut off after six decimals, once a row.
    assert 3000 - exact_kg(period) < Fraction(len(rows), 10**6)
    assert exact_kg(period) <= 3000
    # Each row is rounded down to a kilogram, so that a split costs less than one a row.
    assert 3000 - len(rows) < sum(row[4] for row in rows) <= 3000


def test_a_split_in_a_leap_year_divides_by_366_days(sunrise: Cast) -> None:
    make_season(sunrise, 2024)
    pool = make_enrolled_pool(sunrise)
    split(sunrise, on=date(2024, 3, 1))
    rows = rows_of(open_year(pool, 2024, sunrise), sunrise, "F001", "F001-1")
    # January and the leap February: 60 days, 1000 × 60/366 = 163.93; then 500 × 306/366 = 418.03.
    assert [row[4] for row in rows] == [163, 418]


def test_merged_fields_count_to_their_last_day_and_the_new_one_from_its_first(
    sunrise: Cast,
) -> None:
    first, second, _third = sunrise.fields
    shape = translate(outline(first), xoff=0.001)
    west, south, east, north = shape.bounds
    Boundary.objects.filter(field=second).update(
        geometry_wkb=shape.wkb, min_x=west, max_x=east, min_y=south, max_y=north
    )
    Tenure.objects.filter(field=second).update(household=sunrise.households[0])
    make_season(sunrise, 2025)
    pool = make_enrolled_pool(sunrise)
    merge_fields([first, second], code="M1", on=MIDSUMMER, by=sunrise.operator)
    period = open_year(pool, 2025, sunrise)
    rows = rows_of(period, sunrise, "F001", "F002", "M1")
    # 495.89 twice, then 2000 × 184/365 = 1008.22 on both.
    assert [(row[0], row[4]) for row in rows] == [("F001", 495), ("F002", 495), ("M1", 1008)]
    assert 0 <= 3000 - exact_kg(period) < Fraction(5, 10**6)


def test_both_households_see_their_days_of_a_part_transferred_after_the_split(
    sunrise: Cast, pool: Project
) -> None:
    _west, east = split(sunrise)
    transfer_field(
        east,
        household=sunrise.households[1],
        kind="transfer",
        starts_on=date(2025, 10, 1),
        by=sunrise.operator,
    )
    rows = rows_of(open_year(pool, 2025, sunrise), sunrise, "F001-2")
    # 92 days each: 500 × 92/365 = 126.03.
    assert rows == [
        ("F001-2", "H001", MIDSUMMER, date(2025, 9, 30), 126),
        ("F001-2", "H002", date(2025, 10, 1), date(2025, 12, 31), 126),
    ]


def test_a_transfer_in_a_leap_year_divides_the_field_by_days(sunrise: Cast) -> None:
    make_season(sunrise, 2024)
    pool = make_enrolled_pool(sunrise)
    transfer_field(
        sunrise.fields[0],
        household=sunrise.households[1],
        kind="transfer",
        starts_on=date(2024, 2, 29),
        ends_on=date(2024, 8, 31),
        by=sunrise.operator,
    )
    rows = rows_of(open_year(pool, 2024, sunrise), sunrise, "F001")
    # 59 + 185 + 122 = 366 days: 161.20, 505.46 and 333.33 kg.
    assert [(row[1], row[4]) for row in rows] == [("H001", 161), ("H002", 505), ("H001", 333)]


def test_the_parts_stay_enrolled_and_asking_again_refuses_none(
    sunrise: Cast, pool: Project
) -> None:
    split(sunrise)
    enrolled = Enrolment.objects.filter(project=pool, status="enrolled")
    assert enrolled.count() == 5
    counts = enrol_fields(pool, by=sunrise.operator)
    assert (counts.enrolled, counts.refused) == (5, 0)


def test_a_field_outside_every_project_gives_parts_outside(sunrise: Cast) -> None:
    split(sunrise)
    assert not Enrolment.objects.exists()


def test_land_does_not_enter_a_project_by_a_merger(sunrise: Cast, pool: Project) -> None:
    parts = split(sunrise)
    Enrolment.objects.filter(field=parts[1]).delete()
    with pytest.raises(ProjectsDiffer):
        merge_fields(parts, code="M1", on=date(2026, 1, 1), by=sunrise.operator)
    assert not Field.objects.filter(code="M1").exists()


def season_of(cast: Cast, starts_on: date, ends_on: date) -> Season:
    return Season.objects.create(
        cooperative=cast.cooperative, code=str(starts_on), starts_on=starts_on, ends_on=ends_on
    )


def record(field: Field, season: Season, **facts: Any) -> PracticeRecord:
    return PracticeRecord.objects.create(
        cooperative=field.cooperative, field=field, season=season, practice="no_till", **facts
    )


def earning(period: MonitoringPeriod, cast: Cast) -> list[str]:
    return [row[0] for row in rows_of(period, cast) if row[4] > 0]


def test_a_season_over_before_the_split_counts_for_the_parts_too(sunrise: Cast) -> None:
    record(sunrise.fields[0], season_of(sunrise, date(2024, 10, 1), date(2025, 6, 10)))
    pool = make_enrolled_pool(sunrise)
    split(sunrise)
    period = open_year(pool, 2025, sunrise)
    assert earning(period, sunrise) == ["F001", "F001-1", "F001-2"]


def test_a_season_begun_after_the_split_counts_for_the_days_before_it(sunrise: Cast) -> None:
    pool = make_enrolled_pool(sunrise)
    season = season_of(sunrise, date(2025, 8, 1), date(2025, 11, 30))
    for part in split(sunrise):
        record(part, season)
    period = open_year(pool, 2025, sunrise)
    assert earning(period, sunrise) == ["F001", "F001-1", "F001-2"]


def test_a_split_written_down_late_takes_no_record_from_the_land(
    sunrise: Cast, pool: Project
) -> None:
    # The season of 2025 was entered for the whole field, which then ended before it.
    split(sunrise, on=date(2025, 1, 1))
    rows = rows_of(open_year(pool, 2025, sunrise), sunrise, "F001", "F001-1", "F001-2")
    # Halves of 10,000 m² for the whole year: 500 kg each.
    assert [(row[0], row[4]) for row in rows] == [("F001-1", 500), ("F001-2", 500)]


def test_a_split_does_not_wash_land_clean_of_what_grew_or_was_seen(sunrise: Cast) -> None:
    make_season(sunrise, 2024)
    first, second, _third = sunrise.fields
    PracticeRecord.objects.filter(field=second).update(crop="烤烟")
    record_observations(
        sunrise.cooperative,
        field_ids=[first.pk],
        seen="built",
        seen_on=date(2025, 3, 1),
        by=sunrise.operator,
    )
    terms = {"minimum_lot_t": 1, "grain_guard": "refuse", "excluded_crops": ["烤烟"]}
    pool = make_enrolled_pool(sunrise, terms=terms)
    split(sunrise)
    across = LineString([(118.0045, 29.999), (118.0045, 30.002)])
    by = sunrise.operator
    split_field(second, cut=across, codes=["F002-1", "F002-2"], on=MIDSUMMER, by=by)
    enrol_fields(pool, by=by)
    reasons = dict(Enrolment.objects.values_list("field__code", "reasons"))
    assert [reasons[code][0]["rule"] for code in ("F001", "F001-1", "F001-2")] == ["converted"] * 3
    assert reasons["F002-1"] == reasons["F002"] == [{"code": "excluded_crop", "crop": "烤烟"}]
    assert reasons["F003"] == []


def test_what_only_one_part_did_is_not_the_whole_fields(sunrise: Cast) -> None:
    pool = make_enrolled_pool(sunrise)
    west, _east = split(sunrise)
    record(west, season_of(sunrise, date(2025, 8, 1), date(2025, 11, 30)))
    assert earning(open_year(pool, 2025, sunrise), sunrise) == ["F001-1"]


def test_a_record_withdrawn_on_a_part_takes_nothing_from_its_parent(sunrise: Cast) -> None:
    season = season_of(sunrise, date(2025, 5, 1), date(2025, 10, 31))
    record(sunrise.fields[0], season)
    pool = make_enrolled_pool(sunrise)
    west, _east = split(sunrise)
    record(west, season, status="withdrawn")
    assert earning(open_year(pool, 2025, sunrise), sunrise) == ["F001", "F001-2"]
    assert not Evidence.objects.exists()


def test_a_tenure_written_past_the_fields_end_counts_no_day_twice(
    sunrise: Cast, pool: Project
) -> None:
    split(sunrise)
    Tenure.objects.filter(field=sunrise.fields[0]).update(ends_on=None)
    rows = rows_of(open_year(pool, 2025, sunrise), sunrise, "F001")
    assert rows == [("F001", "H001", date(2025, 1, 1), date(2025, 6, 30), 495)]


def test_two_periods_across_a_split_count_every_day_once(sunrise: Cast, pool: Project) -> None:
    split(sunrise)
    halves = [
        open_period(pool, code=code, starts_on=first, ends_on=last, by=sunrise.operator)
        for code, first, last in (
            ("2025-1", date(2025, 1, 1), date(2025, 8, 31)),
            ("2025-2", date(2025, 9, 1), date(2025, 12, 31)),
        )
    ]
    for half in halves:
        rows = rows_of(half, sunrise, "F001", "F001-1", "F001-2")
        days = {(row[0], row[2], row[3]) for row in rows}
        assert len(days) == len(rows)
    spans = FieldResult.objects.filter(field__code="F001").values_list("starts_on", "ends_on")
    assert list(spans) == [(date(2025, 1, 1), date(2025, 6, 30))]


def test_a_verified_period_is_named_when_its_field_is_redrawn(sunrise: Cast, pool: Project) -> None:
    field = sunrise.fields[0]
    period = open_year(pool, 2025, sunrise)
    close_period(period, by=sunrise.operator)
    assert name_frozen_periods(field) == []
    confirm_all(period, sunrise)
    drawn_sample(period, sunrise)
    (sentence,) = name_frozen_periods(field)
    assert "2025" in sentence
    assert "1" in sentence


def side_by_side(cast: Cast) -> tuple[Field, Field]:
    """The first two fields on a common edge, both of the first household."""
    first, second, _third = cast.fields
    shape = translate(outline(first), xoff=0.001)
    west, south, east, north = shape.bounds
    Boundary.objects.filter(field=second).update(
        geometry_wkb=shape.wkb, min_x=west, max_x=east, min_y=south, max_y=north
    )
    Tenure.objects.filter(field=second).update(household=cast.households[0])
    return first, second


def half_years(pool: Project, cast: Cast) -> MonitoringPeriod:
    """A period from July to June, as cooperatives with winter wheat count."""
    return open_period(
        pool,
        code="2024-25",
        starts_on=date(2024, 7, 1),
        ends_on=date(2025, 6, 30),
        by=cast.operator,
    )


def test_a_merger_compares_the_seasons_of_its_period_not_of_its_year(sunrise: Cast) -> None:
    first, second = side_by_side(sunrise)
    pool = make_enrolled_pool(sunrise)
    half_years(pool, sunrise)
    # Counted from July to June, and only the first field did it: over before New Year.
    record(first, season_of(sunrise, date(2024, 7, 1), date(2024, 11, 30)))
    with pytest.raises(RecordsDiffer):
        merge_fields([first, second], code="M1", on=date(2025, 3, 1), by=sunrise.operator)


def test_a_season_of_the_period_before_stands_in_no_mergers_way(sunrise: Cast) -> None:
    first, second = side_by_side(sunrise)
    pool = make_enrolled_pool(sunrise)
    half_years(pool, sunrise)
    record(first, season_of(sunrise, date(2025, 1, 1), date(2025, 5, 31)))
    # The next period begins on 1 July, opened or not.
    merge_fields([first, second], code="M1", on=date(2025, 9, 1), by=sunrise.operator)


def test_a_part_is_merged_with_what_the_whole_had_on_record(sunrise: Cast) -> None:
    _first, second = side_by_side(sunrise)
    make_season(sunrise, 2025)
    pool = make_enrolled_pool(sunrise)
    # On 1 March the east half of the first field becomes a field of its own, without records.
    _west, east = split(sunrise, on=date(2025, 3, 1))
    merge_fields([east, second], code="M1", on=MIDSUMMER, by=sunrise.operator)
    rows = rows_of(open_year(pool, 2025, sunrise), sunrise, "F001", "F001-2", "F002", "M1")
    # 59 days of 1,000; 122 days of 500; 181 days of 1,000; 184 days of 1,500 kg a year.
    assert [(row[0], row[4]) for row in rows] == [
        ("F001", 161),
        ("F002", 495),
        ("F001-2", 167),
        ("M1", 756),
    ]


def test_a_field_begun_by_a_merger_is_merged_again_with_its_parents_records(
    sunrise: Cast,
) -> None:
    first, second = side_by_side(sunrise)
    third = sunrise.fields[2]
    shape = translate(outline(second), xoff=0.001)
    west, south, right, north = shape.bounds
    Boundary.objects.filter(field=third).update(
        geometry_wkb=shape.wkb, min_x=west, max_x=right, min_y=south, max_y=north
    )
    Tenure.objects.filter(field=third).update(household=sunrise.households[0])
    make_season(sunrise, 2025)
    pool = make_enrolled_pool(sunrise)
    one = merge_fields([first, second], code="M1", on=date(2025, 4, 1), by=sunrise.operator)
    merge_fields([one, third], code="M2", on=MIDSUMMER, by=sunrise.operator)
    period = open_year(pool, 2025, sunrise)
    rows = rows_of(period, sunrise)
    # 90 days of 1,000 twice, 91 of 2,000, 181 of 1,000, and 184 of 3,000 kg a year.
    assert {row[0]: row[4] for row in rows} == {
        "F001": 246,
        "F002": 246,
        "M1": 498,
        "F003": 495,
        "M2": 1512,
    }
    assert 0 <= 3000 - exact_kg(period) < Fraction(len(rows), 10**6)
