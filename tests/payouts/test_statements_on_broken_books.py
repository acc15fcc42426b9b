"""Where rows were changed behind our back, nothing is issued and nothing is called genuine."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import translation

from payouts import books
from payouts.models import Statement
from payouts.statement_data import StatementDisagrees
from payouts.statements import issue_statements
from tests.cast import Cast
from tests.payouts.statement_cast import make_settlement


@pytest.fixture(autouse=True)
def proven_books() -> None:
    """These tests break the books on purpose."""


def test_plots_that_do_not_add_up_to_the_share_stop_the_job(sunrise: Cast) -> None:
    settlement = make_settlement(sunrise)
    share = settlement.shares.get(ordinal=1)
    share.credited_kg += 1
    share.save()

    with pytest.raises(StatementDisagrees, match="2025-000002"):
        issue_statements(settlement)

    assert not Statement.objects.exists()


def test_a_record_changed_behind_our_back_is_not_called_genuine(
    client: Client, sunrise: Cast
) -> None:
    issue_statements(make_settlement(sunrise))
    statement = Statement.objects.all()[0]
    statement.data["totals"]["net_minor"] += 1
    statement.save(update_fields=["data"])
    page = client.get(f"/check/{statement.token}/?lang=en").content.decode()
    assert "Not to be trusted" in page
    assert "This is genuine" not in page
    assert "204.5" not in page
    assert statement.number in page


def test_data_that_lost_their_parts_are_found_and_not_trusted(
    client: Client, sunrise: Cast
) -> None:
    issue_statements(make_settlement(sunrise))
    statement = Statement.objects.all()[0]
    Statement.objects.filter(pk=statement.pk).update(data={})
    page = client.get(f"/check/{statement.token}/?lang=en").content.decode()
    assert "Not to be trusted" in page
    with translation.override("en"):
        found = {check.name: check.problems for check in books.check_books() if check.problems}
    assert found == {
        "statements_match_shares": [
            f"statement {statement.number}: its data is not what was hashed"
        ]
    }
