"""Signing an agreement: on paper with its scan, or on the phone with a code of its own.

What is signed is the frozen text; a text that life has overtaken is drafted anew first.
"""

from __future__ import annotations

from datetime import date
from functools import partial

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aggregator import audit, sign_in, sms
from aggregator.agreements import AlreadySigned, NotSigned, may_sign
from aggregator.canonical import sha256_of
from aggregator.errors import BadInput, DomainError
from aggregator.formats import format_day
from aggregator.locks import lock_cooperative
from aggregator.models import Agreement, Household, OneTimeCode, Person, User
from aggregator.roles import NotYours, require_role
from aggregator.scans import keep_scan
from farms.agreement_drafts import fresh_text
from farms.agreement_facts import facts_of

HOW = Agreement.SignedHow


class MayNotSign(DomainError):
    code = "person_may_not_sign"
    message = gettext_lazy(
        "%(name)s cannot sign: only the head of the household, or an adult of it whose identity "
        "number is on record."
    )


class SigningDay(BadInput):
    code = "signing_day"
    message = gettext_lazy("The day of signing lies between %(first)s and %(last)s.")


class FactsChanged(DomainError):
    code = "agreement_facts_changed"
    message = gettext_lazy(
        "People, plots or terms have changed since this was drafted. Draft it anew, then sign that."
    )


class TextDamaged(DomainError):
    code = "agreement_text_damaged"
    message = gettext_lazy("The text is not the one that was drafted. Draft it anew.")


class NotAgreed(BadInput):
    code = "agreement_not_ticked"
    message = gettext_lazy("Tick that you have read the agreement and agree to it.")


@transaction.atomic
def sign_on_paper(
    agreement: Agreement, *, signed_on: date, person: Person, scan: UploadedFile, by: User
) -> Agreement:
    """Record that a person signed the printed text, with the scan of it.

    Raises:
        AlreadySigned, FactsChanged, MayNotSign: why this cannot be signed.
        SigningDay, ScanRefused, ScanTooLarge: what is wrong with what was typed or chosen.
    """
    agreement = _take(agreement)
    require_role(by, User.Role.OPERATOR, of=agreement)
    drafted_on = agreement.text["drafted_on"]
    today = timezone.localdate()
    if not drafted_on <= signed_on.isoformat() <= min(today, agreement.ends_on).isoformat():
        raise SigningDay(first=drafted_on, last=min(today, agreement.ends_on).isoformat())
    _check_person(agreement, person, on=signed_on)
    agreement.scan, agreement.scan_sha256 = keep_scan(scan, cooperative=agreement.cooperative)
    return _sign(agreement, person, on=signed_on, how=HOW.PAPER, by=by)


@transaction.atomic
def replace_scan(agreement: Agreement, *, scan: UploadedFile, by: User) -> Agreement:
    """Put a better scan to an agreement signed on paper; the former stays in the store.

    Raises:
        NotSigned, ScanRefused, ScanTooLarge: why not.
    """
    lock_cooperative(agreement.cooperative_id)
    agreement = Agreement.objects.select_for_update().get(pk=agreement.pk)
    require_role(by, User.Role.OPERATOR, of=agreement)
    if agreement.signed_on is None or agreement.signed_how == HOW.PHONE:
        raise NotSigned
    former = agreement.scan_sha256
    agreement.scan, agreement.scan_sha256 = keep_scan(scan, cooperative=agreement.cooperative)
    agreement.save(update_fields=["scan", "scan_sha256"])
    audit.record_event(
        agreement, action="replace_scan", by=by, sha256=agreement.scan_sha256, former=former
    )
    return agreement


def request_signing_code(
    agreement: Agreement, *, household: Household, person: Person, agreed: bool, address: str
) -> OneTimeCode:
    """Send the household the code with which this person signs this very text, and no other.

    Raises:
        NotAgreed: the box was not ticked.
        AlreadySigned, FactsChanged, MayNotSign: why this cannot be signed.
        TooManyCodes: this phone or address asked too often.
    """
    if not agreed:
        raise NotAgreed
    _check_own(agreement, household)
    _check_open(agreement)
    _check_person(agreement, person, on=timezone.localdate())
    return sign_in.send_code(
        household,
        address=address,
        purpose=_purpose(agreement, person),
        write=partial(_write_code, agreement, household),
    )


def sign_on_phone(
    agreement: Agreement, *, household: Household, person: Person, code_id: int, digits: str
) -> Agreement:
    """Sign with the six digits that were sent for this text and this person.

    Raises:
        WrongCode, CodeLocked, CodeExpired: the code does not open.
        AlreadySigned, FactsChanged, MayNotSign: why this cannot be signed.
    """
    _check_own(agreement, household)
    # Outside the transaction: a refusal below must not give the spent code back.
    proven = sign_in.check_code(code_id, digits=digits, purpose=_purpose(agreement, person))
    if proven != household.phone_hash:
        raise NotYours
    with transaction.atomic():
        agreement = _take(agreement)
        today = timezone.localdate()
        _check_person(agreement, person, on=today)
        agreement = _sign(agreement, person, on=today, how=HOW.PHONE, by=None)
        _tell_signed(agreement, household)
        return agreement


def _take(agreement: Agreement) -> Agreement:
    """The row, locked with its cooperative, if it can be signed as it stands."""
    lock_cooperative(agreement.cooperative_id)
    agreement = Agreement.objects.select_for_update().get(pk=agreement.pk)
    _check_open(agreement)
    return agreement


def _check_open(agreement: Agreement) -> None:
    if agreement.signed_on is not None:
        raise AlreadySigned
    if not agreement.text or sha256_of(agreement.text) != agreement.text_sha256:
        raise TextDamaged
    if is_overtaken(agreement):
        raise FactsChanged


def is_overtaken(agreement: Agreement) -> bool:
    """Whether people, plots or terms of a draft are no longer what its text says."""
    return facts_of(fresh_text(agreement)) != facts_of(agreement.text)


def _check_person(agreement: Agreement, person: Person, *, on: date) -> None:
    if person.household_id != agreement.household_id:
        raise NotYours
    if not may_sign(person, on=on):
        raise MayNotSign(name=person.name)


def _check_own(agreement: Agreement, household: Household) -> None:
    if agreement.household_id != household.pk:
        raise NotYours


def _sign(
    agreement: Agreement, person: Person, *, on: date, how: Agreement.SignedHow, by: User | None
) -> Agreement:
    agreement.signed_on, agreement.signed_by, agreement.signed_how = on, person, how
    agreement.save(
        update_fields=["signed_on", "signed_by", "signed_how", "scan", "scan_sha256"],
    )
    audit.record_event(
        agreement,
        action="sign_agreement",
        by=by,
        how=str(how),
        person=person.pk,
        signed_on=on.isoformat(),
        text_sha256=agreement.text_sha256,
        scan_sha256=agreement.scan_sha256,
    )
    return agreement


def _purpose(agreement: Agreement, person: Person) -> str:
    """What a code is good for: this person's signature under these very bytes."""
    return f"agreement:{agreement.pk}:{agreement.text_sha256}:{person.pk}"


def _write_code(agreement: Agreement, household: Household, digits: str) -> str:
    with translation.override(household.language):
        return _(
            "[Tianhui] %(code)s signs agreement %(agreement)s, like your name on paper. "
            "It works for %(minutes)d minutes. Did you not ask for it? Then do nothing."
        ) % {"code": digits, "agreement": agreement.code, "minutes": sign_in.CODE_MINUTES}


def _tell_signed(agreement: Agreement, household: Household) -> None:
    with translation.override(household.language):
        text = _("[Tianhui] Agreement %(agreement)s is signed. It runs until %(day)s.") % {
            "agreement": agreement.code,
            "day": format_day(agreement.ends_on),
        }
    sms.send_message(household, text=text)
