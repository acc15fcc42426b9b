"""The pages of the sign-in, as a browser without JavaScript walks through them."""

import logging
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aggregator import sign_in as rules
from aggregator.models import AuditEvent, OneTimeCode, OutboxMessage
from aggregator.portal.door import read_address
from tests.aggregator.sign_in_steps import (
    CODE_PAGE,
    PHONE_PAGE,
    ask_for_code,
    enter,
    last_code,
    sign_in,
    wrong_code,
)
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)

NOBODY = "13900009999"


def words(response) -> str:
    return response.content.decode()


def test_a_member_gets_in_with_the_code_sent_to_the_phone(client: Client, sunrise: Cast) -> None:
    response = sign_in(client, sunrise.households[0])
    assert response.url == "/"
    page = client.get("/")
    assert page.status_code == 200
    assert "户主1" in words(page)
    event = AuditEvent.objects.get(action="household_signed_in")
    assert (event.object_id, event.by) == (str(sunrise.households[0].pk), None)


def test_without_signing_in_every_page_leads_to_the_phone_number(client: Client, db: None) -> None:
    for address in ("/", "/statements/", "/statements/2025-000001/"):
        response = client.get(address)
        assert response.status_code == 302
        assert response.url.startswith("/sign-in/?next=")
    assert client.get("/sign-in/code/").url == "/sign-in/"
    assert client.get("/households/").url == "/sign-in/"


def test_after_signing_in_the_page_that_was_asked_for_opens(client: Client, sunrise: Cast) -> None:
    asked = client.get("/statements/").url
    client.post(asked, {"phone": sunrise.households[0].phone})
    assert client.post(CODE_PAGE, {"code": last_code()}).url == "/statements/"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:x"])
def test_signing_in_never_leads_to_another_site(
    client: Client, sunrise: Cast, elsewhere: str
) -> None:
    client.post(f"{PHONE_PAGE}?next={elsewhere}", {"phone": sunrise.households[0].phone})
    assert client.post(CODE_PAGE, {"code": last_code()}).url == "/"


def test_a_number_nobody_has_is_answered_like_a_member_s(sunrise: Cast) -> None:
    seen = []
    member = sunrise.households[0].phone
    for phone in (member, "+86139" + member[-8:]):
        browser = Client()
        asked = ask_for_code(browser, phone)
        page = browser.get(asked.url)
        wrong = browser.post(CODE_PAGE, {"code": "not it"})
        seen.append(
            (
                asked.status_code,
                asked.url,
                sorted(asked.headers),
                [re.sub(r'value="[^"]{64}"', "", words(each)) for each in (page, wrong)],
                wrong.status_code,
            )
        )
    assert seen[0] == seen[1]
    assert OutboxMessage.objects.count() == 1


def test_a_number_nobody_has_takes_the_same_steps_in_the_database(
    sunrise: Cast,
) -> None:
    """Only the message itself is more, and what hands it over returns at once."""
    statements = []
    for phone in (sunrise.households[0].phone, NOBODY):
        with CaptureQueriesContext(connection) as captured:
            rules.request_code(phone, address="a")
        statements.append([query["sql"].split()[:3] for query in captured.captured_queries])
    known, unknown = statements
    written = ["INSERT", "INTO", '"aggregator_outboxmessage"']
    assert [words for words in known if words != written] == unknown
    assert known.count(written) == 1


def test_a_wrong_code_says_so_and_five_lock(client: Client, sunrise: Cast) -> None:
    ask_for_code(client, sunrise.households[0].phone)
    for _try in range(4):
        response = client.post(CODE_PAGE, {"code": wrong_code()})
        assert response.status_code == 400
    assert client.post(CODE_PAGE, {"code": wrong_code()}).status_code == 429
    assert client.post(CODE_PAGE, {"code": last_code()}).status_code == 429
    assert client.get("/").status_code == 302


def test_a_used_code_does_not_work_in_the_next_browser(client: Client, sunrise: Cast) -> None:
    sign_in(client, sunrise.households[0])
    stranger = Client()
    assert stranger.post(CODE_PAGE, {"code": last_code()}).url == "/sign-in/"
    ask_for_code(stranger, NOBODY)
    assert stranger.post(CODE_PAGE, {"code": last_code()}).status_code in {400, 302}
    assert stranger.get("/").status_code == 302


def test_an_old_code_is_refused_with_what_to_do(client: Client, sunrise: Cast) -> None:
    ask_for_code(client, sunrise.households[0].phone)
    OneTimeCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    client.cookies["django_language"] = "en"
    response = client.post(CODE_PAGE, {"code": last_code()})
    assert response.status_code == 409
    assert "Ask for a new one" in words(response)


def test_a_code_typed_full_width_and_with_spaces_is_read(client: Client, sunrise: Cast) -> None:
    ask_for_code(client, sunrise.households[0].phone)
    wide = last_code().translate({48 + digit: 0xFF10 + digit for digit in range(10)})
    assert client.post(CODE_PAGE, {"code": f"{wide[:3]} {wide[3:]} "}).url == "/"


def test_a_new_code_can_be_asked_for_until_the_limit(client: Client, sunrise: Cast) -> None:
    ask_for_code(client, sunrise.households[0].phone)
    for _time in range(4):
        assert client.post(CODE_PAGE, {"again": "1"}).status_code == 302
    assert client.post(CODE_PAGE, {"again": "1"}).status_code == 429
    assert OutboxMessage.objects.count() == 5
    assert client.post(CODE_PAGE, {"code": last_code()}).url == "/"


def test_an_unreadable_number_is_refused_beside_what_was_typed(
    client: Client, sunrise: Cast
) -> None:
    response = ask_for_code(client, '12<script>"')
    assert response.status_code == 400
    assert "12&lt;script&gt;&quot;" in words(response)


def test_a_phone_of_several_households_chooses_one(
    client: Client, sunrise: Cast, riverbend: Cast
) -> None:
    elder = riverbend.households[0]
    elder.phone = sunrise.households[0].phone
    elder.save()
    assert sign_in(client, elder).url == "/households/"
    assert client.get("/").status_code == 302
    page = words(client.get("/households/"))
    assert "青山合作社" in page
    assert "河湾合作社" in page
    assert client.post("/households/", {"household": elder.pk}).url == "/"
    assert "河湾合作社" in words(client.get("/"))
    client.post("/households/", {"household": sunrise.households[0].pk})
    assert "青山合作社" in words(client.get("/"))


@pytest.mark.parametrize("chosen", ["stranger", "", "x", "9" * 30, "-1", "9" * 5000])
def test_another_phone_s_household_cannot_be_chosen(
    client: Client, sunrise: Cast, chosen: str
) -> None:
    sign_in(client, sunrise.households[0])
    key = str(sunrise.households[1].pk) if chosen == "stranger" else chosen
    assert client.post("/households/", {"household": key}).status_code == 404
    assert "户主1" in words(client.get("/"))


def test_the_session_key_changes_at_the_door(client: Client, sunrise: Cast) -> None:
    ask_for_code(client, sunrise.households[0].phone)
    planted = client.cookies["sessionid"].value
    client.post(CODE_PAGE, {"code": last_code()})
    assert client.cookies["sessionid"].value != planted
    stranger = Client()
    stranger.cookies["sessionid"] = planted
    assert stranger.get("/").status_code == 302


def test_signing_out_voids_the_session(client: Client, sunrise: Cast) -> None:
    sign_in(client, sunrise.households[0])
    stolen = client.cookies["sessionid"].value
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").url == "/sign-in/"
    assert client.get("/").status_code == 302
    thief = Client()
    thief.cookies["sessionid"] = stolen
    assert thief.get("/").status_code == 302


def test_a_changed_phone_ends_the_sessions_of_the_old_one(client: Client, sunrise: Cast) -> None:
    household = sunrise.households[0]
    sign_in(client, household)
    household.phone = "+8613900000001"
    household.save()
    assert client.get("/").status_code == 302


def test_forms_are_refused_without_their_token(sunrise: Cast) -> None:
    browser = Client(enforce_csrf_checks=True)
    response = browser.post(PHONE_PAGE, {"phone": sunrise.households[0].phone})
    assert response.status_code == 403
    assert "Traceback" not in words(response)
    assert not OneTimeCode.objects.exists()


def test_the_first_language_is_the_household_s_and_a_choice_stays(
    client: Client, sunrise: Cast
) -> None:
    household = sunrise.households[0]
    household.language = "en"
    household.save()
    assert sign_in(client, household).cookies["django_language"].value == "en"
    client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/"})
    client.post("/sign-out/")
    assert "django_language" not in sign_in(client, household).cookies
    assert client.cookies["django_language"].value == "zh-hans"


def test_the_session_holds_no_number_in_plain(client: Client, sunrise: Cast) -> None:
    household = sunrise.households[0]
    ask_for_code(client, household.phone)
    before = str(dict(client.session))
    client.post(CODE_PAGE, {"code": last_code()})
    for stored in (before, str(dict(client.session))):
        assert household.phone[-11:] not in stored
        assert last_code() not in stored


def test_no_log_line_holds_a_phone_or_a_code(client: Client, sunrise: Cast, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    phone = sunrise.households[0].phone
    ask_for_code(client, phone)
    client.post(CODE_PAGE, {"code": wrong_code()})
    client.post(CODE_PAGE, {"code": last_code()})
    client.get("/statements/none/")
    lines = [r.getMessage() for r in caplog.records if not r.name.startswith("django.db")]
    assert lines
    assert not any(phone[-8:] in line or last_code() in line for line in lines)


def test_pages_behind_and_before_the_door_are_kept_by_no_cache(
    client: Client, sunrise: Cast
) -> None:
    enter(client, sunrise.households[0])
    for address in ("/", "/statements/", PHONE_PAGE, "/households/"):
        assert "no-store" in client.get(address)["Cache-Control"]
        assert "private" in client.get(address)["Cache-Control"]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "6.6.6.6", "127.0.0.1"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.1", "1.2.3.4"),
        (2, "1.2.3.4", "127.0.0.1"),
        (1, "", ""),
    ],
)
def test_the_callers_address_is_what_our_own_proxies_saw(
    rf, settings, proxies: int, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert read_address(rf.get("/", HTTP_X_FORWARDED_FOR=forwarded)) == address
