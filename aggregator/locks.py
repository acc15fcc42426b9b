"""One order in which rows are locked, so that no two rules wait for each other for ever.

First the cooperative, then its rows, those of one kind in the order of their keys. A rule that
writes what a file may bring in, too (people, accounts, land, agreements), begins here: an import
then never plans against what an approval is about to change.
"""

from __future__ import annotations

from django.db import OperationalError, connection
from django.utils.translation import gettext_lazy as _

from aggregator.errors import DomainError
from aggregator.models import Cooperative

# Longer than any rule takes, shorter than a person waits for a page.
PATIENCE_SECONDS = 10
# How PostgreSQL and SQLite say that somebody else holds what is wanted.
_BUSY = ("55P03", "SQLITE_BUSY")


class RecordsBusy(DomainError):
    code = "records_busy"
    message = _("A file is being written to these records. Try again in a minute.")
    status = 503


def lock_cooperative(pk: int, *, patient: bool = False) -> Cooperative:
    """The cooperative's row, held to the end of the transaction.

    On PostgreSQL only `patient` work, which nobody looks at, waits as long as it takes.

    Raises:
        RecordsBusy: a file is being written, and somebody waits for an answer.
    """
    try:
        _limit_wait(0 if patient else PATIENCE_SECONDS)
        # Without its key: with it, every new row that points to the cooperative, such as a
        # farmer's report or an event of the log, would wait until a file is written.
        rows = Cooperative.objects.select_for_update(no_key=True)
        cooperative: Cooperative = rows.get(pk=pk)
    except OperationalError as error:
        if is_busy(error):
            raise RecordsBusy from error
        raise
    _limit_wait(0)
    return cooperative


def is_busy(error: BaseException | None) -> bool:
    """Whether a database gave up waiting for what somebody else is writing."""
    cause = getattr(error, "__cause__", None)
    said = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    return isinstance(error, OperationalError) and said in _BUSY


def _limit_wait(seconds: int) -> None:
    """How long this transaction waits for a row; 0 is for ever."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{seconds}s"])
