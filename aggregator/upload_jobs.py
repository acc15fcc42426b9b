"""The work behind an upload: reading its rows, checking them, writing them in one transaction.

The upload's status is the queue and `alive_at` the worker's claim on it: whoever has set that
instant owns the job until it is older than `STALE`, and every sign of life is a compare-and-set of
it; a write's is the lock it holds or waits for. So two workers never do one job, and a killed
worker's job is taken up where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.utils import translation
from django.utils.timezone import now
from django.utils.translation import gettext as _

from aggregator.column_guess import hash_layout
from aggregator.files import FileRefused, check_size
from aggregator.importing import (
    ImportJob,
    Plan,
    RowError,
    Source,
    lock_imports,
    record_run,
)
from aggregator.models import ColumnMatch, Cooperative, Upload, UploadRow
from aggregator.record_stamp import Stamp, read_stamp
from aggregator.sealed_files import opened, private_folder
from aggregator.signs_of_life import Watch
from aggregator.upload_cells import clean_heading, lay_out, pack_cells
from aggregator.upload_findings import store_findings
from aggregator.upload_kinds import Draft, DraftRow, OpenedFile, RawRow, UploadKind
from aggregator.uploads import erase_rows

# Longer than any step without a sign of life: opening a large layer, comparing all outlines.
STALE = timedelta(minutes=3)
MAX_TAKES = 3
# Plans made without holding the cooperative, before one is made that does.
_PLANS_AHEAD = 3
_CHUNK = 1000
_SIGN_SECONDS = 1.0
Status = Upload.Status
Kinds = Mapping[str, UploadKind]


class Stopped(Exception):
    """The job is no longer ours: cancelled, or taken up by another worker."""


class NotClean(Exception):
    """What was checked as clean is not so by now."""


@dataclass(slots=True)
class Job:
    """One stage of one upload, claimed by this worker."""

    upload: Upload
    kind: UploadKind
    alive_at: datetime
    _signed: float = field(default_factory=time.monotonic)

    def sign(self, **values: Any) -> None:
        """Say that we are alive, and set other columns with it.

        Raises:
            Stopped: the job is not ours any more.
        """
        at = now()
        if not self._own().update(alive_at=at, **values):
            raise Stopped
        self.alive_at = at
        self._signed = time.monotonic()

    def see(self, done: int) -> None:
        """Say how far we are, about once a second."""
        if time.monotonic() - self._signed >= _SIGN_SECONDS:
            self.sign(progress_done=done)

    def end(self, status: str, **values: Any) -> None:
        """Leave the stage; the next one begins without a claim.

        Raises:
            Stopped: the job is not ours any more.
        """
        values |= {"alive_at": None, "status": status, "progress_done": 0, "progress_total": 0}
        self.upload.details.pop("takes", None)
        if not self._own().update(details=self.upload.details, **values):
            raise Stopped

    def _own(self) -> Any:
        return Upload.objects.filter(
            pk=self.upload.pk, status=self.upload.status, alive_at=self.alive_at
        )


def run_upload(pk: int, *, kinds: Kinds) -> None:
    """Do what the upload waits for, stage after stage, until it waits for a person."""
    while (job := _take(pk, kinds)) is not None:
        with translation.override(job.upload.options.get("language", settings.LANGUAGE_CODE)):
            try:
                _STAGES[job.upload.status](job)
            except Stopped:
                return


def waiting_uploads() -> list[int]:
    """Uploads that nobody works on, though there is something to do."""
    return list(_waiting().values_list("pk", flat=True))


def _waiting() -> Any:
    unclaimed = Q(alive_at=None) | Q(alive_at__lt=now() - STALE)
    return Upload.objects.filter(unclaimed, status__in=Upload.AT_WORK).order_by("pk")


def _take(pk: int, kinds: Kinds) -> Job | None:
    """Claim the job, unless somebody else has."""
    at = now()
    upload = _waiting().filter(pk=pk).first()
    if upload is None or (upload.alive_at is not None and _is_being_written(upload)):
        return None
    claimed = Upload.objects.filter(pk=pk, status=upload.status, alive_at=upload.alive_at)
    if not claimed.update(alive_at=at):
        return None
    job = Job(upload, kinds[upload.kind], at)
    takes = upload.details["takes"] = upload.details.get("takes", 0) + 1
    job.sign(details=upload.details)
    if takes > MAX_TAKES:
        with translation.override(upload.options.get("language", settings.LANGUAGE_CODE)):
            _refuse(job, _("The file could not be worked through. Save it anew and try again."))
        return None
    return job


@transaction.atomic
def _is_being_written(upload: Upload) -> bool:
    """Whether a write goes on or waits its turn: it shows no life but its cooperative's lock.

    Taken over, a write that takes longer than `STALE` would be taken back, and again for ever.
    """
    if upload.status != Status.WRITING:
        return False
    free = Cooperative.objects.select_for_update(no_key=True, skip_locked=True)
    return free.filter(pk=upload.cooperative_id).first() is None


def _read(job: Job) -> None:
    """Keep the file's rows, chunk by chunk, from the last one that is kept already."""
    try:
        with opened(Path(job.upload.file.path)) as path:
            check_size(path)
            _keep_rows(job, job.kind.open(path))
    except FileRefused as refusal:
        _refuse(job, str(refusal))
        return
    _go_on(job)


def _keep_rows(job: Job, file: OpenedFile) -> None:
    upload = job.upload
    upload.headings = [clean_heading(name) for name in file.headings]
    upload.details |= file.details
    job.sign(headings=upload.headings, details=upload.details, progress_total=file.total)
    reached = upload.rows.aggregate(last=Max("number"))["last"] or 0
    rows = (raw for raw in file.rows if raw.number > reached)
    done = upload.rows.count()
    while chunk := list(islice(rows, _CHUNK)):
        done += len(chunk)
        with transaction.atomic():
            job.sign(progress_done=done)
            UploadRow.objects.bulk_create(_rows_of(upload, chunk))


def _rows_of(upload: Upload, chunk: list[RawRow]) -> list[UploadRow]:
    rows = []
    for raw in chunk:
        west, south, east, north = raw.box or (None, None, None, None)
        rows.append(
            UploadRow(
                cooperative_id=upload.cooperative_id,
                upload=upload,
                number=raw.number,
                cells=pack_cells(raw),
                shape=raw.shape,
                min_x=west,
                min_y=south,
                max_x=east,
                max_y=north,
            )
        )
    return rows


@transaction.atomic
def _go_on(job: Job) -> None:
    """To the check where this layout was matched before, else to the clerk; the file is gone."""
    upload, storage, name = job.upload, job.upload.file.storage, str(job.upload.file.name)
    match = ColumnMatch.objects.for_cooperative(upload.cooperative).filter(
        kind=upload.kind, layout_sha256=hash_layout(upload.headings)
    )
    known = match.first()
    if known is None:
        job.end(Status.MATCHING, file="")
    else:
        known.save(update_fields=["used_at"])
        upload.details["remembered"] = True
        job.end(Status.CHECKING, file="", columns=known.columns, constants=known.constants)
    transaction.on_commit(lambda: storage.delete(name))


@transaction.atomic
def _refuse(job: Job, reason: str) -> None:
    upload = job.upload
    error = RowError(None, "", reason)
    report = record_run(Source(upload.file_name, upload.sha256), _import_of(upload), errors=[error])
    job.end(Status.REFUSED, run_id=report.run_id)
    erase_rows(upload)


def _check(job: Job, *, surprised: bool = False) -> None:
    job.upload.details["surprised"] = surprised
    with planned(job) as (draft, plan):
        found = job.kind.look_over(draft, plan)
        store_findings(job, draft, plan, found)


def _write(job: Job) -> None:
    """All of it or nothing; whoever ends the stage last has done it, the others are taken back.

    It is planned while others go on working, and written only if nothing on record changed since:
    the cooperative is held for the writing alone.
    """
    for _attempt in range(_PLANS_AHEAD):
        stamp = read_stamp(job.upload.cooperative)
        with planned(job) as (_draft, plan):
            if plan.errors:
                break
            # Nobody can be told how far the writing is: until its end it is seen by none.
            job.sign(progress_done=0, progress_total=0)
            if _put_on_record(job, plan, stamp=stamp):
                break
    else:
        plan = _write_held(job)
    if plan.errors:
        # Something on record changed since the check: the clerk sees what, nothing was written.
        _check(job, surprised=True)


def _write_held(job: Job) -> Plan:
    """Plan and write while everyone else waits: where others change the record all the time."""
    with transaction.atomic():
        lock_imports(job.upload.cooperative, patient=True)
        with planned(job, see=lambda _done: _stop_if_over(job)) as (_draft, plan):
            if not plan.errors:
                _put_on_record(job, plan)
            return plan


def _put_on_record(job: Job, plan: Plan, *, stamp: Stamp | None = None) -> bool:
    """Write the plan, unless the record is no longer as the stamp says; whether it was written."""
    upload = job.upload
    with transaction.atomic():
        lock_imports(upload.cooperative, patient=True)
        if stamp is not None and read_stamp(upload.cooperative) != stamp:
            return False
        _stop_if_over(job)
        plan.apply()
        report = record_run(
            Source(upload.file_name, upload.sha256),
            _import_of(upload),
            notes=[*_left_out(upload), *plan.notes],
            counts=plan.counts,
        )
        job.end(Status.DONE, run_id=report.run_id)
        erase_rows(upload)
    return True


def _stop_if_over(job: Job) -> None:
    if not Upload.objects.filter(pk=job.upload.pk, status=Status.WRITING).exists():
        raise Stopped


def _left_out(upload: Upload) -> Iterator[RowError]:
    parts = upload.details.get("split", {})
    for number in upload.rows.filter(left_out=True).values_list("number", flat=True):
        reason = _("Left out by the clerk.")
        if numbers := parts.get(str(number)):
            rows = ", ".join(map(str, numbers))
            reason = _("Left out by the clerk; its parts are rows %(rows)s.") % {"rows": rows}
        yield RowError(number, "", reason, code="left_out")


def _import_of(upload: Upload) -> ImportJob:
    return ImportJob(upload.kind, upload.cooperative, upload.by)


@contextmanager
def planned(job: Job, *, see: Callable[[int], None] | None = None) -> Iterator[tuple[Draft, Plan]]:
    """The draft of an upload and its plan, with a folder that lives as long."""
    upload = job.upload
    with private_folder() as folder:
        watch = Watch(see or job.see)
        rows = _draft_rows(upload, watch)
        if see is None:
            job.sign(progress_done=0, progress_total=len(rows))
        draft = Draft(
            cooperative=upload.cooperative,
            by=upload.by,
            headings=upload.columns,
            unread=[name for name in upload.headings if name not in upload.columns.values()],
            rows=rows,
            options=upload.options,
            details=upload.details,
            watch=watch,
            folder=Path(folder),
            evidence=Path(upload.evidence.path) if upload.evidence else None,
        )
        yield draft, job.kind.plan(draft)


def _draft_rows(upload: Upload, watch: Watch) -> list[DraftRow]:
    """The rows that count, page by page: nothing but the laid-out ones stays in memory."""
    rows: list[DraftRow] = []
    last = 0
    kept = upload.rows.filter(left_out=False).defer("problems").order_by("number")
    while page := list(kept.filter(number__gt=last)[:_CHUNK]):
        last = page[-1].number
        rows += [
            lay_out(row, headings=upload.columns, constants=upload.constants) for row in watch(page)
        ]
    return rows


_STAGES: dict[str, Callable[[Job], None]] = {
    Status.READING: _read,
    Status.CHECKING: _check,
    Status.WRITING: _write,
}
