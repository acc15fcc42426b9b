"""Counts that a worker does: asked for, done stretch by stretch, cancelled, taken up after a kill.

The job's status is the queue and `alive_at` the worker's claim on it: whoever has set that instant
owns the job until it is older than `STALE`, and every sign of life is a compare-and-set of it. What
a worker writes stands in a draft (`credits.counting.drafts`); the last transaction makes it a run,
and closes the period where that was asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.errors import DomainError
from aggregator.models import User
from aggregator.periods import Period
from aggregator.roles import require_role
from credits.counting.activity import STRETCH, PoolActivity
from credits.counting.drafts import Draft, FactsMark, discard_last_stretch
from credits.counting.monitoring import (
    NothingEnrolled,
    close_period,
    find_counted,
    move_to_closed,
    quantify_period,
    require_over,
)
from credits.models import MonitoringPeriod, QuantificationJob, QuantificationRun
from credits.pooling.ended_enrolments import fields_of_pool
from credits.verifying.verifiers import require_verifier

# Longer than any stretch takes, and than the reading of a large pool's overlaps.
STALE = timedelta(minutes=5)
# How long a draft waits for somebody to count again.
KEPT = timedelta(days=7)
# How often a worker may die on one stretch, and how often records may change meanwhile.
MAX_TAKES = 3
MAX_TURNS = 5
# Up to so many fields a count takes a second or two: nobody is sent to a page to wait.
AT_ONCE = 2_000

Status = QuantificationJob.Status
Purpose = QuantificationJob.Purpose
Counted = QuantificationRun | QuantificationJob


class AlreadyCounting(DomainError):
    code = "already_counting"
    message = _("Period %(code)s is being counted already.")


class CountIsOver(DomainError):
    code = "count_is_over"
    message = _("This count is over already.")


class RecordsKeepChanging(DomainError):
    code = "records_keep_changing"
    message = _(
        "The records changed again and again while they were counted. Count when nothing is being "
        "brought in."
    )


class CountKeepsFailing(DomainError):
    code = "count_keeps_failing"
    message = _("The count was broken off several times at the same place. Tell the platform.")


class Stopped(Exception):
    """The job is no longer ours: cancelled, or taken up by another worker."""


def close_or_request(period: MonitoringPeriod, *, by: User) -> Counted:
    """Close and count a small pool at once; have a worker do it for a large one."""
    require_role(by, User.Role.OPERATOR, of=period)
    refuse_second_count(period)
    if count_fields(period) <= AT_ONCE:
        return close_period(period, by=by)
    return request_count(period, purpose=Purpose.CLOSE, by=by)


def count_or_request(period: MonitoringPeriod, *, by: User) -> Counted:
    """Count a small pool at once; have a worker do it for a large one."""
    require_verifier(by, User.Role.OPERATOR, project=period.project)
    refuse_second_count(period)
    if count_fields(period) <= AT_ONCE:
        return quantify_period(period, by=by)
    return request_count(period, purpose=Purpose.PREVIEW, by=by)


def request_count(period: MonitoringPeriod, *, purpose: str, by: User) -> QuantificationJob:
    """Have the period counted by a worker, and closed with it where that is the purpose.

    Raises:
        AlreadyCounting: one is at work on it.
        PeriodNotOpen, PeriodNotOver: it cannot be closed.
        NothingEnrolled: there is nothing to count.
    """
    if purpose == Purpose.CLOSE:
        require_role(by, User.Role.OPERATOR, of=period)
        require_over(period)
    else:
        require_verifier(by, User.Role.OPERATOR, project=period.project)
    total = count_fields(period)
    if not total:
        raise NothingEnrolled
    try:
        with transaction.atomic():
            # Whoever discards an old draft holds this row while there is no job.
            MonitoringPeriod.objects.select_for_update().get(pk=period.pk)
            job = QuantificationJob.objects.create(
                cooperative_id=period.cooperative_id,
                period=period,
                purpose=purpose,
                asked_by=by,
                language=translation.get_language() or "",
                fields_total=total,
            )
            audit.record_event(period, action="request_count", by=by, purpose=str(purpose))
    except IntegrityError:
        raise AlreadyCounting(code=period.code) from None
    return job


@transaction.atomic
def cancel_count(job: QuantificationJob, *, by: User) -> None:
    """Break a count off; the worker at it stops with its next stretch, the period stays as it is.

    Raises:
        CountIsOver: it has ended.
    """
    require_role(by, User.Role.OPERATOR, of=job)
    ended = QuantificationJob.objects.filter(pk=job.pk, status__in=QuantificationJob.AT_WORK)
    if not ended.update(status=Status.CANCELLED, alive_at=None, ended_at=timezone.now()):
        raise CountIsOver
    audit.record_event(job.period, action="cancel_count", by=by)


def refuse_second_count(period: MonitoringPeriod) -> None:
    """Raise while a worker counts the period."""
    if job_at_work(period) is not None:
        raise AlreadyCounting(code=period.code)


def job_at_work(period: MonitoringPeriod) -> QuantificationJob | None:
    """The period's count that has not ended yet."""
    found: QuantificationJob | None = period.jobs.filter(
        status__in=QuantificationJob.AT_WORK
    ).first()
    return found


def count_fields(period: MonitoringPeriod) -> int:
    """How many fields the pool has in the period."""
    return fields_of_pool(period.project, Period(period.starts_on, period.ends_on)).count()


def waiting_jobs() -> list[int]:
    """Jobs that nobody works on, though there is something to do."""
    return list(_waiting().values_list("pk", flat=True))


def discard_drafts(*, at: datetime | None = None) -> None:
    """Take away, a stretch at a time, drafts that nobody has gone on with for days."""
    before = (at or timezone.now()) - KEPT
    fresh = QuantificationJob.objects.filter(
        Q(status__in=QuantificationJob.AT_WORK) | Q(ended_at__gte=before)
    )
    old = QuantificationRun.with_drafts.filter(finished=False, ran_at__lt=before)
    for run in old.exclude(period__in=fresh.order_by().values("period")):
        while _discard_stretch(run):
            pass


@transaction.atomic
def _discard_stretch(run: QuantificationRun) -> bool:
    period = MonitoringPeriod.objects.select_for_update().get(pk=run.period_id)
    return job_at_work(period) is None and discard_last_stretch(run)


def run_job(pk: int, *, stretch: int = STRETCH) -> None:
    """Do the whole count, from where it stands; what refuses it is kept for whoever asked.

    Args:
        pk: The job's key.
        stretch: How many fields are counted in one transaction.
    """
    claim = _take(pk)
    if claim is None:
        return
    with translation.override(claim.job.language or translation.get_language()):
        try:
            _count(claim, stretch)
        except DomainError as refusal:
            claim.end(Status.FAILED, reason=str(refusal))
        except Stopped:
            return


@dataclass(slots=True)
class Claim:
    """A job in this worker's hands."""

    job: QuantificationJob
    alive_at: datetime

    def sign(self, **values: Any) -> None:
        """Say that we are alive, and set other columns with it.

        Raises:
            Stopped: the job is not ours any more.
        """
        at = timezone.now()
        if not self._own().update(alive_at=at, **values):
            raise Stopped
        self.alive_at = at

    def see(self, done: int) -> None:
        """So many fields are done: the worker has got further than whoever died before."""
        self.sign(fields_done=done, takes=0)

    def end(self, status: str, **values: Any) -> None:
        """Leave the job, which is over.

        Raises:
            Stopped: the job is not ours any more.
        """
        self.sign(status=status, ended_at=timezone.now(), **values)

    def _own(self) -> QuerySet[QuantificationJob]:
        mine: QuerySet[QuantificationJob] = QuantificationJob.objects.filter(
            pk=self.job.pk, status=Status.RUNNING, alive_at=self.alive_at
        )
        return mine


def _waiting() -> QuerySet[QuantificationJob]:
    silent = Q(status=Status.RUNNING, alive_at__lt=timezone.now() - STALE)
    jobs: QuerySet[QuantificationJob] = QuantificationJob.objects.filter(
        Q(status=Status.PENDING) | silent
    )
    return jobs.order_by("pk")


def _take(pk: int) -> Claim | None:
    """Claim the job, unless somebody else has."""
    job = _waiting().filter(pk=pk).select_related("period__project", "asked_by").first()
    if job is None:
        return None
    at = timezone.now()
    mine = QuantificationJob.objects.filter(pk=pk, status=job.status, alive_at=job.alive_at)
    if not mine.update(status=Status.RUNNING, alive_at=at, takes=F("takes") + 1):
        return None
    claim = Claim(job, at)
    if job.takes >= MAX_TAKES:
        with translation.override(job.language or translation.get_language()):
            claim.end(Status.FAILED, reason=str(CountKeepsFailing()))
        return None
    return claim


def _count(claim: Claim, stretch: int) -> None:
    """Turn after turn, until the facts are the same at the end of one as at its beginning."""
    draft = Draft(claim.job.period)
    if draft.period.runs.exists() and _find_again(claim, draft):
        return
    for turn in range(1, MAX_TURNS + 1):
        mark = FactsMark()
        # The project's terms are among the facts.
        draft.period = _read_period(draft.period.pk)
        pool = PoolActivity(draft.period)
        claim.sign(turn=turn, fields_done=0, fields_total=len(pool))
        written = draft.go_through(pool, stretch=stretch, see=claim.see)
        if not draft.rows:
            raise NothingEnrolled
        # Found the same twice, or unchanged all the while: one moment had all of these facts.
        if not written or mark.still_holds():
            _finish(claim, draft)
            return
    raise RecordsKeepChanging


def _read_period(pk: int) -> MonitoringPeriod:
    found: MonitoringPeriod = MonitoringPeriod.objects.select_related("project").get(pk=pk)
    return found


def _find_again(claim: Claim, draft: Draft) -> bool:
    """Where the same facts were counted before, or others verified, nothing need be written."""
    pool = PoolActivity(claim.job.period)
    claim.sign(fields_done=0, fields_total=len(pool))
    digest = draft.hash_pool(pool, see=claim.see)
    if not draft.rows:
        raise NothingEnrolled
    with transaction.atomic():
        run = find_counted(claim.job.period, digest)
        if run is not None:
            _conclude(claim, run)
    return run is not None


@transaction.atomic
def _finish(claim: Claim, draft: Draft) -> None:
    # Held to the end: whoever takes us for dead waits here, and finds the job done.
    claim.sign()
    MonitoringPeriod.objects.select_for_update().get(pk=draft.period.pk)
    found = find_counted(draft.period, draft.inputs_sha256)
    _conclude(claim, found or draft.finish())


def _conclude(claim: Claim, run: QuantificationRun) -> None:
    job = claim.job
    if job.purpose == Purpose.CLOSE:
        move_to_closed(job.period)
        audit.record_event(
            job.period,
            action="close_period",
            by=job.asked_by,
            run=run.pk,
            results_sha256=run.results_sha256,
        )
    claim.end(Status.DONE, run=run, fields_done=F("fields_total"))
