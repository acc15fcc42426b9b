"""Guesses and requests sent at once share the same limits. On PostgreSQL, with real threads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from aggregator import sign_in
from aggregator.errors import DomainError
from aggregator.models import OneTimeCode
from tests.aggregator.sign_in_steps import last_code, wrong_code
from tests.cast import Cast

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

AT_ONCE = 12


def at_once(step: Callable[[], Any]) -> Counter[str]:
    """Take the step in twelve threads together; count what came of it."""
    barrier = Barrier(AT_ONCE)

    def take(_thread: int) -> str:
        try:
            barrier.wait(timeout=20)
            step()
        except DomainError as refusal:
            return refusal.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(take, range(AT_ONCE)))


def test_the_right_code_sent_many_times_at_once_opens_once(sunrise: Cast) -> None:
    code = sign_in.request_code(sunrise.households[0].phone, address="a")
    digits = last_code()
    results = at_once(lambda: sign_in.check_code(code.pk, digits=digits))
    assert results["done"] == 1


def test_wrong_codes_sent_at_once_share_five_tries(sunrise: Cast) -> None:
    code = sign_in.request_code(sunrise.households[0].phone, address="a")
    digits = wrong_code()
    results = at_once(lambda: sign_in.check_code(code.pk, digits=digits))
    assert results["done"] == 0
    assert results["wrong_code"] <= 4
    assert OneTimeCode.objects.get().tries == sign_in.MAX_TRIES


def test_codes_asked_for_at_once_share_the_hour_s_limit(sunrise: Cast) -> None:
    phone = sunrise.households[0].phone
    results = at_once(lambda: sign_in.request_code(phone, address="a"))
    assert results == {"done": 5, "too_many_codes": AT_ONCE - 5}
