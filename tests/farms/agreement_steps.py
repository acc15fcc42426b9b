"""Steps of agreements, for their tests: a draft, a scan, and what a PDF says."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfReader, PdfWriter

from aggregator.agreement_templates import kept_template
from aggregator.models import Agreement
from farms.agreement_drafts import draft_agreement
from tests.cast import Cast

FIRST, LAST = date(2020, 1, 1), date(2035, 12, 31)
# Born on 31 December 1949: the example of the identity number's standard.
ADULT = "11010519491231002X"


def make_draft(cast: Cast, number: int = 0, **facts: Any) -> Agreement:
    """A draft for one of the cast's households, in place of the agreement it had."""
    household = cast.households[number]
    household.agreements.all().delete()
    template = kept_template(cast.cooperative, program="ccx")
    facts = {"starts_on": FIRST, "ends_on": LAST} | facts
    return draft_agreement(household, template=template, by=cast.operator, **facts)


def scan_pdf(name: str = "scan.pdf") -> SimpleUploadedFile:
    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    content = io.BytesIO()
    writer.write(content)
    return SimpleUploadedFile(name, content.getvalue(), content_type="application/pdf")


def scan_picture(kind: str) -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(content, kind)
    return SimpleUploadedFile(f"page.{kind.lower()}", content.getvalue())


def read_pdf(content: bytes) -> list[str]:
    """The text of each page, its lines joined by single spaces."""
    pages = PdfReader(io.BytesIO(content)).pages
    return [" ".join(page.extract_text().split()) for page in pages]
