"""Mending the rows of an uploaded file: cells typed anew, rows left out, repairs accepted.

Nothing here is on record yet; each change asks for another check before the file is written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from aggregator.audit import record_event
from aggregator.errors import DomainError
from aggregator.models import Upload, UploadRow, User
from aggregator.roles import require_role
from aggregator.upload_cells import read_mended
from aggregator.uploads import UploadMovedOn


class NoRepair(DomainError):
    code = "no_repair"
    message = _("There is no repair proposed for this outline.")


@transaction.atomic
def mend_row(row: UploadRow, *, texts: Mapping[str, str], by: User) -> None:
    """Put other texts into cells of a row, by our keys."""
    upload = lock_checked(row.upload, by=by)
    row.mended = json.dumps(read_mended(row) | dict(texts), ensure_ascii=False)
    row.save(update_fields=["mended"])
    ask_again(upload)
    record_event(upload, action="mend_row", by=by, row=row.number, columns=sorted(texts))


@transaction.atomic
def leave_out_row(row: UploadRow, *, by: User) -> None:
    """Bring the file in without this row; the run will say so."""
    _set_left_out(row, left_out=True, by=by)


@transaction.atomic
def take_back_row(row: UploadRow, *, by: User) -> None:
    """Bring a row that was left out in after all."""
    _set_left_out(row, left_out=False, by=by)


@transaction.atomic
def leave_out_kind(upload: Upload, *, problem: str, by: User) -> int:
    """Leave out every row with an error of one kind."""
    upload = lock_checked(upload, by=by)
    rows = with_problem(upload, problem).filter(error_count__gt=0, left_out=False)
    count = rows.update(left_out=True)
    ask_again(upload)
    record_event(upload, action="leave_out_row", by=by, problem=problem, rows=count)
    return count


@transaction.atomic
def accept_repair(row: UploadRow, *, by: User, accepted: bool = True) -> None:
    """Take the outline proposed in place of the file's, or the file's after all."""
    upload = lock_checked(row.upload, by=by)
    if row.repaired_shape is None:
        raise NoRepair
    row.repair_accepted = accepted
    row.save(update_fields=["repair_accepted"])
    ask_again(upload)
    record_event(upload, action="accept_repair", by=by, row=row.number, accepted=accepted)


@transaction.atomic
def accept_repairs(upload: Upload, *, problem: str, by: User) -> int:
    """Take every outline proposed for one kind of fault."""
    upload = lock_checked(upload, by=by)
    rows = with_problem(upload, problem).filter(repaired_shape__isnull=False)
    count = rows.filter(left_out=False, repair_accepted=False).update(repair_accepted=True)
    if not count:
        raise NoRepair
    ask_again(upload)
    record_event(upload, action="accept_repair", by=by, problem=problem, rows=count)
    return count


def with_problem(upload: Upload, problem: str) -> QuerySet[UploadRow]:
    """The rows with a problem of one kind."""
    if not re.fullmatch("[A-Za-z0-9_]+", problem):
        return upload.rows.none()
    # As text: SQLite has no containment in JSON. A kind is letters, digits and underscores.
    return upload.rows.filter(problems__icontains=f'"kind": "{problem}"')


def _set_left_out(row: UploadRow, *, left_out: bool, by: User) -> None:
    upload = lock_checked(row.upload, by=by)
    row.left_out = left_out
    row.save(update_fields=["left_out"])
    ask_again(upload)
    action = "leave_out_row" if left_out else "take_back_row"
    record_event(upload, action=action, by=by, row=row.number)


def lock_checked(upload: Upload, *, by: User) -> Upload:
    """The upload locked, if its rows may be mended now."""
    require_role(by, User.Role.OPERATOR, of=upload)
    locked: Upload = Upload.objects.select_for_update().get(pk=upload.pk)
    if locked.status != Upload.Status.CHECKED:
        raise UploadMovedOn(status=locked.get_status_display())
    return locked


def ask_again(upload: Upload) -> None:
    upload.details["mended"] = upload.details.get("mended", 0) + 1
    upload.save(update_fields=["details"])
