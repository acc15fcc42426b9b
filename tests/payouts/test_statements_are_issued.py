"""Statements are issued once a share, without gaps, whatever interrupts the job."""

from __future__ import annotations

import pytest

from aggregator.canonical import sha256_of
from payouts.models import Settlement, Statement, StatementPdf, VillageDocument
from payouts.statements import NotApproved, issue_statements, make_token
from tests.cast import Cast
from tests.payouts.statement_cast import make_settlement, settle_sale


class Killed(BaseException):
    """What kill -9 looks like to the code between two chunks."""


def _kill(done: int, total: int) -> None:
    raise Killed


def _rows() -> list[tuple[object, ...]]:
    return list(Statement.objects.values_list("pk", "number", "sha256", "token", "data"))


def test_every_share_gets_one_statement_and_the_village_its_documents(sunrise: Cast) -> None:
    settlement = make_settlement(sunrise)

    assert issue_statements(settlement) == 3

    numbers = list(Statement.objects.values_list("number", flat=True))
    assert numbers == ["2025-000001", "2025-000002", "2025-000003"]
    assert StatementPdf.objects.filter(status="pending").count() == 3
    settlement.refresh_from_db()
    assert settlement.statements_job == Settlement.Job.DONE
    kinds = VillageDocument.objects.values_list("village__code", "kind", "status")
    assert sorted(kinds) == [("V1", "book", "pending"), ("V1", "posting", "pending")]


def test_a_second_payout_goes_on_with_the_numbers(sunrise: Cast) -> None:
    first = make_settlement(sunrise)
    second = settle_sale(sunrise, first.period, unit_price_minor=30_000, tonnes=1)

    # In the other order: the numbers were taken at approval.
    issue_statements(second)
    issue_statements(first)

    numbers = [f"2025-00000{place}" for place in range(1, 7)]
    assert list(Statement.objects.values_list("number", flat=True)) == numbers
    assert list(second.statements.values_list("number", flat=True)) == numbers[3:]


def test_issuing_again_changes_nothing(sunrise: Cast) -> None:
    settlement = make_settlement(sunrise)
    issue_statements(settlement)
    before = _rows()

    assert issue_statements(settlement) == 0

    assert _rows() == before
    assert StatementPdf.objects.count() == 3
    assert VillageDocument.objects.count() == 2


def test_a_job_killed_between_chunks_goes_on_where_it_stopped(sunrise: Cast) -> None:
    settlement = make_settlement(sunrise)
    with pytest.raises(Killed):
        issue_statements(settlement, chunk_size=1, on_progress=_kill)
    assert Statement.objects.count() == 1
    settlement.refresh_from_db()
    assert settlement.statements_job == Settlement.Job.PENDING
    assert not VillageDocument.objects.exists()
    first = _rows()

    progress: list[tuple[int, int]] = []
    issue_statements(settlement, chunk_size=1, on_progress=lambda *at: progress.append(at))

    assert progress == [(2, 3), (3, 3)]
    assert _rows()[:1] == first
    numbers = list(Statement.objects.values_list("number", flat=True))
    assert numbers == ["2025-000001", "2025-000002", "2025-000003"]
    assert StatementPdf.objects.count() == 3


def test_chunks_of_any_size_give_the_same_statements(sunrise: Cast) -> None:
    settlement = make_settlement(sunrise)
    issue_statements(settlement, chunk_size=2)
    in_twos = [row[1:] for row in _rows()]
    Statement.objects.all().delete()

    issue_statements(settlement, chunk_size=500)

    assert [row[1:] for row in _rows()] == in_twos


def test_a_gap_left_in_the_middle_is_filled_with_its_own_number(sunrise: Cast) -> None:
    settlement = make_settlement(sunrise)
    issue_statements(settlement)
    Statement.objects.get(number="2025-000002").delete()

    assert issue_statements(settlement) == 1

    assert Statement.objects.filter(number="2025-000002").count() == 1


def test_the_hash_is_of_the_data_and_the_token_cannot_be_guessed(sunrise: Cast) -> None:
    settlement = make_settlement(sunrise)
    issue_statements(settlement)

    tokens = set()
    for statement in Statement.objects.all():
        assert statement.sha256 == sha256_of(statement.data)
        assert statement.token == make_token("sunrise", statement.number, 1)
        tokens.add(statement.token)
    assert len(tokens) == 3
    assert {len(token) for token in tokens} == {26}
    assert make_token("sunrise", "2025-000001", 2) not in tokens
    assert make_token("riverbend", "2025-000001", 1) not in tokens


def test_a_settlement_without_approval_gets_no_statement(sunrise: Cast) -> None:
    settlement = make_settlement(sunrise)
    settlement.status = Settlement.Status.DRAFT

    with pytest.raises(NotApproved):
        issue_statements(settlement)

    assert not Statement.objects.exists()


def test_the_number_of_queries_does_not_grow_with_the_households(
    sunrise: Cast, django_assert_max_num_queries
) -> None:
    settlement = make_settlement(sunrise)
    with django_assert_max_num_queries(30) as captured:
        issue_statements(settlement, chunk_size=3)
    in_one_chunk = len(captured)
    Statement.objects.all().delete()
    Settlement.objects.update(statements_job="pending")

    with django_assert_max_num_queries(60) as captured:
        issue_statements(settlement, chunk_size=1)

    # Three chunks instead of one: the same handful of queries for each, whatever its size.
    assert len(captured) > 2 * (in_one_chunk - 12)
