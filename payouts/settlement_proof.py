"""Proof of settlements: receipts, lines, shares, journal and statements tell the same story.

Reads only; used by `payouts.books`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aggregator.canonical import sha256_of
from payouts import ledger
from payouts.drafting import read_weights
from payouts.models import JournalEntry, Posting, Settlement, Statement
from payouts.waterfall import Shares, SharesDoNotAddUp, check_shares

Status = Settlement.Status
_SHARE_FAULTS = {
    "gross": gettext_lazy("the gross of the shares is %(found)s, not %(amount)s"),
    "household": gettext_lazy("the gross of a share is %(found)s, its parts come to %(amount)s"),
    "column": gettext_lazy("%(what)s: the shares come to %(found)s, not %(amount)s"),
    "part": gettext_lazy("%(what)s: a share has no part, or one below zero"),
    "quota": gettext_lazy("%(what)s: a part of %(found)s is not by the household's tonnes"),
}


def settlements_add_up() -> Iterator[str]:
    shared = Settlement.objects.filter(status__in=[Status.DRAFT, Status.APPROVED])
    for settlement in shared.select_related("period", "run"):
        for problem in _share_problems(settlement):
            values = {"settlement": settlement, "problem": problem}
            yield _("settlement %(settlement)s: %(problem)s") % values


def journal_matches_settlements() -> Iterator[str]:
    entries = {
        entry.reference: entry
        for entry in JournalEntry.objects.filter(reference__startswith="settlement:")
    }
    for settlement in Settlement.objects.filter(status=Status.APPROVED).select_related(
        "period", "project"
    ):
        entry = entries.pop(f"settlement:{settlement.pk}", None)
        if entry is None:
            values = {"settlement": settlement}
            yield _("settlement %(settlement)s is approved but not in the books") % values
        elif _posted(entry) != _expected(settlement):
            values = {"settlement": settlement}
            yield _("settlement %(settlement)s and its journal entry differ") % values
    for reference in entries:
        yield _("%(entry)s is in the books but not approved") % {"entry": reference}


def statements_match_shares() -> Iterator[str]:
    yield from _missing_statements()
    rows = Statement.objects.select_related("share", "settlement__period").order_by("pk")
    for statement in rows.iterator(chunk_size=500):
        share, settlement = statement.share, statement.settlement
        if sha256_of(statement.data) != statement.sha256:
            values = {"statement": statement.number}
            yield _("statement %(statement)s: its data is not what was hashed") % values
            continue
        if statement.household_id != share.household_id:
            values = {"statement": statement.number}
            yield _("statement %(statement)s is of another household than its share") % values
        if statement.revision > 1:
            continue
        number = f"{settlement.period.code}-{(settlement.first_statement or 0) + share.ordinal:06d}"
        if statement.number != number:
            values = {"statement": statement.number, "other": number}
            yield _("statement %(statement)s has the number of %(other)s") % values
        if statement.data["totals"]["net_minor"] != share.net_minor:
            values = {"statement": statement.number}
            yield _("statement %(statement)s shows another amount than its share") % values


def _share_problems(settlement: Settlement) -> Iterator[str]:
    received = sum(settlement.receipts.values_list("amount_minor", flat=True))
    if received != settlement.gross_minor:
        values = {"received": received, "gross": settlement.gross_minor}
        yield _("receipts %(received)s, gross %(gross)s") % values
    amounts = list(settlement.lines.values_list("amount_minor", flat=True))
    if settlement.gross_minor - sum(amounts) != settlement.net_minor:
        yield _("gross less the lines is not the net")
    rows = list(
        settlement.shares.values_list("credited_kg", "gross_minor", "net_minor", "deductions_minor")
    )
    weights = [row[0] for row in rows]
    kilograms = dict(settlement.shares.values_list("household_id", "credited_kg"))
    # By household, not in order: the published order goes by villages, and people move.
    if settlement.run and kilograms != {
        row.household_id: row.credited_kg for row in read_weights(settlement.run)
    }:
        yield _("the kilograms of the shares are not those of the run")
    if any(len(row[3]) != len(amounts) for row in rows):
        yield _("a share has not one deduction for each line")
        return
    shares = Shares(
        gross=[row[1] for row in rows],
        net=[row[2] for row in rows],
        deductions=[[row[3][place] for row in rows] for place in range(len(amounts))],
    )
    try:
        check_shares(
            shares, gross_minor=settlement.gross_minor, line_amounts=amounts, weights=weights
        )
    except SharesDoNotAddUp as error:
        yield _say_shares(error)


def _say_shares(error: SharesDoNotAddUp) -> str:
    """Which invariant of the shares is broken, in the reader's words; amounts as stored."""
    line = error.values.get("line", 0)
    what = _("deduction %(line)d") % {"line": line} if line else _("the net")
    return str(_SHARE_FAULTS[error.code]) % {**error.values, "what": what}


def _posted(entry: JournalEntry) -> Counter[tuple[str, int | None, int]]:
    rows = Posting.objects.filter(entry=entry)
    return Counter(rows.values_list("account__code", "household_id", "amount_minor"))


def _expected(settlement: Settlement) -> Counter[tuple[str, int | None, int]]:
    waiting = f"{ledger.UNDISTRIBUTED}:{settlement.project.code}"
    lines = settlement.lines.filter(amount_minor__gt=0).values_list("code", "amount_minor")
    shares = settlement.shares.filter(net_minor__gt=0).values_list("household_id", "net_minor")
    expected: Counter[tuple[str, int | None, int]] = Counter()
    expected[waiting, None, settlement.gross_minor] += 1
    for code, amount in lines:
        expected[f"{ledger.DEDUCTION}:{code}", None, -amount] += 1
    for household_id, net in shares:
        expected[ledger.MEMBERS, household_id, -net] += 1
    return expected


def _missing_statements() -> Iterator[str]:
    done = Settlement.objects.filter(
        status=Status.APPROVED, statements_job=Settlement.Job.DONE, shares__statements__isnull=True
    )
    for settlement in done.select_related("period").distinct():
        yield _("settlement %(settlement)s: a share has no statement") % {"settlement": settlement}
    strays = Statement.objects.exclude(settlement=F("share__settlement"))
    for statement in strays:
        values = {"statement": statement.number}
        yield _("statement %(statement)s is of another settlement than its share") % values
