"""Uploaded files at rest: sealed frame by frame with the keys of personal numbers.

A member list lies here until a worker has read it. Opened, it is a plain file in a private folder
that lives no longer than the reading; what a killed worker left of one is swept away. Knows nothing
of what the files say.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from cryptography.fernet import InvalidToken
from django.core.files.base import File
from django.utils.translation import gettext_lazy as _

from aggregator.encryption import decrypt_bytes, encrypt_bytes
from aggregator.files import MEGABYTE, FileRefused

SEALED_SUFFIX = ".sealed"
_FRAME = MEGABYTE
_NUMBER_BYTES = 8
_FOLDER = "tianhui-upload-"


class SealBroken(FileRefused):
    code = "seal_broken"
    message = _("The stored file cannot be opened any more. Choose it again.")


@contextmanager
def sealed(file: File[bytes]) -> Iterator[File[bytes]]:
    """The file as it may be stored; the last frame is empty, so that one cut short is told."""
    with tempfile.TemporaryFile() as sink:
        number = -1
        for number, chunk in enumerate(file.chunks(_FRAME)):
            _write_frame(sink, number, chunk)
        _write_frame(sink, number + 1, b"")
        sink.seek(0)
        yield File(sink)


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """A sealed file in plain, under the name it had before it was sealed.

    Raises:
        SealBroken: changed, cut short, or sealed with a key that is no longer among the keys.
    """
    with private_folder() as folder:
        plain = Path(folder) / path.name.removesuffix(SEALED_SUFFIX)
        with path.open("rb") as source, plain.open("wb") as sink:
            for chunk in _read_frames(source):
                sink.write(chunk)
        yield plain


def private_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for plain files that only this user reads, gone with the block."""
    return tempfile.TemporaryDirectory(prefix=_FOLDER)


def forget_folders(*, before: datetime) -> None:
    """Delete the private folders that killed workers left on this machine."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*"):
        with suppress(FileNotFoundError):
            # Not followed: a link of another user's with such a name leads anywhere.
            found = folder.lstat()
            if found.st_uid == os.getuid() and found.st_mtime < before.timestamp():
                shutil.rmtree(folder, ignore_errors=True)


def _write_frame(sink: BinaryIO, number: int, chunk: bytes) -> None:
    sink.write(encrypt_bytes(number.to_bytes(_NUMBER_BYTES, "big") + chunk) + b"\n")


def _read_frames(source: BinaryIO) -> Iterator[bytes]:
    for number, token in enumerate(source):
        try:
            frame = decrypt_bytes(token.rstrip(b"\n"))
        except InvalidToken as error:
            raise SealBroken from error
        if int.from_bytes(frame[:_NUMBER_BYTES], "big") != number:
            raise SealBroken
        if len(frame) == _NUMBER_BYTES:
            return
        yield frame[_NUMBER_BYTES:]
    raise SealBroken
