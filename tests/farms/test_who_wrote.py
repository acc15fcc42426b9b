"""Whatever door a change comes through, its line says who came: the phone, a task, a command."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from aggregator.models import RecordChange
from aggregator.portal.door import household_required
from farms.tasks import run_upload
from tests.aggregator.sheets import household, write_households
from tests.aggregator.sign_in_steps import enter
from tests.cast import Cast
from tests.farms import uploading


def newest(kind: str, action: str) -> RecordChange:
    return RecordChange.objects.filter(object_type=kind, action=action).order_by("-pk")[0]


def test_through_the_portals_door_it_is_the_household(sunrise: Cast) -> None:
    member = sunrise.households[0]
    request: HttpRequest = RequestFactory().post("/")
    request.session = enter(Client(), member).session

    @household_required
    def rename(request: HttpRequest) -> HttpResponse:
        member.language = "en"
        member.save(update_fields=["language"])
        return HttpResponse()

    assert rename(request).status_code == 200
    line = newest("household", "changed")
    assert (line.household_id, line.by_id, line.via) == (member.pk, None, "portal")


def test_turned_away_at_the_door_nothing_is_written(sunrise: Cast) -> None:
    request: HttpRequest = RequestFactory().post("/")
    request.session = Client().session
    before = RecordChange.objects.count()

    @household_required
    def rename(request: HttpRequest) -> HttpResponse:
        sunrise.village.delete()
        return HttpResponse()

    assert rename(request).status_code == 302
    assert RecordChange.objects.count() == before


def test_in_a_task_it_is_the_task_and_the_person_it_works_for(
    sunrise: Cast, tmp_path: Path
) -> None:
    rows = household(7, household_code="N7", identity_number="", account_number="")
    path = write_households(tmp_path / "members.csv", rows)
    upload = uploading.check(path, sunrise, kind="households")
    uploading.uploads.request_write(upload, by=sunrise.operator)
    run_upload.apply(args=[upload.pk])
    line = newest("household", "added")
    assert (line.after or {})["code"] == "N7"
    assert line.via == "farms.tasks.run_upload"
    upload.refresh_from_db()
    assert upload.run is not None
    assert upload.run.change_set == line.change_set
    assert upload.run.by == sunrise.operator


def test_in_a_command_it_is_the_command(
    sunrise: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = household(7, household_code="N7", identity_number="", account_number="")
    path = write_households(tmp_path / "members.csv", rows)
    typed = ["manage.py", "import_households", str(path), "--cooperative", "sunrise"]
    monkeypatch.setattr(sys, "argv", typed)
    call_command("import_households", str(path), cooperative="sunrise")
    line = newest("household", "added")
    assert (line.after or {})["code"] == "N7"
    assert (line.by_id, line.household_id, line.via) == (None, None, "import_households")
    assert str(path) not in json.dumps([line.via, line.after])
