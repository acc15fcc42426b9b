"""Whoever signs or ends an agreement waits for what changes the same cooperative's land."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aggregator.agreements import revoke_agreement
from aggregator.models import Agreement
from farms.agreement_signing import replace_scan, sign_on_paper
from tests.cast import Cast
from tests.farms.agreement_steps import make_draft, scan_pdf

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@contextmanager
def locked() -> Iterator[list[str]]:
    """The tables whose rows are locked, in order."""
    tables: list[str] = []
    with CaptureQueriesContext(connection) as queries:
        yield tables
    for query in queries:
        if re.search(r"FOR (NO KEY )?UPDATE", query["sql"]):
            tables += re.findall(r'FROM "(\w+)"', query["sql"])[:1]


def sign(cast: Cast, draft: Agreement) -> Agreement:
    person = cast.households[0].persons.get(is_head=True)
    today = timezone.localdate()
    return sign_on_paper(draft, signed_on=today, person=person, scan=scan_pdf(), by=cast.operator)


def revoke(cast: Cast, signed: Agreement) -> Any:
    today = timezone.localdate()
    return revoke_agreement(signed, on=today, reason="moved away", by=cast.operator)


def scan_again(cast: Cast, signed: Agreement) -> Any:
    return replace_scan(signed, scan=scan_pdf(), by=cast.operator)


@pytest.mark.parametrize("step", [revoke, scan_again])
def test_the_cooperative_is_locked_before_the_agreement(
    sunrise: Cast, step: Callable[[Cast, Agreement], Any]
) -> None:
    draft = make_draft(sunrise)
    with locked() as by_signing:
        signed = sign(sunrise, draft)
    with locked() as by_step:
        step(sunrise, signed)
    for tables in (by_signing, by_step):
        assert tables[:2] == ["aggregator_cooperative", "aggregator_agreement"]
