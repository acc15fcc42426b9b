"""The work behind an upload: claimed once, taken up after a kill, given up when cancelled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils.timezone import now

from aggregator import upload_jobs, uploads
from aggregator.household_upload import HouseholdUpload
from aggregator.importing import Plan
from aggregator.models import Household, ImportRun, Upload, UploadRow
from aggregator.upload_kinds import Draft, OpenedFile, RawRow
from tests.aggregator.sheets import household, write_households
from tests.cast import Cast
from tests.farms import uploading


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def begun(sunrise: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Upload:
    """Five households in a file nobody has read; rows are kept two at a time."""
    monkeypatch.setattr(upload_jobs, "_CHUNK", 2)
    path = write_households(tmp_path / "a.csv", *(household(n) for n in range(1, 6)))
    return uploading.begin(path, sunrise, kind="households")


class Killed(BaseException):
    """Ends a worker wherever it is, as a kill would."""


class Interrupted(HouseholdUpload):
    """Households, with something happening while a row is read or a plan is made."""

    def __init__(
        self, *, at_row: int = 0, planning: bool = False, happens: Callable[[], None]
    ) -> None:
        self.at_row, self.planning, self.happens = at_row, planning, happens
        self.rows_read: list[int] = []

    def open(self, path: Path) -> OpenedFile:
        opened = super().open(path)
        return replace(opened, rows=self._interrupt(opened.rows))

    def plan(self, draft: Draft) -> Plan:
        planned = super().plan(draft)
        if self.planning:
            self.happens()
        return planned

    def _interrupt(self, rows: Iterator[RawRow]) -> Iterator[RawRow]:
        for row in rows:
            if row.number == self.at_row:
                self.happens()
            self.rows_read.append(row.number)
            yield row


def kill() -> None:
    raise Killed


def work_as(upload: Upload, kind: HouseholdUpload) -> None:
    upload_jobs.run_upload(upload.pk, kinds={"households": kind})
    upload.refresh_from_db()


def forget_life(upload: Upload) -> None:
    """The last sign of life is long ago."""
    Upload.objects.filter(pk=upload.pk).update(alive_at=now() - timedelta(hours=1))


def test_a_killed_reader_is_taken_up_where_it_stopped(begun: Upload) -> None:
    with pytest.raises(Killed):
        work_as(begun, Interrupted(at_row=5, happens=kill))
    assert [*begun.rows.values_list("number", flat=True)] == [2, 3]
    # Alive a moment ago, as far as anybody can tell.
    assert upload_jobs.waiting_uploads() == []
    forget_life(begun)
    assert upload_jobs.waiting_uploads() == [begun.pk]
    work_as(begun, HouseholdUpload())
    assert begun.status == "matching"
    assert [*begun.rows.values_list("number", flat=True)] == [2, 3, 4, 5, 6]


def test_a_killed_check_begins_anew(begun: Upload, sunrise: Cast) -> None:
    uploading.match(uploading.work(begun), sunrise)
    uploads.request_check(begun, by=sunrise.operator)
    with pytest.raises(Killed):
        work_as(begun, Interrupted(planning=True, happens=kill))
    forget_life(begun)
    assert uploading.work(begun).status == "checked"
    assert begun.counts["created"] == 5


def test_a_killed_write_leaves_nothing_and_is_done_once(begun: Upload, sunrise: Cast) -> None:
    uploading.match(uploading.work(begun), sunrise)
    uploads.request_write(begun, by=sunrise.operator)

    class KilledWhileWriting(HouseholdUpload):
        def plan(self, draft: Draft) -> Plan:
            planned = super().plan(draft)
            write = planned.apply
            planned.apply = lambda: (write(), kill())  # type: ignore[method-assign]
            return planned

    with pytest.raises(Killed):
        work_as(begun, KilledWhileWriting())
    assert not Household.objects.filter(code__startswith="Q").exists()
    assert not ImportRun.objects.exists()
    forget_life(begun)
    assert uploading.work(begun).status == "done"
    uploading.work(begun)
    assert Household.objects.filter(code__startswith="Q").count() == 5
    assert ImportRun.objects.count() == 1


def test_two_workers_never_do_one_job(begun: Upload) -> None:
    second = Interrupted(at_row=0, happens=kill)
    first = Interrupted(at_row=4, happens=lambda: work_as(begun, second))
    work_as(begun, first)
    assert first.rows_read == [2, 3, 4, 5, 6]
    assert second.rows_read == []
    assert begun.rows.count() == 5


def test_a_worker_taken_for_dead_stops_and_the_other_finishes(begun: Upload) -> None:
    second = Interrupted(happens=kill)

    def be_overtaken() -> None:
        forget_life(begun)
        work_as(begun, second)

    first = Interrupted(at_row=5, happens=be_overtaken)
    work_as(begun, first)
    assert begun.status == "matching"
    assert second.rows_read == [2, 3, 4, 5, 6]
    assert [*begun.rows.values_list("number", flat=True)] == [2, 3, 4, 5, 6]


def test_a_write_that_is_no_longer_ours_is_taken_back(begun: Upload, sunrise: Cast) -> None:
    """In one connection the loss of the claim is taken back too; tests/farms/test_upload_races
    has it with two."""
    uploading.match(uploading.work(begun), sunrise)
    uploads.request_write(begun, by=sunrise.operator)
    work_as(begun, Interrupted(planning=True, happens=lambda: forget_life(begun)))
    assert begun.status == "writing"
    assert not Household.objects.filter(code__startswith="Q").exists()
    assert not ImportRun.objects.exists()
    forget_life(begun)
    assert uploading.work(begun).status == "done"
    assert Household.objects.filter(code__startswith="Q").count() == 5


@pytest.mark.parametrize("stage", ["reading", "checking"])
def test_a_cancelled_job_stops_and_leaves_nothing(begun: Upload, sunrise: Cast, stage: str) -> None:
    def cancel() -> None:
        uploads.cancel_upload(Upload.objects.get(pk=begun.pk), by=sunrise.operator)

    if stage == "checking":
        uploading.match(uploading.work(begun), sunrise)
        uploads.request_check(begun, by=sunrise.operator)
    work_as(begun, Interrupted(at_row=5, planning=stage != "reading", happens=cancel))
    assert begun.status == "cancelled"
    assert not UploadRow.objects.exists()
    assert not ImportRun.objects.exists()
    assert not Household.objects.filter(code__startswith="Q").exists()


def test_what_is_over_is_not_cancelled_any_more(begun: Upload, sunrise: Cast) -> None:
    uploading.match(uploading.work(begun), sunrise)
    uploading.write(begun, sunrise)
    with pytest.raises(uploads.UploadMovedOn):
        uploads.cancel_upload(begun, by=sunrise.operator)
    assert begun.status == "done"


def test_a_file_that_kills_every_worker_is_refused_in_the_end(begun: Upload) -> None:
    for _ in range(upload_jobs.MAX_TAKES):
        with pytest.raises(Killed):
            work_as(begun, Interrupted(at_row=2, happens=kill))
        forget_life(begun)
    uploading.work(begun)
    assert begun.status == "refused"
    assert begun.run is not None
    assert begun.run.status == "refused"
    assert not UploadRow.objects.exists()


def test_progress_is_told_in_rows(begun: Upload) -> None:
    told: list[int] = []

    def look() -> None:
        told.append(Upload.objects.get(pk=begun.pk).progress_done)

    work_as(begun, Interrupted(at_row=6, happens=look))
    assert told == [4]
    assert begun.progress_done == 0
