"""The only place that imports WeasyPrint: HTML in, PDF bytes out, nothing fetched.

Fonts and the style sheet are read once a process. The same HTML gives the same bytes on the same
machine: no clock, no random identifier.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any, NoReturn

from django.template.loader import render_to_string
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher


class OutsideRefused(FatalURLFetchingError):  # type: ignore[misc]
    """A document asked for something outside itself."""


class NoFetcher(URLFetcher):  # type: ignore[misc]
    """Refuses every address: a document holds all it shows, so data can never pull in a file."""

    def fetch(self, url: str, headers: Any = None) -> NoReturn:  # noqa: ARG002
        raise OutsideRefused(f"A document may not fetch {url[:80]}")


def render_pdf(html: str) -> bytes:
    """Lay out a document with the print style sheet and write it as tagged PDF.

    Raises:
        OutsideRefused: the document refers to an image, font or style outside itself.
    """
    fonts, style = _fonts_and_style()
    document = HTML(string=html, url_fetcher=NoFetcher())
    content: bytes | None = document.write_pdf(
        stylesheets=[style],
        font_config=fonts,
        pdf_tags=True,
        pdf_identifier=hashlib.md5(html.encode(), usedforsecurity=False).hexdigest().encode(),
    )
    if content is None:
        raise RuntimeError("WeasyPrint wrote nothing")
    return content


@lru_cache(maxsize=1)
def _fonts_and_style() -> tuple[FontConfiguration, CSS]:
    fonts = FontConfiguration()
    text = render_to_string("statements/print.css")
    return fonts, CSS(string=text, font_config=fonts, url_fetcher=NoFetcher())
