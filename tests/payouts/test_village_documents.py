"""A village's book and posting list, from the frozen statements."""

from __future__ import annotations

import io

import pypdf
import pytest

from aggregator.models import Village
from payouts.models import Settlement, Statement, VillageDocument
from payouts.statements import issue_statements
from payouts.village_documents import render_document, render_pending_documents
from tests.cast import Cast
from tests.payouts.statement_cast import make_settlement

KIND = VillageDocument.Kind


@pytest.fixture
def issued(sunrise: Cast) -> Settlement:
    settlement = make_settlement(sunrise)
    issue_statements(settlement)
    return settlement


def pages_of(document: VillageDocument) -> list[str]:
    reader = pypdf.PdfReader(io.BytesIO(render_document(document)))
    return [page.extract_text().replace("\u00a0", " ") for page in reader.pages]


def test_the_book_has_each_statement_on_a_page_of_its_own(issued: Settlement) -> None:
    pages = pages_of(VillageDocument.objects.get(kind=KIND.BOOK))
    assert len(pages) == 3
    for place, page in enumerate(pages, start=1):
        assert f"2025-00000{place}" in page
        assert f"户主{place}" in page


def test_the_posting_lists_households_area_tonnes_and_amounts_that_add_up(
    issued: Settlement,
) -> None:
    (page,) = pages_of(VillageDocument.objects.get(kind=KIND.POSTING))
    # 920.46 yuan over 800 : 1,200 : 1,600.
    for shown in ("户主1", "户主2", "户主3", "¥ 204.55", "¥ 306.82", "¥ 409.09", "¥ 920.46"):
        assert shown in page
    assert "3.600" in page
    assert "45.00" in page  # three plots of 15 mu
    assert "2026" in page


def test_the_posting_holds_no_account_and_no_phone(issued: Settlement, sunrise: Cast) -> None:
    (page,) = pages_of(VillageDocument.objects.get(kind=KIND.POSTING))
    for household in sunrise.households:
        assert household.phone[-8:] not in page
        assert household.payee_accounts.get().number[:-4] not in page
    assert "••••" not in page


def test_each_village_gets_its_own_two_documents(sunrise: Cast) -> None:
    other = Village.objects.create(cooperative=sunrise.cooperative, code="V2", name="二村")
    household = sunrise.households[2]
    household.village = other
    household.save()
    settlement = make_settlement(sunrise)
    issue_statements(settlement)
    assert VillageDocument.objects.count() == 4
    (page,) = pages_of(VillageDocument.objects.get(village=other, kind=KIND.POSTING))
    assert "户主3" in page
    assert "户主1" not in page


def test_a_household_that_moves_later_stays_in_the_book_of_its_day(
    issued: Settlement, sunrise: Cast
) -> None:
    household = sunrise.households[0]
    household.village = Village.objects.create(
        cooperative=sunrise.cooperative, code="V2", name="二村"
    )
    household.save()
    assert len(pages_of(VillageDocument.objects.get(kind=KIND.BOOK))) == 3


def test_pending_documents_are_rendered_once(issued: Settlement) -> None:
    assert render_pending_documents(issued.pk, 1) == 1
    assert render_pending_documents(issued.pk, 10) == 1
    assert render_pending_documents(issued.pk, 10) == 0
    assert VillageDocument.objects.filter(status="ready").count() == 2


def test_a_replaced_statement_is_left_out_of_the_book(issued: Settlement) -> None:
    old = Statement.objects.get(number="2025-000001")
    Statement.objects.create(
        cooperative=old.cooperative,
        settlement=old.settlement,
        share=old.share,
        household=old.household,
        village=old.village,
        number=old.number,
        revision=2,
        replaces=old,
        data=old.data,
        sha256=old.sha256,
        token="second",
    )
    assert len(pages_of(VillageDocument.objects.get(kind=KIND.BOOK))) == 3
