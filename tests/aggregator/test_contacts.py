"""A changed telephone: the former one is told, and opens nothing any more."""

from __future__ import annotations

from typing import Any

import pytest

from aggregator import contacts
from aggregator.encryption import hash_number
from aggregator.models import Household, OutboxMessage
from aggregator.roles import NotAllowed
from aggregator.sign_in import households_of
from tests.admin_pages import signed_in
from tests.aggregator.test_admin_rights import household_form, page_of
from tests.cast import Cast


def test_the_former_phone_is_told(sunrise: Cast, django_capture_on_commit_callbacks: Any) -> None:
    household = sunrise.households[0]
    former = household.phone
    with django_capture_on_commit_callbacks(execute=True):
        contacts.change_phone(household, phone="13900001111", by=sunrise.operator)
    message = OutboxMessage.objects.get()
    assert message.phone == former
    assert "+8613900001111" not in message.text
    assert "•••• 1111" in message.text
    assert households_of(hash_number("+8613900001111")).get() == household


def test_the_page_tells_the_former_phone_too(
    sunrise: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    household = sunrise.households[0]
    with django_capture_on_commit_callbacks(execute=True):
        form = household_form(household, phone="13900001111")
        assert signed_in(sunrise.operator).post(page_of(household), form).status_code == 302
    assert OutboxMessage.objects.get().phone == household.phone
    assert Household.objects.get(pk=household.pk).phone == "+8613900001111"


def test_a_phone_of_a_merged_record_goes_with_the_change(sunrise: Cast) -> None:
    kept, merged = sunrise.households[:2]
    Household.objects.filter(pk=merged.pk).update(merged_into=kept)
    assert households_of(merged.phone_hash).get() == kept
    contacts.change_phone(kept, phone="13900001111", by=sunrise.operator)
    assert not households_of(merged.phone_hash).exists()


@pytest.mark.parametrize("typed", ["12", "abc"])
def test_what_is_no_phone_is_refused(sunrise: Cast, typed: str) -> None:
    with pytest.raises(contacts.PhoneRefused):
        contacts.change_phone(sunrise.households[0], phone=typed, by=sunrise.operator)


def test_a_foreign_phone_is_taken(sunrise: Cast) -> None:
    changed = contacts.change_phone(
        sunrise.households[0], phone="+44 20 7946 0958", by=sunrise.operator
    )
    assert changed.phone == "+442079460958"


def test_a_viewer_changes_no_phone(sunrise: Cast) -> None:
    with pytest.raises(NotAllowed):
        contacts.change_phone(sunrise.households[0], phone="13900001111", by=sunrise.viewer)
