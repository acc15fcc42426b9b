"""Every list as a file, for each role: no number in clear, nobody else's row, nothing that runs."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client

from aggregator.models import Household, PayeeAccount, Person, User
from farms.models import Field
from tests.admin_pages import signed_in
from tests.cast import Cast, make_cast
from tests.house.url_sweep import MARK
from tests.whole_line import make_whole_line

# Whole digits of people, however they are written; a village's or plot's code is none of these.
_DIGITS = re.compile(r"[\s-]")
RUNS = ("=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＠x")


@pytest.fixture
def casts() -> tuple[Cast, Cast]:
    own = make_cast("own", name="自家合作社", households=2, east=118.0)
    other = make_cast("other", name=f"{MARK}合作社", households=2, east=119.0)
    for cast in (own, other):
        make_whole_line(cast)
    for person in Person.objects.all():
        person.identity_number = f"33010219900101{person.pk:04d}"
        person.save()
    return own, other


def fetch(client: Client, address: str) -> bytes:
    answer: Any = client.get(address)
    return b"".join(answer.streaming_content) if answer.status_code == 200 else b""


def files_for(user: User, *names: str) -> Iterator[tuple[str, str, bytes]]:
    """The files of every list that the user's role may see, and of no other."""
    client = signed_in(user)
    for model, shown_by in admin.site._registry.items():
        if not hasattr(shown_by, "export"):
            continue
        page = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        seen = client.get(page).status_code == 200
        for name in names:
            content = fetch(client, f"{page}export/{name}/")
            assert seen or not content, page
            if content:
                yield page, name, content


def secrets_of(*casts: Cast) -> set[str]:
    """Phone, identity and account numbers, without what every one begins with."""
    kept: dict[type[Model], str] = {
        Household: "phone",
        Person: "identity_number",
        PayeeAccount: "number",
    }
    found = set()
    for model, column in kept.items():
        for value in model._default_manager.values_list(column, flat=True):
            digits = str(value or "").removeprefix("+86")
            if len(digits) >= 11:
                found.add(digits)
    assert len(found) > 3 * len(casts)
    return found


def text_of(name: str, content: bytes, folder: Path) -> str:
    """Everything that stands in the file, packed or not, with the names of its parts."""
    if name == "csv":
        return content.decode("utf-8-sig")
    if name == "xlsx":
        parts = zipfile.ZipFile(io.BytesIO(content))
        return "".join(f"{part}{parts.read(part).decode()}" for part in parts.namelist())
    path = folder / "list.gpkg"
    path.write_bytes(content)
    with sqlite3.connect(path) as base:
        told = [*base.iterdump()]
    return "\n".join(told)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["operator", "approver", "verifier", "viewer"])
def test_a_file_has_neither_numbers_in_clear_nor_anothers_rows(
    casts: tuple[Cast, Cast], tmp_path: Path, role: str
) -> None:
    own, _other = casts
    secrets, told = secrets_of(*casts), {}
    for page, name, content in files_for(getattr(own, role), "csv", "xlsx", "gpkg"):
        text = text_of(name, content, tmp_path)
        assert MARK not in text, page
        assert str(tmp_path.parent) not in text, page
        bare = _DIGITS.sub("", text)
        told[page, name] = [each for each in secrets if each in bare]
    assert {name for _page, name in told} == {"csv", "xlsx", "gpkg"} or role == "verifier"
    assert not any(told.values()), told


@pytest.mark.django_db
def test_a_workbook_names_neither_its_writer_nor_a_formula(casts: tuple[Cast, Cast]) -> None:
    own, _other = casts
    for page, _name, content in files_for(own.operator, "xlsx"):
        parts = zipfile.ZipFile(io.BytesIO(content))
        about = parts.read("docProps/core.xml").decode()
        assert re.findall(r"<dc:creator>(.*?)</dc:creator>", about) in ([], ["openpyxl"])
        assert "lastModifiedBy" not in about
        sheets = [part for part in parts.namelist() if part.startswith("xl/worksheets/")]
        assert not any(re.search(rb"<f[ >]", parts.read(part)) for part in sheets), page


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_name_runs_wherever_it_is_listed(sunrise: Cast, kind: str, name: str) -> None:
    """The same field is told of in other lists by its name, too."""
    Field.objects.update(name=name)
    Person.objects.update(name=name)
    client = signed_in(sunrise.operator)
    for page in ("farms/field", "farms/tenure", "aggregator/household"):
        content = fetch(client, f"/admin/{page}/export/{kind}/")
        if kind == "xlsx":
            parts = zipfile.ZipFile(io.BytesIO(content))
            assert not re.search(rb"<f[ >]", parts.read("xl/worksheets/sheet1.xml"))
        else:
            rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
            cells = [cell for row in rows for cell in row]
            assert not [cell for cell in cells if re.match(r"[=+@＝＋＠\t\r]|-\D", cell)], page
