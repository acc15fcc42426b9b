"""Secrets made once on a machine that was given none, kept in files only the owner can read.

Imports no Django: the settings call it.
"""

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet


def read_or_make_secret(path: Path) -> str:
    """Return the secret in `path`, made on first use."""
    return _read_or_make(path, secrets.token_urlsafe(50))


def read_or_make_field_keys(path: Path) -> list[str]:
    """Return the field encryption keys in `path`, newest first, one a line."""
    return _read_or_make(path, Fernet.generate_key().decode()).split()


def _read_or_make(path: Path, fresh: str) -> str:
    # Written whole under another name, then linked: of two processes starting together one wins,
    # and neither ever reads half a key.
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(fresh)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
