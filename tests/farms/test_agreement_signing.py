"""Signing on paper and revoking: who may, on which day, with what scan."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from aggregator.agreements import (
    AlreadyRevoked,
    AlreadySigned,
    NotSigned,
    ReasonMissing,
    RevocationDay,
    households_without,
    may_sign,
    revoke_agreement,
    signatories,
)
from aggregator.errors import NotAllowed
from aggregator.models import Agreement, AuditEvent, Household, Person
from aggregator.roles import NotYours
from aggregator.scans import MAX_SCAN_BYTES, ScanRefused, ScanTooLarge
from farms.agreement_signing import (
    FactsChanged,
    MayNotSign,
    SigningDay,
    TextDamaged,
    replace_scan,
    sign_on_paper,
)
from farms.models import Field
from tests.cast import Cast
from tests.farms.agreement_steps import ADULT, make_draft, scan_pdf, scan_picture

pytestmark = pytest.mark.usefixtures("store")
State = Agreement.State


@pytest.fixture
def store(settings: object, tmp_path: object) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]


def today() -> date:
    return timezone.localdate()


def head(cast: Cast, number: int = 0) -> Person:
    return cast.households[number].persons.get(is_head=True)


def sign(cast: Cast, draft: Agreement, **facts: object) -> Agreement:
    values = {"signed_on": today(), "person": head(cast), "scan": scan_pdf(), "by": cast.operator}
    return sign_on_paper(draft, **(values | facts))  # type: ignore[arg-type]


def test_a_signature_on_paper_keeps_person_day_and_scan(sunrise: Cast) -> None:
    scan = scan_pdf()
    sha256 = hashlib.sha256(scan.read()).hexdigest()
    scan.seek(0)
    signed = sign(sunrise, make_draft(sunrise), scan=scan)
    signed.refresh_from_db()
    assert (signed.signed_by, signed.signed_on, signed.signed_how) == (
        head(sunrise),
        today(),
        "paper",
    )
    assert signed.scan_sha256 == sha256
    assert default_storage.open(signed.scan.name).read().startswith(b"%PDF")
    assert "scan.pdf" not in signed.scan.name
    details = AuditEvent.objects.get(action="sign_agreement").details
    assert (details["text_sha256"], details["scan_sha256"]) == (signed.text_sha256, sha256)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photo_of_the_page_is_a_scan(sunrise: Cast, kind: str) -> None:
    assert sign(sunrise, make_draft(sunrise), scan=scan_picture(kind)).scan_sha256


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7 cut off",
        b"<html><script>alert(1)</script></html>",
        b"\xff\xd8\xff\xe0 not a picture",
        b"GIF89a" + bytes(40),
        b"\x89PNG\r\n\x1a\n",
        b"x",
    ],
)
def test_what_is_no_scan_is_refused_and_nothing_is_signed(sunrise: Cast, content: bytes) -> None:
    draft = make_draft(sunrise)
    with pytest.raises(ScanRefused):
        sign(sunrise, draft, scan=SimpleUploadedFile("scan.pdf", content))
    draft.refresh_from_db()
    assert (draft.signed_on, draft.scan.name) == (None, "")


def test_a_scan_that_is_too_large_is_refused(sunrise: Cast) -> None:
    big = SimpleUploadedFile("scan.pdf", b"%PDF-1.7" + bytes(MAX_SCAN_BYTES))
    with pytest.raises(ScanTooLarge, match="16 MB"):
        sign(sunrise, make_draft(sunrise), scan=big)


def test_it_is_signed_between_drafting_and_today(sunrise: Cast) -> None:
    draft = make_draft(sunrise)
    for day in (today() - timedelta(days=1), today() + timedelta(days=1)):
        with pytest.raises(SigningDay, match=today().isoformat()):
            sign(sunrise, draft, signed_on=day)


def test_what_is_signed_is_signed_once(sunrise: Cast) -> None:
    draft = make_draft(sunrise)
    sign(sunrise, draft)
    with pytest.raises(AlreadySigned):
        sign(sunrise, draft)


def test_a_text_that_life_has_overtaken_is_not_signed(sunrise: Cast) -> None:
    draft = make_draft(sunrise)
    Field.objects.filter(code="F001").update(contract_area_m2="9000.00")
    with pytest.raises(FactsChanged):
        sign(sunrise, draft)


def test_a_text_changed_behind_its_hash_is_not_signed(sunrise: Cast) -> None:
    draft = make_draft(sunrise)
    draft.text["ends_on"] = "2099-12-31"
    Agreement.objects.filter(pk=draft.pk).update(text=draft.text)
    with pytest.raises(TextDamaged):
        sign(sunrise, draft)


def test_only_the_operator_of_the_cooperative_records_it(sunrise: Cast, riverbend: Cast) -> None:
    draft = make_draft(sunrise)
    with pytest.raises(NotAllowed):
        sign(sunrise, draft, by=sunrise.approver)
    with pytest.raises(NotYours):
        sign(sunrise, draft, by=riverbend.operator)
    with pytest.raises(NotYours):
        sign(sunrise, draft, person=head(sunrise, 1))


def test_the_head_and_adults_known_by_their_number_sign(sunrise: Cast) -> None:
    household = sunrise.households[0]

    def person(name: str, number: str) -> Person:
        return Person.objects.create(
            cooperative=sunrise.cooperative, household=household, name=name, identity_number=number
        )

    adult = person("李秀英", ADULT)
    # Born 1 January 2010; the last place by ISO 7064 MOD 11-2 is not needed here.
    child = person("小明", "110105201001010011")
    unknown = person("某人", "")
    assert signatories(household, on=date(2026, 1, 1)) == [head(sunrise), adult]
    assert [may_sign(child, on=day) for day in (date(2027, 12, 31), date(2028, 1, 1))] == [
        False,
        True,
    ]
    assert not may_sign(unknown, on=date(2026, 1, 1))
    Person.objects.filter(pk=adult.pk).update(left_on=date(2025, 6, 1))
    assert signatories(household, on=date(2026, 1, 1)) == [head(sunrise)]
    with pytest.raises(MayNotSign, match="某人"):
        sign(sunrise, make_draft(sunrise), person=unknown)


def test_a_better_scan_takes_the_place_of_the_first_and_is_on_record(sunrise: Cast) -> None:
    signed = sign(sunrise, make_draft(sunrise))
    first = signed.scan.name
    replaced = replace_scan(signed, scan=scan_picture("PNG"), by=sunrise.operator)
    assert replaced.scan_sha256 != signed.scan_sha256
    assert default_storage.exists(first)
    assert AuditEvent.objects.get(action="replace_scan").details["former"] == signed.scan_sha256
    with pytest.raises(NotSigned):
        replace_scan(make_draft(sunrise, 1), scan=scan_pdf(), by=sunrise.operator)


def test_a_revocation_ends_the_right_from_its_day_on(sunrise: Cast) -> None:
    agreement = Agreement.objects.get(code="A001")
    day = today() + timedelta(days=10)
    revoked = revoke_agreement(agreement, on=day, reason=" sold the land ", by=sunrise.operator)
    assert (revoked.revoked_on, revoked.revoked_why) == (day, "sold the land")
    assert revoked.state_on(day - timedelta(days=1)) == State.VALID
    assert revoked.state_on(day) == State.REVOKED
    with pytest.raises(AlreadyRevoked):
        revoke_agreement(agreement, on=day, reason="again", by=sunrise.operator)


def test_why_a_revocation_is_refused(sunrise: Cast, riverbend: Cast) -> None:
    agreement = Agreement.objects.get(household=sunrise.households[0])
    facts = {"on": today(), "reason": "why", "by": sunrise.operator}
    for wrong in (today() - timedelta(days=1), agreement.ends_on + timedelta(days=1)):
        with pytest.raises(RevocationDay):
            revoke_agreement(agreement, **(facts | {"on": wrong}))
    with pytest.raises(ReasonMissing):
        revoke_agreement(agreement, **(facts | {"reason": "  "}))
    with pytest.raises(NotAllowed):
        revoke_agreement(agreement, **(facts | {"by": sunrise.viewer}))
    with pytest.raises(NotYours):
        revoke_agreement(agreement, **(facts | {"by": riverbend.operator}))
    with pytest.raises(NotSigned):
        revoke_agreement(make_draft(sunrise, 1), **facts)


def test_states_follow_the_days(sunrise: Cast) -> None:
    agreement = Agreement.objects.get(household=sunrise.households[0])
    last = agreement.ends_on
    assert agreement.state_on(date(2019, 12, 31)) == State.AHEAD
    assert agreement.state_on(last - timedelta(days=91)) == State.VALID
    assert agreement.state_on(last - timedelta(days=90)) == State.RUNNING_OUT
    assert agreement.state_on(last) == State.RUNNING_OUT
    assert agreement.state_on(last + timedelta(days=1)) == State.OVER
    assert make_draft(sunrise, 1).state_on(last) == State.DRAFT


def test_who_has_no_agreement_in_force_is_found(sunrise: Cast) -> None:
    make_draft(sunrise, 0)
    Agreement.objects.filter(code="A002").update(revoked_on=date(2026, 1, 1))
    households = Household.objects.for_cooperative(sunrise.cooperative)
    lacking = households_without(households, on=date(2026, 1, 1))
    assert sorted(lacking.values_list("code", flat=True)) == ["H001", "H002"]
    before = households_without(households, on=date(2025, 12, 31))
    assert list(before.values_list("code", flat=True)) == ["H001"]


def test_one_followed_by_a_signed_renewal_does_not_run_out(sunrise: Cast) -> None:
    agreement = Agreement.objects.get(household=sunrise.households[0])
    day = agreement.ends_on - timedelta(days=5)
    own = Agreement.objects.filter(household=sunrise.households[0])
    assert own.running_out(day).exists()
    follower = Agreement.objects.create(
        cooperative=sunrise.cooperative,
        household=sunrise.households[0],
        code="R1",
        renews=agreement,
        starts_on=agreement.ends_on + timedelta(days=1),
        ends_on=date(2034, 12, 31),
    )
    assert own.running_out(day).exists()
    Agreement.objects.filter(pk=follower.pk).update(signed_on=day)
    assert not own.running_out(day).exists()
