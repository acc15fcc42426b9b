"""In whose name the database is written: a member of staff, a household, a task or a command.

The triggers that record changes ask for it; nothing here writes a row. A request that only reads
costs no query: the answer is worked out and handed to the database before the first write.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection as default_connection
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from psycopg.pq import TransactionStatus

from aggregator.models import Household, User
from aggregator.watched import watched_tables

VIA_LENGTH = 64
_WRITE = re.compile(
    r"\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM"
    r"|MERGE\s+INTO|COPY)\s+(?:ONLY\s+)?\"?(\w+)",
    re.IGNORECASE,
)
_TELL = (
    "SELECT set_config('tianhui.by', %s, true), set_config('tianhui.household', %s, true),"
    " set_config('tianhui.via', %s, true)"
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes, and through which door: ``admin``, ``portal``, a task's or command's name."""

    by_id: int | None = None
    household_id: int | None = None
    via: str = ""


def _read_command() -> Actor:
    """Outside of requests and tasks: the command of ``manage.py`` that was typed."""
    program, *arguments = sys.argv or [""]
    typed = arguments[:1] if Path(program).name == "manage.py" else []
    return Actor(via="".join(typed)[:VIA_LENGTH])


_acting: ContextVar[Callable[[], Actor]] = ContextVar("acting", default=_read_command)


@contextmanager
def acting(
    *, by: User | None = None, household: Household | None = None, via: str = ""
) -> Iterator[None]:
    """Write in this name until the end of the block."""
    actor = Actor(by.pk if by else None, household.pk if household else None, via[:VIA_LENGTH])
    with _acting_as(lambda: actor):
        yield


@contextmanager
def _acting_as(read_actor: Callable[[], Actor]) -> Iterator[None]:
    token = _acting.set(read_actor)
    try:
        yield
    finally:
        _acting.reset(token)
        _teller_of(default_connection).waiting = None


class ActorMiddleware:
    """What a request writes, whoever is signed in writes; asked only once there is a write."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        @cache
        def read_actor() -> Actor:
            door = request.path.strip("/").partition("/")[0]
            return Actor(by_id=request.user.pk, via=door[:VIA_LENGTH])

        with _acting_as(read_actor):
            return self.get_response(request)


def state_actor(by: User | None, *, ahead: bool = True) -> None:
    """For the rest of this transaction: what is written is the work of `by`; None: of nobody.

    Outside of one it holds for the next (unless not `ahead`), which the rule is about to open. So
    a rule called from a command or a task is on record as that person's, like one in a request.
    """
    teller = _teller_of(default_connection)
    if ahead or default_connection.in_atomic_block:
        teller.state(by.pk if by else None)


@dataclass(frozen=True, slots=True)
class _Stated:
    by_id: int | None


class Teller:
    """Stands before one connection's statements, and tells its database who writes.

    PostgreSQL keeps it as settings of the transaction; SQLite asks back through functions.
    """

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.stated: _Stated | None = None
        self.waiting: _Stated | None = None
        self.told: Actor | None = None
        self.change_set = 0

    def __call__(
        self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
    ) -> Any:
        text = sql if isinstance(sql, str) else ""
        self.notice_boundary(text)
        if not _may_be_watched(text):
            return execute(sql, params, many, context)
        if self.connection.vendor == "postgresql" and not self.connection.in_atomic_block:
            # What is told lasts for a transaction: a statement alone needs one around it.
            with transaction.atomic(using=self.connection.alias):
                self.tell()
                return execute(sql, params, many, context)
        self.tell()
        return execute(sql, params, many, context)

    def notice_boundary(self, sql: str) -> None:
        """Forget what held for an earlier transaction or was rolled back."""
        if self.connection.vendor == "postgresql":
            if self._status() == TransactionStatus.IDLE:
                self._begin(opens=self.connection.in_atomic_block)
        elif sql.startswith("BEGIN") or not self.connection.in_atomic_block:
            self._begin(opens=sql.startswith("BEGIN"))
        if sql.startswith("ROLLBACK"):
            self.told = None

    def _begin(self, *, opens: bool) -> None:
        """A transaction begins: the rule's own if it `opens` one, else a statement alone."""
        self.told = self.stated = None
        if opens:
            self.stated, self.waiting = self.waiting, None
        self.change_set = time.time_ns() // 1000

    def _status(self) -> TransactionStatus:
        return TransactionStatus(self.connection.connection.pgconn.transaction_status)

    def state(self, by_id: int | None) -> None:
        if not self.connection.in_atomic_block:
            self.waiting = _Stated(by_id)
            return
        if self.connection.vendor == "postgresql" and self._status() == TransactionStatus.IDLE:
            self._begin(opens=True)
        self.stated = _Stated(by_id)
        self.tell()

    def find_actor(self) -> Actor:
        actor = _acting.get()()
        stated = self.stated or self.waiting
        return replace(actor, by_id=stated.by_id) if stated else actor

    def tell(self) -> None:
        """Hand the actor over unless the transaction knows already."""
        actor = self.find_actor()
        if self.connection.vendor != "postgresql" or actor == self.told:
            return
        if self._status() == TransactionStatus.INERROR:
            return
        values = [str(actor.by_id or ""), str(actor.household_id or ""), actor.via]
        # Past Django's cursor: it is no query of the program's, and none that tests should count.
        with self.connection.connection.cursor() as cursor:
            cursor.execute(_TELL, values)
        self.told = actor


def _may_be_watched(sql: str) -> bool:
    """Whether a statement may write to a watched table; one that hides its kind may."""
    written = _WRITE.match(sql)
    if written:
        return written[1].lower() in watched_tables()
    return not sql or sql.lstrip()[:4].upper() == "WITH"


def _teller_of(connection: Any) -> Teller:
    if not hasattr(connection, "teller"):
        connection.teller = Teller(connection)
    teller: Teller = connection.teller
    return teller


def tell_database(connection: Any) -> None:
    """Before rows are written past Django's cursor, by COPY: say who writes them."""
    teller = _teller_of(connection)
    teller.notice_boundary("COPY")
    teller.tell()


def read_change_set() -> int:
    """What the changes written in the current transaction have in common."""
    if default_connection.vendor != "postgresql":
        return _teller_of(default_connection).change_set
    with default_connection.cursor() as cursor:
        cursor.execute("SELECT (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint")
        return int(cursor.fetchone()[0])


def attend_connection(*, connection: Any, **_kwargs: Any) -> None:
    """Put a teller before a connection that was just opened."""
    teller = _teller_of(connection)
    if teller not in connection.execute_wrappers:
        # First: blocks with a wrapper of their own take the last one away again.
        connection.execute_wrappers.insert(0, teller)
    if connection.vendor == "sqlite":
        _offer_functions(connection.connection, teller)


def _offer_functions(raw: Any, teller: Teller) -> None:
    raw.create_function("audit_by", 0, lambda: teller.find_actor().by_id)
    raw.create_function("audit_household", 0, lambda: teller.find_actor().household_id)
    raw.create_function("audit_via", 0, lambda: teller.find_actor().via)
    raw.create_function("audit_change_set", 0, lambda: teller.change_set)
    # INSERT OR REPLACE takes the old row away unseen without this.
    raw.execute("PRAGMA recursive_triggers = ON")
