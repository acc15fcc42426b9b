"""Evidence files: found by name, hashed, and kept under a name made of their hash.

A file's own name is never a path here: only its last part counts.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from aggregator.files import MEGABYTE
from aggregator.models import Cooperative
from farms.models import Evidence

# Nothing that a browser would run: no HTML, no SVG.
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".gif", ".tif", ".tiff")
SUFFIXES = frozenset((*PICTURES, ".pdf", ".txt", ".csv", ".gpx", ".xlsx", ".docx", ".mp4", ".mov"))
_INVOICE_WORDS = ("发票", "收据", "票据", "invoice", "receipt", "fapiao")
_LOG_WORDS = ("作业", "轨迹", "日志", "log", "track", "telemetry")


class EvidenceRefused(ValueError):
    """A named file that is not there or not fit; the message says which and why."""


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file that came along, with its SHA-256."""

    name: str
    path: Path
    sha256: str


class EvidenceShelf:
    """The files that came along with an import, by name whatever folder they lie in."""

    def __init__(self, folder: Path | None) -> None:
        self._paths: dict[str, list[Path]] = {}
        self._read: dict[Path, EvidenceFile] = {}
        if folder is not None:
            for path in sorted(folder.rglob("*")):
                if path.is_file() and not path.is_symlink():
                    self._paths.setdefault(path.name.casefold(), []).append(path)

    def find(self, name: str) -> EvidenceFile | None:
        """The file of this name, or None when none came along.

        Raises:
            EvidenceRefused: two files have the name, or the one is of a kind or size not taken.
        """
        paths = self._paths.get(name.replace("\\", "/").rsplit("/", 1)[-1].casefold(), [])
        if not paths:
            return None
        if len(paths) > 1:
            raise EvidenceRefused(_("Two files in different folders have this name."))
        path = paths[0]
        if path not in self._read:
            self._read[path] = read_file(path)
        return self._read[path]


def guess_kind(name: str) -> Evidence.Kind:
    """What a file most likely is, by its name; a clerk corrects it."""
    text, suffix = name.casefold(), Path(name).suffix.lower()
    if any(word in text for word in _INVOICE_WORDS):
        return Evidence.Kind.INVOICE
    if suffix in PICTURES:
        return Evidence.Kind.PHOTO
    if suffix == ".gpx" or (suffix in (".csv", ".xlsx") and any(w in text for w in _LOG_WORDS)):
        return Evidence.Kind.MACHINE_LOG
    return Evidence.Kind.INVOICE if suffix == ".pdf" else Evidence.Kind.OTHER


def read_file(path: Path) -> EvidenceFile:
    """The file with its hash.

    Raises:
        EvidenceRefused: it is of a kind or size that is not taken.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise EvidenceRefused(
            _("Files of this kind are not taken as evidence. Send a photo, a PDF or a list.")
        )
    size = path.stat().st_size
    if not 0 < size <= settings.IMPORT_MAX_BYTES:
        raise EvidenceRefused(
            _("The file is empty or larger than %(limit)d MB.")
            % {"limit": settings.IMPORT_MAX_BYTES // MEGABYTE}
        )
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return EvidenceFile(path.name[-200:], path, digest)


def keep_file(evidence: EvidenceFile, cooperative: Cooperative) -> str:
    """Copy the file into the cooperative's store and return its name there.

    The name is the hash: kept twice it is the same file, and what a broken-off import leaves
    behind is what the next one needs.
    """
    suffix = evidence.path.suffix.lower()
    name = f"evidence/{cooperative.code}/{evidence.sha256[:2]}/{evidence.sha256}{suffix}"
    if default_storage.exists(name):
        return name
    return default_storage.save(name, ContentFile(evidence.path.read_bytes()))
