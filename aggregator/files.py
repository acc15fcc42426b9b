"""Files from outside: how large they are, what they really are, and how much a zip may unpack to.

Knows nothing of what the files say; refuses with a sentence before anything is read whole.
"""

from __future__ import annotations

import hashlib
import lzma
import shutil
import zipfile
import zlib
from collections import Counter
from pathlib import Path

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aggregator.errors import BadInput

MEGABYTE = 1024 * 1024
MAX_ZIP_MEMBERS = 20_000
_CHUNK = 256 * 1024
# The most a file system takes; a Chinese character has three.
MAX_NAME_BYTES = 255

# What a broken zip may raise while it is read, from the container down to the compressed bytes.
ZIP_ERRORS: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    UnicodeDecodeError,
    EOFError,
    OSError,
    NotImplementedError,
)


class FileRefused(BadInput):
    """The file as a whole cannot be taken; subclasses say why."""

    code = "file_refused"


class FileMissing(FileRefused):
    code = "file_missing"
    message = _("There is no file at %(path)s.")


class FileTooLarge(FileRefused):
    code = "file_too_large"
    message = _(
        "The file has %(size)s MB; up to %(limit)s MB is read. Split it into parts and bring them "
        "in one after the other."
    )


class FileEmpty(FileRefused):
    code = "file_empty"
    message = _("The file is empty. Save it again and choose the new one.")


class WrongKind(FileRefused):
    code = "wrong_kind"
    message = _("This file is %(found)s; needed is %(wanted)s.")


class OldWorkbook(WrongKind):
    code = "old_workbook"
    message = _(
        "This is an old Excel workbook (.xls). Open it in Excel or WPS, choose File, then Save As,"
        " take “Excel Workbook (*.xlsx)” as the type, and choose the new file here."
    )


class FileDamaged(FileRefused):
    code = "file_damaged"
    message = _("The file is damaged and cannot be read to its end. Save or send it again.")


class FileLocked(FileRefused):
    code = "file_locked"
    message = _("The file is locked with a password. Save it without one and choose it again.")


class UnpacksTooLarge(FileRefused):
    code = "unpacks_too_large"
    message = _("The file would unpack to far more than %(limit)s MB, so it was not opened.")


class NameTooLong(FileRefused):
    code = "name_too_long"
    message = _("The zip holds a file whose name is too long. Shorten the name and zip it again.")


KINDS: dict[str, str | Promise] = {
    "xlsx": _("an Excel workbook (.xlsx)"),
    "zip": _("a zip archive"),
    "pdf": _("a PDF"),
    "xls": _("an old Excel workbook (.xls)"),
    "image": _("a picture"),
    "sqlite": _("a GeoPackage"),
    "parquet": _("a Parquet file"),
    "shp": _("the .shp part of a shapefile"),
    "text": _("a text file"),
    "json": _("a GeoJSON file"),
    "other": _("a file of a kind that is not known here"),
}

_MAGIC = [
    (b"%PDF", "pdf"),
    (b"SQLite format 3\0", "sqlite"),
    (b"PAR1", "parquet"),
    (b"\x00\x00\x27\x0a", "shp"),
    (b"\xff\xd8\xff", "image"),
    (b"\x89PNG", "image"),
    (b"GIF8", "image"),
]
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def check_size(path: Path, *, limit: int | None = None) -> None:
    """Refuse a missing, empty or too large file without opening it."""
    if not path.is_file():
        raise FileMissing(path=path.name)
    limit = limit or settings.IMPORT_MAX_BYTES
    size = path.stat().st_size
    if size == 0:
        raise FileEmpty
    if size > limit:
        raise FileTooLarge(size=-(-size // MEGABYTE), limit=limit // MEGABYTE)


def sniff_kind(path: Path) -> str:
    """Tell the kind from the content, whatever the name says: a key of `KINDS`.

    Raises:
        FileLocked: an Office file encrypted with a password.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith(_OLE):
        return _sniff_ole(path)
    if head.startswith(b"PK"):
        return "xlsx" if "xl/workbook.xml" in _zip_names(path) else "zip"
    if b"\0" in head and not head.startswith(_UTF16_MARKS):
        return "other"
    return "json" if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else "text"


def refuse_kind(found: str, *, wanted: str | Promise) -> WrongKind:
    """The refusal that names what the file is and what it should be, or how to make it so."""
    if found == "xls":
        return OldWorkbook()
    return WrongKind(found=KINDS[found], wanted=wanted)


def check_zip(path: Path) -> None:
    """Refuse a zip that unpacks to too much, by what it claims and by what it really inflates to.

    Reading every member to its end also proves its checksums, so a broken file is told from here.
    """
    limit = settings.IMPORT_MAX_UNPACKED_BYTES
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_directory(members, path.stat().st_size)
            total = 0
            for member in members:
                with archive.open(member) as stream:
                    while chunk := stream.read(_CHUNK):
                        total += len(chunk)
                        if total > limit:
                            raise UnpacksTooLarge(limit=limit // MEGABYTE)
    except ZIP_ERRORS as error:
        raise FileDamaged from error


def unpack_zip(path: Path, into: Path) -> list[Path]:
    """Unpack a checked zip into a folder: base names only, so no member can climb out of it.

    A second member of the same name goes into a folder ``.2`` and so on, lest it be lost unseen;
    hidden files, folders and the droppings of macOS are left out.
    """
    check_zip(path)
    written: list[Path] = []
    seen: Counter[str] = Counter()
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            name = _member_name(member).rsplit("/", 1)[-1]
            if not name or name.startswith(".") or "__MACOSX" in member.filename:
                continue
            if len(name.encode()) > MAX_NAME_BYTES:
                raise NameTooLong
            seen[name] += 1
            # No member is called so: those that begin with a dot are left out.
            folder = into / f".{seen[name]}" if seen[name] > 1 else into
            folder.mkdir(exist_ok=True)
            target = folder / name
            with archive.open(member) as source, target.open("wb") as sink:
                shutil.copyfileobj(source, sink)
            written.append(target)
    return written


def hash_file(path: Path) -> str:
    """Hexadecimal SHA-256 of the file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_directory(members: list[zipfile.ZipInfo], packed: int) -> None:
    limit = settings.IMPORT_MAX_UNPACKED_BYTES
    if any(member.flag_bits & 1 for member in members):
        raise FileLocked
    claimed = sum(member.file_size for member in members)
    # Small files may compress well by nature: the ratio is held against the whole and a floor.
    allowed = min(limit, max(packed * settings.IMPORT_MAX_ZIP_RATIO, MEGABYTE))
    if claimed > allowed or len(members) > MAX_ZIP_MEMBERS:
        raise UnpacksTooLarge(limit=limit // MEGABYTE)


def _zip_names(path: Path) -> set[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return set(archive.namelist())
    except ZIP_ERRORS as error:
        raise FileDamaged from error


def _sniff_ole(path: Path) -> str:
    # Office encrypts a workbook by wrapping it in the container that .xls used to be.
    check_size(path)
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        raise FileLocked
    return "xls"


def _member_name(member: zipfile.ZipInfo) -> str:
    """The member's name as its maker wrote it: Chinese Windows zips carry GBK without saying so."""
    name = member.filename.replace("\\", "/")
    if member.flag_bits & 0x800:
        return name
    try:
        return name.encode("cp437").decode("gb18030")
    except UnicodeError:
        return name
