"""A village's agreements as one file to print, chosen by the list and written by a worker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from aggregator import list_orders
from aggregator.models import Agreement, AuditEvent, ListFile, Village
from aggregator.tasks import write_list_file
from farms import agreement_book
from tests.admin_pages import signed_in, words
from tests.cast import Cast
from tests.farms.agreement_steps import make_draft, read_pdf

LIST = "/admin/aggregator/agreement/"


@pytest.fixture(autouse=True)
def own_store(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def drafts(sunrise: Cast) -> list[Agreement]:
    return [make_draft(sunrise, number) for number in range(3)]


def numbers_in(content: bytes, drafts: list[Agreement]) -> list[str]:
    """The agreements by the pages on which their tables stand."""
    pages = read_pdf(content)
    found = [draft.code for page in pages for draft in drafts if draft.code in page]
    return list(dict.fromkeys(found))


def body_of(answer: Any) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def order(client: Client, query: str = "") -> ListFile:
    answer = client.get(f"{LIST}export/pdf/{query}")
    made = ListFile.objects.latest("pk")
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/list-files/{made.pk}/")
    return made


def test_the_village_leads_to_its_agreements_and_they_to_the_file(
    sunrise: Cast, drafts: list[Agreement]
) -> None:
    client = signed_in(sunrise.operator)
    village = client.get(f"/admin/aggregator/village/{sunrise.village.pk}/change/")
    query = f"?household__village__id__exact={sunrise.village.pk}"
    assert f"{LIST}{query}" in village.content.decode()
    listed = client.get(f"{LIST}{query}")
    assert f"{LIST}export/pdf/{query}" in listed.content.decode()
    assert "PDF to print and sign" in words(listed)


def test_the_filters_of_the_list_choose_what_is_bound(
    sunrise: Cast, drafts: list[Agreement]
) -> None:
    other = Village.objects.create(cooperative=sunrise.cooperative, code="V2", name="二村")
    moved = sunrise.households[1]
    moved.village = other
    moved.save()
    client = signed_in(sunrise.viewer)
    own = f"?household__village__id__exact={sunrise.village.pk}&state=draft"
    content = body_of(client.get(f"{LIST}export/pdf/{own}"))
    assert numbers_in(content, drafts) == [drafts[0].code, drafts[2].code]
    event = AuditEvent.objects.filter(action="export_list").latest("pk")
    assert event.details == {"list": "agreement", "format": "pdf", "rows": 2}


def test_many_are_bound_by_the_worker_and_only_who_asked_fetches_them(
    sunrise: Cast, riverbend: Cast
) -> None:
    drafts = [make_draft(sunrise, number) for number in range(3)]
    for again in range(2):
        for number in range(3):
            drafts.append(_copy(drafts[number], f"X{again}{number}"))
    client = signed_in(sunrise.operator)
    made = order(client)
    assert made.pk == order(client).pk
    assert "the file is being written" in words(client.get(f"/admin/list-files/{made.pk}/"))
    write_list_file(made.pk)
    written = ListFile.objects.get(pk=made.pk)
    assert (written.status, written.rows_written) == (ListFile.Status.READY, 9)
    write_list_file(made.pk)
    assert ListFile.objects.get(pk=made.pk).file.name == written.file.name
    content = body_of(client.get(f"/admin/list-files/{made.pk}/content/"))
    assert len(numbers_in(content, drafts[:3])) == 3
    for stranger in (sunrise.approver, riverbend.operator):
        assert signed_in(stranger).get(f"/admin/list-files/{made.pk}/content/").status_code == 404


def test_agreements_on_record_without_a_text_are_left_out(sunrise: Cast) -> None:
    content = body_of(signed_in(sunrise.viewer).get(f"{LIST}export/pdf/"))
    (page,) = read_pdf(content)
    assert "No agreement in this list has a text to print." in page


def test_no_batch_keeps_a_worker_silent_until_it_is_taken_for_dead() -> None:
    # Two seconds each on a slow machine.
    batch = agreement_book.BOOK.batch
    assert batch is not None
    assert batch * 2 < list_orders.STALE.total_seconds() / 2


def _copy(draft: Agreement, code: str) -> Agreement:
    copy = Agreement.objects.get(pk=draft.pk)
    copy.pk, copy.code = None, code
    copy.save()
    return copy
