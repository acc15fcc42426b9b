"""Rights in the admin come from role and cooperative; personal numbers are masked."""

from __future__ import annotations

import pytest

from aggregator.models import AuditEvent, Household, Person, User
from tests.admin_pages import notes, signed_in, words
from tests.cast import Cast
from tests.credits.line import make_enrolled_pool

HOUSEHOLDS = "/admin/aggregator/household/"


def page_of(household: Household) -> str:
    return f"{HOUSEHOLDS}{household.pk}/change/"


def household_form(household: Household, **typed: str) -> dict[str, str]:
    """What the operator's page posts with its inlines untouched."""
    form = {"village": str(household.village_id), "language": "zh-hans", "phone": "", **typed}
    for prefix, rows in (
        ("persons", household.persons),
        ("memberships", household.memberships),
        ("agreements", household.agreements),
        ("payee_accounts", household.payee_accounts),
    ):
        form |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
        assert rows.exists()
    for prefix in ("successions", "inheritances"):
        form |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    return form


@pytest.mark.parametrize("role", ["approver", "verifier", "viewer"])
def test_only_operators_change_households(sunrise: Cast, role: str) -> None:
    # A verifier sees the households of the projects assigned to him.
    make_enrolled_pool(sunrise)
    client = signed_in(getattr(sunrise, role))
    household = sunrise.households[0]
    assert client.get(page_of(household)).status_code == 200
    assert client.post(page_of(household), household_form(household)).status_code == 403
    assert client.get(f"{HOUSEHOLDS}add/").status_code == 403


@pytest.mark.parametrize("role", User.Role.values)
def test_nobody_edits_the_books_or_the_audit_log(sunrise: Cast, role: str) -> None:
    client = signed_in(getattr(sunrise, role))
    for model in ("payouts/journalentry", "payouts/settlement", "aggregator/auditevent"):
        assert client.get(f"/admin/{model}/add/").status_code == 403


def test_a_user_without_a_cooperative_gets_no_further_than_the_door(db: None) -> None:
    client = signed_in(User.objects.create(username="adrift"))
    assert client.get("/admin/").status_code == 302


def test_numbers_are_masked_for_everyone(sunrise: Cast) -> None:
    household = sunrise.households[0]
    person = household.persons.get()
    person.identity_number = "11010519491231002X"
    person.save()
    account = household.payee_accounts.get()
    for role in User.Role.values:
        client = signed_in(getattr(sunrise, role))
        for address in (HOUSEHOLDS, page_of(household)):
            page = client.get(address).content.decode()
            assert household.phone not in page
            assert person.identity_number not in page
            assert account.number not in page


def test_a_number_left_empty_stays_and_a_typed_one_is_normalised(sunrise: Cast) -> None:
    household = sunrise.households[0]
    before = household.phone
    client = signed_in(sunrise.operator)
    assert client.post(page_of(household), household_form(household)).status_code == 302
    household.refresh_from_db()
    assert household.phone == before
    client.post(page_of(household), household_form(household, phone="139 1111 2222"))
    household.refresh_from_db()
    assert household.phone == "+8613911112222"


def test_a_wrong_number_is_refused_in_words(sunrise: Cast) -> None:
    household = sunrise.households[0]
    answer = signed_in(sunrise.operator).post(
        page_of(household), household_form(household, phone="12")
    )
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors["phone"]


def test_an_account_is_never_typed_over_on_the_households_page(sunrise: Cast) -> None:
    """Payments name the account: it changes only by a proposal that somebody else approves."""
    household = sunrise.households[0]
    account = household.payee_accounts.get()
    form = household_form(household) | {
        "payee_accounts-TOTAL_FORMS": "1",
        "payee_accounts-INITIAL_FORMS": "1",
        "payee_accounts-0-id": str(account.pk),
        "payee_accounts-0-household": str(household.pk),
        "payee_accounts-0-holder_name": "别人",
        "payee_accounts-0-number": "6222020200112233446",
        "payee_accounts-0-status": "active",
    }
    signed_in(sunrise.operator).post(page_of(household), form)
    kept = household.payee_accounts.get()
    assert (kept.number, kept.holder_name) == (account.number, account.holder_name)


def test_what_was_changed_is_on_record_without_the_number(sunrise: Cast) -> None:
    household = sunrise.households[0]
    client = signed_in(sunrise.operator)
    client.post(page_of(household), household_form(household, phone="13911112222"))
    event = AuditEvent.objects.get(action="changed", object_type="household")
    assert event.by == sunrise.operator
    assert "13911112222" not in str(event.details)
    history = words(client.get(f"{HOUSEHOLDS}{household.pk}/history/"))
    assert "changed" in history


def test_a_whole_phone_or_identity_number_finds_its_household(sunrise: Cast) -> None:
    person = sunrise.households[1].persons.get()
    person.identity_number = "11010519491231002X"
    person.save()
    client = signed_in(sunrise.viewer)
    for typed, found in (
        (sunrise.households[2].phone, "H003"),
        (sunrise.households[2].phone.removeprefix("+86"), "H003"),
        ("11010519491231002x", "H002"),
        ("户主1", "H001"),
        ("H002", "H002"),
    ):
        rows = client.get(HOUSEHOLDS, {"q": typed}).context["cl"].result_list
        assert [row.code for row in rows] == [found], typed


def test_numbers_are_shown_once_for_a_reason_that_is_kept(sunrise: Cast) -> None:
    household = sunrise.households[0]
    client = signed_in(sunrise.operator)
    address = f"{HOUSEHOLDS}{household.pk}/do/reveal/"
    assert household.phone not in client.get(address).content.decode()
    answer = client.post(address, {"reason": "The bank rang"})
    assert household.phone in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    event = AuditEvent.objects.get(action="revealed")
    assert (event.by, event.details) == (sunrise.operator, {"reason": "The bank rang"})


def test_numbers_are_not_shown_without_a_reason_or_the_role(sunrise: Cast) -> None:
    household = sunrise.households[0]
    address = f"{HOUSEHOLDS}{household.pk}/do/reveal/"
    answer = signed_in(sunrise.operator).post(address, {"reason": " "})
    assert answer.status_code == 400
    assert household.phone not in answer.content.decode()
    assert signed_in(sunrise.viewer).post(address, {"reason": "why not"}).status_code == 403
    assert not AuditEvent.objects.filter(action="revealed").exists()


def test_a_code_that_is_taken_is_refused_in_words(sunrise: Cast) -> None:
    answer = signed_in(sunrise.operator).post(
        "/admin/aggregator/village/add/", {"code": "V1", "name": "again"}
    )
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors


def test_a_new_row_belongs_to_the_operators_cooperative(sunrise: Cast, riverbend: Cast) -> None:
    signed_in(sunrise.operator).post(
        "/admin/aggregator/village/add/",
        {"code": "V9", "name": "new", "cooperative": str(riverbend.cooperative.pk)},
    )
    assert sunrise.village.__class__.objects.get(code="V9").cooperative == sunrise.cooperative


def test_another_cooperatives_village_cannot_be_chosen(sunrise: Cast, riverbend: Cast) -> None:
    household = sunrise.households[0]
    answer = signed_in(sunrise.operator).post(
        page_of(household), household_form(household, village=str(riverbend.village.pk))
    )
    assert answer.context["adminform"].form.errors["village"]


def test_sign_in_codes_are_read_by_operators_alone(sunrise: Cast) -> None:
    outbox = "/admin/aggregator/outboxmessage/"
    assert signed_in(sunrise.operator).get(outbox).status_code == 200
    for role in ("approver", "verifier", "viewer"):
        assert signed_in(getattr(sunrise, role)).get(outbox).status_code == 403


def test_a_changed_cooperative_is_on_its_own_record(sunrise: Cast) -> None:
    address = f"/admin/aggregator/cooperative/{sunrise.cooperative.pk}/change/"
    typed = {
        "name": "青山合作社",
        "area_unit": "mu",
        "objection_days": "20",
        "payment_threshold_minor": "0",
        "payee_cooling_days": "7",
    }
    assert signed_in(sunrise.operator).post(address, typed).status_code == 403
    assert signed_in(sunrise.approver).post(address, typed).status_code == 302
    event = AuditEvent.objects.get(action="changed", object_type="cooperative")
    assert event.cooperative == sunrise.cooperative


def test_a_person_typed_in_belongs_to_the_household_and_cooperative(sunrise: Cast) -> None:
    household = sunrise.households[0]
    form = household_form(household) | {
        "persons-TOTAL_FORMS": "1",
        "persons-0-name": "林小满",
        "persons-0-identity_number": "11010519491231002x",
    }
    answer = signed_in(sunrise.operator).post(page_of(household), form, follow=True)
    assert notes(answer)
    person = Person.objects.get(name="林小满")
    assert (person.household, person.cooperative) == (household, sunrise.cooperative)
    assert person.identity_number == "11010519491231002X"
