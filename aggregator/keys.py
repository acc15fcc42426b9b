"""Keys of rows as they come in an address or a form: whole numbers that a database can hold.

Anything else, of thousands of digits or in another script, is no key of anything here.
"""

from __future__ import annotations

# The largest key is 2^63 - 1, of 19 digits; no table comes near those of 18.
_MOST_DIGITS = 18


def read_key(text: str) -> int | None:
    """The number that a text of digits says; None for all other texts."""
    if len(text) > _MOST_DIGITS or not (text.isascii() and text.isdigit()):
        return None
    return int(text)
