"""The words of agreements: which programs have a wording, and the places in it that data fills.

Programs stand on a floor above and register themselves; knows no household and no field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aggregator.errors import BadInput
from aggregator.models import Cooperative

# Filled with the household's own data; the table of plots stands alone in its paragraph.
PLOTS = "plots"
COMMON_PLACES: dict[str, Promise] = {
    "agreement": _("the agreement's number"),
    "cooperative": _("the cooperative's name"),
    "phone": _("the cooperative's telephone"),
    "program": _("the program's name"),
    "household": _("the household's code"),
    "head": _("the head of the household"),
    "village": _("the household's village"),
    "starts_on": _("the first day"),
    "ends_on": _("the last day"),
    "plot_count": _("how many plots"),
    "area": _("the plots' area in all"),
    PLOTS: _("the table of the plots, alone in a paragraph"),
}
HEADING = "# "
_PLACE = re.compile(r"\{([^{}]*)\}")


class UnknownPlace(BadInput):
    code = "unknown_place"
    message = _("The text has the place {%(place)s}, which nothing fills. Places are: %(known)s.")


class LooseBrace(BadInput):
    code = "loose_brace"
    message = _("The text has a single { or }. They stand only around the name of a place.")


class PlotsMissing(BadInput):
    code = "plots_missing"
    message = _("The text has no paragraph {plots}: the table of the plots must stand in it.")


class UnknownWording(BadInput):
    code = "unknown_wording"
    message = _("There is no wording for the program “%(program)s”.")


@dataclass(frozen=True, slots=True)
class Wording:
    """Title and body in both languages, with ``{places}``."""

    title: str
    body: str
    title_en: str
    body_en: str


def no_term(_cooperative: Cooperative) -> tuple[date, date] | None:
    """A program that proposes no days."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementProgram:
    """A program whose households sign: its first wording, and what fills its own places."""

    id: str
    name: Promise | str
    wording: Wording
    # The program's own places: name -> what stands there.
    places: Mapping[str, Promise] = field(default_factory=dict)
    # The values of those places with a cooperative, in the active language.
    fill: Callable[[Cooperative], Mapping[str, str]] = lambda _cooperative: {}
    # What those values rest on, as plain JSON: frozen with the text, compared with it later.
    terms: Callable[[Cooperative], Mapping[str, Any]] = lambda _cooperative: {}
    # For the phone, before the text: what the household promises and gets; may hold places.
    promise: Promise | str = ""
    gain: Promise | str = ""
    # What a revocation costs, for whoever is about to revoke.
    revocation: Promise | str = ""
    propose_term: Callable[[Cooperative], tuple[date, date] | None] = no_term


_PROGRAMS: dict[str, AgreementProgram] = {}
_USES: list[Callable[[Cooperative], Collection[str]]] = []


def register_agreement_program(program: AgreementProgram) -> None:
    """Let a floor above offer a program for agreements; its wording is checked at once."""
    _PROGRAMS[program.id] = program
    check_wording(program.wording, program=program.id)


def agreement_programs() -> list[AgreementProgram]:
    return list(_PROGRAMS.values())


def register_use(read: Callable[[Cooperative], Collection[str]]) -> None:
    """Let a floor above say which programs a cooperative has to do with, by their ids."""
    _USES.append(read)


def programs_for(cooperative: Cooperative) -> list[AgreementProgram]:
    """Those that a cooperative has to do with, and the first one always."""
    used = {program for read in _USES for program in read(cooperative)}
    programs = agreement_programs()
    return [each for each in programs if each is programs[0] or each.id in used]


def find_program(program: str) -> AgreementProgram:
    """The program of that id.

    Raises:
        UnknownWording: no such program registered.
    """
    if program not in _PROGRAMS:
        raise UnknownWording(program=program)
    return _PROGRAMS[program]


def known_places(program: str) -> dict[str, Promise]:
    return {**COMMON_PLACES, **find_program(program).places}


def check_wording(wording: Wording, *, program: str) -> None:
    """Refuse places that nothing fills, loose braces, and a body without the plots.

    Raises:
        UnknownPlace, LooseBrace, PlotsMissing: what is wrong, with the place's name.
    """
    known = known_places(program)
    for title in (wording.title, wording.title_en):
        _check_places(title, known.keys() - {PLOTS})
    for body in (wording.body, wording.body_en):
        _check_places(body, known.keys())
        if f"{{{PLOTS}}}" not in split_paragraphs(body):
            raise PlotsMissing


def split_paragraphs(body: str) -> list[str]:
    """The paragraphs of a body: what blank lines part; lines within one are joined."""
    parts = re.split(r"\n\s*\n", body.replace("\r\n", "\n").strip())
    return [" ".join(line.strip() for line in part.splitlines()) for part in parts if part.strip()]


def fill_paragraphs(body: str, values: Mapping[str, str]) -> list[dict[str, str]]:
    """A checked body as frozen paragraphs: headings, texts and the place of the plots."""
    paragraphs = []
    for part in split_paragraphs(body):
        if part == f"{{{PLOTS}}}":
            paragraphs.append({"kind": PLOTS, "text": ""})
        elif part.startswith(HEADING):
            heading = fill_places(part.removeprefix(HEADING), values)
            paragraphs.append({"kind": "heading", "text": heading})
        else:
            paragraphs.append({"kind": "text", "text": fill_places(part, values)})
    return paragraphs


def fill_places(text: str, values: Mapping[str, str]) -> str:
    # Not str.format: it would follow dots and brackets into whatever the values are.
    return _PLACE.sub(lambda place: values[place[1]], text)


def _check_places(text: str, known: Collection[str]) -> None:
    for place in _PLACE.findall(text):
        if place not in known:
            raise UnknownPlace(place=place[:40], known=", ".join(sorted(known)))
    rest = _PLACE.sub("", text)
    if "{" in rest or "}" in rest:
        raise LooseBrace
