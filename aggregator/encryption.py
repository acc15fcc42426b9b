"""Personal numbers at rest: encrypted with rotating keys, findable through a keyed hash.

Knows nothing of what the numbers mean; masking is for the screen and keeps the last four digits.
"""

import hashlib
import hmac
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt_bytes(data: bytes) -> bytes:
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).encrypt(data)


def decrypt_bytes(token: bytes) -> bytes:
    return _cipher(tuple(settings.FIELD_ENCRYPTION_KEYS)).decrypt(token)


def encrypt_text(text: str) -> str:
    return encrypt_bytes(text.encode()).decode()


def decrypt_text(token: str) -> str:
    return decrypt_bytes(token.encode()).decode()


def hash_number(number: str) -> str:
    """A keyed hash by which an exact number is found; empty stays empty."""
    if not number:
        return ""
    key = settings.FIELD_HASH_KEY.encode()
    return hmac.new(key, number.encode(), hashlib.sha256).hexdigest()


def mask_number(number: str) -> str:
    """``"•••• 4821"``: the last four characters, or none of a number too short to hide."""
    return f"•••• {number[-4:]}" if len(number) > 6 else ("••••" if number else "")


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that is ciphertext in the database and plain text in Python."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return encrypt_text(text) if text else text

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return decrypt_text(value) if value else value
