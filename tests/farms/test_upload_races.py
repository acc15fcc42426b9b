"""A write among other connections: cancelled in the middle of it, or overtaken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import translation
from django.utils.timezone import now

from aggregator import locks, upload_jobs, uploads
from aggregator.household_upload import HouseholdUpload
from aggregator.importing import Plan
from aggregator.locks import RecordsBusy, lock_cooperative
from aggregator.models import Household, ImportRun, Upload, UploadRow
from aggregator.upload_kinds import Draft
from farms.upload_kinds import KINDS
from tests.aggregator.sheets import household, write_households
from tests.cast import Cast, make_cast
from tests.farms import uploading

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


class Meanwhile(HouseholdUpload):
    """Households; something happens in another connection once they are planned, or written."""

    def __init__(self, happens: Callable[[], None], *, writing: bool = False) -> None:
        self.happens, self.writing = happens, writing
        self.plans = 0

    def plan(self, draft: Draft) -> Plan:
        planned = super().plan(draft)
        self.plans += 1
        if not self.writing:
            elsewhere(self.happens)
            return planned
        write = planned.apply

        def write_then_wait() -> None:
            write()
            elsewhere(self.happens)

        planned.apply = write_then_wait  # type: ignore[method-assign]
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


@pytest.mark.parametrize("writing", [False, True])
def test_a_write_cancelled_in_the_middle_is_taken_back(
    ready: tuple[Upload, Cast], writing: bool
) -> None:
    upload, cast = ready
    kind = Meanwhile(
        lambda: uploads.cancel_upload(Upload.objects.get(pk=upload.pk), by=cast.operator),
        writing=writing,
    )
    upload_jobs.run_upload(upload.pk, kinds={"households": kind})
    upload.refresh_from_db()
    assert upload.status == "cancelled"
    assert not Household.objects.filter(code__startswith="Q").exists()
    assert not ImportRun.objects.exists()
    assert not UploadRow.objects.exists()


def test_of_two_writers_one_is_taken_back(ready: tuple[Upload, Cast]) -> None:
    upload, _cast = ready
    # The other worker cannot write while we hold the cooperative, but it can take the claim.
    kind = Meanwhile(
        lambda: Upload.objects.filter(pk=upload.pk).update(alive_at=None), writing=True
    )
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
    kind = Meanwhile(lambda: upload_jobs.run_upload(upload.pk, kinds=KINDS), writing=True)
    upload_jobs.run_upload(upload.pk, kinds={"households": kind})
    upload.refresh_from_db()
    assert upload.status == "done"
    assert Household.objects.filter(code__startswith="Q").count() == 2


def test_the_write_of_a_killed_worker_is_taken_up(ready: tuple[Upload, Cast]) -> None:
    upload, _cast = ready
    long_ago = now() - 2 * upload_jobs.STALE
    Upload.objects.filter(pk=upload.pk).update(alive_at=long_ago)
    assert uploading.work(upload).status == "done"


def test_nobody_waits_while_a_write_is_planned(ready: tuple[Upload, Cast]) -> None:
    upload, cast = ready
    kind = Meanwhile(lambda: hold(cast))
    upload_jobs.run_upload(upload.pk, kinds={"households": kind})
    upload.refresh_from_db()
    assert (upload.status, kind.plans) == ("done", 1)


def test_who_waits_for_a_write_is_told_so(
    ready: tuple[Upload, Cast], monkeypatch: pytest.MonkeyPatch
) -> None:
    upload, cast = ready
    monkeypatch.setattr(locks, "PATIENCE_SECONDS", 1)
    told: list[str] = []

    def approve() -> None:
        with pytest.raises(RecordsBusy) as refusal, translation.override("en"):
            hold(cast)
        told.append(refusal.value.code)

    upload_jobs.run_upload(upload.pk, kinds={"households": Meanwhile(approve, writing=True)})
    upload.refresh_from_db()
    assert (upload.status, told) == ("done", ["records_busy"])


def test_what_changed_while_a_write_was_planned_is_planned_with(
    ready: tuple[Upload, Cast],
) -> None:
    upload, cast = ready

    def bring_in_the_first() -> None:
        if not Household.objects.filter(code="Q001").exists():
            Household.objects.create(
                cooperative=cast.cooperative, village=cast.village, code="Q001", phone=""
            )

    kind = Meanwhile(bring_in_the_first)
    upload_jobs.run_upload(upload.pk, kinds={"households": kind})
    upload.refresh_from_db()
    assert (upload.status, kind.plans) == ("done", 2)
    assert upload.run is not None
    # One is new; the other was brought in meanwhile, and is made what the file says.
    assert (upload.run.counts["created"], upload.run.counts["updated"]) == (1, 1)
    assert Household.objects.filter(code__startswith="Q").count() == 2


def test_a_write_comes_through_where_the_record_never_rests(ready: tuple[Upload, Cast]) -> None:
    upload, cast = ready

    def rename() -> None:
        cast.village.name += "·"
        cast.village.save()

    kind = Meanwhile(rename)
    upload_jobs.run_upload(upload.pk, kinds={"households": kind})
    upload.refresh_from_db()
    # Three plans that were outdated, then one with everybody held.
    assert (upload.status, kind.plans) == ("done", 4)


def hold(cast: Cast) -> None:
    """What an approval or a redrawing begins with."""
    with transaction.atomic():
        lock_cooperative(cast.cooperative.pk)
