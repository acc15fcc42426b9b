"""Personal numbers are ciphertext at rest, rotate with the keys and show only their tail."""

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.db import connection

from aggregator.encryption import decrypt_text, encrypt_text, hash_number, mask_number
from aggregator.models import Household, PayeeAccount, Person


def test_the_database_never_holds_a_number_in_the_clear(sunrise):
    household = sunrise.households[0]
    Person.objects.filter(household=household).delete()
    Person.objects.create(
        cooperative=sunrise.cooperative,
        household=household,
        name="户主",
        is_head=True,
        identity_number="11010519491231002X",
    )
    account = PayeeAccount.objects.get(household=household)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT identity_number FROM aggregator_person WHERE household_id = %s", [household.pk]
        )
        stored = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT number FROM aggregator_payeeaccount WHERE id = %s", [account.pk])
        stored += [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT phone FROM aggregator_household WHERE id = %s", [household.pk])
        stored += [row[0] for row in cursor.fetchall()]
    assert len(stored) == 3
    for number in ("11010519491231002X", account.number, household.phone):
        assert all(number not in text for text in stored)


def test_a_household_is_found_by_its_exact_phone(sunrise):
    household = sunrise.households[1]
    found = Household.objects.for_cooperative(sunrise.cooperative).get(
        phone_hash=hash_number(household.phone)
    )
    assert found == household
    assert found.phone == household.phone


def test_an_old_key_still_reads_after_rotation(settings):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [old]
    token = encrypt_text("6222000000000001")
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    assert decrypt_text(token) == "6222000000000001"
    settings.FIELD_ENCRYPTION_KEYS = [new]
    with pytest.raises(InvalidToken):
        decrypt_text(token)


def test_the_hash_needs_its_key(settings):
    first = hash_number("6222000000000001")
    settings.FIELD_HASH_KEY = "another"
    assert hash_number("6222000000000001") != first
    assert hash_number("") == ""


@pytest.mark.parametrize(
    ("number", "shown"),
    [("11010519491231002X", "•••• 002X"), ("4821", "••••"), ("", "")],
)
def test_masks_show_the_tail_only(number, shown):
    assert mask_number(number) == shown
