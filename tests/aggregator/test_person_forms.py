"""The people on a household's page: one head, and an identity number one person's only."""

from __future__ import annotations

from typing import Any

import pytest

from aggregator.models import Household, Person
from tests.admin_pages import signed_in, words
from tests.aggregator.sheets import identity
from tests.cast import Cast

OTHERS = ("memberships", "agreements", "payee_accounts")


def typed(household: Household, **changes: Any) -> dict[str, Any]:
    """What the page sends when nothing but `changes` was typed."""
    people = list(household.persons.order_by("-is_head", "pk"))
    sent: dict[str, Any] = {"village": household.village_id, "language": household.language}
    sent |= {"phone": "", "persons-TOTAL_FORMS": len(people) + 1}
    sent |= {"persons-INITIAL_FORMS": len(people)}
    for inline in OTHERS:
        sent |= {f"{inline}-TOTAL_FORMS": 0, f"{inline}-INITIAL_FORMS": 0}
    for place, person in enumerate(people):
        place_of = f"persons-{place}"
        sent |= {f"{place_of}-id": person.pk, f"{place_of}-household": household.pk}
        sent |= {f"{place_of}-name": person.name}
        if person.is_head:
            sent[f"{place_of}-is_head"] = "on"
    return sent | changes


def send(cast: Cast, household: Household, sent: dict[str, Any]) -> Any:
    address = f"/admin/aggregator/household/{household.pk}/change/"
    return signed_in(cast.operator).post(address, sent)


def test_a_second_head_is_refused_in_words(sunrise: Cast) -> None:
    household = sunrise.households[0]
    second = {"persons-1-name": "王二", "persons-1-is_head": "on"}
    answer = send(sunrise, household, typed(household, **second))
    assert "A household has one head" in words(answer)
    assert household.persons.count() == 1


def test_the_head_may_be_changed_in_one_go(sunrise: Cast) -> None:
    household = sunrise.households[0]
    heir = Person.objects.create(
        cooperative=household.cooperative, household=household, name="王二"
    )
    sent = typed(household, **{"persons-1-is_head": "on"})
    del sent["persons-0-is_head"]
    assert send(sunrise, household, sent).status_code == 302
    assert household.persons.get(is_head=True) == heir


def test_who_has_left_is_not_made_head_again(sunrise: Cast) -> None:
    household = sunrise.households[0]
    Person.objects.create(
        cooperative=household.cooperative,
        household=household,
        name="王老",
        left_on="2025-01-01",
        leaving="died",
    )
    sent = typed(household, **{"persons-1-is_head": "on"})
    del sent["persons-0-is_head"]
    assert "has left the household" in words(send(sunrise, household, sent))


@pytest.mark.parametrize("elsewhere", [True, False])
def test_an_identity_number_typed_twice_is_refused_in_words(sunrise: Cast, elsewhere: bool) -> None:
    household, other = sunrise.households[:2]
    sent = {"persons-0-identity_number": identity(1)}
    if elsewhere:
        assert send(sunrise, other, typed(other, **sent)).status_code == 302
    else:
        sent |= {"persons-1-name": "王二", "persons-1-identity_number": identity(1)}
    page = words(send(sunrise, household, typed(household, **sent)))
    code = "H002" if elsewhere else "H001"
    assert f"This identity number is on record for household {code}." in page
    assert identity(1) not in page
    assert not household.persons.exclude(identity_hash="").exists()


def test_a_number_may_be_typed_again_for_the_person_it_belongs_to(sunrise: Cast) -> None:
    household = sunrise.households[0]
    sent = {"persons-0-identity_number": identity(1)}
    for _again in range(2):
        assert send(sunrise, household, typed(household, **sent)).status_code == 302
    assert household.persons.get().identity_number == identity(1)
