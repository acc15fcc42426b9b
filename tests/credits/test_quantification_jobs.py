"""A count that a worker does comes out as one done at once, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count as numbers
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from aggregator.canonical import canonical_json
from aggregator.errors import NotAllowed
from aggregator.models import AuditEvent
from aggregator.roles import NotYours
from credits.counting.activity import gather_activity
from credits.counting.gaps import PeriodGaps
from credits.counting.monitoring import (
    NothingEnrolled,
    PeriodNotOver,
    close_period,
    quantify_period,
)
from credits.counting.quantification_jobs import (
    AlreadyCounting,
    CountIsOver,
    cancel_count,
    close_or_request,
    discard_drafts,
    request_count,
    run_job,
    waiting_jobs,
)
from credits.counting.result_rows import COLUMNS, PeriodCount, hashed_columns, lay_out
from credits.models import (
    Enrolment,
    FieldResult,
    MonitoringPeriod,
    Project,
    QuantificationChunk,
    QuantificationJob,
    QuantificationRun,
)
from credits.progress import credits_progress
from credits.verifying.verification import prepare_verification
from farms.models import PracticeRecord
from tests.cast import Cast, make_season
from tests.credits.line import confirm_all, make_enrolled_pool, make_pool, open_year
from tests.credits.test_any_descent import lay_side_by_side
from tests.credits.test_any_rights import RightSteps

Status = QuantificationJob.Status
Purpose = QuantificationJob.Purpose
SEEDS = (2, 8, 24)


class Killed(BaseException):
    """What no code of the program catches, as it catches no signal 9."""


@contextmanager
def killed_at(statement: int) -> Iterator[None]:
    """The process is gone before its write number `statement`."""
    left = numbers()

    def kill(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        writes = sql.startswith(("INSERT", "UPDATE", "DELETE"))
        if writes and next(left) == statement:
            raise Killed
        return execute(sql, params, many, context)

    with connection.execute_wrapper(kill):
        yield


def forget_worker() -> None:
    """Time goes by, and the worker that was killed shows no life."""
    QuantificationJob.objects.update(alive_at=timezone.now() - timedelta(hours=1), takes=0)


def facts_of(run: QuantificationRun) -> tuple[Any, ...]:
    rows = FieldResult.objects.filter(run=run).order_by("field__code", "starts_on")
    listed = rows.values_list("field", "household", "starts_on", "ends_on", "gross_kg", "terms")
    sums = (run.gross_kg, run.reserve_kg, run.credited_kg, run.methodology_version)
    return (run.inputs_sha256, run.results_sha256, sums, list(listed))


def count_at_once(period: MonitoringPeriod, cast: Cast) -> tuple[Any, ...]:
    """What a count in the request finds, without a trace of it."""
    with transaction.atomic():
        facts = facts_of(quantify_period(period, by=cast.operator))
        transaction.set_rollback(True)
    return facts


def ask(period: MonitoringPeriod, cast: Cast, purpose: str = Purpose.CLOSE) -> QuantificationJob:
    return request_count(period, purpose=purpose, by=cast.operator)


def finished_run(job: QuantificationJob) -> QuantificationRun:
    job.refresh_from_db()
    assert job.status == Status.DONE, (job.status, job.reason)
    assert job.run is not None
    return job.run


@pytest.fixture
def period(sunrise: Cast) -> MonitoringPeriod:
    make_season(sunrise, 2025)
    return open_year(make_enrolled_pool(sunrise), 2025, sunrise)


def any_period(cast: Cast, seed: int) -> MonitoringPeriod:
    """A year of land that changed hands and shape, by seed."""
    print(f"seed {seed}")
    lay_side_by_side(cast)
    make_season(cast, 2025)
    steps = RightSteps(cast, seed)
    steps.pools = (make_pool(cast, code="one"), make_pool(cast, code="two"))
    steps.ask()
    for _at in range(18):
        steps.take()
    periods = [open_year(pool, 2025, cast) for pool in steps.pools]
    return next(each for each in periods if gather_activity(each))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_worker_counts_what_the_request_counts(sunrise: Cast, seed: int) -> None:
    year = any_period(sunrise, seed)
    expected = count_at_once(year, sunrise)
    job = ask(year, sunrise)
    run_job(job.pk, stretch=2)
    assert facts_of(finished_run(job)) == expected
    year.refresh_from_db()
    assert year.status == MonitoringPeriod.Status.CLOSED
    assert not QuantificationChunk.objects.exists()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_worker_killed_at_every_write_loses_and_doubles_nothing(sunrise: Cast, seed: int) -> None:
    year = any_period(sunrise, seed)
    expected = count_at_once(year, sunrise)
    job = ask(year, sunrise)
    kills = 0
    for statement in numbers():
        forget_worker()
        try:
            with killed_at(statement):
                run_job(job.pk, stretch=1)
            break
        except Killed:
            kills += 1
            assert not year.runs.exists()
    assert kills > 5, "the count writes too little to be killed in"
    assert facts_of(finished_run(job)) == expected
    assert QuantificationRun.with_drafts.filter(period=year).count() == 1
    assert FieldResult.with_drafts.filter(run__period=year).count() == len(expected[3])


def break_off(job: QuantificationJob) -> None:
    """Leave the job with two fields counted, as a kill would."""
    for statement in numbers(3):
        forget_worker()
        try:
            with killed_at(statement):
                run_job(job.pk, stretch=1)
        except Killed:
            if QuantificationChunk.objects.count() == 2:
                return


def test_an_unfinished_count_is_nobodys_result(sunrise: Cast, period: MonitoringPeriod) -> None:
    break_off(ask(period, sunrise))
    assert FieldResult.with_drafts.filter(run__period=period).count() == 2
    assert period.runs.first() is None
    assert not FieldResult.objects.filter(run__period=period).exists()
    assert PeriodGaps(period).run is None
    assert [row.gross_kg for row in credits_progress(sunrise.cooperative)] == [0]
    period.refresh_from_db()
    assert period.status == MonitoringPeriod.Status.OPEN


@contextmanager
def changed_meanwhile(change: Any, *, times: int) -> Iterator[None]:
    """Somebody changes records after each of the first counted stretches."""
    left = iter(range(times))

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        answer = execute(sql, params, many, context)
        chunk = sql.startswith("INSERT") and "credits_quantificationchunk" in sql
        if chunk and next(left, None) is not None:
            change()
        return answer

    with connection.execute_wrapper(watch):
        yield


def test_records_that_change_meanwhile_are_counted_as_they_are_at_the_end(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    def forget_practice() -> None:
        PracticeRecord.objects.filter(field=sunrise.fields[0]).delete()

    job = ask(period, sunrise)
    with changed_meanwhile(forget_practice, times=1):
        run_job(job.pk, stretch=1)
    run = finished_run(job)
    assert job.turn == 2
    first = run.results.get(field=sunrise.fields[0])
    assert (first.gross_kg, first.terms["reason"]) == (0, "no_creditable_practice")
    assert run.gross_kg == 2000
    assert facts_of(run) == count_at_once(period, sunrise)


def test_changes_that_touch_no_field_of_the_pool_do_not_count_twice(
    sunrise: Cast, riverbend: Cast, period: MonitoringPeriod
) -> None:
    job = ask(period, sunrise)
    with changed_meanwhile(lambda: make_season(riverbend, 2024), times=1):
        run_job(job.pk, stretch=1)
    assert finished_run(job).gross_kg == 3000
    assert job.turn == 2


@pytest.mark.usefixtures("in_english")
def test_records_that_never_rest_leave_the_period_open(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    practice = PracticeRecord.objects.filter(field=sunrise.fields[0])

    def water() -> None:
        practice.update(irrigated=not practice.get().irrigated)

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("UPDATE") and "fields_done" in sql and "turn" in sql:
            water()
        return execute(sql, params, many, context)

    job = ask(period, sunrise)
    with connection.execute_wrapper(watch):
        run_job(job.pk, stretch=1)
    job.refresh_from_db()
    assert job.status == Status.FAILED
    assert "again and again" in job.reason
    period.refresh_from_db()
    assert period.status == MonitoringPeriod.Status.OPEN


def test_a_period_has_one_count_at_a_time(sunrise: Cast, period: MonitoringPeriod) -> None:
    ask(period, sunrise)
    with pytest.raises(AlreadyCounting):
        ask(period, sunrise, Purpose.PREVIEW)
    with pytest.raises(AlreadyCounting):
        close_or_request(period, by=sunrise.operator)


def test_a_job_in_one_workers_hands_is_left_alone(sunrise: Cast, period: MonitoringPeriod) -> None:
    job = ask(period, sunrise)
    assert waiting_jobs() == [job.pk]
    QuantificationJob.objects.update(status=Status.RUNNING, alive_at=timezone.now())
    assert waiting_jobs() == []
    run_job(job.pk)
    assert not QuantificationRun.with_drafts.exists()
    forget_worker()
    assert waiting_jobs() == [job.pk]


@pytest.mark.usefixtures("in_english")
def test_a_job_that_kills_its_worker_again_and_again_is_given_up(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    job = ask(period, sunrise)
    for _take in range(3):
        QuantificationJob.objects.update(alive_at=timezone.now() - timedelta(hours=1))
        with pytest.raises(Killed), killed_at(1):
            run_job(job.pk)
    QuantificationJob.objects.update(alive_at=timezone.now() - timedelta(hours=1))
    run_job(job.pk)
    job.refresh_from_db()
    assert job.status == Status.FAILED
    assert "same place" in job.reason


def test_a_count_that_is_broken_off_is_gone_on_with_by_the_next(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    expected = count_at_once(period, sunrise)
    job = ask(period, sunrise)
    break_off(job)
    cancel_count(job, by=sunrise.operator)
    with pytest.raises(CountIsOver):
        cancel_count(job, by=sunrise.operator)
    forget_worker()
    run_job(job.pk)
    job.refresh_from_db()
    assert job.status == Status.CANCELLED
    second = ask(period, sunrise)
    run_job(second.pk, stretch=1)
    assert facts_of(finished_run(second)) == expected
    actions = AuditEvent.objects.filter(object_type="monitoringperiod").order_by("pk")
    assert list(actions.values_list("action", flat=True))[-4:] == [
        *("request_count", "cancel_count", "request_count", "close_period"),
    ]


def test_a_draft_that_nobody_goes_on_with_is_taken_away_after_a_week(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    job = ask(period, sunrise)
    break_off(job)
    later = timezone.now() + timedelta(days=8)
    discard_drafts(at=later)
    assert QuantificationChunk.objects.count() == 2, "a job is at work on it"
    cancel_count(job, by=sunrise.operator)
    discard_drafts(at=timezone.now() + timedelta(days=6))
    assert QuantificationChunk.objects.count() == 2
    discard_drafts(at=later)
    assert not QuantificationRun.with_drafts.exists()
    assert not FieldResult.with_drafts.exists()


def test_other_terms_count_a_draft_anew(sunrise: Cast, period: MonitoringPeriod) -> None:
    break_off(ask(period, sunrise))
    rate = {**period.project.parameters["rates"][0], "t_per_hectare_year": "2"}
    Project.objects.update(parameters={**period.project.parameters, "rates": [rate]})
    period = MonitoringPeriod.objects.get(pk=period.pk)
    forget_worker()
    job = period.jobs.get()
    run_job(job.pk, stretch=1)
    run = finished_run(job)
    assert run.gross_kg == 6000
    assert facts_of(run) == count_at_once(period, sunrise)


def test_a_row_put_together_by_hand_is_its_canonical_text(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    sunrise.fields[0].code = 'F"1\\一\n'
    sunrise.fields[0].save()
    count = PeriodCount(period)
    for row in gather_activity(period):
        result = count.work_out(row)
        hashed, cells = lay_out(result)
        assert hashed == canonical_json(hashed_columns(result))
        assert len(cells) == len(COLUMNS)


def test_the_same_facts_are_found_again_and_not_written_twice(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    first = quantify_period(period, by=sunrise.operator)
    job = ask(period, sunrise)
    run_job(job.pk, stretch=1)
    assert finished_run(job) == first
    assert FieldResult.with_drafts.count() == 3
    period.refresh_from_db()
    assert period.status == MonitoringPeriod.Status.CLOSED


@pytest.mark.usefixtures("in_english")
def test_figures_given_to_the_verifier_refuse_others(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    close_period(period, by=sunrise.operator)
    confirm_all(period, sunrise)
    prepare_verification(period, body="Body", by=sunrise.verifier)
    job = ask(period, sunrise, Purpose.PREVIEW)
    run_job(job.pk)
    assert finished_run(job) == period.runs.get()
    PracticeRecord.objects.filter(field=sunrise.fields[0]).delete()
    job = ask(period, sunrise, Purpose.PREVIEW)
    run_job(job.pk)
    job.refresh_from_db()
    assert job.status == Status.FAILED
    assert "since its sample was published" in job.reason


@pytest.mark.usefixtures("in_english")
def test_a_pool_emptied_meanwhile_is_told_and_the_period_stays_open(
    sunrise: Cast, period: MonitoringPeriod
) -> None:
    job = ask(period, sunrise)
    Enrolment.objects.update(status=Enrolment.Status.REFUSED)
    with pytest.raises(NothingEnrolled):
        request_count(period, purpose=Purpose.CLOSE, by=sunrise.operator)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.status, job.reason) == (Status.FAILED, str(NothingEnrolled()))
    period.refresh_from_db()
    assert period.status == MonitoringPeriod.Status.OPEN


def test_a_period_that_goes_on_is_not_closed_by_a_worker(sunrise: Cast) -> None:
    year = open_year(make_enrolled_pool(sunrise), 2027, sunrise)
    assert timezone.localdate() < date(2027, 12, 31)
    with pytest.raises(PeriodNotOver):
        ask(year, sunrise)
    assert ask(year, sunrise, Purpose.PREVIEW).status == Status.PENDING


def test_only_operators_of_the_cooperative_ask_and_break_off(
    sunrise: Cast, riverbend: Cast, period: MonitoringPeriod
) -> None:
    for by, refusal in ((sunrise.viewer, NotAllowed), (riverbend.operator, NotYours)):
        with pytest.raises(refusal):
            request_count(period, purpose=Purpose.CLOSE, by=by)
    job = ask(period, sunrise)
    for by, refusal in ((sunrise.viewer, NotAllowed), (riverbend.operator, NotYours)):
        with pytest.raises(refusal):
            cancel_count(job, by=by)
