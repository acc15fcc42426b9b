"""Keys of personal numbers change; the numbers are still read and still found."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import CommandError, call_command
from django.db import connection

from aggregator.encryption import hash_number
from aggregator.key_rotation import Rotated, encrypted_columns, rotate_column
from aggregator.models import Household, OutboxMessage, PayeeAccount, Person, RecordChange
from tests.aggregator.sheets import identity
from tests.cast import Cast


@pytest.fixture
def known(sunrise: Cast) -> Cast:
    for at, household in enumerate(sunrise.households):
        head = household.persons.get()
        head.identity_number = identity(at + 1)
        head.save()
    return sunrise


def rotate() -> dict[str, Rotated]:
    done = {}
    for model, column in encrypted_columns():
        for step in rotate_column(model, column):
            done[step.name] = step
    return done


def token_of(household: Household) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM aggregator_household WHERE id = %s", [household.pk])
        return str(cursor.fetchone()[0])


def test_everything_comes_under_the_new_key(known: Cast, settings: Any) -> None:
    old = settings.FIELD_ENCRYPTION_KEYS
    new = Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, *old]
    phones = [household.phone for household in known.households]
    done = rotate()
    assert done["aggregator.Household.phone"].encrypted == 3
    assert done["aggregator.Person.identity_number"].encrypted == 3
    assert done["aggregator.PayeeAccount.number"].encrypted == 3
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert [row.phone for row in Household.objects.order_by("pk")] == phones
    with pytest.raises(InvalidToken):
        Fernet(old[0]).decrypt(token_of(known.households[0]).encode())


def test_a_second_run_finds_nothing_to_do(known: Cast, settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [
        Fernet.generate_key().decode(),
        *settings.FIELD_ENCRYPTION_KEYS,
    ]
    rotate()
    before = token_of(known.households[0])
    assert sum(step.encrypted + step.hashed for step in rotate().values()) == 0
    assert token_of(known.households[0]) == before


def test_a_run_broken_off_goes_on(known: Cast, settings: Any, monkeypatch: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [
        Fernet.generate_key().decode(),
        *settings.FIELD_ENCRYPTION_KEYS,
    ]
    monkeypatch.setattr("aggregator.key_rotation.CHUNK", 1)
    next(rotate_column(Household, "phone"))
    assert rotate()["aggregator.Household.phone"].encrypted == 2


def test_numbers_are_found_under_a_new_hash_key(known: Cast, settings: Any) -> None:
    settings.FIELD_HASH_KEY = "another key altogether"
    household = known.households[0]
    assert not Household.objects.filter(phone_hash=hash_number(household.phone)).exists()
    done = rotate()
    assert done["aggregator.Household.phone"].hashed == 3
    assert Household.objects.get(phone_hash=hash_number(household.phone)) == household
    account = household.payee_accounts.get()
    assert PayeeAccount.objects.get(number_hash=hash_number(account.number)) == account
    head = household.persons.get()
    assert Person.objects.get(identity_hash=hash_number(identity(1))) == head


def test_the_secret_key_has_nothing_to_do_with_it(known: Cast, settings: Any) -> None:
    settings.SECRET_KEY = "another secret"
    household = Household.objects.get(phone_hash=hash_number(known.households[0].phone))
    assert household.phone == known.households[0].phone


def test_the_command_counts_and_shows_no_number(known: Cast, settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [
        Fernet.generate_key().decode(),
        *settings.FIELD_ENCRYPTION_KEYS,
    ]
    out = StringIO()
    call_command("rotate_field_keys", stdout=out)
    assert "aggregator.Household.phone: 3 rows, 3 encrypted anew, 0 hashed anew" in out.getvalue()
    assert known.households[0].phone not in out.getvalue()


def test_the_command_makes_a_key(db: None) -> None:
    out = StringIO()
    call_command("rotate_field_keys", "--make-key", stdout=out)
    Fernet(out.getvalue().strip())


def test_a_new_key_is_no_change_of_any_record(known: Cast, settings: Any) -> None:
    household = known.households[0]
    OutboxMessage.objects.create(
        cooperative=known.cooperative, household=household, phone=household.phone, text="123456"
    )
    before = RecordChange.objects.count()
    settings.FIELD_ENCRYPTION_KEYS = [
        Fernet.generate_key().decode(),
        *settings.FIELD_ENCRYPTION_KEYS,
    ]
    assert rotate()["aggregator.OutboxMessage.text"].encrypted == 1
    assert RecordChange.objects.count() == before


def test_a_new_hash_key_leaves_no_number_and_no_hash_in_the_changes(
    known: Cast, settings: Any
) -> None:
    settings.FIELD_HASH_KEY = "another key altogether"
    rotate()
    household = Household.objects.get(pk=known.households[0].pk)
    told = str(list(RecordChange.objects.values_list("before", "after")))
    for secret in (household.phone, household.phone_hash, identity(1), token_of(household)):
        assert secret not in told


def test_a_key_that_is_missing_is_said_in_words(known: Cast, settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match="FIELD_ENCRYPTION_KEYS") as refusal:
        call_command("rotate_field_keys", stdout=StringIO())
    assert "aggregator.Household.phone, row" in str(refusal.value)
