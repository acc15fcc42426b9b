"""Text messages to members, sent after commit through the gateway that the settings name.

Knows no provider: each is a file in ``sms_gateways`` and a line in `GATEWAYS`.
"""

from __future__ import annotations

from typing import Protocol

from django.conf import settings
from django.db import transaction

from aggregator.models import Household
from aggregator.sms_gateways.outbox import OutboxGateway


class Gateway(Protocol):
    """One provider. `send` hands the message over and returns at once: how long the answer to a
    sign-in takes must not tell whether a message went out. It logs neither number nor text.
    """

    def send(self, *, phone: str, text: str, household: Household) -> None: ...


GATEWAYS: dict[str, Gateway] = {"outbox": OutboxGateway()}


def send_message(household: Household, *, text: str, phone: str | None = None) -> None:
    """Send `text` once the caller's transaction has committed: to `phone`, else to the household's.

    A change of the phone itself is told to the former one.
    """
    gateway = GATEWAYS[settings.SMS_GATEWAY]
    number = household.phone if phone is None else phone
    # Robust: a provider that is down is logged, and never undoes or fails what has been decided.
    transaction.on_commit(
        lambda: gateway.send(phone=number, text=text, household=household), robust=True
    )
