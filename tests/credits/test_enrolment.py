"""Which fields come into a pool, and what a refused one is told."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from shapely.geometry import box

from aggregator.errors import NotAllowed
from aggregator.models import Agreement, Membership
from aggregator.roles import NotYours
from credits.models import Enrolment, Project
from credits.pooling.enrolment import CHECKS, EnrolmentCounts, enrol_fields
from credits.pooling.reasons import REFUSALS, reason_text
from farms.models import Boundary, Field, Tenure
from tests.cast import Cast, make_household, make_season
from tests.credits.line import make_enrolled_pool, make_pool

REST = {"starts_on": "2024-01-01", "ends_on": "2028-12-31"}


def reasons_of(project: Project, field: Field) -> list[dict[str, Any]]:
    enrolment = Enrolment.objects.get(project=project, field=field)
    assert (enrolment.status == Enrolment.Status.REFUSED) == bool(enrolment.reasons)
    reasons: list[dict[str, Any]] = enrolment.reasons
    return reasons


def move_boundary(field: Field, west: float, south: float) -> None:
    """Lay a field's outline (0.001° square) elsewhere."""
    Boundary.objects.filter(field=field).update(
        geometry_wkb=box(west, south, west + 0.001, south + 0.001).wkb,
        min_x=west,
        min_y=south,
        max_x=west + 0.001,
        max_y=south + 0.001,
    )


def test_fields_in_order_are_all_enrolled(sunrise: Cast) -> None:
    project = make_pool(sunrise)
    assert enrol_fields(project, by=sunrise.operator) == EnrolmentCounts(3, 0)
    assert reasons_of(project, sunrise.fields[0]) == []


def test_named_fields_only_are_judged(sunrise: Cast) -> None:
    project = make_pool(sunrise)
    counts = enrol_fields(project, by=sunrise.operator, fields=[sunrise.fields[1]])
    assert counts == EnrolmentCounts(1, 0)
    assert project.enrolments.get().field == sunrise.fields[1]


def test_a_field_without_a_boundary_is_refused(sunrise: Cast) -> None:
    sunrise.fields[0].boundaries.all().delete()
    project = make_enrolled_pool(sunrise)
    assert reasons_of(project, sunrise.fields[0]) == [{"code": "no_boundary"}]


def test_a_field_that_nobody_holds_is_refused(sunrise: Cast) -> None:
    sunrise.fields[0].tenures.all().delete()
    project = make_enrolled_pool(sunrise)
    assert reasons_of(project, sunrise.fields[0]) == [{"code": "no_tenure", **REST}]


def test_a_tenure_that_ends_within_the_contract_is_refused_with_the_days(sunrise: Cast) -> None:
    sunrise.fields[0].tenures.update(ends_on=date(2027, 12, 31))
    project = make_enrolled_pool(sunrise)
    assert reasons_of(project, sunrise.fields[0]) == [
        {"code": "no_tenure", "starts_on": "2028-01-01", "ends_on": "2028-12-31"}
    ]


def test_an_operator_who_is_no_member_is_refused(sunrise: Cast) -> None:
    Membership.objects.filter(household=sunrise.households[0]).delete()
    project = make_enrolled_pool(sunrise)
    assert reasons_of(project, sunrise.fields[0]) == [
        {"code": "no_membership", "household": "H001", **REST}
    ]


def test_an_agreement_that_ends_early_is_refused_with_the_missing_days(sunrise: Cast) -> None:
    Agreement.objects.filter(code="A001").update(ends_on=date(2027, 6, 30))
    project = make_enrolled_pool(sunrise)
    missing = {"starts_on": "2027-07-01", "ends_on": "2028-12-31"}
    assert reasons_of(project, sunrise.fields[0]) == [
        {"code": "agreement_missing_days", "household": "H001", **missing}
    ]


def test_a_revoked_agreement_ends_the_day_before(sunrise: Cast) -> None:
    Agreement.objects.filter(code="A001").update(revoked_on=date(2026, 3, 1))
    project = make_enrolled_pool(sunrise)
    missing = {"starts_on": "2026-03-01", "ends_on": "2028-12-31"}
    assert reasons_of(project, sunrise.fields[0]) == [
        {"code": "agreement_missing_days", "household": "H001", **missing}
    ]


def test_a_household_may_join_a_running_pool(sunrise: Cast) -> None:
    Agreement.objects.filter(code="A001").update(starts_on=date(2025, 5, 1))
    project = make_enrolled_pool(sunrise)
    assert reasons_of(project, sunrise.fields[0]) == []


def test_the_contractor_of_transferred_land_must_have_signed_too(sunrise: Cast) -> None:
    # Household 2 operates field 1 from 2025 on; household 1, who contracts it, has not signed.
    Tenure.objects.create(
        cooperative=sunrise.cooperative,
        field=sunrise.fields[0],
        household=sunrise.households[1],
        kind=Tenure.Kind.TRANSFER,
        starts_on=date(2025, 1, 1),
    )
    Agreement.objects.filter(code="A001").delete()
    project = make_enrolled_pool(sunrise)
    assert reasons_of(project, sunrise.fields[0]) == [
        {
            "code": "agreement_missing_days",
            "household": "H001",
            "starts_on": "2024-01-01",
            "ends_on": "2024-12-31",
        },
        {
            "code": "agreement_missing_days",
            "household": "H001",
            "starts_on": "2025-01-01",
            "ends_on": "2028-12-31",
        },
    ]


def test_a_field_below_the_minimum_area_is_refused(sunrise: Cast) -> None:
    project = make_enrolled_pool(sunrise, terms={"minimum_area_m2": "10000.01"})
    assert reasons_of(project, sunrise.fields[0]) == [
        {"code": "below_minimum_area", "area_m2": "10000.00", "minimum_m2": "10000.01"}
    ]


def test_a_field_of_exactly_the_minimum_passes(sunrise: Cast) -> None:
    project = make_enrolled_pool(sunrise, terms={"minimum_area_m2": "10000"})
    assert reasons_of(project, sunrise.fields[0]) == []


def test_excluded_land_classes_and_crops_are_refused(sunrise: Cast) -> None:
    season = make_season(sunrise, 2025)
    season.practice_records.filter(field=sunrise.fields[1]).update(crop="tea")
    Field.objects.filter(pk=sunrise.fields[0].pk).update(land_class="general")
    left_out = {"excluded_land_classes": ["general"], "excluded_crops": ["tea"]}
    terms = {**left_out, "grain_guard": ""}
    project = make_enrolled_pool(sunrise, terms=terms)
    assert reasons_of(project, sunrise.fields[0]) == [
        {"code": "excluded_land_class", "land_class": "general"}
    ]
    assert reasons_of(project, sunrise.fields[1]) == [{"code": "excluded_crop", "crop": "tea"}]
    assert reasons_of(project, sunrise.fields[2]) == []


def test_a_field_is_in_one_pool_only(sunrise: Cast) -> None:
    make_enrolled_pool(sunrise)
    second = make_enrolled_pool(sunrise, code="second")
    assert reasons_of(second, sunrise.fields[0]) == [
        {"code": "enrolled_in_project", "project": "hills"}
    ]


def test_the_same_parcel_code_in_another_cooperative_is_refused(
    sunrise: Cast, riverbend: Cast
) -> None:
    parcel = "3506271020001000123"
    for cast in (sunrise, riverbend):
        Field.objects.filter(pk=cast.fields[0].pk).update(code=parcel)
    make_enrolled_pool(riverbend)
    project = make_enrolled_pool(sunrise)
    assert reasons_of(project, sunrise.fields[0]) == [{"code": "enrolled_elsewhere"}]


def test_the_same_house_code_in_another_cooperative_is_another_field(
    sunrise: Cast, riverbend: Cast
) -> None:
    make_enrolled_pool(riverbend)  # its field is F001 too
    project = make_enrolled_pool(sunrise)
    assert reasons_of(project, sunrise.fields[0]) == []


def test_land_enrolled_by_another_cooperative_is_refused_without_saying_whose(
    sunrise: Cast, riverbend: Cast
) -> None:
    make_enrolled_pool(riverbend)
    # Riverbend's field lies from 119.002; a quarter of ours lies on it.
    move_boundary(sunrise.fields[0], 119.00275, 30.0)
    project = make_enrolled_pool(sunrise)
    assert reasons_of(project, sunrise.fields[0]) == [
        {"code": "overlaps_enrolled", "percent": "25.0"}
    ]


def test_an_overlap_within_the_tolerance_and_a_common_edge_pass(
    sunrise: Cast, riverbend: Cast
) -> None:
    make_enrolled_pool(riverbend)
    move_boundary(sunrise.fields[0], 119.002991, 30.0)  # 0.9% of it
    move_boundary(sunrise.fields[1], 119.001, 30.0)  # the western edge
    project = make_enrolled_pool(sunrise)
    assert reasons_of(project, sunrise.fields[0]) == []
    assert reasons_of(project, sunrise.fields[1]) == []


def test_land_that_is_not_enrolled_stands_in_nobody_s_way(sunrise: Cast, riverbend: Cast) -> None:
    move_boundary(sunrise.fields[0], 119.002, 30.0)  # on Riverbend's field, which is in no pool
    project = make_enrolled_pool(sunrise)
    assert reasons_of(project, sunrise.fields[0]) == []


def test_of_two_candidates_on_the_same_land_the_first_comes_in(sunrise: Cast) -> None:
    move_boundary(sunrise.fields[1], 118.002, 30.0)  # just where field 1 lies
    project = make_enrolled_pool(sunrise)
    assert reasons_of(project, sunrise.fields[0]) == []
    assert reasons_of(project, sunrise.fields[1]) == [
        {"code": "overlaps_enrolled", "percent": "100.0"}
    ]


def test_a_newcomer_never_pushes_out_who_is_in(sunrise: Cast) -> None:
    project = make_pool(sunrise)
    enrol_fields(project, by=sunrise.operator, fields=[sunrise.fields[1]])
    move_boundary(sunrise.fields[0], 118.004, 30.0)  # field 1 now lies on field 2
    enrol_fields(project, by=sunrise.operator)
    assert reasons_of(project, sunrise.fields[1]) == []
    assert reasons_of(project, sunrise.fields[0])[0]["code"] == "overlaps_enrolled"


def test_asking_again_judges_afresh_and_keeps_one_row_a_field(sunrise: Cast) -> None:
    Agreement.objects.filter(code="A001").update(revoked_on=date(2020, 1, 1))
    project = make_enrolled_pool(sunrise)
    assert len(reasons_of(project, sunrise.fields[0])) == 1
    Agreement.objects.filter(code="A001").update(revoked_on=None)
    assert enrol_fields(project, by=sunrise.operator) == EnrolmentCounts(3, 0)
    assert project.enrolments.count() == 3


def test_all_reasons_are_told_at_once(sunrise: Cast) -> None:
    Membership.objects.filter(household=sunrise.households[0]).delete()
    project = make_enrolled_pool(sunrise, terms={"minimum_area_m2": "20000"})
    codes = [reason["code"] for reason in reasons_of(project, sunrise.fields[0])]
    assert codes == ["no_membership", "below_minimum_area"]


def test_more_fields_cost_no_more_queries(
    sunrise: Cast, riverbend: Cast, django_assert_max_num_queries: Any
) -> None:
    small, large = make_pool(riverbend), make_pool(sunrise)
    with django_assert_max_num_queries(ENROL_QUERIES):
        enrol_fields(small, by=riverbend.operator)
    with django_assert_max_num_queries(ENROL_QUERIES):
        enrol_fields(large, by=sunrise.operator)


def test_only_an_operator_of_the_cooperative_enrols_its_own_fields(
    sunrise: Cast, riverbend: Cast
) -> None:
    project = make_pool(sunrise)
    with pytest.raises(NotAllowed):
        enrol_fields(project, by=sunrise.verifier)
    with pytest.raises(NotYours):
        enrol_fields(project, by=riverbend.operator)
    with pytest.raises(NotYours):
        enrol_fields(project, by=sunrise.operator, fields=riverbend.fields)
    assert not Enrolment.objects.exists()


def test_a_transfer_to_a_new_member_is_no_obstacle(sunrise: Cast) -> None:
    tenant = make_household(sunrise.village, 4)
    Tenure.objects.create(
        cooperative=sunrise.cooperative,
        field=sunrise.fields[0],
        household=tenant,
        kind=Tenure.Kind.TRANSFER,
        starts_on=date(2025, 7, 1),
        ends_on=date(2026, 6, 30),
    )
    assert reasons_of(make_enrolled_pool(sunrise), sunrise.fields[0]) == []


def test_a_reason_is_read_as_a_sentence() -> None:
    reason = {"code": "overlaps_enrolled", "percent": "25.0"}
    with translation.override("en"):
        text = reason_text(reason)
        land = reason_text({"code": "excluded_land_class", "land_class": "general"})
    assert text == "25.0% of the field overlaps a field that is already enrolled."
    assert land == "Land of this class (general farmland) cannot be enrolled."
    assert reason_text({"code": "of_an_older_version"}) == "of_an_older_version"


def test_every_reason_has_its_sentence() -> None:
    values = {
        "starts_on": "2025-01-01",
        "ends_on": "2025-12-31",
        "household": "H001",
        "area_m2": str(Decimal(1)),
        "minimum_m2": "2",
        "limit_m2": "2",
        "practice": "no_till",
        "land_class": "general",
        "crop": "tea",
        "project": "hills",
        "percent": "25.0",
        "year": "4",
    }
    assert all("%(" not in reason_text({"code": code, **values}) for code in REFUSALS)
    assert len(CHECKS) == 11


# Five are the grain guard's, six ask for days counted elsewhere or kept from an ended enrolment.
# Six more on PostgreSQL: the lock by which enrolments take turns and twice how long to wait for it,
# the count of the new rows, and twice who writes.
ENROL_QUERIES = 35
