"""Uploaded files at rest: sealed frame by frame with the keys of personal numbers.

A member list lies here until a worker has read it. Opened, it is a plain file in a private folder
that lives no longer than the reading. Knows nothing of what the files say.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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
    with tempfile.TemporaryDirectory(prefix="upload-") as folder:
        plain = Path(folder) / path.name.removesuffix(SEALED_SUFFIX)
        with path.open("rb") as source, plain.open("wb") as sink:
            for chunk in _read_frames(source):
                sink.write(chunk)
        yield plain


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
