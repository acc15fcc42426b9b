"""The agreements of a list as one file for the printer: what a village's signing day needs.

A kind of list file, so that the list's filters choose and its worker writes; lays nothing out.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from pypdf import PdfWriter

from aggregator.formats import html_lang
from aggregator.list_files import Batches, ListFormat
from aggregator.models import Agreement
from aggregator.pdf import render_pdf
from farms.agreement_document import render_agreements


def write_book(path: Path, _headings: Sequence[str], batches: Batches) -> int:
    """Bind the agreements that have a text, in the list's order; how many.

    A batch is laid out at a time: a whole village at once would not fit into a small machine.
    """
    count = 0
    with PdfWriter() as book:
        for batch in batches:
            agreements = _with_text([row.pk for row, _cells in batch])
            if agreements:
                book.append(io.BytesIO(render_agreements(agreements)), import_outline=False)
            count += len(agreements)
        if not count:
            book.append(io.BytesIO(render_pdf(_say_nothing())))
        # Every batch brings the same fonts again.
        book.compress_identical_objects()
        book.write(path)
    return count


def _with_text(keys: list[int]) -> list[Agreement]:
    rows = Agreement.objects.filter(pk__in=keys).exclude(text={}).select_related("signed_by")
    found = {row.pk: row for row in rows}
    return [found[key] for key in keys if key in found]


def _say_nothing() -> str:
    language = translation.get_language() or "zh-hans"
    return render_to_string("agreements/nothing.html", {"html_lang": html_lang(language)})


BOOK = ListFormat(
    "pdf",
    _("PDF to print and sign"),
    "application/pdf",
    write_book,
    # Half a second each.
    rows_at_once=4,
    batch=20,
)
