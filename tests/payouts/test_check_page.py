"""The public page behind the QR code proves a statement genuine and tells nothing else."""

from __future__ import annotations

import pytest
from django.test import Client

from aggregator.canonical import sha256_of
from payouts.models import Statement
from payouts.statements import issue_statements, make_token
from tests.cast import Cast
from tests.payouts.statement_cast import make_settlement


@pytest.fixture
def statement(sunrise: Cast) -> Statement:
    issue_statements(make_settlement(sunrise))
    return Statement.objects.get(number="2025-000001")


def read(client: Client, token: str, language: str = "en") -> str:
    text = client.get(f"/check/{token}/?lang={language}").content.decode()
    return text.replace("\u00a0", " ")


def revise(old: Statement) -> Statement:
    data = {**old.data, "revision": 2}
    return Statement.objects.create(
        cooperative=old.cooperative,
        settlement=old.settlement,
        share=old.share,
        household=old.household,
        village=old.village,
        number=old.number,
        revision=2,
        replaces=old,
        data=data,
        sha256=sha256_of(data),
        token=make_token("sunrise", old.number, 2),
    )


def test_it_shows_number_amount_day_cooperative_and_hash(
    client: Client, statement: Statement
) -> None:
    page = read(client, statement.token)
    assert "This is genuine" in page
    for shown in ("2025-000001", "¥ 204.55", "30 June 2026", "Sunrise", statement.sha256[:8]):
        assert shown in page


def test_it_reads_in_chinese_too(client: Client, statement: Statement) -> None:
    page = read(client, statement.token, "zh-hans")
    assert "这份结算单是真的" in page
    assert "2026年6月30日" in page
    assert '<html lang="zh-Hans">' in page


def test_it_does_not_say_whose_statement_it_is(
    client: Client, statement: Statement, sunrise: Cast
) -> None:
    household = sunrise.households[0]
    page = read(client, statement.token)
    secrets = ["户主1", household.code, "1号田", "F001", "一村", "••••", "农商银行"]
    for secret in [*secrets, household.phone, "<svg"]:
        assert secret not in page


def test_it_sets_no_cookie_and_is_neither_kept_nor_indexed(
    client: Client, statement: Statement
) -> None:
    response = client.get(f"/check/{statement.token}/")
    assert not response.cookies
    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in response["Content-Security-Policy"]


def test_an_unknown_code_is_answered_with_a_plain_404(client: Client, statement: Statement) -> None:
    wrong = statement.token[:-1] + ("a" if statement.token[-1] != "a" else "b")
    for token in (wrong, "x", "%F0%A0%AE%B7", statement.number):
        response = client.get(f"/check/{token}/?lang=en")
        assert response.status_code == 404
        assert "No such statement" in response.content.decode()


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_it_can_only_be_read(client: Client, statement: Statement, method: str) -> None:
    assert getattr(client, method)(f"/check/{statement.token}/").status_code == 405


def test_a_code_no_database_could_hold_is_unknown_too(client: Client, db: None) -> None:
    assert client.get("/check/%00/").status_code == 404


def test_a_replaced_statement_says_so_and_the_new_one_is_genuine(
    client: Client, statement: Statement
) -> None:
    newer = revise(statement)
    assert "Replaced by a newer statement" in read(client, statement.token)
    page = read(client, newer.token)
    assert "This is genuine" in page
    assert "2025-000001, revision 2" in page
