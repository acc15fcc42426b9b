"""Scans of signed paper: checked by what they are, kept under their hash, handed out as files.

They lie in the private store, which no web server serves.
"""

from __future__ import annotations

import hashlib
import io

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from aggregator.errors import BadInput
from aggregator.files import MEGABYTE
from aggregator.models import Agreement, Cooperative

MAX_SCAN_BYTES = 15 * MEGABYTE
_SUFFIXES = {"JPEG": ".jpg", "PNG": ".png"}
_TYPES = {".pdf": "application/pdf", ".jpg": "image/jpeg", ".png": "image/png"}
# The end mark may be followed by a few bytes of a scanner's own.
_PDF_TAIL = 2048


class ScanRefused(BadInput):
    code = "scan_refused"
    message = _("The scan cannot be read. Send a PDF, or a photo as JPEG or PNG.")


class ScanTooLarge(BadInput):
    code = "scan_too_large"
    message = _("The scan has %(size)s MB; up to %(limit)s MB is kept. Scan it coarser.")


def keep_scan(file: UploadedFile, *, cooperative: Cooperative) -> tuple[str, str]:
    """Check and keep a scan; its name in the store and its SHA-256.

    Raises:
        ScanTooLarge, ScanRefused: it is too large, or not a whole PDF, JPEG or PNG.
    """
    if (file.size or 0) > MAX_SCAN_BYTES:
        limit = MAX_SCAN_BYTES // MEGABYTE
        raise ScanTooLarge(size=-(-(file.size or 0) // MEGABYTE), limit=limit)
    content = file.read(MAX_SCAN_BYTES + 1)
    suffix = _read_kind(content)
    sha256 = hashlib.sha256(content).hexdigest()
    name = f"agreements/{cooperative.code}/{sha256[:2]}/{sha256}{suffix}"
    if not default_storage.exists(name):
        name = default_storage.save(name, ContentFile(content))
    return name, sha256


def send_scan(agreement: Agreement) -> FileResponse:
    """The scan as a download, never opened in place; the caller has checked whose it is."""
    name = agreement.scan.name
    if not name or not default_storage.exists(name):
        raise Http404
    suffix = name[name.rfind(".") :]
    response = FileResponse(
        default_storage.open(name),
        as_attachment=True,
        filename=f"{agreement.code}-scan{suffix}",
        content_type=_TYPES.get(suffix, "application/octet-stream"),
    )
    response["Cache-Control"] = "private, no-store"
    return response


def _read_kind(content: bytes) -> str:
    if content.startswith(b"%PDF-"):
        if b"%%EOF" not in content[-_PDF_TAIL:]:
            raise ScanRefused
        return ".pdf"
    try:
        with Image.open(io.BytesIO(content), formats=list(_SUFFIXES)) as picture:
            picture.verify()
            return _SUFFIXES[picture.format or ""]
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise ScanRefused from None
