"""Settling: money in, shares out, one entry in the books.

The worked example: 10 t at ¥ 31.00 and 5 t at ¥ 20.00 make 41,000 fen. Less 20 fen a tonne (300),
less 10% of gross (4,100), less a fixed 1,000 fen: 35,600 fen over 5,000, 3,000 and 2,000 kg.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from aggregator.errors import NotAllowed
from aggregator.models import AuditEvent
from aggregator.roles import NotYours
from credits.models import MonitoringPeriod
from payouts import ledger, settlement
from payouts.models import JournalEntry, Settlement, Share, WaterfallRule
from payouts.rule_proposals import FarmersGetLess
from tests.cast import Cast
from tests.payouts import pool

Kind = WaterfallRule.Kind


@pytest.fixture
def period(sunrise: Cast) -> MonitoringPeriod:
    period = pool.issue_period(sunrise, [5000, 3000, 2000])
    pool.add_rule(period.project, 1, Kind.PER_TONNE, amount_minor=20)
    pool.add_rule(period.project, 2, Kind.RATE_OF_GROSS, rate=Decimal("0.1"))
    pool.add_rule(period.project, 3, Kind.FIXED, amount_minor=1000)
    return period


@pytest.fixture
def paid_period(sunrise: Cast, period: MonitoringPeriod) -> MonitoringPeriod:
    first = pool.sell(period, tonnes=10, unit_price_minor=3100)
    second = pool.sell(period, tonnes=5, unit_price_minor=2000)
    pool.receive(first, 31_000, reference="B-1", by=sunrise.operator)
    pool.receive(second, 10_000, reference="B-2", by=sunrise.operator)
    return period


def test_a_draft_follows_the_worked_example(sunrise: Cast, paid_period: MonitoringPeriod) -> None:
    drafted = pool.draft(sunrise, paid_period)

    assert (drafted.gross_minor, drafted.net_minor) == (41_000, 35_600)
    assert (drafted.credited_kg, drafted.paid_kg) == (10_000, 15_000)
    lines = drafted.lines.values_list("code", "base_minor", "amount_minor")
    assert list(lines) == [
        ("rule-1", 41_000, 300),
        ("rule-2", 41_000, 4_100),
        ("rule-3", 36_600, 1_000),
    ]
    shares = drafted.shares.values_list("ordinal", "gross_minor", "deductions_minor", "net_minor")
    assert list(shares) == [
        (0, 20_500, [150, 2_050, 500], 17_800),
        (1, 12_300, [90, 1_230, 300], 10_680),
        (2, 8_200, [60, 820, 200], 7_120),
    ]


def test_approval_posts_one_entry_and_reserves_statement_numbers(
    sunrise: Cast, paid_period: MonitoringPeriod
) -> None:
    approved = pool.settle(sunrise, paid_period)

    entry = JournalEntry.objects.get(reference=f"settlement:{approved.pk}")
    postings = entry.postings.values_list("account__code", "household__code", "amount_minor")
    assert sorted(postings, key=str) == sorted(
        [
            ("undistributed:terraces", None, 41_000),
            ("deduction:rule-1", None, -300),
            ("deduction:rule-2", None, -4_100),
            ("deduction:rule-3", None, -1_000),
            ("members", "H001", -17_800),
            ("members", "H002", -10_680),
            ("members", "H003", -7_120),
        ],
        key=str,
    )
    assert approved.first_statement == 1
    assert approved.statements_job == Settlement.Job.PENDING
    owed = ledger.owed_to_households(sunrise.cooperative, currency="CNY")
    assert owed == dict(
        zip([home.pk for home in sunrise.households], [17_800, 10_680, 7_120], strict=True)
    )


def test_a_receipt_is_shared_in_one_settlement_only(
    sunrise: Cast, paid_period: MonitoringPeriod
) -> None:
    pool.settle(sunrise, paid_period)
    with pytest.raises(settlement.NothingToSettle):
        settlement.request_settlement(paid_period, by=sunrise.operator)


def test_a_second_request_is_refused_while_one_is_open(
    sunrise: Cast, paid_period: MonitoringPeriod
) -> None:
    settlement.request_settlement(paid_period, by=sunrise.operator)
    with pytest.raises(settlement.SettlementAlreadyOpen, match="2025-1"):
        settlement.request_settlement(paid_period, by=None)
    assert Settlement.objects.count() == 1


def test_drafting_twice_writes_the_shares_once(
    sunrise: Cast, paid_period: MonitoringPeriod
) -> None:
    requested = settlement.request_settlement(paid_period, by=sunrise.operator)
    assert settlement.draft_settlement(requested) is True
    assert settlement.draft_settlement(requested) is False
    assert Share.objects.filter(settlement=requested).count() == 3


def test_one_does_not_approve_ones_own_draft(sunrise: Cast, paid_period: MonitoringPeriod) -> None:
    # Someone who may do both is still only one person.
    sunrise.approver.is_superuser = True
    sunrise.approver.save()
    requested = settlement.request_settlement(paid_period, by=sunrise.approver)
    settlement.draft_settlement(requested)
    with pytest.raises(settlement.OwnDraft):
        settlement.approve_settlement(requested, by=sunrise.approver)
    assert not JournalEntry.objects.filter(reference__startswith="settlement").exists()


def test_approving_twice_posts_once(sunrise: Cast, paid_period: MonitoringPeriod) -> None:
    approved = pool.settle(sunrise, paid_period)
    with pytest.raises(settlement.AlreadyApproved, match="2025-1"):
        settlement.approve_settlement(approved, by=sunrise.approver)
    assert JournalEntry.objects.filter(reference__startswith="settlement").count() == 1


def test_a_request_not_yet_drafted_cannot_be_approved(
    sunrise: Cast, paid_period: MonitoringPeriod
) -> None:
    requested = settlement.request_settlement(paid_period, by=sunrise.operator)
    with pytest.raises(settlement.NotADraft):
        settlement.approve_settlement(requested, by=sunrise.approver)


def test_the_scheduler_drafts_and_any_approver_approves(
    sunrise: Cast, paid_period: MonitoringPeriod
) -> None:
    requested = settlement.request_settlement(paid_period, by=None)
    settlement.draft_settlement(requested)
    settlement.approve_settlement(requested, by=sunrise.approver)
    assert requested.status == Settlement.Status.APPROVED
    assert requested.drafted_by is None


def test_only_an_operator_requests_and_only_an_approver_approves(
    sunrise: Cast, paid_period: MonitoringPeriod
) -> None:
    with pytest.raises(NotAllowed):
        settlement.request_settlement(paid_period, by=sunrise.approver)
    drafted = pool.draft(sunrise, paid_period)
    for person in (sunrise.operator, sunrise.verifier, sunrise.viewer):
        with pytest.raises((NotAllowed, settlement.OwnDraft)):
            settlement.approve_settlement(drafted, by=person)
    drafted.refresh_from_db()
    assert drafted.status == Settlement.Status.DRAFT


def test_a_stranger_neither_requests_nor_approves_nor_withdraws(
    sunrise: Cast, riverbend: Cast, paid_period: MonitoringPeriod
) -> None:
    with pytest.raises(NotYours):
        settlement.request_settlement(paid_period, by=riverbend.operator)
    drafted = pool.draft(sunrise, paid_period)
    with pytest.raises(NotYours):
        settlement.approve_settlement(drafted, by=riverbend.approver)
    with pytest.raises(NotYours):
        settlement.withdraw_settlement(drafted, by=riverbend.approver)


def test_a_withdrawn_draft_gives_its_receipts_to_the_next(
    sunrise: Cast, paid_period: MonitoringPeriod
) -> None:
    first = pool.draft(sunrise, paid_period)
    settlement.withdraw_settlement(first, by=sunrise.approver)
    second = pool.settle(sunrise, paid_period)
    assert (first.status, second.number) == (Settlement.Status.WITHDRAWN, 2)
    assert second.gross_minor == 41_000
    assert second.inputs_sha256 == first.inputs_sha256


def test_an_approved_settlement_is_not_withdrawn(
    sunrise: Cast, paid_period: MonitoringPeriod
) -> None:
    approved = pool.settle(sunrise, paid_period)
    with pytest.raises(settlement.AlreadyApproved):
        settlement.withdraw_settlement(approved, by=sunrise.approver)
    assert approved.receipts.count() == 2


def test_a_period_without_issued_credits_is_not_settled(sunrise: Cast) -> None:
    period = pool.issue_period(sunrise, [1, 1, 1])
    bare = MonitoringPeriod.objects.create(
        cooperative=sunrise.cooperative,
        project=period.project,
        code="2026",
        starts_on="2026-01-01",
        ends_on="2026-12-31",
    )
    with pytest.raises(settlement.PeriodNotIssued):
        settlement.request_settlement(bare, by=sunrise.operator)


def test_without_receipts_there_is_nothing_to_settle(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    pool.sell(period, tonnes=10, unit_price_minor=3100)
    with pytest.raises(settlement.NothingToSettle):
        settlement.request_settlement(period, by=sunrise.operator)


def test_a_run_in_which_nobody_earned_is_not_settled(sunrise: Cast) -> None:
    period = pool.issue_period(sunrise, [0, 0, 0])
    lot = pool.sell(period, tonnes=1, unit_price_minor=100)
    pool.receive(lot, 100, reference="B-9", by=sunrise.operator)
    with pytest.raises(settlement.NobodyToShare):
        settlement.request_settlement(period, by=sunrise.operator)


def test_a_household_that_earned_nothing_has_a_share_of_nothing_and_no_posting(
    sunrise: Cast,
) -> None:
    period = pool.issue_period(sunrise, [700, 0, 300])
    lot = pool.sell(period, tonnes=1, unit_price_minor=1000)
    pool.receive(lot, 1000, reference="B-1", by=sunrise.operator)
    approved = pool.settle(sunrise, period)
    assert list(approved.shares.values_list("net_minor", flat=True)) == [700, 0, 300]
    entry = JournalEntry.objects.get(reference=f"settlement:{approved.pk}")
    assert entry.posting_count == 3


def test_progress_is_told_to_the_end(sunrise: Cast, paid_period: MonitoringPeriod) -> None:
    told: list[tuple[int, int]] = []
    requested = settlement.request_settlement(paid_period, by=sunrise.operator)
    settlement.draft_settlement(requested, on_progress=lambda *step: told.append(step))
    assert told == [(3, 3)]


def test_the_audit_log_names_who_did_each_step(
    sunrise: Cast, paid_period: MonitoringPeriod
) -> None:
    approved = pool.settle(sunrise, paid_period)
    steps = AuditEvent.objects.filter(object_type="settlement", object_id=str(approved.pk))
    assert list(steps.order_by("pk").values_list("action", "by__role")) == [
        ("request_settlement", "operator"),
        ("draft_settlement", "operator"),
        ("approve_settlement", "approver"),
    ]


@pytest.mark.usefixtures("in_english")
def test_what_leaves_the_farmers_less_than_the_program_is_not_approved(
    sunrise: Cast, paid_period: MonitoringPeriod
) -> None:
    """35,600 of 41,000 are 86.82%: less than 87%, and more than 86%."""
    project = paid_period.project
    drafted = pool.draft(sunrise, paid_period)
    for least in ("0.87", "0.86"):
        project.terms["fees"] = {"farmer_rate": least}
        project.save(update_fields=["terms"])
        drafted = Settlement.objects.get(pk=drafted.pk)
        if least == "0.87":
            with pytest.raises(FarmersGetLess) as refusal:
                settlement.approve_settlement(drafted, by=sunrise.approver)
            assert "at least 87% to the farmers; this settlement leaves 86.82%" in str(
                refusal.value
            )
    settlement.approve_settlement(drafted, by=sunrise.approver)
    assert Settlement.objects.get().status == Settlement.Status.APPROVED
