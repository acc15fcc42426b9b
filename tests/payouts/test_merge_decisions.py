"""A merge is proposed by one person and decided by another, or refused with a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from aggregator import duplicates, merging, payees
from aggregator.models import AuditEvent, DuplicatePair, Household, PayeeAccount, User
from aggregator.roles import NotAllowed, NotYours
from payouts.home import gather_home
from payouts.next_step import people_steps
from tests.admin_pages import signed_in, words
from tests.aggregator.sheets import bank_card
from tests.cast import Cast


@pytest.fixture
def pair(sunrise: Cast) -> DuplicatePair:
    """The second household stands in for the first on its phone; nobody has looked at it."""
    sunrise.households[1].phone = sunrise.households[0].phone
    sunrise.households[1].save()
    duplicates.find_duplicates(sunrise.cooperative)
    return DuplicatePair.objects.get()


def propose(cast: Cast, *, by: User | None = None) -> DuplicatePair:
    return merging.propose_merge(*cast.households[:2], by=by or cast.operator)


def test_a_proposal_changes_nothing_but_the_pair(sunrise: Cast, pair: DuplicatePair) -> None:
    proposed = propose(sunrise)
    assert proposed.pk == pair.pk
    assert (proposed.status, proposed.kept) == ("proposed", sunrise.households[0])
    assert proposed.proposed_by == sunrise.operator
    assert not Household.objects.exclude(merged_into=None).exists()
    event = AuditEvent.objects.get(action="propose_merge")
    assert (event.by, event.details) == (sunrise.operator, {"kept": "H001", "merged": "H002"})


def test_whoever_proposed_does_not_approve(sunrise: Cast) -> None:
    pair = propose(sunrise, by=sunrise.approver)
    with pytest.raises(merging.OwnMerge):
        merging.approve_merge(pair, by=sunrise.approver)
    assert not Household.objects.exclude(merged_into=None).exists()
    other = User.objects.create(
        username="other-approver", cooperative=sunrise.cooperative, role=User.Role.APPROVER
    )
    assert merging.approve_merge(pair, by=other) == sunrise.households[0]


def test_the_database_knows_it_too(sunrise: Cast) -> None:
    pair = propose(sunrise)
    with (
        pytest.raises(IntegrityError, match="duplicate_pair_maker_is_not_checker"),
        transaction.atomic(),
    ):
        DuplicatePair.objects.filter(pk=pair.pk).update(
            status="merged", decided_by=sunrise.operator, decided_at=timezone.now()
        )
    with (
        pytest.raises(IntegrityError, match="duplicate_pair_proposed_by_someone"),
        transaction.atomic(),
    ):
        DuplicatePair.objects.filter(pk=pair.pk).update(proposed_by=None)


def test_the_database_keeps_an_account_from_its_own_proposer(sunrise: Cast) -> None:
    account = payees.propose_account(
        sunrise.households[0], holder_name="x", number=bank_card(7), by=sunrise.approver
    )
    PayeeAccount.objects.exclude(pk=account.pk).delete()
    with pytest.raises(IntegrityError, match="payee_maker_is_not_checker"), transaction.atomic():
        PayeeAccount.objects.filter(pk=account.pk).update(
            status="active", decided_by=sunrise.approver
        )


def test_an_operator_proposes_and_an_approver_decides(sunrise: Cast, riverbend: Cast) -> None:
    for person, refusal in ((sunrise.viewer, NotAllowed), (riverbend.operator, NotYours)):
        with pytest.raises(refusal):
            propose(sunrise, by=person)
    with pytest.raises(NotYours):
        merging.propose_merge(sunrise.households[0], riverbend.households[0], by=sunrise.operator)
    with pytest.raises(merging.SameRecord):
        merging.propose_merge(sunrise.households[0], sunrise.households[0], by=sunrise.operator)
    pair = propose(sunrise)
    for person, refusal in (
        (sunrise.operator, NotAllowed),
        (sunrise.viewer, NotAllowed),
        (riverbend.approver, NotYours),
    ):
        with pytest.raises(refusal):
            merging.approve_merge(pair, by=person)
    for person, refusal in ((sunrise.viewer, NotAllowed), (riverbend.approver, NotYours)):
        with pytest.raises(refusal):
            merging.refuse_merge(pair, reason="x", by=person)


def test_a_refused_merge_is_open_again_with_the_reason(sunrise: Cast) -> None:
    pair = propose(sunrise)
    with pytest.raises(merging.MergeReasonMissing):
        merging.refuse_merge(pair, reason="  ", by=sunrise.approver)
    refused = merging.refuse_merge(pair, reason="father and son", by=sunrise.approver)
    assert (refused.status, refused.reason) == ("open", "father and son")
    assert refused.decided_by == sunrise.approver
    with pytest.raises(merging.MergeNotWaiting):
        merging.approve_merge(refused, by=sunrise.approver)
    event = AuditEvent.objects.get(action="refuse_merge")
    assert event.details["reason"] == "father and son"
    again = propose(sunrise)
    assert (again.status, again.reason, again.decided_by) == ("proposed", "", None)


def test_a_proposed_pair_is_neither_searched_away_nor_found_different(
    sunrise: Cast, pair: DuplicatePair
) -> None:
    propose(sunrise)
    sunrise.households[1].phone = "+8613900000000"
    sunrise.households[1].save()
    duplicates.find_duplicates(sunrise.cooperative)
    pair.refresh_from_db()
    assert pair.status == "proposed"
    with pytest.raises(duplicates.PairDecided):
        duplicates.mark_different(pair, by=sunrise.operator)
    with pytest.raises(duplicates.PairDecided):
        propose(sunrise)


def test_a_proposal_lapses_when_its_record_is_merged_elsewhere(sunrise: Cast) -> None:
    first, second, third = sunrise.households
    lapses = merging.propose_merge(first, second, by=sunrise.operator)
    merging.approve_merge(
        merging.propose_merge(third, second, by=sunrise.operator), by=sunrise.approver
    )
    with pytest.raises(merging.MergeNotWaiting):
        merging.approve_merge(lapses, by=sunrise.approver)
    moved = AuditEvent.objects.filter(action="merge_households")[0].details["moved"]
    assert moved["duplicatepair"] == [
        {"keys": [lapses.pk], "pair": "H001 · H002", "was": "proposed"}
    ]


def test_an_account_proposed_before_the_merge_is_not_paid_to_sooner_for_it(sunrise: Cast) -> None:
    """Approved after the merge, it takes the place of an account that two records now share."""
    kept, merged = sunrise.households[:2]
    account = payees.propose_account(
        merged, holder_name="x", number=bank_card(9), by=sunrise.operator
    )
    merging.approve_merge(propose(sunrise), by=sunrise.approver)
    with pytest.raises(payees.HouseholdMerged):
        payees.approve_account(account, by=sunrise.approver)
    payees.approve_account(PayeeAccount.objects.get(pk=account.pk), by=sunrise.approver)
    account.refresh_from_db()
    assert (account.household, account.status) == (kept, "active")
    assert account.usable_on == timezone.localdate() + timedelta(days=7)
    assert kept.payee_accounts.active().count() == 1


@pytest.mark.usefixtures("in_english")
def test_the_pages_lead_from_the_proposal_to_the_merge(sunrise: Cast, pair: DuplicatePair) -> None:
    address = f"/admin/aggregator/duplicatepair/{pair.pk}"
    operator, approver = signed_in(sunrise.operator), signed_in(sunrise.approver)
    assert "second person" in words(operator.get(f"{address}/do/propose-merge/"))
    kept = sunrise.households[1]
    assert operator.post(f"{address}/do/propose-merge/", {"kept": kept.pk}).status_code == 302
    listed = words(approver.get("/admin/aggregator/duplicatepair/"))
    assert "merge waits for approval" in listed
    assert str(sunrise.operator) in listed
    assert operator.get(f"{address}/do/merge/").status_code in (403, 404)
    assert "cannot be taken back" in words(approver.get(f"{address}/do/merge/"))
    assert approver.post(f"{address}/do/merge/").status_code == 302
    pair.refresh_from_db()
    assert (pair.status, pair.decided_by) == ("merged", sunrise.approver)
    page = words(operator.get(f"/admin/aggregator/household/{sunrise.households[0].pk}/change/"))
    assert "merged into" in page.lower()


@pytest.mark.usefixtures("in_english")
def test_the_home_page_sends_the_second_person_there(sunrise: Cast, pair: DuplicatePair) -> None:
    propose(sunrise, by=sunrise.approver)
    facts = gather_home(sunrise.cooperative)
    assert people_steps(facts, sunrise.approver) == []
    other = User(username="other", cooperative=sunrise.cooperative, role=User.Role.APPROVER, pk=0)
    (step,) = people_steps(facts, other)
    assert str(step.text) == "Approve or refuse 1 merge of two records."
