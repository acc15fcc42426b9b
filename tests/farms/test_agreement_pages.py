"""The member signs on the phone; strangers find nothing; the clerk's pages by role."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from aggregator.models import Agreement, AgreementTemplate, AuditEvent, OneTimeCode, OutboxMessage
from farms.models import Field
from tests.aggregator.sign_in_steps import ask_for_code, enter, last_code, wrong_code
from tests.cast import Cast
from tests.farms.agreement_steps import FIRST, LAST, make_draft, scan_pdf

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def browser(cast: Cast, number: int = 0, *, language: str = "en") -> Client:
    client = enter(Client(), cast.households[number])
    client.cookies["django_language"] = language
    return client


def staff(user: Any, *, language: str = "en") -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = language
    return client


def ask(client: Client, draft: Agreement, **facts: Any) -> Any:
    person = draft.household.persons.get(is_head=True)
    data = {"person": person.pk, "agreed": "1"} | facts
    return client.post(f"/agreements/{draft.pk}/", data)


def test_a_member_reads_ticks_and_signs_with_a_code(
    sunrise: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    draft, phone = make_draft(sunrise), browser(sunrise)
    page = phone.get(f"/agreements/{draft.pk}/").content.decode()
    for said in ("1 plot, 15.00 mu", "What you promise", "no-till", "What you get", "10%"):
        assert said in page
    with django_capture_on_commit_callbacks(execute=True):
        assert ask(phone, draft)["Location"] == f"/agreements/{draft.pk}/code/"
    assert draft.code in OutboxMessage.objects.get().text
    with django_capture_on_commit_callbacks(execute=True):
        done = phone.post(f"/agreements/{draft.pk}/code/", {"code": last_code()})
    assert done["Location"] == f"/agreements/{draft.pk}/"
    draft.refresh_from_db()
    assert (draft.signed_how, draft.signed_by.name) == ("phone", "户主1")
    event = AuditEvent.objects.get(action="sign_agreement")
    assert (event.by, event.details["how"], event.details["text_sha256"]) == (
        None,
        "phone",
        draft.text_sha256,
    )
    assert "Signed by 户主1" in phone.get(f"/agreements/{draft.pk}/").content.decode()
    assert draft.code in OutboxMessage.objects.order_by("-pk")[0].text


def test_without_the_tick_no_code_is_sent(sunrise: Cast) -> None:
    draft = make_draft(sunrise)
    data = {"person": draft.household.persons.get().pk}
    refused = browser(sunrise).post(f"/agreements/{draft.pk}/", data)
    assert refused.status_code == 400
    assert "Tick that you have read" in refused.content.decode()
    assert not OneTimeCode.objects.exists()


def test_a_code_to_sign_in_signs_nothing(
    sunrise: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    draft, phone = make_draft(sunrise), browser(sunrise)
    with django_capture_on_commit_callbacks(execute=True):
        ask(phone, draft)
    to_sign = last_code()
    with django_capture_on_commit_callbacks(execute=True):
        ask_for_code(Client(), sunrise.households[0].phone)
    to_enter, entering = last_code(), OneTimeCode.objects.order_by("-pk")[0]
    session = phone.session
    session["signing"] = session["signing"] | {"code": entering.pk}
    session.save()
    if to_enter == to_sign:
        pytest.skip("both codes are the same digits, once in a million")
    assert phone.post(f"/agreements/{draft.pk}/code/", {"code": to_enter}).status_code == 400
    draft.refresh_from_db()
    assert draft.signed_on is None


def test_a_code_for_one_text_does_not_sign_another(
    sunrise: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    draft, phone = make_draft(sunrise), browser(sunrise)
    with django_capture_on_commit_callbacks(execute=True):
        ask(phone, draft)
    Agreement.objects.filter(pk=draft.pk).update(text_sha256="0" * 64)
    assert phone.post(f"/agreements/{draft.pk}/code/", {"code": last_code()}).status_code == 400


def test_a_wrong_code_and_a_used_one_sign_nothing(
    sunrise: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    draft, phone = make_draft(sunrise), browser(sunrise)
    with django_capture_on_commit_callbacks(execute=True):
        ask(phone, draft)
    address = f"/agreements/{draft.pk}/code/"
    assert phone.post(address, {"code": wrong_code()}).status_code == 400
    digits = last_code()
    assert phone.post(address, {"code": digits}).status_code == 302
    assert phone.post(address, {"code": digits})["Location"] == f"/agreements/{draft.pk}/"
    assert AuditEvent.objects.filter(action="sign_agreement").count() == 1


def test_what_changed_since_drafting_is_told_before_signing(sunrise: Cast) -> None:
    draft, phone = make_draft(sunrise), browser(sunrise)
    Field.objects.filter(code="F001").update(name="新名")
    page = phone.get(f"/agreements/{draft.pk}/").content.decode()
    assert "have changed since this was drafted" in page
    assert "Send me the code" not in page
    assert ask(phone, draft).status_code == 409


def test_another_household_s_agreement_does_not_exist(sunrise: Cast, riverbend: Cast) -> None:
    draft = make_draft(sunrise)
    for cast, number in ((sunrise, 1), (riverbend, 0)):
        phone = browser(cast, number)
        for place in ("", "code/", "pdf/", "scan/"):
            assert phone.get(f"/agreements/{draft.pk}/{place}").status_code == 404
        assert ask(phone, draft).status_code == 404


def test_nobody_signs_for_a_person_of_another_household(sunrise: Cast) -> None:
    draft = make_draft(sunrise)
    stranger = sunrise.households[1].persons.get()
    assert ask(browser(sunrise), draft, person=stranger.pk).status_code == 404
    assert ask(browser(sunrise), draft, person="x" * 50).status_code == 404


def test_home_tells_of_an_agreement_that_waits(sunrise: Cast) -> None:
    waiting = "An agreement waits for your signature"
    assert waiting not in browser(sunrise).get("/").content.decode()
    make_draft(sunrise)
    assert waiting in browser(sunrise).get("/").content.decode()
    page = browser(sunrise).get("/agreements/").content.decode()
    assert "Read and sign" in page


def test_the_member_downloads_the_pdf_in_the_chosen_language(sunrise: Cast) -> None:
    draft = make_draft(sunrise)
    answer = browser(sunrise).get(f"/agreements/{draft.pk}/pdf/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")


def test_an_imported_agreement_has_a_page_but_no_text(sunrise: Cast) -> None:
    signed = Agreement.objects.get(household=sunrise.households[0])
    phone = browser(sunrise)
    assert "Signed on paper" in phone.get(f"/agreements/{signed.pk}/").content.decode()
    assert phone.get(f"/agreements/{signed.pk}/pdf/").status_code == 404
    assert phone.get(f"/agreements/{signed.pk}/scan/").status_code == 404


def test_the_clerk_drafts_signs_and_gets_the_scan_back_as_a_file(sunrise: Cast) -> None:
    clerk = staff(sunrise.operator)
    household = sunrise.households[0]
    household.agreements.all().delete()
    days = {"starts_on": FIRST.isoformat(), "ends_on": LAST.isoformat(), "program": "ccx"}
    clerk.post(f"/admin/aggregator/household/{household.pk}/do/draft-agreement/", days)
    draft = household.agreements.get()
    page = f"/admin/aggregator/agreement/{draft.pk}/"
    assert "Record the signature on paper" in clerk.get(f"{page}change/").content.decode()
    data = {
        "person": household.persons.get().pk,
        "signed_on": draft.text["drafted_on"],
        "scan": scan_pdf(),
    }
    assert clerk.post(f"{page}do/sign/", data).status_code == 302
    scan = clerk.get(f"{page}scan/")
    assert scan["Content-Disposition"].startswith("attachment")
    assert b"".join(scan.streaming_content).startswith(b"%PDF")
    member = browser(sunrise).get(f"/agreements/{draft.pk}/scan/")
    assert member["Content-Disposition"].startswith("attachment")
    assert clerk.get(f"{page}pdf/?language=en")["Content-Type"] == "application/pdf"


def test_a_signed_agreement_s_days_are_typed_over_by_nobody(sunrise: Cast) -> None:
    agreement = Agreement.objects.get(household=sunrise.households[0])
    clerk = staff(sunrise.operator)
    address = f"/admin/aggregator/agreement/{agreement.pk}/change/"
    assert 'name="ends_on"' not in clerk.get(address).content.decode()
    assert clerk.post(address, {"ends_on": "2099-12-31"}).status_code == 403
    household = f"/admin/aggregator/household/{agreement.household_id}/change/"
    assert "agreements-0-ends_on" not in clerk.get(household).content.decode()


def test_drafting_for_all_and_the_filters(sunrise: Cast) -> None:
    Agreement.objects.exclude(household=sunrise.households[0]).delete()
    clerk = staff(sunrise.operator)
    days = {"starts_on": FIRST.isoformat(), "ends_on": LAST.isoformat(), "program": "ccx"}
    done = clerk.post("/admin/aggregator/agreement/do/draft-missing/", days, follow=True)
    assert "2 agreements drafted." in done.content.decode()
    drafts = clerk.get("/admin/aggregator/agreement/?state=draft").content.decode()
    assert "H002" in drafts
    assert "H001" not in drafts
    missing = clerk.get("/admin/aggregator/household/?agreement=missing").content.decode()
    assert "H003" in missing
    assert "H001" not in missing


def test_a_viewer_reads_and_decides_nothing(sunrise: Cast) -> None:
    draft, viewer = make_draft(sunrise), staff(sunrise.viewer)
    page = f"/admin/aggregator/agreement/{draft.pk}/"
    assert viewer.get(f"{page}change/").status_code == 200
    for action in ("sign", "redraft", "discard", "renew", "revoke"):
        assert viewer.post(f"{page}do/{action}/").status_code == 403
    assert viewer.get("/admin/aggregator/agreementtemplate/write/ccx/").status_code == 403


def test_the_wording_is_previewed_before_it_is_kept(sunrise: Cast) -> None:
    clerk, address = staff(sunrise.operator), "/admin/aggregator/agreementtemplate/write/ccx/"
    words = {"title": "协议", "body": "{plots}", "title_en": "Terms", "body_en": "{plots}"}
    seen = clerk.post(address, {**words, "preview": "1"}).content.decode()
    assert "Preview, filled for one of your households" in seen
    assert not AgreementTemplate.objects.exists()
    wrong = clerk.post(address, {**words, "body_en": "{plots}\n\n{cow}"})
    assert wrong.status_code == 400
    assert "{cow}" in wrong.content.decode()
    assert clerk.post(address, words).status_code == 302
    assert AgreementTemplate.objects.get(version=2).title_en == "Terms"


def test_the_list_costs_no_more_queries_for_more_rows(
    sunrise: Cast, django_assert_max_num_queries: Any
) -> None:
    clerk = staff(sunrise.operator)
    for number in range(3):
        make_draft(sunrise, number)
    with django_assert_max_num_queries(12):
        clerk.get("/admin/aggregator/agreement/")
