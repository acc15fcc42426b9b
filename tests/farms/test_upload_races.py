"""A write among other connections: cancelled in the middle of it, or overtaken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.db import connections
from django.utils.timezone import now

from aggregator import upload_jobs, uploads
from aggregator.household_upload import HouseholdUpload
from aggregator.importing import Plan
from aggregator.models import Household, ImportRun, Upload
from aggregator.upload_kinds import Draft
from farms.upload_kinds import KINDS
from tests.aggregator.sheets import household, write_households
from tests.cast import Cast, make_cast
from tests.farms import uploading

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


class Meanwhile(HouseholdUpload):
    """Households whose plan is made, and then something happens in another connection."""

    def __init__(self, happens: Callable[[], None]) -> None:
        self.happens = happens

    def plan(self, draft: Draft) -> Plan:
        planned = super().plan(draft)
        elsewhere(self.happens)
        return planned


def elsewhere(happens: Callable[[], None]) -> None:
    def run() -> None:
        try:
            happens()
        finally:
            connections.close_all()

    thread = Thread(target=run)
    thread.start()
    thread.join(timeout=30)
    assert not thread.is_alive()


@pytest.fixture
def ready(tmp_path: Path, settings: Any) -> tuple[Upload, Cast]:
    """Two households checked and asked to be written."""
    settings.MEDIA_ROOT = tmp_path / "media"
    cast = make_cast("sunrise", name="青山合作社", households=1, east=118.0)
    path = write_households(tmp_path / "a.csv", household(1), household(2))
    upload = uploading.check(path, cast, kind="households")
    uploads.request_write(upload, by=cast.operator)
    return upload, cast


def test_a_write_cancelled_in_the_middle_is_taken_back(ready: tuple[Upload, Cast]) -> None:
    upload, cast = ready
    kind = Meanwhile(
        lambda: uploads.cancel_upload(Upload.objects.get(pk=upload.pk), by=cast.operator)
    )
    upload_jobs.run_upload(upload.pk, kinds={"households": kind})
    upload.refresh_from_db()
    assert upload.status == "cancelled"
    assert not Household.objects.filter(code__startswith="Q").exists()
    assert not ImportRun.objects.exists()


def test_of_two_writers_one_is_taken_back(ready: tuple[Upload, Cast]) -> None:
    upload, _cast = ready
    # The other worker cannot write while we hold the cooperative, but it can take the claim.
    kind = Meanwhile(lambda: Upload.objects.filter(pk=upload.pk).update(alive_at=None))
    upload_jobs.run_upload(upload.pk, kinds={"households": kind})
    upload.refresh_from_db()
    assert upload.status == "writing"
    assert not Household.objects.filter(code__startswith="Q").exists()
    assert uploading.work(upload).status == "done"
    assert Household.objects.filter(code__startswith="Q").count() == 2
    assert ImportRun.objects.count() == 1


def test_a_write_that_takes_long_is_left_to_its_worker(
    ready: tuple[Upload, Cast], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write shows no sign of life before its end; its lock on the cooperative is one."""
    upload, _cast = ready
    monkeypatch.setattr(upload_jobs, "STALE", timedelta(seconds=-1))
    assert upload.pk in upload_jobs.waiting_uploads()
    kind = Meanwhile(lambda: upload_jobs.run_upload(upload.pk, kinds=KINDS))
    upload_jobs.run_upload(upload.pk, kinds={"households": kind})
    upload.refresh_from_db()
    assert upload.status == "done"
    assert Household.objects.filter(code__startswith="Q").count() == 2


def test_the_write_of_a_killed_worker_is_taken_up(ready: tuple[Upload, Cast]) -> None:
    upload, _cast = ready
    long_ago = now() - 2 * upload_jobs.STALE
    Upload.objects.filter(pk=upload.pk).update(alive_at=long_ago)
    assert uploading.work(upload).status == "done"
