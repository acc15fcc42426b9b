"""The only place that imports WeasyPrint: HTML in, PDF bytes out, nothing fetched.

Fonts and the style sheet are read once a process. The same HTML gives the same bytes on the same
machine: no clock, no random identifier.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from aggregator.print_face import find_face

_BLANK = "<style>@page { size: A4 }</style>"


class OutsideRefused(FatalURLFetchingError):  # type: ignore[misc]
    """A document asked for something outside itself."""


class NoFetcher(URLFetcher):  # type: ignore[misc]
    """Refuses every address: a document holds all it shows, so data can never pull in a file."""

    def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002
        raise OutsideRefused(f"A document may not fetch {url[:80]}")


class OneFileFetcher(NoFetcher):
    """Fetches the print font for our own style sheet, and nothing else."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        if url == self._path.as_uri():
            return URLFetcherResponse(url, self._path.read_bytes())
        return super().fetch(url, headers)


def render_pdf(html: str) -> bytes:
    """Lay out a document with the print style sheet and write it as tagged PDF.

    Raises:
        OutsideRefused: the document refers to an image, font or style outside itself.
    """
    return render_book([html])


def render_book(documents: Sequence[str], *, both_sides: bool = False) -> bytes:
    """Several documents bound into one PDF, each with page numbers of its own.

    For printing on both sides a blank page follows where the next would begin on a back.

    Raises:
        OutsideRefused: one refers to an image, font or style outside itself.
    """
    fonts, style = read_fonts_and_style()
    laid_out = [
        HTML(string=html, url_fetcher=NoFetcher()).render(stylesheets=[style], font_config=fonts)
        for html in documents
    ]
    pages = []
    for document in laid_out:
        pages += document.pages
        if both_sides and len(document.pages) % 2:
            pages += HTML(string=_BLANK, url_fetcher=NoFetcher()).render().pages
    digest = hashlib.md5("".join(documents).encode(), usedforsecurity=False)
    content: bytes | None = (
        laid_out[0].copy(pages).write_pdf(pdf_tags=True, pdf_identifier=digest.hexdigest().encode())
    )
    if content is None:
        raise RuntimeError("WeasyPrint wrote nothing")
    return content


@lru_cache(maxsize=1)
def read_fonts_and_style() -> tuple[FontConfiguration, CSS]:
    """What every document needs, parsed once a process; the prepared face where there is one."""
    fonts = FontConfiguration()
    face = find_face()
    text = render_to_string("print.css", {"face": face.as_uri() if face else ""})
    fetcher = NoFetcher() if face is None else OneFileFetcher(face)
    return fonts, CSS(string=text, font_config=fonts, url_fetcher=fetcher)
