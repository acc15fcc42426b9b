"""The prepared font makes files small and loses no character."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest

from aggregator import pdf, print_face
from aggregator.models import Person
from payouts.models import Statement
from payouts.statements import issue_statements, render_statement
from tests.cast import Cast
from tests.payouts.statement_cast import make_settlement


@pytest.fixture
def prepared(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.VAR_DIR = tmp_path
    pdf.read_fonts_and_style.cache_clear()
    yield print_face.prepare_face()
    pdf.read_fonts_and_style.cache_clear()


def text_of(content: bytes) -> str:
    return pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text()


@pytest.mark.slow
def test_a_paper_in_the_prepared_face_is_small_and_prints_every_name(
    prepared: Path, sunrise: Cast
) -> None:
    Person.objects.filter(household=sunrise.households[1]).update(name="𠮷田𬭚")
    issue_statements(make_settlement(sunrise))
    plain, rare, _ = (render_statement(row) for row in Statement.objects.all())
    assert len(plain) < 80_000
    assert "户主1" in text_of(plain)
    assert "𠮷田𬭚" in text_of(rare)
    # Preparing again leaves the file alone, and a document still cannot fetch it by itself.
    made_at = prepared.stat().st_mtime_ns
    assert print_face.prepare_face().stat().st_mtime_ns == made_at
    assert list(prepared.parent.iterdir()) == [prepared]
    with pytest.raises(pdf.OutsideRefused):
        pdf.render_pdf(f'<img src="{prepared.as_uri()}">')


def test_without_the_font_it_says_which_package_to_install(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(print_face, "FAMILY", "No Such Family")
    with pytest.raises(print_face.FontMissing, match="fonts-noto-cjk"):
        print_face.prepare_face()
    assert print_face.find_face() is None
