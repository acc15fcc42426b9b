"""A statement's number opens it for its own household and does not exist for anybody else."""

import pytest
from django.test import Client

from payouts.models import Statement
from tests.aggregator.sign_in_steps import enter
from tests.cast import Cast
from tests.payouts.portal_rows import settle_year, start_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def settled(sunrise: Cast, riverbend: Cast) -> tuple[Cast, Cast]:
    """Both cooperatives settled 2025: their statements bear the same numbers."""
    settle_year(sunrise, [1000, 3000, 2000], amount_minor=10_000, project=start_project(sunrise))
    settle_year(riverbend, [1000], amount_minor=7777, project=start_project(riverbend))
    return sunrise, riverbend


def open_statement(cast: Cast, place: int, number: str, *, tail: str = "") -> int:
    browser = enter(Client(), cast.households[place])
    status: int = browser.get(f"/statements/{number}/{tail}").status_code
    return status


@pytest.mark.parametrize("tail", ["", "pdf/"])
def test_a_neighbour_s_statement_is_not_found(settled: tuple[Cast, Cast], tail: str) -> None:
    sunrise, _riverbend = settled
    mine, theirs = (
        Statement.objects.get(household=sunrise.households[place]).number for place in (0, 1)
    )
    assert open_statement(sunrise, 0, mine, tail=tail) in {200, 202}
    assert open_statement(sunrise, 0, theirs, tail=tail) == 404
    assert open_statement(sunrise, 1, mine, tail=tail) == 404


@pytest.mark.parametrize("tail", ["", "pdf/"])
def test_another_cooperative_s_statement_is_not_found(
    settled: tuple[Cast, Cast], tail: str
) -> None:
    sunrise, riverbend = settled
    number = Statement.objects.get(household=sunrise.households[2]).number
    assert open_statement(riverbend, 0, number, tail=tail) == 404


def test_the_same_number_in_two_cooperatives_opens_ones_own(settled: tuple[Cast, Cast]) -> None:
    _sunrise, riverbend = settled
    number = Statement.objects.get(household=riverbend.households[0]).number
    assert Statement.objects.filter(number=number).count() == 2
    page = enter(Client(), riverbend.households[0]).get(f"/statements/{number}/")
    assert "¥\u00a077.77" in page.content.decode()


def test_no_page_names_a_neighbour(settled: tuple[Cast, Cast]) -> None:
    _sunrise, riverbend = settled
    browser = enter(Client(), riverbend.households[0])
    own = Statement.objects.get(household=riverbend.households[0])
    for address in ("/", "/statements/", f"/statements/{own.number}/"):
        page = browser.get(address).content.decode()
        assert "青山" not in page
        assert "户主2" not in page


@pytest.mark.parametrize(
    "number", ["2025-999999", "0", "' OR 1=1 --", "../admin", "2025-000001%00"]
)
def test_a_made_up_number_is_not_found(settled: tuple[Cast, Cast], number: str) -> None:
    assert open_statement(settled[0], 0, number) == 404


def test_a_session_without_the_phone_that_opened_it_is_no_session(
    settled: tuple[Cast, Cast],
) -> None:
    browser = Client()
    session = browser.session
    session["household_id"] = settled[0].households[0].pk
    session.save()
    assert browser.get("/").status_code == 302


def test_staff_are_no_household(settled: tuple[Cast, Cast]) -> None:
    browser = Client()
    browser.force_login(settled[0].operator)
    assert browser.get("/").status_code == 302


@pytest.mark.parametrize("address", ["/", "/statements/", "own", "pdf"])
def test_a_page_asks_the_database_at_most_eight_times(
    settled: tuple[Cast, Cast], address: str, django_assert_max_num_queries
) -> None:
    household = settled[0].households[0]
    number = Statement.objects.get(household=household).number
    pages = {"own": f"/statements/{number}/", "pdf": f"/statements/{number}/pdf/"}
    browser = enter(Client(), household)
    with django_assert_max_num_queries(8):
        browser.get(pages.get(address, address))
