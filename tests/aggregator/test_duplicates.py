"""The queue of possible duplicates: found without all with all, decided once."""

from __future__ import annotations

import pytest

from aggregator import duplicates
from aggregator.models import DuplicatePair, Household, Person, Village
from aggregator.roles import NotAllowed, NotYours
from tests.admin_pages import signed_in, words
from tests.aggregator.sheets import identity
from tests.cast import Cast


def rename(household: Household, name: str, *, number: str = "") -> None:
    head = household.persons.get(is_head=True)
    head.name, head.identity_number = name, number
    head.save()


@pytest.fixture
def apart(sunrise: Cast) -> Cast:
    for household, name in zip(sunrise.households, ("王小明", "李建国", "陈桂花"), strict=True):
        rename(household, name)
    return sunrise


def found(cast: Cast) -> list[tuple[str, str, list[str]]]:
    duplicates.find_duplicates(cast.cooperative)
    rows = DuplicatePair.objects.for_cooperative(cast.cooperative).order_by("pk")
    return [(row.first.code, row.second.code, row.grounds) for row in rows]


def test_different_people_make_no_pair(apart: Cast) -> None:
    assert found(apart) == []


def test_one_phone_in_two_records_is_a_pair(apart: Cast) -> None:
    apart.households[2].phone = apart.households[0].phone
    apart.households[2].save()
    assert found(apart) == [("H001", "H003", ["same_phone"])]


def test_a_phone_that_many_share_tells_nothing(apart: Cast) -> None:
    for number in range(duplicates.MAX_SHARED + 1):
        Household.objects.create(
            cooperative=apart.cooperative,
            village=apart.village,
            code=f"X{number}",
            phone="+8613811112222",
        )
    assert found(apart) == []


def test_one_account_in_two_records_is_a_pair(apart: Cast) -> None:
    account = apart.households[1].payee_accounts.get()
    account.number = apart.households[0].payee_accounts.get().number
    account.save()
    assert found(apart) == [("H001", "H002", ["same_account"])]


@pytest.mark.parametrize(
    ("name", "ground"), [("王小明", "same_name"), ("王晓明", "near_name"), ("王小眀", "near_name")]
)
def test_a_like_name_with_the_number_typed_in_one_only_is_a_pair(
    apart: Cast, name: str, ground: str
) -> None:
    rename(apart.households[0], "王小明", number=identity(1))
    rename(apart.households[1], name)
    assert found(apart) == [("H001", "H002", [ground])]


def test_two_identity_numbers_are_two_people_whatever_the_name(apart: Cast) -> None:
    rename(apart.households[0], "王小明", number=identity(1))
    rename(apart.households[1], "王小明", number=identity(2))
    assert found(apart) == []


def test_brothers_without_numbers_are_not_taken_for_one(apart: Cast) -> None:
    rename(apart.households[0], "王建国")
    rename(apart.households[1], "王建军")
    assert found(apart) == []


def test_a_wife_who_heads_another_record_is_a_pair(apart: Cast) -> None:
    owned = {"cooperative": apart.cooperative, "household": apart.households[0]}
    Person.objects.create(**owned, name="陈桂花", identity_number=identity(3))
    assert found(apart) == [("H001", "H003", ["same_name"])]


def test_one_name_in_two_villages_is_two_people(apart: Cast) -> None:
    other = Village.objects.create(cooperative=apart.cooperative, code="V2", name="二村")
    rename(apart.households[1], "王小明")
    Household.objects.filter(pk=apart.households[1].pk).update(village=other)
    assert found(apart) == []


def test_searching_again_changes_nothing(apart: Cast) -> None:
    rename(apart.households[1], "王小明")
    first = found(apart)
    keys = list(DuplicatePair.objects.values_list("pk", flat=True))
    assert found(apart) == first
    assert list(DuplicatePair.objects.values_list("pk", flat=True)) == keys


def test_a_decided_pair_stays_decided(apart: Cast) -> None:
    rename(apart.households[1], "王小明")
    found(apart)
    pair = duplicates.mark_different(DuplicatePair.objects.get(), by=apart.operator)
    found(apart)
    pair.refresh_from_db()
    assert (pair.status, pair.decided_by) == ("different", apart.operator)
    assert not duplicates.open_pairs(apart.cooperative).exists()
    with pytest.raises(duplicates.PairDecided):
        duplicates.mark_different(pair, by=apart.operator)


def test_an_open_pair_that_no_longer_holds_goes(apart: Cast) -> None:
    rename(apart.households[1], "王小明")
    assert len(found(apart)) == 1
    rename(apart.households[1], "赵一山")
    assert found(apart) == []


def test_only_the_own_office_decides(apart: Cast, riverbend: Cast) -> None:
    rename(apart.households[1], "王小明")
    found(apart)
    pair = DuplicatePair.objects.get()
    with pytest.raises(NotAllowed):
        duplicates.mark_different(pair, by=apart.viewer)
    with pytest.raises(NotYours):
        duplicates.mark_different(pair, by=riverbend.operator)


def test_the_page_shows_both_side_by_side_with_numbers_masked(apart: Cast) -> None:
    rename(apart.households[0], "王小明", number=identity(1))
    rename(apart.households[1], "王小明")
    found(apart)
    pair = DuplicatePair.objects.get()
    page = signed_in(apart.operator).get(f"/admin/aggregator/duplicatepair/{pair.pk}/change/")
    text = words(page)
    assert "H001" in text
    assert "same name in the same village" in text
    assert "not on record" in text
    assert identity(1) not in text
    assert apart.households[0].phone not in text
