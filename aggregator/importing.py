"""What every import shares: errors as values, the report, and the one frame they all run in.

Writes nothing of a file that has an error, and keeps no personal number in a report or a run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from django.db import transaction

from aggregator.actors import read_change_set
from aggregator.audit import record_event
from aggregator.files import FileRefused, check_size, hash_file
from aggregator.locks import lock_cooperative
from aggregator.models import Cooperative, ImportRun, User
from aggregator.roles import require_role

# Kept with the run for its page; the report in hand has them all.
MAX_KEPT = 500
# Neither PostgreSQL's JSON nor a page or terminal can take these; a line break is harmless.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing wrong: `row` as the spreadsheet counts it (None: the whole file).

    `code` names the kind of fault where a page can offer more than words, such as a repair.
    """

    row: int | None
    column: str
    reason: str
    text: str = ""
    code: str = ""


@dataclass(slots=True)
class Counts:
    """Rows (households, fields, records) made, changed, and found as they already were."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(slots=True)
class ImportReport:
    """The answer to one file. `notes` are worth reading but do not refuse it."""

    kind: str
    status: str
    counts: dict[str, int]
    errors: list[RowError]
    notes: list[RowError] = field(default_factory=list)
    run_id: int | None = None

    @property
    def refused(self) -> bool:
        return self.status == ImportRun.Status.REFUSED

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "status": self.status,
            "counts": self.counts,
            "errors": [asdict(error) for error in self.errors],
            "notes": [asdict(note) for note in self.notes],
        }


class Plan(Protocol):
    """What an import would do, worked out against the database and not yet done."""

    errors: list[RowError]
    notes: list[RowError]
    counts: Counts

    def apply(self) -> None:
        """Write it; called only without errors, inside the transaction."""


@dataclass(frozen=True, slots=True)
class ImportJob:
    """Who brings what kind of file in for whom; `by` is None for the system itself."""

    kind: str
    cooperative: Cooperative
    by: User | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A file by its name and the SHA-256 of its bytes; no hash of one too large to be read."""

    name: str
    sha256: str


Parsed = TypeVar("Parsed")


def run_import(
    path: Path,
    job: ImportJob,
    *,
    read: Callable[[Path], Parsed],
    plan: Callable[[Parsed], Plan],
) -> ImportReport:
    """Read a file, plan it against the database, write it if it is clean, and record the run.

    Raises:
        NotAllowed, NotYours: `by` is not an operator of the cooperative. Everything that is wrong
            with the file itself comes back as errors in the report.
    """
    if job.by is not None:
        require_role(job.by, User.Role.OPERATOR, of=ImportRun(cooperative=job.cooperative))
    source = Source(path.name, _hash_if_read(path))
    try:
        check_size(path)
        parsed = read(path)
    except FileRefused as refusal:
        return record_run(source, job, errors=[RowError(None, "", str(refusal))])
    with transaction.atomic():
        lock_imports(job.cooperative, patient=True)
        planned = plan(parsed)
        if not planned.errors and not job.dry_run:
            planned.apply()
        return record_run(
            source, job, errors=planned.errors, notes=planned.notes, counts=planned.counts
        )


def lock_imports(cooperative: Cooperative, *, patient: bool = False) -> None:
    """Two files for one cooperative wait for each other: neither plans against half the other.

    So does whoever changes its land by hand, but not for long.
    """
    lock_cooperative(cooperative.pk, patient=patient)


@transaction.atomic
def record_run(
    source: Source,
    job: ImportJob,
    *,
    errors: Sequence[RowError] = (),
    notes: Sequence[RowError] = (),
    counts: Counts | None = None,
) -> ImportReport:
    """Write down what came of a file, and give the whole of it as a report."""
    errors = [make_printable(error) for error in sorted(errors, key=lambda error: error.row or 0)]
    status = ImportRun.Status.IMPORTED if not job.dry_run else ImportRun.Status.CHECKED
    if errors:
        status, counts = ImportRun.Status.REFUSED, Counts()
    report = ImportReport(
        kind=job.kind,
        status=str(status),
        counts=asdict(counts or Counts()),
        errors=errors,
        notes=[make_printable(note) for note in notes],
    )
    run = ImportRun.objects.create(
        cooperative=job.cooperative,
        kind=job.kind,
        file_name=_UNPRINTABLE.sub("\ufffd", source.name)[:200],
        sha256=source.sha256,
        status=report.status,
        counts=report.counts | {"errors": len(errors), "notes": len(report.notes)},
        errors=[asdict(error) for error in errors[:MAX_KEPT]],
        notes=[asdict(note) for note in report.notes[:MAX_KEPT]],
        by=job.by,
        change_set=read_change_set() if status == ImportRun.Status.IMPORTED else None,
    )
    record_event(
        run, action=f"import_{job.kind}", by=job.by, status=report.status, counts=report.counts
    )
    report.run_id = run.pk
    return report


def make_printable(error: RowError) -> RowError:
    """The same with a sign for every character that no page or database takes."""
    column, reason, text = (
        _UNPRINTABLE.sub("\ufffd", said) for said in (error.column, error.reason, error.text)
    )
    return RowError(error.row, column, reason, text, error.code)


def _hash_if_read(path: Path) -> str:
    """The file's hash; empty for one that was refused by its size, unread."""
    try:
        check_size(path)
    except FileRefused:
        return ""
    return hash_file(path)
