"""Documents are laid out from what is given, fetch nothing, and come out the same every time."""

from __future__ import annotations

import io

import pypdf
import pytest

from aggregator.models import Person
from aggregator.pdf import OutsideRefused, render_pdf
from payouts.models import Statement
from payouts.statements import issue_statements, render_statement
from tests.cast import Cast
from tests.payouts.statement_cast import make_settlement


def first_statement(cast: Cast) -> Statement:
    issue_statements(make_settlement(cast))
    return Statement.objects.order_by("number")[0]


def text_of(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return "\n".join(page.extract_text() for page in pages).replace("\u00a0", " ")


def test_the_paper_shows_number_amount_and_every_line(sunrise: Cast) -> None:
    statement = first_statement(sunrise)
    content = render_statement(statement)
    text = text_of(content)
    for shown in ("2025-000001", "¥ 204.55", "¥ 222.34", "¥ 17.79", statement.sha256[:8]):
        assert shown in text
    account = sunrise.households[0].payee_accounts.get()
    assert account.number[:-4] not in text
    assert sunrise.households[0].phone not in text


def test_the_paper_is_one_tagged_a4_page(sunrise: Cast) -> None:
    reader = pypdf.PdfReader(io.BytesIO(render_statement(first_statement(sunrise))))
    assert len(reader.pages) == 1
    box = reader.pages[0].mediabox
    assert (round(box.width), round(box.height)) == (595, 842)
    catalogue = reader.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/Lang"] == "zh-Hans"


def test_the_same_statement_gives_the_same_bytes(sunrise: Cast) -> None:
    statement = first_statement(sunrise)
    assert render_statement(statement) == render_statement(statement)


@pytest.mark.parametrize("name", ["𠮷田", "𬭚", "𡒄", "王桂英"])
def test_a_rare_character_is_printed_by_a_font_that_has_it(sunrise: Cast, name: str) -> None:
    Person.objects.filter(household=sunrise.households[0]).update(name=name)
    content = render_statement(first_statement(sunrise))
    assert name in text_of(content)
    # A box for a missing character would be glyph 0 of some font.
    page = pypdf.PdfReader(io.BytesIO(content)).pages[0]
    drawn = page.get_contents().get_data()  # type: ignore[union-attr]
    assert b"<0000" not in drawn


@pytest.mark.parametrize(
    "inside",
    [
        '<img src="http://127.0.0.1:9/x.png">',
        '<img src="file:///etc/passwd">',
        '<link rel="stylesheet" href="https://example.com/x.css">',
        '<p style="background: url(http://127.0.0.1:9/x.png)">x</p>',
    ],
)
def test_a_document_that_asks_for_something_outside_is_refused(inside: str) -> None:
    with pytest.raises(OutsideRefused):
        render_pdf(f"<html><body>{inside}</body></html>")
