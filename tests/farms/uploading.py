"""Steps of a staged import as the tests take them: the rules called one after the other."""

from __future__ import annotations

from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile

from aggregator import uploads
from aggregator.column_guess import guess_columns
from aggregator.models import Upload, UploadRow
from aggregator.upload_cells import read_texts
from aggregator.upload_jobs import run_upload
from farms.upload_kinds import KINDS
from tests.cast import Cast


def begin(path: Path, cast: Cast, *, kind: str, evidence: bytes | None = None) -> Upload:
    """Choose a file; no worker has seen it yet."""
    return uploads.start_upload(
        cast.cooperative,
        kind=kind,
        file=SimpleUploadedFile(path.name, path.read_bytes()),
        by=cast.operator,
        evidence=SimpleUploadedFile("evidence.zip", evidence) if evidence is not None else None,
    )


def work(upload: Upload) -> Upload:
    """What a worker does until a person is needed."""
    run_upload(upload.pk, kinds=KINDS)
    upload.refresh_from_db()
    return upload


def read(path: Path, cast: Cast, *, kind: str, evidence: bytes | None = None) -> Upload:
    return work(begin(path, cast, kind=kind, evidence=evidence))


def match(upload: Upload, cast: Cast, **constants: str) -> Upload:
    """Take the columns as they are guessed, and have the rows checked."""
    kind = KINDS[upload.kind]
    texts = [read_texts(row) for row in upload.rows.all()]
    samples = {name: [row.get(name, "") for row in texts] for name in upload.headings}
    columns = guess_columns(samples, kind.columns, looks=kind.looks)
    uploads.match_columns(
        upload, columns=columns, constants=constants, known=kind.columns, by=cast.operator
    )
    return work(upload)


def check(path: Path, cast: Cast, *, kind: str, evidence: bytes | None = None) -> Upload:
    """A file read, matched and checked."""
    return match(read(path, cast, kind=kind, evidence=evidence), cast)


def check_again(upload: Upload, cast: Cast) -> Upload:
    uploads.request_check(upload, by=cast.operator)
    return work(upload)


def write(upload: Upload, cast: Cast) -> Upload:
    uploads.request_write(upload, by=cast.operator)
    return work(upload)


def problems(upload: Upload) -> list[tuple[int, str, str]]:
    """Row, level and kind of every problem, in order."""
    return [
        (row.number, problem["level"], problem["kind"])
        for row in upload.rows.order_by("number")
        for problem in row.problems
    ]


def row_of(upload: Upload, number: int) -> UploadRow:
    row: UploadRow = upload.rows.get(number=number)
    return row


def match_as(upload: Upload, cast: Cast, **headings: str) -> Upload:
    """Take the columns as they are, these besides, and have the rows checked."""
    known = KINDS[upload.kind].columns
    columns = {**upload.columns, **headings}
    uploads.match_columns(upload, columns=columns, constants={}, known=known, by=cast.operator)
    return work(upload)
