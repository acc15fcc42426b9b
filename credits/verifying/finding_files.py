"""Pictures and files of a verification: hashed, kept under their hash, shown only reduced."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.errors import BadInput, DomainError
from aggregator.files import MEGABYTE
from aggregator.models import Cooperative, User
from credits.models import FindingPhoto, SampledField, Verification
from credits.verifying.verifiers import require_verifier
from farms.evidence import PICTURES, SUFFIXES
from farms.pictures import PictureBroken, read_picture

MAX_PHOTOS = 20


class FileRefused(BadInput):
    code = "verification_file_refused"
    message = _("%(name)s: send a photo, a PDF or a list, of at most %(limit)s MB.")


class PictureRefused(BadInput):
    code = "picture_refused"
    message = _("%(name)s cannot be opened as a picture.")


class TooManyPictures(BadInput):
    code = "too_many_pictures"
    message = _("A sampled field has at most %(limit)s pictures.")


class PicturesClosed(DomainError):
    code = "pictures_closed"
    message = _("Pictures are added between the draw and the opinion.")


def add_photos(
    sampled_field: SampledField, *, files: Iterable[Any], by: User
) -> list[FindingPhoto]:
    """Keep pictures a verifier took of a field; one that is there already is left out.

    Raises:
        FileRefused, PictureRefused, TooManyPictures: one of them is not fit; nothing is kept then.
        PicturesClosed: there is no opinion to be formed (any more).
    """
    verification = sampled_field.verification
    require_verifier(by, project=verification.period.project)
    with transaction.atomic():
        locked = Verification.objects.select_for_update().get(pk=verification.pk)
        if locked.status != Verification.Status.DRAWN:
            raise PicturesClosed
        rows = [row for file in files if (row := _keep_photo(sampled_field, file, by)) is not None]
        if sampled_field.photos.count() > MAX_PHOTOS:
            raise TooManyPictures(limit=MAX_PHOTOS)
        if rows:
            names = [row.sha256[:12] for row in rows]
            audit.record_event(sampled_field, action="add_finding_photos", by=by, files=names)
    return rows


def _keep_photo(sampled: SampledField, upload: UploadedFile, by: User) -> FindingPhoto | None:
    name = Path(str(upload.name)).name[-200:]
    if Path(name).suffix.lower() not in PICTURES:
        raise PictureRefused(name=name)
    kept, digest = keep_upload(upload, sampled.cooperative, folder="findings")
    if sampled.photos.filter(sha256=digest).exists():
        return None
    try:
        with default_storage.open(kept) as file:
            picture = read_picture(file.read(), zone=timezone.get_default_timezone())
    except PictureBroken as error:
        raise PictureRefused(name=name) from error
    view = f"findings/{sampled.cooperative.code}/{digest[:2]}/{digest}.view.jpg"
    if not default_storage.exists(view):
        view = default_storage.save(view, ContentFile(picture.view))
    return FindingPhoto.objects.create(
        cooperative_id=sampled.cooperative_id,
        sampled_field=sampled,
        file_name=name,
        file=kept,
        view=view,
        sha256=digest,
        taken_at=picture.taken_at,
        longitude=_degrees(picture.longitude),
        latitude=_degrees(picture.latitude),
        added_by=by,
    )


def _degrees(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(f"{value:.6f}")


def keep_upload(upload: UploadedFile, cooperative: Cooperative, *, folder: str) -> tuple[str, str]:
    """Copy an upload into the cooperative's store; its name there and its SHA-256.

    Raises:
        FileRefused: it is of a kind or size that is not taken.
    """
    name = Path(str(upload.name)).name
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES or not 0 < (upload.size or 0) <= settings.IMPORT_MAX_BYTES:
        raise FileRefused(name=name, limit=settings.IMPORT_MAX_BYTES // MEGABYTE)
    content = upload.read()
    digest = hashlib.sha256(content).hexdigest()
    kept = f"{folder}/{cooperative.code}/{digest[:2]}/{digest}{suffix}"
    if not default_storage.exists(kept):
        kept = default_storage.save(kept, ContentFile(content))
    return kept, digest
