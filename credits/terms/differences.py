"""How a project's terms differ from its program's standard, term by term in words.

Reads no row. A standard that changed since the snapshot was taken shows here too: the snapshot is
what counts for the project.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from credits.models import Project
from credits.registry import PROGRAMS
from credits.terms.changes import NOTHING, say_term
from credits.terms.names import TERM_NAMES


@dataclass(frozen=True, slots=True)
class Difference:
    """One term that the project has otherwise; `source` is where the standard was read."""

    term: str
    standard: str
    ours: str
    source: str


def list_differences(project: Project) -> list[Difference]:
    """The terms in which a project differs from its program; of an unknown program none.

    A term that the snapshot lacks is of after its day, and no difference.
    """
    program = PROGRAMS.get(project.program)
    if program is None:
        return []
    standard = dict(_flat(program.terms_from(project.starts_on)))
    return [
        Difference(
            term=name_term(name),
            standard=_say_standard(name, standard),
            ours=say_term(name.removeprefix("fees."), value),
            source=program.source_of(name) if standard.get(name) is not None else NOTHING,
        )
        for name, value in _flat(project.terms)
        if name not in standard or not _is_same(value, standard[name])
    ]


def list_terms(project: Project) -> list[tuple[str, str]]:
    """All terms of the project's snapshot: name and value, in words."""
    return [
        (name_term(name), say_term(name.removeprefix("fees."), value))
        for name, value in _flat(project.terms)
    ]


def name_term(name: str) -> str:
    """A term's name; a fee's is told without its group."""
    known = name.removeprefix("fees.")
    return str(capfirst(str(TERM_NAMES.get(known, known))))


def _say_standard(name: str, standard: Mapping[str, Any]) -> str:
    if name in standard and standard[name] is None:
        return _("not said by the program")
    return say_term(name.removeprefix("fees."), standard.get(name))


def _flat(terms: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, term in terms.items():
        if isinstance(term, dict):
            yield from ((f"{name}.{key}", value) for key, value in term.items())
        else:
            yield name, term


def _is_same(ours: Any, standard: Any) -> bool:
    """The same number may be written with other zeros."""
    if isinstance(ours, str) and isinstance(standard, str):
        plain = (text.rstrip("0").rstrip(".") if "." in text else text for text in (ours, standard))
        return len(set(plain)) == 1
    return bool(ours == standard)
