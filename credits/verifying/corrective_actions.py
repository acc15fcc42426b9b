"""Corrective action requests: raised by the verifier, answered by the cooperative, judged again.

Nothing that was said is ever changed; each step is a message of its own, with its files.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.errors import BadInput, DomainError
from aggregator.models import User
from aggregator.roles import require_role
from credits.models import (
    CorrectiveAction,
    CorrectiveFile,
    CorrectiveMessage,
    SampledField,
    Verification,
)
from credits.verifying.finding_files import keep_upload
from credits.verifying.verifiers import require_verifier

Status = CorrectiveAction.Status
Kind = CorrectiveMessage.Kind
MAX_TITLE = 100
MAX_TEXT = 5000
MAX_FILES = 10


class WordsMissing(BadInput):
    code = "words_missing"
    message = _("Say it in words: a title of at most 100 characters, a text of at most 5,000.")


class TooManyActionFiles(BadInput):
    code = "too_many_action_files"
    message = _("At most %(limit)s files at a time.")


class VerificationOver(DomainError):
    code = "verification_over"
    message = _("Corrective actions belong between the draw and the opinion.")


class NotTheirTurn(DomainError):
    code = "not_their_turn"
    message = _("This request is %(status)s: it waits for the other side, or is closed.")


def raise_action(
    verification: Verification,
    *,
    title: str,
    text: str,
    sampled_field: SampledField | None = None,
    files: Iterable[Any] = (),
    by: User,
) -> CorrectiveAction:
    """Ask the cooperative to correct something, of one sampled field or of the whole.

    Raises:
        WordsMissing, TooManyActionFiles, PictureRefused: what was sent cannot be kept.
        VerificationOver: there is no sample yet, or the opinion has been given.
    """
    require_verifier(by, project=verification.period.project)
    if not 0 < len(title.strip()) <= MAX_TITLE:
        raise WordsMissing
    with transaction.atomic():
        locked = _lock_drawn(verification)
        last = locked.corrective_actions.aggregate(last=Max("number"))["last"] or 0
        action = CorrectiveAction.objects.create(
            cooperative_id=locked.cooperative_id,
            verification=locked,
            number=last + 1,
            sampled_field=sampled_field,
            title=title.strip(),
        )
        _say(action, Kind.RAISED, text, files, by)
    return action


def answer_action(
    action: CorrectiveAction, *, text: str, files: Iterable[Any] = (), by: User
) -> None:
    """The cooperative's answer to an open request, or to a refused answer.

    Raises:
        NotTheirTurn, VerificationOver: nothing is to be answered now.
    """
    require_role(by, "operator", of=action)
    _step(action, (Status.OPEN, Status.REJECTED), Status.ANSWERED)(Kind.ANSWERED, text, files, by)


def reject_answer(
    action: CorrectiveAction, *, text: str, files: Iterable[Any] = (), by: User
) -> None:
    """The verifier says why the answer is not enough; it waits for the cooperative again."""
    require_verifier(by, project=action.verification.period.project)
    _step(action, (Status.ANSWERED,), Status.REJECTED)(Kind.REJECTED, text, files, by)


def accept_answer(
    action: CorrectiveAction, *, text: str = "", files: Iterable[Any] = (), by: User
) -> None:
    """The verifier accepts the answer, which closes the request."""
    require_verifier(by, project=action.verification.period.project)
    _step(action, (Status.ANSWERED,), Status.CLOSED)(Kind.CLOSED, text, files, by)


def _step(action: CorrectiveAction, at: tuple[str, ...], to: str) -> Any:
    def go_on(kind: str, text: str, files: Iterable[Any], by: User) -> None:
        with transaction.atomic():
            _lock_drawn(action.verification)
            moved = CorrectiveAction.objects.filter(pk=action.pk, status__in=at).update(status=to)
            if not moved:
                action.refresh_from_db()
                raise NotTheirTurn(status=action.get_status_display())
            _say(action, kind, text, files, by)
        action.status = to

    return go_on


def _say(action: CorrectiveAction, kind: str, text: str, files: Iterable[Any], by: User) -> None:
    uploads: list[UploadedFile] = list(files)
    words = text.strip()
    if len(words) > MAX_TEXT or not (words or kind == Kind.CLOSED):
        raise WordsMissing
    if len(uploads) > MAX_FILES:
        raise TooManyActionFiles(limit=MAX_FILES)
    owned = {"cooperative_id": action.cooperative_id}
    message = CorrectiveMessage.objects.create(**owned, action=action, kind=kind, text=words, by=by)
    hashes = set()
    for upload in uploads:
        kept, digest = keep_upload(upload, action.cooperative, folder="corrections")
        if digest not in hashes:
            CorrectiveFile.objects.create(
                **owned,
                message=message,
                file_name=Path(str(upload.name)).name[-200:],
                file=kept,
                sha256=digest,
            )
        hashes.add(digest)
    audit.record_event(action, action=f"corrective_{kind}", by=by, number=action.number)


def _lock_drawn(verification: Verification) -> Verification:
    locked = Verification.objects.select_for_update().get(pk=verification.pk)
    if locked.status != Verification.Status.DRAWN:
        raise VerificationOver
    return locked
