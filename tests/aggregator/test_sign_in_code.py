"""The rules of the one-time code: six digits, ten minutes, five tries, once, and not too often."""

from datetime import timedelta

import pytest
from django.utils import timezone

from aggregator import sign_in
from aggregator.encryption import hash_number
from aggregator.models import OneTimeCode, OutboxMessage
from tests.aggregator.sign_in_steps import last_code, wrong_code
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)

NOBODY = "13900009999"


def test_the_right_digits_prove_the_phone(sunrise: Cast) -> None:
    household = sunrise.households[0]
    code = sign_in.request_code(household.phone, address="10.0.0.1")
    assert sign_in.check_code(code.pk, digits=last_code()) == household.phone_hash


def test_neither_digits_nor_numbers_nor_addresses_are_stored(sunrise: Cast) -> None:
    code = sign_in.request_code(sunrise.households[0].phone, address="10.0.0.1")
    stored = " ".join(str(value) for value in OneTimeCode.objects.values_list()[0])
    assert last_code() not in stored
    assert "10.0.0.1" not in stored
    assert sunrise.households[0].phone not in stored
    assert len(code.code_hash) == 64


def test_a_code_works_once(sunrise: Cast) -> None:
    code = sign_in.request_code(sunrise.households[0].phone, address="a")
    sign_in.check_code(code.pk, digits=last_code())
    with pytest.raises(sign_in.CodeExpired):
        sign_in.check_code(code.pk, digits=last_code())


def test_a_code_dies_after_ten_minutes(sunrise: Cast) -> None:
    code = sign_in.request_code(sunrise.households[0].phone, address="a")
    assert code.expires_at - code.sent_at == timedelta(minutes=10)
    OneTimeCode.objects.update(expires_at=timezone.now())
    with pytest.raises(sign_in.CodeExpired):
        sign_in.check_code(code.pk, digits=last_code())


def test_five_wrong_tries_lock_the_code_even_for_the_right_digits(sunrise: Cast) -> None:
    code = sign_in.request_code(sunrise.households[0].phone, address="a")
    for _try in range(4):
        with pytest.raises(sign_in.WrongCode):
            sign_in.check_code(code.pk, digits=wrong_code())
    with pytest.raises(sign_in.CodeLocked):
        sign_in.check_code(code.pk, digits=wrong_code())
    with pytest.raises(sign_in.CodeLocked):
        sign_in.check_code(code.pk, digits=last_code())


def test_the_fifth_try_may_still_be_right(sunrise: Cast) -> None:
    code = sign_in.request_code(sunrise.households[0].phone, address="a")
    for _try in range(4):
        with pytest.raises(sign_in.WrongCode):
            sign_in.check_code(code.pk, digits=wrong_code())
    assert sign_in.check_code(code.pk, digits=last_code()) == sunrise.households[0].phone_hash


def test_one_code_does_not_open_another_phone(sunrise: Cast) -> None:
    first = sign_in.request_code(sunrise.households[0].phone, address="a")
    sign_in.request_code(sunrise.households[1].phone, address="a")
    theirs = last_code()
    # One chance in a million that both drew the same digits: then there is nothing to see.
    if first.code_hash != sign_in._hash_code(first.phone_hash, theirs):
        with pytest.raises(sign_in.WrongCode):
            sign_in.check_code(first.pk, digits=theirs)


@pytest.mark.parametrize(
    "typed",
    [
        "138 0000 1001",
        "138-0000-1001",
        "１３８００００１００１",
        "+86 13800001001",
        "008613800001001",
    ],
)
def test_a_number_is_read_as_people_write_it(typed: str) -> None:
    assert sign_in.read_phone(typed) == "+8613800001001"


@pytest.mark.parametrize(
    "typed", ["", "1380000", "my phone", "138000010011380000100113800001001", "+"]
)
def test_what_cannot_be_a_number_is_refused_and_not_counted(typed: str, db: None) -> None:
    with pytest.raises(sign_in.PhoneUnreadable):
        sign_in.request_code(typed, address="a")
    assert not OneTimeCode.objects.exists()


def test_a_number_nobody_has_leaves_the_same_trace_and_no_message(sunrise: Cast) -> None:
    sign_in.request_code(NOBODY, address="a")
    code = OneTimeCode.objects.get()
    assert code.phone_hash == hash_number("+86" + NOBODY)
    assert not OutboxMessage.objects.exists()
    with pytest.raises(sign_in.WrongCode):
        sign_in.check_code(code.pk, digits="not it")


def test_a_household_without_a_phone_is_not_found_by_an_empty_one(sunrise: Cast) -> None:
    household = sunrise.households[0]
    household.phone = ""
    household.save()
    assert not sign_in.households_of("").exists()


@pytest.mark.parametrize("known", [True, False])
def test_the_sixth_code_within_the_hour_is_refused(sunrise: Cast, known: bool) -> None:
    phone = sunrise.households[0].phone if known else NOBODY
    for _time in range(sign_in.CODES_PER_PHONE):
        sign_in.request_code(phone, address="a")
    with pytest.raises(sign_in.TooManyCodes):
        sign_in.request_code(phone, address="another")
    sign_in.request_code(sunrise.households[1].phone, address="a")
    OneTimeCode.objects.update(sent_at=timezone.now() - timedelta(hours=1, seconds=1))
    sign_in.request_code(phone, address="a")


def test_one_address_cannot_ask_for_many_phones(sunrise: Cast) -> None:
    for number in range(sign_in.CODES_PER_ADDRESS):
        sign_in.request_code(f"1390000{number:04d}", address="10.0.0.1")
    with pytest.raises(sign_in.TooManyCodes):
        sign_in.request_code(sunrise.households[0].phone, address="10.0.0.1")
    sign_in.request_code(sunrise.households[0].phone, address="10.0.0.2")


def test_many_addresses_together_meet_the_last_limit(sunrise: Cast, monkeypatch) -> None:
    monkeypatch.setattr(sign_in, "CODES_IN_ALL", 3)
    for number in range(3):
        sign_in.request_code(f"1390000{number:04d}", address=f"10.0.0.{number}")
    with pytest.raises(sign_in.TooManyCodes):
        sign_in.request_code(sunrise.households[0].phone, address="10.0.1.1")


def test_hashes_of_an_hour_ago_are_forgotten(sunrise: Cast) -> None:
    sign_in.request_code(NOBODY, address="a")
    OneTimeCode.objects.update(sent_at=timezone.now() - timedelta(hours=1, seconds=1))
    sign_in.request_code(sunrise.households[0].phone, address="a")
    assert OneTimeCode.objects.count() == 1


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "验证码"), ("en", "Your code is")])
def test_the_message_speaks_the_household_s_language(
    sunrise: Cast, language: str, words: str
) -> None:
    household = sunrise.households[0]
    household.language = language
    household.save()
    sign_in.request_code(household.phone, address="a")
    text = OutboxMessage.objects.get().text
    assert last_code() in text
    if language == "en":
        assert words in text


def test_one_phone_of_two_cooperatives_gets_one_code(sunrise: Cast, riverbend: Cast) -> None:
    elder = riverbend.households[0]
    elder.phone = sunrise.households[0].phone
    elder.save()
    code = sign_in.request_code(elder.phone, address="a")
    assert OutboxMessage.objects.count() == 1
    phone_hash = sign_in.check_code(code.pk, digits=last_code())
    found = list(sign_in.households_of(phone_hash))
    assert found == [sunrise.households[0], elder]
