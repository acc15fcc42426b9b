"""Which column of a file is which of ours: by its heading, else by what its cells look like.

A guess is shown to a clerk before anything is made of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence

from aggregator.tabular import Column, heading_key

# So many of a column's filled cells must look alike before their look is a reason to guess.
_ALIKE = 0.9
_FEWEST = 2


def guess_columns(
    samples: Mapping[str, Sequence[str]],
    columns: Sequence[Column],
    *,
    looks: Callable[[str, str], bool],
) -> dict[str, str]:
    """Our key to the file's heading, for every column that can be told.

    Args:
        samples: Each heading of the file with the texts of its first rows.
        looks: Whether a text looks like what belongs into the column of a key.
    """
    found: dict[str, str] = {}
    for column in columns:
        names = {heading_key(name) for name in column.names}
        known = [heading for heading in samples if heading_key(heading) in names]
        # Two columns under one heading: only a person can tell them apart.
        if len(known) == 1 and known[0] not in found.values():
            found[column.key] = known[0]
    return found | _guess_by_look(samples, columns, found, looks=looks)


def _guess_by_look(
    samples: Mapping[str, Sequence[str]],
    columns: Sequence[Column],
    found: Mapping[str, str],
    *,
    looks: Callable[[str, str], bool],
) -> dict[str, str]:
    free = {heading: texts for heading, texts in samples.items() if heading not in found.values()}
    guessed = {}
    for column in columns:
        if column.key in found:
            continue
        alike = [heading for heading, texts in free.items() if _alike(texts, column.key, looks)]
        if len(alike) == 1:
            guessed[column.key] = alike[0]
            del free[alike[0]]
    return guessed


def _alike(texts: Sequence[str], key: str, looks: Callable[[str, str], bool]) -> bool:
    filled = [text for text in texts if text]
    fitting = sum(looks(key, text) for text in filled)
    return len(filled) >= _FEWEST and fitting >= _ALIKE * len(filled)


def hash_layout(headings: Sequence[str]) -> str:
    """What tells one layout of files from another: its headings in their order."""
    return hashlib.sha256(json.dumps(list(headings), ensure_ascii=False).encode()).hexdigest()
