"""Personal numbers: what is taken, in which form, and what is refused without quoting it."""

import pytest
from django.utils import translation

from aggregator.identity import NumberRefused, read_account, read_identity, read_phone


def test_an_identity_number_is_taken_with_a_small_x_and_spaces() -> None:
    # Source: GB 11643-1999, the standard's own example.
    assert read_identity("110105 19491231 002x") == "11010519491231002X"


def test_an_organisation_gives_its_unified_social_credit_code() -> None:
    # Source: python-stdnum's documentation of stdnum.cn.uscc.
    assert read_identity("91110000600037341L") == "91110000600037341L"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("110105194912310021", "A digit is wrong"),
        ("11010519491331002X", "A digit is wrong"),
        ("1101051949123100", "16 places"),
        ("110105491231002", "15 digits, the old number"),
        ("11010A19491231002X", "Neither an identity number"),
        ("12", "2 places"),
        ("91110000600037341M", "Neither"),
    ],
)
def test_a_wrong_identity_number_is_refused_with_its_reason(text: str, said: str) -> None:
    with translation.override("en"), pytest.raises(NumberRefused, match=said) as refusal:
        read_identity(text)
    assert text not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("138 0000 0001", "+8613800000001"),
        ("+86-13800000001", "+8613800000001"),
        ("0086 13800000001", "+8613800000001"),
        ("0596-7651234", "+865967651234"),
        ("+84 912 345 678", "+84912345678"),
    ],
)
def test_a_telephone_number_is_kept_in_one_form(text: str, stored: str) -> None:
    assert read_phone(text) == stored


@pytest.mark.parametrize("text", ["1380000000", "138000000011", "电话", "12"])
def test_a_telephone_number_short_or_long_by_a_digit_is_refused(text: str) -> None:
    with pytest.raises(NumberRefused):
        read_phone(text)


def test_a_bank_card_needs_its_check_digit_and_a_passbook_does_not() -> None:
    # Source: ISO/IEC 7812-1 annex B: 7992739871 takes the check digit 3; here on a 16-digit card.
    assert read_account("4111 1111 1111 1111") == "4111111111111111"
    assert read_account("1012-3456-7890-1234-56") == "101234567890123456"
    with pytest.raises(NumberRefused):
        read_account("4111111111111112")


@pytest.mark.parametrize("text", ["1234567", "1" * 31, "6222O20000000016", "四一一一"])
def test_what_is_no_account_number_is_refused(text: str) -> None:
    with pytest.raises(NumberRefused):
        read_account(text)
