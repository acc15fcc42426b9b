"""Reads a range of serials in whichever grammar it fits, and prints one. Imports no Django."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import SequenceMatcher

from credits.tonnes.serial_grammars.grammar import PLACE, Grammar, Serials, SerialsNotRead
from credits.tonnes.serial_grammars.registries import GRAMMARS


def read_serials(text: str, *, registry: str = "") -> Serials:
    """Read a range of serial numbers as a registry prints it.

    Args:
        text: as printed; white space around it is passed over.
        registry: read by this grammar only; empty: by whichever the text fits.

    Raises:
        SerialsNotRead: it fits none; `hint` is the shape of the grammar it comes nearest to.
        KeyError: no grammar is known for `registry`.
    """
    text = text.strip()
    tried = [GRAMMARS[registry]] if registry else list(GRAMMARS.values())
    for grammar in tried:
        if match := grammar.pattern.fullmatch(text):
            return _checked(grammar, match.groupdict(), text)
    nearest = max(tried, key=lambda grammar: _likeness(text, grammar))
    raise SerialsNotRead(text, registry=nearest.registry, hint=nearest.shape)


def print_serials(registry: str, parts: Mapping[str, str]) -> str:
    """Print a range in a registry's grammar.

    Args:
        registry: a key of `GRAMMARS`.
        parts: every part of its shape as text, `start` and `end` among them.

    Raises:
        SerialsNotRead: a part is missing or cannot stand where it would.
        KeyError: no grammar is known for `registry`.
    """
    grammar = GRAMMARS[registry]
    _checked(grammar, parts, grammar.shape)
    return grammar.shape.format_map(parts)


def sketch_serials(registry: str, known: Mapping[str, str]) -> list[tuple[str, bool]]:
    """A range as a registry would print it, as far as its parts are known.

    Args:
        registry: a key of `GRAMMARS`.
        known: parts that can be told, `start` and `end` among them; others are passed over.

    Returns:
        Pieces of text in order, each with whether it is only the name of a part not known.

    Raises:
        SerialsNotRead: a part that is known cannot stand where it would.
        KeyError: no grammar is known for `registry`.
    """
    grammar = GRAMMARS[registry]
    told = {name: known[name] for name in grammar.parts if name in known}
    for name, text in told.items():
        if not re.fullmatch(grammar.parts[name], text, re.ASCII):
            fault = f"{text!r} cannot stand as {name}"
            raise SerialsNotRead(text, registry=registry, hint=grammar.shape, fault=fault)
    pieces = PLACE.split(grammar.shape)
    found = []
    for at, piece in enumerate(pieces):
        is_place = at % 2 == 1
        text = told.get(piece, piece) if is_place else piece
        if text:
            found.append((text, is_place and piece not in told))
    return found


def _checked(grammar: Grammar, parts: Mapping[str, str], text: str) -> Serials:
    if fault := grammar.fault_of(parts):
        raise SerialsNotRead(text, registry=grammar.registry, hint=grammar.shape, fault=fault)
    return Serials(grammar.registry, dict(parts))


def _likeness(text: str, grammar: Grammar) -> float:
    """How alike text and example are: by the words they share, then letter by letter."""
    words, own = set(_words(text)), set(_words(grammar.shape))
    alike = SequenceMatcher(None, text, grammar.example, autojunk=False).ratio()
    return len(words & own) + alike


def _words(text: str) -> list[str]:
    return re.findall(r"[A-Z]{2,}[0-9]*", re.sub(r"\{[a-z_]+\}", "", text))
