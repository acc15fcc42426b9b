"""Plots are drawn, redrawn, split and merged by rule, and what was on record stays."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import shapely
from django.utils import timezone
from shapely.affinity import translate
from shapely.geometry import LineString, Polygon, box

from aggregator.errors import DomainError, NotAllowed
from aggregator.models import Agreement, AuditEvent
from aggregator.roles import NotYours
from farms.cutting import check_parts, join_polygons
from farms.models import AgreementField, Field, FieldDescent, PracticeRecord, Tenure
from farms.redrawing import (
    BadDay,
    BadFieldCode,
    BadOutline,
    FieldCodeTaken,
    FieldEnded,
    NewField,
    NotOneVillage,
    OutlineUnchanged,
    OverlapsNeighbour,
    TooFewFields,
    WrongNumberOfCodes,
    draw_field,
    merge_fields,
    redraw_field,
    split_field,
)
from farms.successors import AgreementsDiffer, HoldersDiffer, RecordsDiffer, TenuresOverlap
from farms.transfers import transfer_field
from tests.cast import START, Cast, make_season
from tests.farms.land import MIDDLE, MIDSUMMER, area, half, measure, outline

pytestmark = pytest.mark.usefixtures("in_english")

FAR = box(118.1, 30.0, 118.101, 30.001)


def drawn(cast: Cast, polygon: Polygon = FAR, *, code: str = "N1", **facts: Any) -> Field:
    values = {
        "code": code,
        "village": cast.village,
        "household": cast.households[0],
        "kind": "contract",
        "starts_on": date(2025, 1, 1),
        **facts,
    }
    by = values.pop("by", cast.operator)
    return draw_field(NewField(**values), polygon=polygon, by=by)


def split(cast: Cast, *, codes: Any = ("F001-1", "F001-2"), **how: Any) -> list[Field]:
    values = {"cut": MIDDLE, "on": MIDSUMMER, "by": cast.operator, **how}
    return split_field(cast.fields[0], codes=codes, **values)


def neighbours(cast: Cast) -> list[Field]:
    """The first field, and a second one of the same household on its eastern edge."""
    first = cast.fields[0]
    second = drawn(cast, translate(outline(first), xoff=0.001), code="N1", starts_on=START)
    return [first, second]


def merged(cast: Cast, fields: list[Field], **how: Any) -> Field:
    values = {"code": "M1", "on": MIDSUMMER, "by": cast.operator, **how}
    return merge_fields(fields, **values)


def test_a_drawn_field_has_a_boundary_of_its_own_hand_and_a_holder(sunrise: Cast) -> None:
    field = drawn(sunrise, name="新田")
    boundary = field.boundaries.get()
    assert (boundary.version, boundary.origin) == (1, "drawing")
    assert boundary.recorded_by == sunrise.operator
    # 0.001° of longitude at 30° N is 96.49 m, of latitude 110.85 m.
    assert abs(boundary.area_m2 - Decimal(10696)) < 5
    assert field.tenures.get().household == sunrise.households[0]


def test_a_drawn_field_may_not_lie_on_its_neighbour(sunrise: Cast) -> None:
    with pytest.raises(OverlapsNeighbour) as refusal:
        drawn(sunrise, translate(outline(sunrise.fields[0]), xoff=0.0005))
    assert refusal.value.values == {"code": "F001", "percent": "50.0"}
    assert not Field.objects.filter(code="N1").exists()


def test_an_outline_that_crosses_itself_is_told_in_words(sunrise: Cast) -> None:
    bow = Polygon([(118.1, 30), (118.101, 30.001), (118.101, 30), (118.1, 30.001)])
    with pytest.raises(BadOutline) as refusal:
        drawn(sunrise, bow)
    assert "118.1005, 30.0005" in str(refusal.value)


@pytest.mark.parametrize("code", ["", " N1", "x" * 41])
def test_a_code_is_a_word_of_at_most_forty_characters(sunrise: Cast, code: str) -> None:
    with pytest.raises(BadFieldCode):
        drawn(sunrise, code=code)


def test_a_code_that_is_taken_is_refused(sunrise: Cast) -> None:
    with pytest.raises(FieldCodeTaken):
        drawn(sunrise, code="F002")


def test_redrawing_adds_a_version_and_keeps_the_one_before(sunrise: Cast) -> None:
    field = sunrise.fields[0]
    boundary = redraw_field(field, polygon=half("west"), by=sunrise.operator)
    assert (boundary.version, boundary.origin) == (2, "drawing")
    assert [row.version for row in field.boundaries.all()] == [1, 2]
    event = AuditEvent.objects.get(action="redraw_field")
    assert event.details["area_m2"] == ["10000.00", str(boundary.area_m2)]


def test_the_same_outline_again_changes_nothing(sunrise: Cast) -> None:
    with pytest.raises(OutlineUnchanged):
        redraw_field(sunrise.fields[0], polygon=outline(sunrise.fields[0]), by=sunrise.operator)


def test_redrawing_over_a_neighbour_is_refused(sunrise: Cast) -> None:
    over = box(118.002, 30.0, 118.0045, 30.001)
    with pytest.raises(OverlapsNeighbour):
        redraw_field(sunrise.fields[0], polygon=over, by=sunrise.operator)


def test_a_split_ends_the_field_on_the_day_before(sunrise: Cast) -> None:
    children = split(sunrise)
    parent = Field.objects.get(code="F001")
    assert parent.ends_on == date(2025, 6, 30)
    assert [(child.code, child.starts_on) for child in children] == [
        ("F001-1", MIDSUMMER),
        ("F001-2", MIDSUMMER),
    ]
    descents = FieldDescent.objects.filter(parent=parent)
    assert {row.child_id for row in descents} == {child.pk for child in children}
    assert {row.happened_on for row in descents} == {MIDSUMMER}


def test_the_parts_areas_add_up_to_the_fields_to_the_hundredth(sunrise: Cast) -> None:
    measure(sunrise)
    whole = area(sunrise.fields[0])
    third = LineString([(118.00233, 29.999), (118.00234, 30.002)])
    children = split(sunrise, cut=third)
    assert sum(area(child) for child in children) == whole
    assert area(children[0]) < area(children[1])


def test_contract_areas_are_shared_out_with_the_land(sunrise: Cast) -> None:
    field = sunrise.fields[0]
    field.contract_area_m2 = Decimal("10000.01")
    field.save()
    shares = [child.contract_area_m2 for child in split(sunrise)]
    assert sorted(shares) == [Decimal("5000.00"), Decimal("5000.01")]


def test_the_parts_go_on_in_the_same_hands(sunrise: Cast) -> None:
    transfer_field(
        sunrise.fields[0],
        household=sunrise.households[1],
        kind="transfer",
        starts_on=date(2025, 5, 1),
        ends_on=date(2026, 4, 30),
        by=sunrise.operator,
    )
    children = split(sunrise)
    held = Tenure.objects.filter(field=sunrise.fields[0]).order_by("starts_on")
    assert [row.ends_on for row in held] == [date(2025, 6, 30), date(2025, 6, 30)]
    for child in children:
        assert list(
            child.tenures.values_list("household__code", "kind", "starts_on", "ends_on")
        ) == [
            ("H001", "contract", MIDSUMMER, None),
            ("H002", "transfer", MIDSUMMER, date(2026, 4, 30)),
        ]


def test_a_transfer_that_was_still_to_come_comes_to_the_parts(sunrise: Cast) -> None:
    transfer_field(
        sunrise.fields[0],
        household=sunrise.households[1],
        kind="transfer",
        starts_on=date(2026, 1, 1),
        by=sunrise.operator,
    )
    children = split(sunrise)
    assert [row.kind for row in sunrise.fields[0].tenures.all()] == ["contract"]
    assert children[1].tenures.get(kind="transfer").starts_on == date(2026, 1, 1)


def test_agreements_that_name_the_field_name_its_parts(sunrise: Cast) -> None:
    agreement = Agreement.objects.get(household=sunrise.households[0])
    AgreementField.objects.create(
        cooperative=sunrise.cooperative, agreement=agreement, field=sunrise.fields[0]
    )
    split(sunrise)
    named = agreement.named_fields.values_list("field__code", flat=True)
    assert sorted(named) == ["F001", "F001-1", "F001-2"]


def test_drawn_parts_make_up_the_field(sunrise: Cast) -> None:
    children = split(sunrise, cut=[half("east"), half("west")])
    assert outline(children[0]).equals(half("east"))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([half("west"), box(118.0026, 30.0, 118.003, 30.001)], "leave"),
        ([half("west"), box(118.0024, 30.0, 118.003, 30.001)], "twice"),
        ([half("west"), box(118.0025, 30.0, 118.0032, 30.001)], "beyond"),
    ],
)
def test_parts_with_a_gap_a_double_or_an_end_outside_are_refused(
    sunrise: Cast, parts: list[Polygon], words: str
) -> None:
    with pytest.raises(BadOutline) as refusal:
        split(sunrise, cut=parts)
    # A tenth of 0.001° × 0.001°, about 1,070 m²; the piece beyond is twice as wide.
    assert words in str(refusal.value)


def test_a_line_that_ends_inside_divides_nothing(sunrise: Cast) -> None:
    with pytest.raises(BadOutline):
        split(sunrise, cut=LineString([(118.0025, 29.999), (118.0025, 30.0005)]))


def test_every_part_needs_a_code_of_its_own(sunrise: Cast) -> None:
    for codes, refusal in (
        (("A",), WrongNumberOfCodes),
        (("A", "A"), BadFieldCode),
        (("A", "F002"), FieldCodeTaken),
    ):
        with pytest.raises(refusal):
            split(sunrise, codes=codes)
    assert Field.objects.get(code="F001").ends_on is None


def test_a_field_is_split_once_and_not_in_the_future(sunrise: Cast) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(BadDay):
        split(sunrise, on=tomorrow)
    split(sunrise)
    with pytest.raises(FieldEnded):
        split(sunrise, codes=("A", "B"))
    with pytest.raises(FieldEnded):
        redraw_field(sunrise.fields[0], polygon=half("west"), by=sunrise.operator)


def test_a_part_can_be_split_again_on_a_later_day_only(sunrise: Cast) -> None:
    part = split(sunrise)[0]
    across = LineString([(118.001, 30.0005), (118.004, 30.0005)])
    again = {"cut": across, "codes": ("A", "B"), "by": sunrise.operator}
    with pytest.raises(BadDay):
        split_field(part, on=MIDSUMMER, **again)
    assert [field.code for field in split_field(part, on=date(2025, 8, 1), **again)] == ["A", "B"]


def test_merged_fields_end_and_one_begins_with_the_area_of_both(sunrise: Cast) -> None:
    measure(sunrise)
    fields = neighbours(sunrise)
    child = merged(sunrise, fields)
    assert area(child) == area(fields[0]) + area(fields[1])
    assert child.boundaries.get().origin == "merger"
    ended = Field.objects.filter(pk__in=[field.pk for field in fields])
    assert {field.ends_on for field in ended} == {date(2025, 6, 30)}
    assert sorted(child.parents.values_list("parent__code", flat=True)) == ["F001", "N1"]
    assert child.tenures.get().starts_on == MIDSUMMER


def test_a_split_undone_by_a_merger_covers_the_same_land(sunrise: Cast) -> None:
    measure(sunrise)
    whole, before = outline(sunrise.fields[0]), area(sunrise.fields[0])
    child = merged(sunrise, split(sunrise), on=date(2025, 8, 1))
    assert area(child) == before
    assert outline(child).symmetric_difference(whole).area < 1e-12


def test_fields_that_do_not_touch_are_not_merged(sunrise: Cast) -> None:
    Tenure.objects.filter(field=sunrise.fields[1]).update(household=sunrise.households[0])
    with pytest.raises(BadOutline):
        merged(sunrise, sunrise.fields[:2])


def test_an_edge_with_corners_rounded_to_the_millimetre_is_one_edge() -> None:
    # A plot cut askew; its southern neighbour has a corner every seven metres of the cut, and each
    # was rounded to the millimetre by itself, as a survey in metres is.
    cut = shapely.segmentize(LineString([(0.000, 19.377), (61.377, 27.911)]), 7.0)
    corners = [(round(x, 3), round(y, 3)) for x, y in cut.coords]
    south = Polygon([*corners, (60.0, 5.0), (0.0, 0.0)])
    north = Polygon([corners[0], corners[-1], (63.0, 45.0), (3.0, 40.0)])
    assert not north.union(south).equals(Polygon(north.union(south).exterior))
    pair = [
        shapely.transform(plot, lambda metres: metres / (96_000, 111_000) + (118, 30))
        for plot in (north, south)
    ]
    joined = join_polygons(pair)
    assert len(joined.interiors) == 0
    around = [(0.0, 0.0), (60.0, 5.0), corners[-1], (63.0, 45.0), (3.0, 40.0), corners[0]]
    whole = Polygon([(118 + x / 96_000, 30 + y / 111_000) for x, y in around])
    assert shapely.hausdorff_distance(joined, whole) < 1e-7
    check_parts(joined, pair)


def test_fields_of_different_holders_are_not_merged(sunrise: Cast) -> None:
    with pytest.raises(HoldersDiffer) as refusal:
        merged(sunrise, sunrise.fields[:2])
    assert "F001" in str(refusal.value)


def test_fields_named_in_different_agreements_are_not_merged(sunrise: Cast) -> None:
    fields = neighbours(sunrise)
    AgreementField.objects.create(
        cooperative=sunrise.cooperative,
        agreement=Agreement.objects.get(household=sunrise.households[0]),
        field=fields[0],
    )
    with pytest.raises(AgreementsDiffer):
        merged(sunrise, fields)


def test_fields_with_different_practices_in_the_year_are_not_merged(sunrise: Cast) -> None:
    fields = neighbours(sunrise)
    season = make_season(sunrise, 2025)
    PracticeRecord.objects.filter(field=fields[1]).delete()
    with pytest.raises(RecordsDiffer) as refusal:
        merged(sunrise, fields)
    assert refusal.value.values["season"] == season.code
    merged(sunrise, fields, on=date(2026, 1, 1))


def test_one_field_or_fields_of_two_land_classes_are_not_merged(sunrise: Cast) -> None:
    fields = neighbours(sunrise)
    with pytest.raises(TooFewFields):
        merged(sunrise, [fields[0], fields[0]])
    Field.objects.filter(pk=fields[1].pk).update(land_class="general")
    with pytest.raises(NotOneVillage):
        merged(sunrise, fields)


def test_only_the_own_cooperatives_operator_redraws(sunrise: Cast, riverbend: Cast) -> None:
    field = sunrise.fields[0]
    for by, refusal in ((sunrise.approver, NotAllowed), (riverbend.operator, NotYours)):
        for act in (
            lambda by=by: redraw_field(field, polygon=half("west"), by=by),
            lambda by=by: split(sunrise, by=by),
            lambda by=by: merged(sunrise, sunrise.fields[:2], by=by),
            lambda by=by: drawn(sunrise, by=by),
        ):
            with pytest.raises(refusal):
                act()
    with pytest.raises(NotYours):
        drawn(sunrise, household=riverbend.households[0])


def test_a_refused_split_leaves_nothing_behind(sunrise: Cast) -> None:
    with pytest.raises(DomainError):
        split(sunrise, codes=("F001-1", "F003"))
    assert Field.objects.filter(cooperative=sunrise.cooperative).count() == 3
    assert not FieldDescent.objects.exists()


def test_land_held_twice_in_one_way_is_told_before_it_is_split(sunrise: Cast) -> None:
    # Rows of older versions; the pages and the import refuse the second one.
    Tenure.objects.create(
        cooperative=sunrise.cooperative,
        field=sunrise.fields[0],
        household=sunrise.households[1],
        starts_on=date(2021, 1, 1),
    )
    with pytest.raises(TenuresOverlap) as refusal:
        split(sunrise)
    assert refusal.value.values["one"] == "H001"
    assert refusal.value.values["other"] == "H002"
    sunrise.fields[0].refresh_from_db()
    assert sunrise.fields[0].ends_on is None
