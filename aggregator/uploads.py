"""A file on its way in, step by step: begun, matched, checked, written, cancelled, forgotten.

Every step is a compare-and-set of the upload's status, so that of two people or workers one wins.
The rows are mended in `aggregator.upload_mending`; the work itself is `aggregator.upload_jobs`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from aggregator.audit import record_event
from aggregator.column_guess import hash_layout
from aggregator.errors import BadInput, DomainError
from aggregator.files import MEGABYTE, FileTooLarge
from aggregator.models import ColumnMatch, Cooperative, Upload, UploadRow, User
from aggregator.roles import require_role
from aggregator.sealed_files import SEALED_SUFFIX, forget_folders, sealed
from aggregator.tabular import Column, holds_long_number

KEPT_DAYS = 7
Status = Upload.Status


class UploadMovedOn(DomainError):
    code = "upload_moved_on"
    message = _("This file is %(status)s by now. Load the page again.")


class NotCheckedAgain(DomainError):
    code = "not_checked_again"
    message = _("Something was mended since the last check. Check again first.")


class ErrorsLeft(DomainError):
    code = "errors_left"
    message = _("%(count)d rows still have an error. Mend them, or leave them out.")


class FileErrorsLeft(DomainError):
    code = "file_errors_left"
    message = _("The file as a whole has an error: %(reason)s")


class NothingLeft(DomainError):
    code = "nothing_left"
    message = _("Every row is left out: there is nothing to bring in.")


class ColumnsMissing(BadInput):
    code = "columns_missing"
    message = _("Say where these are: %(columns)s.")


class ColumnTwice(BadInput):
    code = "column_twice"
    message = _("Two are said to be the same: %(column)s. Choose one of them.")


class HeadingNotThere(BadInput):
    code = "heading_not_there"
    message = _("The file has no column %(column)s.")


class ColumnNotOurs(BadInput):
    code = "column_not_ours"
    message = _("There is no %(column)s here.")


class NumberForAll(BadInput):
    code = "number_for_all"
    message = _(
        "%(column)s: a long number, or a person's own, is not the same for all rows. "
        "Leave it empty here."
    )


def start_upload(
    cooperative: Cooperative,
    *,
    kind: str,
    file: File[bytes],
    by: User,
    evidence: File[bytes] | None = None,
) -> Upload:
    """Keep a file until a worker has read its rows.

    Raises:
        FileTooLarge: the file, or the evidence beside it, is larger than what is read.
    """
    upload = Upload(cooperative=cooperative, kind=kind, by=by, file_name=_last_part(file.name))
    require_role(by, User.Role.OPERATOR, of=upload)
    _check_size(file, limit=settings.IMPORT_MAX_BYTES)
    upload.sha256 = _hash(file)
    upload.options = {"language": get_language() or settings.LANGUAGE_CODE}
    with sealed(file) as stored:
        upload.file.save(_store_name(file.name) + SEALED_SUFFIX, stored, save=False)
    # Evidence is stored in the open: so are the photos it consists of, once they are on record.
    if evidence is not None:
        _check_size(evidence, limit=settings.EVIDENCE_MAX_BYTES)
        upload.evidence.save(_store_name(evidence.name), evidence, save=False)
    with transaction.atomic():
        upload.save()
        record_event(upload, action="start_upload", by=by, kind=kind)
    return upload


@transaction.atomic
def match_columns(
    upload: Upload,
    *,
    columns: Mapping[str, str],
    constants: Mapping[str, str],
    known: Sequence[Column],
    by: User,
) -> None:
    """Say which of the file's columns is which, remember it for this layout, and have it checked.

    Args:
        columns: Our key to the file's heading.
        constants: Our key to one text for all rows.
        known: The columns this kind of file may have.
    """
    require_role(by, User.Role.OPERATOR, of=upload)
    _require_columns(upload, columns, constants, known)
    match = {"columns": dict(columns), "constants": dict(constants)}
    _move(upload, (Status.MATCHING, Status.CHECKED), Status.CHECKING)
    upload.columns, upload.constants = match["columns"], match["constants"]
    upload.details.pop("remembered", None)
    upload.save(update_fields=["columns", "constants", "details"])
    ColumnMatch.objects.update_or_create(
        cooperative=upload.cooperative,
        kind=upload.kind,
        layout_sha256=hash_layout(upload.headings),
        defaults=match,
    )
    record_event(upload, action="match_columns", by=by, columns=sorted(columns))


def pair_columns(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Pairs of our key and the file's heading as one match.

    Raises:
        ColumnTwice: two headings are said to be the same.
    """
    found: dict[str, str] = {}
    for key, heading in pairs:
        if key in found:
            raise ColumnTwice(column=f"{found[key]} / {heading}")
        found[key] = heading
    return found


def request_check(upload: Upload, *, by: User) -> None:
    """Have the rows checked again, as they are mended by now."""
    require_role(by, User.Role.OPERATOR, of=upload)
    _move(upload, (Status.CHECKED,), Status.CHECKING)


@transaction.atomic
def convert_offset(upload: Upload, *, system: str, by: User) -> None:
    """Take the whole file's outlines back from a shifted map, or as they are (""); check again."""
    require_role(by, User.Role.OPERATOR, of=upload)
    _move(upload, (Status.CHECKED,), Status.CHECKING)
    upload.options["offset"] = system
    upload.save(update_fields=["options"])
    record_event(upload, action="convert_offset", by=by, system=system)


@transaction.atomic
def request_write(upload: Upload, *, by: User) -> None:
    """Have what was checked brought in.

    Raises:
        NotCheckedAgain, ErrorsLeft, FileErrorsLeft, NothingLeft: it is not clean yet.
    """
    require_role(by, User.Role.OPERATOR, of=upload)
    upload.refresh_from_db()
    if upload.status != Status.CHECKED:
        raise UploadMovedOn(status=upload.get_status_display())
    if upload.details.get("mended"):
        raise NotCheckedAgain
    for problem in upload.problems:
        if problem["level"] == "error":
            raise FileErrorsLeft(reason=problem["reason"])
    kept = upload.rows.filter(left_out=False)
    if bad := kept.filter(error_count__gt=0).count():
        raise ErrorsLeft(count=bad)
    if not kept.exists():
        raise NothingLeft
    _move(upload, (Status.CHECKED,), Status.WRITING)
    # Whoever has it written proposes what stands in it, however it came to stand there.
    upload.by = by
    upload.save(update_fields=["by"])
    record_event(upload, action="request_write", by=by)


@transaction.atomic
def cancel_upload(upload: Upload, *, by: User | None) -> None:
    """Give the file up; a worker at it stops at its next sign of life, a write is taken back."""
    if by is not None:
        require_role(by, User.Role.OPERATOR, of=upload)
    _move(upload, Upload.OPEN, Status.CANCELLED)
    erase_rows(upload)
    record_event(upload, action="cancel_upload", by=by)


def erase_rows(upload: Upload) -> None:
    """Delete the rows and files of an upload that is over: they hold personal numbers."""
    UploadRow.objects.filter(upload=upload).delete()
    names = [str(file.name) for file in (upload.file, upload.evidence) if file]
    Upload.objects.filter(pk=upload.pk).update(file="", evidence="")
    storage = upload.file.storage
    for name in names:
        transaction.on_commit(partial(storage.delete, name))


def forget_uploads(*, at: datetime | None = None) -> None:
    """Give up what nobody finished in a week, and what killed workers left on the disk."""
    today = at or now()
    before = today - timedelta(days=KEPT_DAYS)
    for upload in Upload.objects.filter(status__in=Upload.OPEN, started_at__lt=before):
        # Somebody may finish it this very moment.
        with suppress(UploadMovedOn):
            cancel_upload(upload, by=None)
    over = Upload.objects.exclude(status__in=Upload.OPEN)
    for upload in over.filter(~Q(file="") | ~Q(evidence="") | Q(rows__isnull=False)).distinct():
        with transaction.atomic():
            erase_rows(upload)
    forget_folders(before=today - timedelta(hours=1))


def _move(upload: Upload, before: Sequence[str], after: str) -> None:
    moved = Upload.objects.filter(pk=upload.pk, status__in=before).update(
        status=after, alive_at=None, progress_done=0, progress_total=0
    )
    upload.refresh_from_db()
    if not moved:
        raise UploadMovedOn(status=upload.get_status_display())
    if after in Upload.AT_WORK:
        # What the worker finds is told in the language of whoever asked last.
        upload.options["language"] = get_language() or settings.LANGUAGE_CODE
        upload.save(update_fields=["options"])


def _require_columns(
    upload: Upload,
    columns: Mapping[str, str],
    constants: Mapping[str, str],
    known: Sequence[Column],
) -> None:
    by_key = {column.key: column for column in known}
    for key in (*columns, *constants):
        if key not in by_key:
            raise ColumnNotOurs(column=key)
    # Kept in plain, remembered for the next file and told in the record of changes.
    for key, text in constants.items():
        column = by_key[key]
        if column.private or (not column.code and holds_long_number(text)):
            raise NumberForAll(column=column.title)
    for key, heading in columns.items():
        if heading not in upload.headings:
            raise HeadingNotThere(column=heading)
        if key in constants:
            raise ColumnTwice(column=f"{heading} / {constants[key]}")
    missing = [c.title for c in known if c.required and c.key not in {*columns, *constants}]
    if missing:
        raise ColumnsMissing(columns=", ".join(missing))


def _check_size(file: File[bytes], *, limit: int) -> None:
    if file.size > limit:
        raise FileTooLarge(size=-(-file.size // MEGABYTE), limit=limit // MEGABYTE)


def _hash(file: File[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _last_part(name: str | None) -> str:
    return (name or "file").replace("\\", "/").rsplit("/", 1)[-1][-200:]


def _store_name(name: str | None) -> str:
    """A name nobody can guess; the ending is kept, nothing else of what the sender wrote."""
    suffix = Path(name or "").suffix.lower()
    return uuid4().hex + (suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else "")
