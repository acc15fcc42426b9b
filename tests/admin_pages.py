"""How the tests of the admin look at pages: as somebody, and as words without markup."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client

from aggregator.models import User


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def words(answer: HttpResponse) -> str:
    """The page's text on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def notes(answer: Any) -> list[str]:
    """The messages shown on top of the page that was arrived at."""
    return [str(message) for message in answer.context["messages"]]
