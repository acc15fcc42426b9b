"""Text messages to members: written with what they tell of, sent through the settings' gateway.

The outbox is the queue: what is rolled back leaves no message, and what was not handed over, by a
kill or a provider that is down, is tried again. Knows no provider: each is a file in
``sms_gateways`` and a line in `GATEWAYS`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from aggregator.bulk import insert_rows
from aggregator.models import Household, OutboxMessage
from aggregator.sms_gateways.outbox import OutboxGateway

Status = OutboxMessage.Status
# How long nobody else tries what somebody has begun to hand over; doubled with each try.
LEASE = timedelta(minutes=10)
# Ten minutes doubled eight times: a provider may be down for a day.
MAX_TRIES = 8
CHUNK = 100
# A sweep comes every minute and goes on where this one stopped.
RUN = timedelta(seconds=50)


class Gateway(Protocol):
    """One provider. `send` hands the message over and returns at once: how long the answer to a
    sign-in takes must not tell whether a message went out. What it logs or raises names neither
    number nor text. `key` is the same for every try of one message, for providers that drop a
    repeated one. `hands_over` is false where staff read the outbox itself.
    """

    hands_over: bool

    def send(self, *, phone: str, text: str, household: Household | None, key: str) -> None: ...


class Message(NamedTuple):
    """What goes to one phone."""

    household: Household
    phone: str
    text: str


GATEWAYS: dict[str, Gateway] = {"outbox": OutboxGateway()}


def send_message(
    household: Household, *, text: str, phone: str | None = None, expires_at: datetime | None = None
) -> None:
    """Send `text` once the caller's transaction has committed: to `phone`, else to the household's.

    A change of the phone itself is told to the former one. Past `expires_at` it is not sent.
    """
    message = _make(Message(household, household.phone if phone is None else phone, text))
    message.expires_at = expires_at
    if message.status == Status.WAITING:
        # Ours to hand over; if we are killed or fail, the queue's when the lease is over.
        message.tries, message.next_try_at = 1, timezone.now() + LEASE
        # Robust: a provider that is down is logged, and never undoes what has been decided.
        transaction.on_commit(lambda: _hand_over(message), robust=True)
    message.save()


def write_messages(messages: Iterable[Message]) -> None:
    """Put many into the queue, in the transaction that is their cause; a sweep sends them."""
    insert_rows([_make(message) for message in messages])


def send_waiting() -> int:
    """Send what waits, codes before notices, for as long as a run may take; how many went.

    Any number of workers may do so at once. Where a provider fails, the run ends: the message is
    tried again later, the others with the next run.
    """
    _give_up()
    sent, end = 0, timezone.now() + RUN
    while due := list(_due()[:CHUNK]):
        for message in due:
            if timezone.now() >= end:
                return sent
            if _claim(message):
                _hand_over(message)
                sent += 1
    return sent


def shows_text() -> bool:
    """Whether staff may read messages: they hold sign-in codes, which go to the phone alone."""
    return not _gateway().hands_over


def _gateway() -> Gateway:
    return GATEWAYS[settings.SMS_GATEWAY]


def _make(message: Message) -> OutboxMessage:
    row = OutboxMessage(
        cooperative_id=message.household.cooperative_id,
        household=message.household,
        phone=message.phone,
        text=message.text,
    )
    if not _gateway().hands_over:
        row.status, row.sent_at = Status.SENT, timezone.now()
    return row


def _due() -> QuerySet[OutboxMessage]:
    waiting = OutboxMessage.objects.filter(status=Status.WAITING, next_try_at__lte=timezone.now())
    first = F("expires_at").asc(nulls_last=True)
    ordered: QuerySet[OutboxMessage] = waiting.select_related("household").order_by(first, "pk")
    return ordered


def _claim(message: OutboxMessage) -> bool:
    """Compare and set: of two workers one hands it over."""
    now = timezone.now()
    return bool(
        OutboxMessage.objects.filter(
            pk=message.pk, status=Status.WAITING, next_try_at=message.next_try_at
        ).update(next_try_at=now + LEASE * 2**message.tries, tries=message.tries + 1)
    )


def _hand_over(message: OutboxMessage) -> None:
    _gateway().send(
        phone=message.phone,
        text=message.text,
        household=message.household,
        key=f"message-{message.pk}",
    )
    _close(OutboxMessage.objects.filter(pk=message.pk), status=Status.SENT, sent_at=timezone.now())


def _give_up() -> None:
    late = Q(tries__gte=MAX_TRIES) | Q(expires_at__lte=timezone.now())
    _close(_due().filter(late).order_by(), status=Status.FAILED)


def _close(rows: QuerySet[OutboxMessage], **changes: object) -> None:
    # The member has it on the phone: codes and sums are not kept where staff could read them.
    erased = {"text": ""} if _gateway().hands_over else {}
    rows.update(**changes, **erased)
