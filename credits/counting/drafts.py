"""A count written stretch by stretch: the draft of a period, seen by nobody until it is finished.

Each stretch of fields is one transaction, kept with the hash of what it was counted from. Going
through the pool again, as after a kill, leaves stretches alone whose facts are the same and counts
the others anew. So a draft may be left anywhere and gone on with by anyone.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, QuerySet, Sum
from django.utils import timezone

from aggregator.bulk import refresh_statistics
from aggregator.canonical import RowsHash, canonical_json
from aggregator.models import RecordChange
from credits.code_order import by_octets
from credits.counting.activity import PoolActivity, Span, describe_header
from credits.counting.result_rows import (
    COLUMNS,
    PeriodCount,
    hashed_columns,
    lay_out,
    write_results,
)
from credits.models import FieldResult, MonitoringPeriod, QuantificationChunk, QuantificationRun
from credits.registry import METHODOLOGIES

# Told how many fields are done, in the transaction of what was done; may raise to take it back.
See = Callable[[int], None]
# Nothing that a count is made from: what it writes itself, and people going about their work.
_NO_FACTS = (
    *("quantificationrun", "quantificationjob", "fieldresult"),
    *("user", "upload", "importrun", "outboxmessage"),
)
_READ_AT_ONCE = 5_000


class FactsMark:
    """How many changes of records there were: as many as before, and every fact is as it was.

    Counted, not only compared by the newest key: a line with a lower key may be committed later.
    """

    def __init__(self) -> None:
        self._seen = _changes().aggregate(last=Max("pk"), number=Count("pk"))

    def still_holds(self) -> bool:
        last = self._seen["last"] or 0
        if _changes().filter(pk__gt=last).exists():
            return False
        return bool(_changes().count() == self._seen["number"])


def _changes() -> QuerySet[RecordChange]:
    """Of all cooperatives: land that another one counted is not counted again."""
    changes = RecordChange.objects.exclude(object_type__in=_NO_FACTS)
    return changes.order_by()  # type: ignore[no-any-return]


def without_sweeps(spans: Iterable[Span]) -> Iterator[Span]:
    """Each stretch with the search for cyclic garbage put off to its end.

    A stretch makes hundreds of thousands of objects, all needed until it is written: to go through
    them again and again costs a third of the time and finds nothing.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        for span in spans:
            yield span
            gc.collect(1)
    finally:
        if was_on:
            gc.enable()


class Draft:
    """The draft of one period, and what is known of it in this process."""

    def __init__(self, period: MonitoringPeriod) -> None:
        self.period = period
        self.run = _open_draft(period)
        self.inputs_sha256 = ""
        # Known only to whoever wrote the whole of it in one go, else read back at the end.
        self.results_sha256 = ""
        self.rows = 0

    def hash_pool(self, pool: PoolActivity, *, see: See) -> str:
        """The hash of the inputs of the whole pool, with nothing written."""
        inputs = self._inputs_hash()
        self.rows = 0
        for span in without_sweeps(pool.spans()):
            for row in pool.gather(span):
                inputs.add(canonical_json(row.as_input()))
                self.rows += 1
            see(span.last)
        return inputs.hexdigest()

    def go_through(self, pool: PoolActivity, *, stretch: int, see: See) -> bool:
        """Count what is not counted from these very facts; whether anything was."""
        inputs, results = self._inputs_hash(), RowsHash()
        count = PeriodCount(self.period)
        chunks = {chunk.last_code: chunk for chunk in self.run.chunks.all()}
        whole = not chunks
        written = False
        self.rows, previous = 0, ""
        for span in without_sweeps(pool.spans(ends=sorted(chunks), size=stretch)):
            rows = pool.gather(span)
            described = [canonical_json(row.as_input()) for row in rows]
            digest = self._hash_stretch(described)
            for each in described:
                inputs.add(each)
            chunk = chunks.get(span.last_code)
            if chunk is None or chunk.inputs_sha256 != digest:
                counted = [lay_out(count.work_out(row)) for row in rows]
                with transaction.atomic():
                    see(span.last)
                    self._make_room(chunk, span, after=previous, digest=digest)
                    write_results(self.run, (cells for _hashed, cells in counted))
                written = True
                for hashed, _cells in counted:
                    results.add(hashed)
            else:
                see(span.last)
            self.rows += len(rows)
            previous = span.last_code
        self.inputs_sha256 = inputs.hexdigest()
        if written:
            self.results_sha256 = results.hexdigest() if whole else ""
        return written

    def finish(self) -> QuantificationRun:
        """Make the draft the period's newest run, in the caller's transaction."""
        run, project = self.run, self.period.project
        results = FieldResult.with_drafts.filter(run=run)
        sums = results.order_by().aggregate(*map(Sum, ("gross_kg", "reserve_kg", "credited_kg")))
        run.results_sha256 = self.results_sha256 or _hash_results(run)
        run.inputs_sha256 = self.inputs_sha256
        run.methodology = project.methodology
        run.methodology_version = METHODOLOGIES[project.methodology].version
        run.gross_kg = int(sums["gross_kg__sum"])
        run.reserve_kg = int(sums["reserve_kg__sum"])
        run.credited_kg = int(sums["credited_kg__sum"])
        run.ran_at = timezone.now()
        run.finished = True
        run.save()
        run.chunks.all().delete()
        refresh_statistics(FieldResult)
        return run

    def _inputs_hash(self) -> RowsHash:
        return RowsHash(header=describe_header(self.period), name="rows")

    def _hash_stretch(self, described: list[bytes]) -> str:
        digest = self._inputs_hash()
        for each in described:
            digest.add(each)
        return digest.hexdigest()

    def _make_room(
        self, chunk: QuantificationChunk | None, span: Span, *, after: str, digest: str
    ) -> None:
        """Take the rows of a stretch away, where it has any, and keep what it is counted from."""
        run = self.run
        if chunk is None:
            chunk = QuantificationChunk(
                cooperative_id=run.cooperative_id, run=run, last_code=span.last_code
            )
        else:
            _clear(run, after=after, last_code=span.last_code)
        chunk.inputs_sha256 = digest
        chunk.save()


def _open_draft(period: MonitoringPeriod) -> QuantificationRun:
    """The draft that an earlier job has left, or a new one."""
    project = period.project
    run: QuantificationRun
    run, _created = QuantificationRun.with_drafts.get_or_create(
        cooperative_id=period.cooperative_id,
        period=period,
        finished=False,
        defaults={
            "methodology": project.methodology,
            "methodology_version": METHODOLOGIES[project.methodology].version,
            "inputs_sha256": "",
            "results_sha256": "",
            "gross_kg": 0,
            "reserve_kg": 0,
            "credited_kg": 0,
        },
    )
    return run


def discard_last_stretch(run: QuantificationRun) -> bool:
    """Take the last stretch of a draft away, in the caller's transaction; whether any is left.

    With the last goes the draft. What is left at any moment can be gone on with.
    """
    codes = sorted(run.chunks.values_list("last_code", flat=True))
    if not codes:
        run.delete()
        return False
    before = codes[-2] if len(codes) > 1 else ""
    _clear(run, after=before, last_code=codes[-1])
    run.chunks.filter(last_code=codes[-1]).delete()
    return True


def _clear(run: QuantificationRun, *, after: str, last_code: str) -> None:
    rows = FieldResult.with_drafts.filter(run=run).alias(code=by_octets("field__code"))
    rows.filter(code__gt=after, code__lte=last_code).order_by().delete()


def _hash_results(run: QuantificationRun) -> str:
    """The hash of a run's results from the rows as they were written."""
    digest = RowsHash()
    for row in _read_back(run):
        digest.add(canonical_json(hashed_columns(row)))
    return digest.hexdigest()


def _read_back(run: QuantificationRun) -> Iterator[dict[str, Any]]:
    names = [name for name in COLUMNS if not name.endswith("_id")]
    rows = (
        FieldResult.with_drafts.filter(run=run)
        .order_by(by_octets("field__code"), "starts_on")
        .values_list("field__code", "household__code", *names)
    )
    for row in rows.iterator(chunk_size=_READ_AT_ONCE):
        yield dict(zip(("field_code", "household_code", *names), row, strict=True))
