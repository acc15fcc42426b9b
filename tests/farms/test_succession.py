"""Death, division and merger: people, membership and land pass on a day, and nothing twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from aggregator import succession
from aggregator.models import AuditEvent, Household, Person, Succession
from aggregator.periods import Period
from aggregator.roles import NotAllowed, NotYours
from aggregator.succession import NewHousehold
from farms.models import Field, Tenure
from farms.succession import FieldNotHeld, divide_household, pass_household
from farms.tenure import operator_spans
from tests.admin_pages import signed_in, words
from tests.aggregator.sheets import identity
from tests.cast import START, Cast, make_field

DAY = date(2025, 7, 1)
YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))


def add_person(household: Household, name: str, *, number: str = "") -> Person:
    return Person.objects.create(
        cooperative=household.cooperative, household=household, name=name, identity_number=number
    )


def spans_of(field: Field) -> list[tuple[int, date, date]]:
    return operator_spans([field.pk], YEAR)[field.pk]


def new(code: str, *persons: Person, shares: int = 1) -> NewHousehold:
    return NewHousehold(code=code, persons=persons, head=persons[0], shares=shares)


def test_the_heir_becomes_head_on_the_day_and_the_household_goes_on(sunrise: Cast) -> None:
    household = sunrise.households[0]
    heir = add_person(household, "王小明", number=identity(1))
    passed = succession.record_death(household, heir=heir, happened_on=DAY, by=sunrise.operator)
    rows = {p.name: (p.is_head, p.left_on, p.leaving) for p in household.persons.all()}
    assert rows == {"王小明": (True, None, ""), "户主1": (False, DAY, "died")}
    assert (passed.household, passed.successor, passed.person) == (household, household, heir)
    assert household.memberships.get().ends_on is None
    assert spans_of(sunrise.fields[0]) == [(household.pk, YEAR.starts_on, YEAR.ends_on)]


def test_who_signs_must_be_known_by_number(sunrise: Cast) -> None:
    household = sunrise.households[0]
    heir = add_person(household, "王小明")
    with pytest.raises(succession.HeirWithoutIdentity, match="王小明"):
        succession.record_death(household, heir=heir, happened_on=DAY, by=sunrise.operator)
    terms = {"heir": heir, "happened_on": DAY, "by": sunrise.operator}
    with pytest.raises(succession.IdentityRefused):
        succession.record_death(household, identity_number="123", **terms)
    add_person(sunrise.households[1], "别人", number=identity(1))
    with pytest.raises(succession.IdentityTaken, match="H002"):
        succession.record_death(household, identity_number=identity(1), **terms)
    succession.record_death(household, identity_number=identity(2), **terms)
    heir.refresh_from_db()
    assert (heir.is_head, heir.identity_number) == (True, identity(2))


def test_an_heir_of_another_household_is_refused(sunrise: Cast) -> None:
    other = sunrise.households[1].persons.get()
    with pytest.raises(succession.NotInHousehold):
        succession.record_death(
            sunrise.households[0], heir=other, happened_on=DAY, by=sunrise.operator
        )


def test_a_merger_passes_land_people_and_membership_on_the_day(sunrise: Cast) -> None:
    former, successor = sunrise.households[:2]
    field = sunrise.fields[0]
    pass_household(former, successor=successor, kind="merger", happened_on=DAY, by=sunrise.operator)
    assert spans_of(field) == [
        (former.pk, YEAR.starts_on, date(2025, 6, 30)),
        (successor.pk, DAY, YEAR.ends_on),
    ]
    assert former.memberships.get().ends_on == date(2025, 6, 30)
    assert {p.name: p.is_head for p in successor.persons.all()} == {"户主2": True, "户主1": False}
    assert not former.persons.exists()
    assert former.agreements.get().household == former


def test_after_the_death_of_the_last_the_head_stays_where_he_was(sunrise: Cast) -> None:
    former, successor = sunrise.households[:2]
    pass_household(former, successor=successor, kind="death", happened_on=DAY, by=sunrise.operator)
    dead = former.persons.get()
    assert (dead.left_on, dead.leaving, dead.is_head) == (DAY, "died", False)
    assert successor.persons.count() == 1


def test_a_field_let_to_the_successor_comes_home(sunrise: Cast) -> None:
    """The successor owns the contract; the former held it by transfer."""
    former, successor = sunrise.households[:2]
    field = sunrise.fields[1]
    Tenure.objects.create(
        cooperative=sunrise.cooperative,
        field=field,
        household=former,
        kind=Tenure.Kind.TRANSFER,
        starts_on=date(2024, 1, 1),
    )
    pass_household(former, successor=successor, kind="merger", happened_on=DAY, by=sunrise.operator)
    assert spans_of(field) == [
        (former.pk, YEAR.starts_on, date(2025, 6, 30)),
        (successor.pk, DAY, YEAR.ends_on),
    ]


def test_what_passed_on_does_not_pass_again(sunrise: Cast) -> None:
    first, second, third = sunrise.households
    pass_household(first, successor=second, kind="merger", happened_on=DAY, by=sunrise.operator)
    with pytest.raises(succession.AlreadyPassedOn, match="H002"):
        pass_household(first, successor=third, kind="merger", happened_on=DAY, by=sunrise.operator)
    with pytest.raises(succession.SameHousehold):
        pass_household(second, successor=second, kind="death", happened_on=DAY, by=sunrise.operator)


def test_nothing_passes_to_a_household_that_passed_on_itself(sunrise: Cast) -> None:
    """Its membership is over: land given to it would earn nothing, and nobody would say so."""
    first, second, third = sunrise.households
    pass_household(first, successor=second, kind="merger", happened_on=DAY, by=sunrise.operator)
    for former in (second, third):
        with pytest.raises(succession.AlreadyPassedOn, match="H001"):
            pass_household(
                former, successor=first, kind="merger", happened_on=DAY, by=sunrise.operator
            )
    assert third.tenures.get().ends_on is None


def test_the_head_of_a_division_is_one_of_those_who_move(sunrise: Cast) -> None:
    household = sunrise.households[0]
    son = add_person(household, "王小明", number=identity(1))
    daughter = add_person(household, "王小红", number=identity(2))
    founded = NewHousehold(code="H101", persons=[son], head=daughter)
    with pytest.raises(succession.HeadDoesNotMove, match="王小红"):
        divide_household(household, new=founded, fields=[], happened_on=DAY, by=sunrise.operator)
    nobody = NewHousehold(code="H101", persons=[], head=son)
    with pytest.raises(succession.NobodyMoves):
        divide_household(household, new=nobody, fields=[], happened_on=DAY, by=sunrise.operator)


def test_a_division_founds_a_household_with_people_fields_and_shares(sunrise: Cast) -> None:
    household = sunrise.households[0]
    son = add_person(household, "王小明", number=identity(1))
    add_person(household, "留下的")
    second = make_field(sunrise.village, household, 9, east=118.0)
    passed = divide_household(
        household,
        new=new("H101", son, shares=2),
        fields=[second],
        happened_on=DAY,
        note="分户",
        by=sunrise.operator,
    )
    founded = passed.successor
    assert (founded.code, founded.village, founded.phone) == ("H101", sunrise.village, "")
    assert [(p.name, p.is_head) for p in founded.persons.all()] == [("王小明", True)]
    assert founded.memberships.get().starts_on == DAY
    assert founded.memberships.get().shares == 2
    assert not founded.agreements.exists()
    assert spans_of(second) == [
        (household.pk, YEAR.starts_on, date(2025, 6, 30)),
        (founded.pk, DAY, YEAR.ends_on),
    ]
    assert spans_of(sunrise.fields[0]) == [(household.pk, YEAR.starts_on, YEAR.ends_on)]
    assert household.memberships.get().ends_on is None


def test_a_field_passes_with_the_contract_that_runs_and_the_one_that_renews_it(
    sunrise: Cast,
) -> None:
    household, (field, *_others) = sunrise.households[0], sunrise.fields
    son = add_person(household, "王小明", number=identity(1))
    Tenure.objects.filter(field=field).update(ends_on=date(2025, 9, 30))
    renewed = {"starts_on": date(2025, 10, 1), "ends_on": date(2055, 9, 30)}
    Tenure.objects.create(
        cooperative=sunrise.cooperative, field=field, household=household, **renewed
    )
    passed = divide_household(
        household,
        new=new("H101", son),
        fields=[field],
        happened_on=DAY,
        by=sunrise.operator,
    )
    held = field.tenures.order_by("starts_on").values_list("household", "starts_on", "ends_on")
    assert list(held) == [
        (household.pk, START, date(2025, 6, 30)),
        (passed.successor.pk, DAY, date(2025, 9, 30)),
        (passed.successor.pk, date(2025, 10, 1), date(2055, 9, 30)),
    ]


def test_a_division_is_refused_whole(sunrise: Cast) -> None:
    household = sunrise.households[0]
    son = add_person(household, "王小明", number=identity(1))
    terms = {"happened_on": DAY, "by": sunrise.operator}
    with pytest.raises(FieldNotHeld, match="F002"):
        divide_household(household, new=new("H101", son), fields=[sunrise.fields[1]], **terms)
    with pytest.raises(succession.CodeTaken, match="H002"):
        divide_household(household, new=new("H002", son), fields=[], **terms)
    head = household.persons.get(is_head=True)
    with pytest.raises(succession.HeadStays):
        divide_household(household, new=new("H101", head), fields=[], **terms)
    assert not Household.objects.filter(code="H101").exists()
    assert not Succession.objects.exists()
    assert household.persons.count() == 2


def test_a_tenure_not_begun_yet_is_the_successors_from_its_first_day(sunrise: Cast) -> None:
    former, successor = sunrise.households[:2]
    Tenure.objects.filter(household=former).update(ends_on=date(2025, 12, 31))
    later = Tenure.objects.create(
        cooperative=sunrise.cooperative,
        field=sunrise.fields[0],
        household=former,
        starts_on=date(2026, 1, 1),
    )
    pass_household(former, successor=successor, kind="merger", happened_on=DAY, by=sunrise.operator)
    later.refresh_from_db()
    assert (later.household, later.starts_on) == (successor, date(2026, 1, 1))
    held = successor.tenures.exclude(pk=later.pk).get(field=sunrise.fields[0])
    assert (held.starts_on, held.ends_on) == (DAY, date(2025, 12, 31))


def test_only_the_own_operator_records_a_succession(sunrise: Cast, riverbend: Cast) -> None:
    first, second = sunrise.households[:2]
    terms = {"successor": second, "kind": "merger", "happened_on": DAY}
    with pytest.raises(NotAllowed):
        pass_household(first, by=sunrise.viewer, **terms)
    with pytest.raises(NotYours):
        pass_household(first, by=riverbend.operator, **terms)
    with pytest.raises(NotYours):
        pass_household(
            first,
            successor=riverbend.households[0],
            kind="merger",
            happened_on=DAY,
            by=sunrise.operator,
        )


def test_nothing_is_recorded_before_it_has_happened(sunrise: Cast) -> None:
    """People pass at once, so a day ahead would part them from their land and membership."""
    household, other = sunrise.households[:2]
    heir = add_person(household, "王小明", number=identity(1))
    terms = {"happened_on": timezone.localdate() + timedelta(days=1), "by": sunrise.operator}
    with pytest.raises(succession.StillToCome):
        succession.record_death(household, heir=heir, **terms)
    with pytest.raises(succession.StillToCome):
        pass_household(household, successor=other, kind="merger", **terms)
    with pytest.raises(succession.StillToCome):
        divide_household(household, new=new("H101", heir), fields=[], **terms)
    assert not Succession.objects.exists()
    assert household.persons.get(is_head=True) != heir


def test_a_mistyped_year_takes_no_history_away(sunrise: Cast) -> None:
    household, other = sunrise.households[:2]
    son = add_person(household, "王小明", number=identity(1))
    terms = {"happened_on": date(1925, 7, 1), "by": sunrise.operator}
    with pytest.raises(succession.BeforeMembership, match="2020-01-01"):
        pass_household(household, successor=other, kind="merger", **terms)
    with pytest.raises(succession.BeforeMembership):
        divide_household(household, new=new("H101", son), fields=[], **terms)
    assert household.tenures.get().starts_on == START
    assert household.memberships.get().starts_on == START


def test_both_sides_have_it_in_the_audit_log(sunrise: Cast) -> None:
    first, second = sunrise.households[:2]
    pass_household(first, successor=second, kind="merger", happened_on=DAY, by=sunrise.operator)
    events = AuditEvent.objects.filter(action="pass_household", object_type="household")
    assert {event.object_id for event in events} == {str(first.pk), str(second.pk)}


def test_the_page_says_what_passes_and_then_does_it(sunrise: Cast) -> None:
    first, second = sunrise.households[:2]
    client = signed_in(sunrise.operator)
    address = f"/admin/aggregator/household/{first.pk}/do/pass/"
    text = words(client.get(address))
    assert "1 field" in text
    assert "F001" in text
    assert "Agreement A001 of this household runs to 2029-12-31." in text
    typed = {"kind": "merger", "successor": "H999", "happened_on": "2025-07-01"}
    assert client.post(address, typed).status_code == 400
    assert client.post(address, {**typed, "successor": "H002"}).status_code == 302
    assert Succession.objects.get().successor == second
    page = words(client.get(f"/admin/aggregator/household/{second.pk}/change/"))
    assert "Received" in page


def test_the_division_page_founds_the_household(sunrise: Cast) -> None:
    household = sunrise.households[0]
    son = add_person(household, "王小明", number=identity(1))
    answer = signed_in(sunrise.operator).post(
        f"/admin/aggregator/household/{household.pk}/do/divide/",
        {
            "code": "H101",
            "persons": [son.pk],
            "head": son.pk,
            "shares": 1,
            "fields_moved": [sunrise.fields[0].pk],
            "happened_on": "2025-07-01",
        },
    )
    assert answer.status_code == 302
    founded = Household.objects.get(code="H101")
    assert founded.tenures.get().starts_on == DAY
    assert household.tenures.get().starts_on == START
