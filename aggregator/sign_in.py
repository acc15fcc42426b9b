"""One-time codes to a household's phone: a member's way in, and the sign under what he signs.

Never tells whether a number exists: a number nobody has is counted, hashed and answered like any
other, and only the message is not sent. Knows nothing of pages or sessions.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aggregator import audit, sms
from aggregator.encryption import hash_number
from aggregator.errors import BadInput, DomainError
from aggregator.identity import NumberRefused
from aggregator.identity import read_phone as read_number
from aggregator.models import Household, OneTimeCode

CODE_MINUTES = 10
MAX_TRIES = 5
# Codes an hour. Five tries each leave a stranger 25 guesses in a million at one number; many
# phones share one address behind a carrier, so that limit is wide; the last one bounds them all.
CODES_PER_PHONE = 5
CODES_PER_ADDRESS = 60
CODES_IN_ALL = 2000
WINDOW = timedelta(hours=1)
SIGN_IN = "sign_in"
# Any number that no other advisory lock of the program uses.
COUNTING_LOCK = 7_429_001


class PhoneUnreadable(BadInput):
    code = "phone_unreadable"
    message = gettext_lazy("This cannot be a phone number. %(reason)s")


class TooManyCodes(DomainError):
    code = "too_many_codes"
    message = gettext_lazy("Too many codes were asked for. Wait an hour, or ring your cooperative.")
    status = 429


class WrongCode(BadInput):
    code = "wrong_code"
    message = gettext_lazy(
        "These are not the six digits we sent. Look again at the newest message."
    )


class CodeExpired(DomainError):
    code = "code_expired"
    message = gettext_lazy("This code no longer works. Ask for a new one.")


class CodeLocked(DomainError):
    code = "code_locked"
    message = gettext_lazy("Five wrong tries: this code no longer works. Ask for a new one.")
    status = 429


@transaction.atomic
def request_code(phone: str, *, address: str) -> OneTimeCode:
    """Make a code for `phone` (as typed) and send it to the member who has that number, if any.

    Args:
        phone: The number as the person wrote it.
        address: The caller's network address, kept as a keyed hash for an hour's counting.

    Raises:
        PhoneUnreadable: it cannot be a telephone number.
        TooManyCodes: this number, this address or all together asked too often.
    """
    phone_hash = hash_number(read_phone(phone))
    code, digits = _make_code(phone_hash, address=address, purpose=SIGN_IN)
    if household := households_of(phone_hash).first():
        text = _write_message(household, digits)
        sms.send_message(household, text=text, expires_at=code.expires_at)
    return code


@transaction.atomic
def send_code(
    household: Household, *, address: str, purpose: str, write: Callable[[str], str]
) -> OneTimeCode:
    """Send a household a code that is good for one `purpose` only, in the message `write` makes.

    Raises:
        TooManyCodes: this number, this address or all together asked too often.
    """
    code, digits = _make_code(household.phone_hash, address=address, purpose=purpose)
    sms.send_message(household, text=write(digits), expires_at=code.expires_at)
    return code


def check_code(code_id: int, *, digits: str, purpose: str = SIGN_IN) -> str:
    """Use up the code with the six `digits`, asked for with this `purpose`; it works once.

    Returns:
        The keyed hash of the phone that is now proven, for `households_of`.

    Raises:
        WrongCode: other digits; one of the tries is spent.
        CodeLocked: all tries are spent.
        CodeExpired: its time is over, or it has been used.
    """
    # No transaction around this: a refusal must not give the spent try back.
    live = OneTimeCode.objects.filter(
        pk=code_id, used_at__isnull=True, expires_at__gt=timezone.now()
    )
    # The try is spent before the digits are looked at: guesses sent at once share the five.
    spent = live.filter(tries__lt=MAX_TRIES).update(tries=F("tries") + 1)
    code = live.first()
    if code is None:
        raise CodeExpired
    if not spent:
        raise CodeLocked
    if not constant_time_compare(code.code_hash, _hash_code(code.phone_hash, digits, purpose)):
        raise CodeLocked if code.tries >= MAX_TRIES else WrongCode
    if not live.update(used_at=timezone.now()):
        raise CodeExpired
    return code.phone_hash


@transaction.atomic
def enter_household(phone_hash: str, *, household_id: int) -> Household | None:
    """The household to be opened for the proven phone, with the sign-in on record; or None."""
    household = households_of(phone_hash).filter(pk=household_id).first()
    if household:
        audit.record_event(household, action="household_signed_in", by=None)
    return household


def households_of(phone_hash: str) -> QuerySet[Household]:
    """Every household reached on this phone, of any cooperative: one son may keep two elders'.

    The phone of a record that was merged into another finds that other.
    """
    if not phone_hash:
        return Household.objects.none()
    merged = Household.objects.filter(phone_hash=phone_hash, merged_into__isnull=False)
    return (
        Household.objects.filter(merged_into=None)
        .filter(Q(phone_hash=phone_hash) | Q(pk__in=merged.values("merged_into")))
        .select_related("cooperative", "village")
        .with_head()
        .order_by("pk")
    )


def forget_ended_sessions() -> int:
    """Delete sessions past their last day, of members and staff; how many went."""
    return Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]


def read_phone(text: str) -> str:
    """The number as typed, in the form in which members' numbers are kept."""
    try:
        return read_number(text)
    except NumberRefused as error:
        raise PhoneUnreadable(reason=str(error)) from error


def _make_code(phone_hash: str, *, address: str, purpose: str) -> tuple[OneTimeCode, str]:
    now = timezone.now()
    address_hash = hash_number(address)
    OneTimeCode.objects.filter(sent_at__lt=now - WINDOW).delete()
    _refuse_flood(phone_hash, address_hash)
    digits = f"{secrets.randbelow(1_000_000):06d}"
    code = OneTimeCode.objects.create(
        phone_hash=phone_hash,
        address_hash=address_hash,
        code_hash=_hash_code(phone_hash, digits, purpose),
        sent_at=now,
        expires_at=now + timedelta(minutes=CODE_MINUTES),
    )
    return code, digits


def _refuse_flood(phone_hash: str, address_hash: str) -> None:
    if connection.vendor == "postgresql":
        # Requests sent at once would each count only what was there before them. SQLite lets in
        # one writer at a time by itself.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [COUNTING_LOCK])
    sent = OneTimeCode.objects.aggregate(
        phone=Count("pk", filter=Q(phone_hash=phone_hash)),
        address=Count("pk", filter=Q(address_hash=address_hash)),
        everyone=Count("pk"),
    )
    if (
        sent["phone"] >= CODES_PER_PHONE
        or sent["address"] >= CODES_PER_ADDRESS
        or sent["everyone"] >= CODES_IN_ALL
    ):
        raise TooManyCodes


def _hash_code(phone_hash: str, digits: str, purpose: str = SIGN_IN) -> str:
    # The purpose is part of what is hashed: a code to sign in signs no contract.
    return hash_number(f"{phone_hash}:{purpose}:{digits}")


def _write_message(household: Household, digits: str) -> str:
    with translation.override(household.language):
        return _(
            "[Tianhui] Your code is %(code)s. It works for %(minutes)d minutes. "
            "Give it to nobody: we never ask for it."
        ) % {"code": digits, "minutes": CODE_MINUTES}
