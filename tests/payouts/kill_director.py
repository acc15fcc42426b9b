"""The hand that a kill test holds in a project of its own: prepares, approves, sweeps, looks.

Run as a program in the environment of that project; reads a command a line, answers a line of JSON.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402

from payouts import books, settlement, tasks  # noqa: E402
from payouts.models import (  # noqa: E402
    JournalEntry,
    Posting,
    Settlement,
    Share,
    Statement,
    StatementPdf,
    VillageDocument,
)
from tests.cast import make_cast  # noqa: E402
from tests.payouts import pool  # noqa: E402


def prepare(households: int) -> dict[str, Any]:
    """A pool whose money came in, its settlement asked for; the message for it is not sent."""
    call_command("migrate", verbosity=0)
    cast = make_cast("sunrise", name="青山合作社", households=households, east=100.0)
    # 1,001 kg, 1,018 kg, … : no two alike, so that a swapped share would show.
    period = pool.issue_period(cast, [1001 + 17 * n for n in range(households)])
    pool.add_rule(period.project, 1, "rate_of_gross", rate="0.08")
    pool.add_rule(period.project, 2, "fixed", amount_minor=12_345)
    lot = pool.sell(period, tonnes=households, unit_price_minor=34_157)
    pool.receive(lot, lot.amount_minor, reference="bank-1", by=cast.operator)
    settlement.request_settlement(period, by=cast.operator)
    return {}


def look() -> dict[str, Any]:
    """How far the settlement is, as the rows say."""
    row = Settlement.objects.get()
    pdfs = StatementPdf.objects
    documents = VillageDocument.objects
    return {
        "status": row.status,
        "statements": Statement.objects.count(),
        "pdfs": pdfs.filter(status="ready").count(),
        "done": row.statements_job == Settlement.Job.DONE
        and not pdfs.filter(status="pending").exists()
        and not documents.filter(status="pending").exists(),
    }


def approve(milliseconds: int) -> dict[str, Any]:
    """Approve in a process that is killed after so long; 0 lets it finish."""
    connections.close_all()
    pid = os.fork()
    if not pid:
        row = Settlement.objects.get()
        approver = row.cooperative.staff.get(role="approver")
        settlement.approve_settlement(row, by=approver)
        os._exit(0)
    if milliseconds:
        time.sleep(milliseconds / 1000)
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return look()


def sweep() -> dict[str, Any]:
    """What the scheduler sends every minute."""
    tasks.sweep_pending.delay()
    return {}


def fingerprint() -> dict[str, Any]:
    """The books, the shares, the statements and the documents, as they would be compared."""
    books.prove_books()
    return {
        "settlements": rows(Settlement, "number", "status", "gross_minor", "net_minor"),
        "shares": rows(Share, "ordinal", "household__code", "gross_minor", "net_minor"),
        "entries": rows(JournalEntry, "reference", "memo", "by__username"),
        "postings": rows(
            Posting, "entry__reference", "account__code", "household__code", "amount_minor"
        ),
        "statements": rows(Statement, "number", "household__code", "revision", "sha256", "token"),
        "pdfs": rows(StatementPdf, "statement__number", "status"),
        "documents": rows(VillageDocument, "village__code", "kind", "status"),
        "pdf_pages": sorted(StatementPdf.objects.values_list("statement__number", "sha256")),
        "document_pages": sorted(VillageDocument.objects.values_list("kind", "sha256")),
        "stored": check_contents(),
    }


def rows(model: Any, *names: str) -> list[Any]:
    return sorted(map(list, model.objects.values_list(*names)), key=repr)


def check_contents() -> bool:
    """Whether every kept document is the one its hash was taken of."""
    return all(
        hashlib.sha256(bytes(content)).hexdigest() == sha256 and bytes(content).startswith(b"%PDF")
        for model in (StatementPdf, VillageDocument)
        for content, sha256 in model.objects.values_list("content", "sha256")
    )


COMMANDS: dict[str, Callable[..., dict[str, Any]]] = {
    "prepare": prepare,
    "look": look,
    "approve": approve,
    "sweep": sweep,
    "fingerprint": fingerprint,
}


def main() -> None:
    for line in sys.stdin:
        name, *numbers = line.split()
        answer = COMMANDS[name](*map(int, numbers))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
