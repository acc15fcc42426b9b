"""Where money goes: two people, a wait after a change, and a farmer who is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from aggregator import payees
from aggregator.models import AuditEvent, Household, OutboxMessage, PayeeAccount, User
from aggregator.roles import NotAllowed, NotYours
from tests.aggregator.sheets import bank_card
from tests.cast import Cast

TODAY = timezone.localdate


def propose(cast: Cast, household: Household | None = None, *, number: int = 77) -> PayeeAccount:
    return payees.propose_account(
        household or cast.households[0],
        holder_name="户主1",
        bank_name="农商银行",
        number=bank_card(number),
        by=cast.operator,
    )


def colleague(cast: Cast, role: str = "approver") -> User:
    return User.objects.create(
        username=f"colleague-{role}", cooperative=cast.cooperative, role=role
    )


def without_account(cast: Cast) -> Household:
    household = cast.households[0]
    household.payee_accounts.all().delete()
    return household


def test_a_proposal_changes_nothing_yet(sunrise: Cast) -> None:
    in_use = sunrise.households[0].payee_accounts.active().get()
    account = propose(sunrise)
    assert (account.status, account.proposed_by) == ("proposed", sunrise.operator)
    assert sunrise.households[0].payee_accounts.active().get() == in_use


def test_a_changed_account_ends_the_former_and_waits_seven_days(sunrise: Cast) -> None:
    former = sunrise.households[0].payee_accounts.active().get()
    account = payees.approve_account(propose(sunrise), by=sunrise.approver)
    former.refresh_from_db()
    assert (former.status, former.reason) == ("ended", payees.REPLACED)
    assert (account.status, account.usable_on) == ("active", TODAY() + timedelta(days=7))
    assert not account.is_usable(TODAY())
    assert account.is_usable(TODAY() + timedelta(days=7))


def test_a_first_account_needs_two_people_but_no_wait(sunrise: Cast) -> None:
    household = without_account(sunrise)
    account = payees.approve_account(propose(sunrise, household), by=sunrise.approver)
    assert account.is_usable(TODAY())


def test_ending_an_account_first_is_no_way_round_the_wait(sunrise: Cast) -> None:
    household = sunrise.households[0]
    payees.end_account(household.payee_accounts.get(), reason="closed", by=sunrise.approver)
    account = payees.approve_account(propose(sunrise), by=colleague(sunrise))
    assert account.usable_on == TODAY() + timedelta(days=7)


def test_the_days_of_waiting_are_the_cooperatives(sunrise: Cast) -> None:
    sunrise.cooperative.payee_cooling_days = 2
    sunrise.cooperative.save()
    account = payees.approve_account(propose(sunrise), by=sunrise.approver)
    assert account.usable_on == TODAY() + timedelta(days=2)


@pytest.mark.parametrize("superuser", [False, True])
def test_nobody_approves_what_he_proposed(sunrise: Cast, superuser: bool) -> None:
    sunrise.approver.is_superuser = superuser
    sunrise.approver.save()
    account = payees.propose_account(
        sunrise.households[0], holder_name="户主1", number=bank_card(77), by=sunrise.approver
    )
    with pytest.raises(payees.OwnProposal):
        payees.approve_account(account, by=sunrise.approver)
    account.refresh_from_db()
    assert account.status == "proposed"


def test_what_the_system_proposed_anyone_of_the_role_approves(sunrise: Cast) -> None:
    account = propose(sunrise)
    account.proposed_by = None
    account.save()
    assert payees.approve_account(account, by=sunrise.approver).status == "active"


def test_only_one_proposal_is_open_at_a_time(sunrise: Cast) -> None:
    propose(sunrise)
    with pytest.raises(payees.ProposalOpen, match="H001"):
        propose(sunrise, number=78)


def test_the_account_in_use_is_not_proposed_again(sunrise: Cast) -> None:
    household = without_account(sunrise)
    account = payees.approve_account(propose(sunrise, household), by=sunrise.approver)
    with pytest.raises(payees.AccountUnchanged):
        payees.propose_account(
            sunrise.households[0],
            holder_name=account.holder_name,
            bank_name=account.bank_name,
            number=account.number,
            by=sunrise.operator,
        )


def test_an_approved_account_is_not_approved_again(sunrise: Cast) -> None:
    account = propose(sunrise)
    payees.approve_account(account, by=sunrise.approver)
    with pytest.raises(payees.AccountNotWaiting):
        payees.approve_account(account, by=colleague(sunrise))


def test_a_refused_account_leaves_the_one_in_use(sunrise: Cast) -> None:
    in_use = sunrise.households[0].payee_accounts.active().get()
    account = payees.refuse_account(propose(sunrise), reason="not his card", by=sunrise.approver)
    assert (account.status, account.reason) == ("refused", "not his card")
    assert sunrise.households[0].payee_accounts.active().get() == in_use
    with pytest.raises(payees.AccountNotWaiting):
        payees.approve_account(account, by=sunrise.approver)


@pytest.mark.parametrize("step", [payees.refuse_account, payees.end_account])
def test_a_decision_against_an_account_needs_a_reason(sunrise: Cast, step: Any) -> None:
    with pytest.raises(payees.ReasonMissing):
        step(propose(sunrise), reason="  ", by=sunrise.approver)


@pytest.mark.parametrize("number", ["12", "6222020200112233440", "abc"])
def test_what_is_no_account_number_is_refused_without_showing_it(
    sunrise: Cast, number: str
) -> None:
    with pytest.raises(payees.AccountRefused) as refusal:
        payees.propose_account(
            sunrise.households[0], holder_name="户主1", number=number, by=sunrise.operator
        )
    assert number not in str(refusal.value)


@pytest.mark.parametrize("role", ["verifier", "viewer"])
def test_others_neither_propose_nor_approve(sunrise: Cast, role: str) -> None:
    account = propose(sunrise)
    person = getattr(sunrise, role)
    with pytest.raises(NotAllowed):
        payees.approve_account(account, by=person)
    with pytest.raises(NotAllowed):
        payees.propose_account(sunrise.households[1], holder_name="x", number="1", by=person)


def test_an_operator_does_not_approve(sunrise: Cast) -> None:
    with pytest.raises(NotAllowed):
        payees.approve_account(propose(sunrise), by=colleague(sunrise, "operator"))


def test_a_stranger_does_nothing(sunrise: Cast, riverbend: Cast) -> None:
    account = propose(sunrise)
    for step in (
        lambda: payees.approve_account(account, by=riverbend.approver),
        lambda: payees.refuse_account(account, reason="x", by=riverbend.approver),
        lambda: payees.approve_accounts(
            riverbend.cooperative, accounts=[account], by=riverbend.approver
        ),
    ):
        with pytest.raises(NotYours):
            step()


def test_many_are_approved_at_once_or_none(sunrise: Cast) -> None:
    accounts = [
        propose(sunrise, each, number=80 + at) for at, each in enumerate(sunrise.households)
    ]
    payees.refuse_account(accounts[2], reason="x", by=sunrise.approver)
    with pytest.raises(payees.AccountNotWaiting):
        payees.approve_accounts(sunrise.cooperative, accounts=accounts, by=sunrise.approver)
    assert PayeeAccount.objects.filter(status="proposed").count() == 2
    waiting = payees.waiting_accounts(sunrise.cooperative)
    assert payees.approve_accounts(sunrise.cooperative, accounts=waiting, by=sunrise.approver) == 2
    assert not payees.waiting_accounts(sunrise.cooperative).exists()


def test_ones_own_proposals_do_not_wait_for_oneself(sunrise: Cast) -> None:
    propose(sunrise)
    assert payees.waiting_accounts(sunrise.cooperative, not_by=sunrise.approver).count() == 1
    assert not payees.waiting_accounts(sunrise.cooperative, not_by=sunrise.operator).exists()


def test_the_farmer_is_told_at_proposal_and_at_approval(
    sunrise: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    household = sunrise.households[0]
    sunrise.cooperative.phone = "0597-123456"
    sunrise.cooperative.save()
    household.language = "en"
    household.save()
    with django_capture_on_commit_callbacks(execute=True):
        account = payees.approve_account(propose(sunrise), by=sunrise.approver)
    approved, proposed = OutboxMessage.objects.filter(household=household)
    assert proposed.phone == approved.phone == household.phone
    assert "No money goes there until a second person" in proposed.text
    assert f"from {account.usable_on} on" in approved.text
    for message in (proposed, approved):
        assert account.masked_number in message.text
        assert account.number not in message.text
        assert message.text.endswith("Not you? Call 0597-123456.")


def test_no_number_is_in_the_audit_log(sunrise: Cast) -> None:
    account = payees.approve_account(propose(sunrise), by=sunrise.approver)
    events = AuditEvent.objects.filter(object_type="payeeaccount", object_id=str(account.pk))
    assert [event.action for event in events] == ["approve_account", "propose_account"]
    assert account.number not in str([event.details for event in events])
