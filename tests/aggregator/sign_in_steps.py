"""Steps of a sign-in as a browser takes them, for the tests of the portal."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from aggregator.models import Household, OutboxMessage

PHONE_PAGE, CODE_PAGE = "/sign-in/", "/sign-in/code/"


def last_code() -> str:
    """The digits of the newest message in the outbox."""
    message = OutboxMessage.objects.order_by("-pk")[0]
    found = re.search(r"\d{6}", message.text)
    assert found
    return found[0]


def ask_for_code(client: Client, phone: str, **extra: Any) -> Any:
    return client.post(PHONE_PAGE, {"phone": phone}, **extra)


def wrong_code() -> str:
    return f"{(int(last_code()) + 1) % 1_000_000:06d}"


def sign_in(client: Client, household: Household) -> Any:
    """Sign in the way a person does; needs on-commit hooks to run."""
    assert ask_for_code(client, household.phone).status_code == 302
    return client.post(CODE_PAGE, {"code": last_code()})


def enter(client: Client, household: Household) -> Client:
    """A browser already past the door, for tests of what lies behind it."""
    session = client.session
    session.update({"household_id": household.pk, "phone_hash": household.phone_hash})
    session.save()
    return client
