"""What every answer tells the browser, and what an error page may say."""

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import path

from aggregator.errors import DomainError
from aggregator.portal.door import household_required
from aggregator.urls import urlpatterns as project_urls
from tests.aggregator.sign_in_steps import enter
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def break_down(request):
    raise RuntimeError("+8613800001001 stood here")


@household_required
def refuse(request):
    raise DomainError


urlpatterns = [path("broken/", break_down), path("refused/", refuse), *project_urls]


@pytest.mark.parametrize("address", ["/sign-in/", "/", "/nothing-here/", "/admin/login/"])
def test_every_answer_forbids_inline_scripts_and_framing(client: Client, address: str) -> None:
    response = client.get(address)
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert "geolocation=()" in response["Permissions-Policy"]


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client: Client, sunrise: Cast) -> None:
    client.get("/sign-in/")
    client.post("/sign-in/", {"phone": sunrise.households[0].phone})
    client.post("/i18n/setlang/", {"language": "en"})
    assert set(client.cookies) == {"csrftoken", "sessionid", "django_language"}
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


def test_pages_hold_no_script_and_no_style_of_their_own(client: Client, sunrise: Cast) -> None:
    browser = enter(Client(), sunrise.households[0])
    pages = [client.get("/sign-in/"), browser.get("/"), browser.get("/statements/")]
    for page in pages:
        text = page.content.decode()
        assert "<script" not in text
        assert "style=" not in text
        assert "<style" not in text
        assert not re.search(r"\son\w+=", text)


def test_a_first_visit_weighs_little(sunrise: Cast) -> None:
    page = enter(Client(), sunrise.households[0]).get("/").content
    files = re.findall(rb'(?:href|src)="/static/([^"]+)"', page)
    assert len(files) <= 2
    sizes = []
    for name in files:
        found = finders.find(name.decode())
        assert found
        with open(found, "rb") as file:
            sizes.append(len(file.read()))
    assert len(page) + sum(sizes) < 40_000


@pytest.mark.parametrize(("language", "words"), [("en", "Our mistake"), ("zh-hans", "")])
def test_a_broken_page_tells_nothing_of_what_broke(
    settings, client: Client, language: str, words: str
) -> None:
    settings.ROOT_URLCONF = __name__
    client.raise_request_exception = False
    client.cookies["django_language"] = language
    response = client.get("/broken/")
    text = response.content.decode()
    assert response.status_code == 500
    assert words in text
    assert "13800001001" not in text
    assert "RuntimeError" not in text
    assert f'lang="{"zh-Hans" if language != "en" else "en"}"' in text


def test_a_refused_rule_is_a_page_with_its_sentence(settings, sunrise: Cast) -> None:
    settings.ROOT_URLCONF = __name__
    browser = enter(Client(), sunrise.households[0])
    browser.cookies["django_language"] = "en"
    response = browser.get("/refused/")
    assert response.status_code == 409
    assert '<p class="refusal" role="alert">This cannot be done.</p>' in response.content.decode()


def test_a_missing_page_is_told_in_the_house_s_look(client: Client) -> None:
    client.cookies["django_language"] = "en"
    response = client.get("/nothing-here/")
    assert response.status_code == 404
    assert "This page does not exist" in response.content.decode()
    assert "portal.css" in response.content.decode()


def test_a_request_under_a_foreign_name_gets_the_bad_request_page(client: Client) -> None:
    response = client.get("/", HTTP_HOST="evil.example")
    assert response.status_code == 400
    assert "evil" not in response.content.decode()
