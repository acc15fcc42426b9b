"""A long list is written by a worker, waited for on a page, and is only for who asked."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from aggregator import admin_export, list_orders
from aggregator.list_orders import forget_list_files, waiting_lists
from aggregator.models import AuditEvent, ListFile, User
from aggregator.tasks import write_list_file
from farms.models import Field
from tests.admin_pages import signed_in, words
from tests.cast import Cast

FIELDS = "/admin/farms/field/"


@pytest.fixture(autouse=True)
def long_from_two(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    """The cast's lists of three fields are long lists here."""
    monkeypatch.setattr(admin_export, "ROWS_AT_ONCE", 2)
    settings.MEDIA_ROOT = tmp_path


def order(client: Client, address: str = f"{FIELDS}export/csv/") -> ListFile:
    answer = client.get(address)
    made = ListFile.objects.latest("pk")
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/list-files/{made.pk}/")
    return made


def content_of(client: Client, made: ListFile) -> list[list[str]]:
    answer = client.get(f"/admin/list-files/{made.pk}/content/")
    assert answer.status_code == 200
    whole = b"".join(answer.streaming_content)  # type: ignore[arg-type]
    return list(csv.reader(io.StringIO(whole.decode("utf-8-sig"))))


def test_a_short_list_is_a_file_at_once(sunrise: Cast) -> None:
    answer = signed_in(sunrise.operator).get(f"{FIELDS}export/csv/?q=F001")
    assert answer.status_code == 200
    assert not ListFile.objects.exists()


def test_the_file_holds_the_search_the_order_and_the_language_of_the_screen(sunrise: Cast) -> None:
    Field.objects.filter(pk=sunrise.fields[1].pk).update(name="西坡")
    client = signed_in(sunrise.operator)
    made = order(client, f"{FIELDS}export/csv/?q=F00&o=-0&p=1")
    assert "p=1" not in made.query
    write_list_file(made.pk)
    heading, *rows = content_of(client, made)
    assert heading[0] == "Field code"
    assert [row[0] for row in rows] == ["F003", "F002", "F001"]
    assert rows[1][1] == "西坡"


def test_the_page_waits_and_then_begins_the_download(sunrise: Cast) -> None:
    client = signed_in(sunrise.operator)
    made = order(client)
    page = f"/admin/list-files/{made.pk}/"
    assert client.get(page)["Refresh"] == f"3; url={page}?waited=1"
    write_list_file(made.pk)
    assert client.get(f"{page}?waited=1")["Refresh"] == f"0; url={page}content/"
    ready = client.get(page)
    assert "Refresh" not in ready
    assert "The file is ready: 3 rows." in words(ready)


def test_a_file_is_not_found_before_it_is_written(sunrise: Cast) -> None:
    client = signed_in(sunrise.operator)
    made = order(client)
    assert client.get(f"/admin/list-files/{made.pk}/content/").status_code == 404


def test_nobody_else_sees_the_file_not_even_of_the_same_cooperative(
    sunrise: Cast, riverbend: Cast
) -> None:
    made = order(signed_in(sunrise.operator))
    write_list_file(made.pk)
    root = User.objects.create_superuser("root", password="r")
    for other in (sunrise.approver, riverbend.operator, root):
        for address in (f"/admin/list-files/{made.pk}/", f"/admin/list-files/{made.pk}/content/"):
            assert signed_in(other).get(address).status_code == 404


def test_another_cooperatives_rows_are_not_in_it(sunrise: Cast, riverbend: Cast) -> None:
    client = signed_in(sunrise.operator)
    made = order(client)
    write_list_file(made.pk)
    assert len(content_of(client, made)) == 1 + 3


def test_who_lost_the_right_meanwhile_gets_no_file(sunrise: Cast) -> None:
    for number in range(3):
        AuditEvent.objects.create(
            cooperative=sunrise.cooperative,
            action="changed",
            object_type="field",
            object_id=str(number),
        )
    client = signed_in(sunrise.operator)
    made = order(client, "/admin/aggregator/auditevent/export/csv/")
    User.objects.filter(pk=sunrise.operator.pk).update(role="verifier")
    write_list_file(made.pk)
    made.refresh_from_db()
    assert (made.status, bool(made.file)) == ("failed", False)
    assert "could not be written" in words(client.get(f"/admin/list-files/{made.pk}/"))


def test_who_lost_the_right_after_it_was_written_cannot_fetch_it(sunrise: Cast) -> None:
    client = signed_in(sunrise.operator)
    made = order(client)
    write_list_file(made.pk)
    User.objects.filter(pk=sunrise.operator.pk).update(cooperative=None)
    assert client.get(f"/admin/list-files/{made.pk}/content/").status_code != 200


def test_asking_twice_while_it_is_written_writes_it_once(sunrise: Cast) -> None:
    client = signed_in(sunrise.operator)
    first = order(client)
    assert order(client) == first
    assert order(client, f"{FIELDS}export/csv/?o=-0") != first
    write_list_file(first.pk)
    assert order(client) != first


def test_a_message_that_comes_twice_writes_once(sunrise: Cast) -> None:
    made = order(signed_in(sunrise.operator))
    write_list_file(made.pk)
    name = ListFile.objects.get(pk=made.pk).file.name
    write_list_file(made.pk)
    assert ListFile.objects.get(pk=made.pk).file.name == name
    assert AuditEvent.objects.filter(action="export_list").count() == 1


def test_a_killed_workers_list_is_begun_anew(sunrise: Cast) -> None:
    made = order(signed_in(sunrise.operator))
    ListFile.objects.filter(pk=made.pk).update(status="writing", alive_at=now())
    assert not waiting_lists().exists()
    ListFile.objects.update(alive_at=now() - list_orders.STALE - timedelta(seconds=1))
    write_list_file(made.pk)
    assert ListFile.objects.get(pk=made.pk).status == "ready"


def test_a_worker_taken_for_dead_leaves_the_list_to_the_other(
    sunrise: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = order(signed_in(sunrise.operator))

    def slow(_order: ListFile, _path: Path, see: Any) -> None:
        ListFile.objects.update(alive_at=now() + timedelta(seconds=1))
        see(1)

    monkeypatch.setattr(list_orders, "_WRITERS", [slow])
    write_list_file(made.pk)
    made.refresh_from_db()
    assert (made.status, made.rows_written, bool(made.file)) == ("writing", 0, False)


def test_files_are_deleted_after_a_day(sunrise: Cast, tmp_path: Path) -> None:
    made = order(signed_in(sunrise.operator))
    write_list_file(made.pk)
    [file] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert file.stat().st_mode & 0o077 == 0
    forget_list_files(at=now() + timedelta(hours=23))
    assert file.exists()
    forget_list_files(at=now() + timedelta(hours=25))
    assert not file.exists()
    assert not ListFile.objects.exists()


def test_what_was_searched_is_not_readable_in_the_database(sunrise: Cast) -> None:
    from django.db import connection

    order(signed_in(sunrise.operator), f"{FIELDS}export/csv/?q=F00")
    with connection.cursor() as cursor:
        cursor.execute("SELECT query FROM aggregator_listfile")
        assert "F00" not in cursor.fetchone()[0]
