"""Monitoring periods: opened, closed, counted. What is counted once can be counted again.

A run is found again by the hash of its inputs: the same facts give the same row. Once a sample of
a run is published, changed facts are refused, so that the verified figures are the issued ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator import audit, bulk
from aggregator.canonical import sha256_of, sha256_of_rows
from aggregator.errors import BadInput, DomainError
from aggregator.models import User
from aggregator.roles import require_role
from credits.code_order import by_octets
from credits.counting.activity import gather_activity, hash_inputs
from credits.counting.result_rows import (
    COLUMNS,
    PeriodCount,
    credit_columns,
    hashed_columns,
    write_results,
)
from credits.methodologies.base import Credit, anniversary
from credits.models import (
    FieldResult,
    MonitoringPeriod,
    Project,
    QuantificationRun,
    SampledField,
    Verification,
)
from credits.registry import METHODOLOGIES
from credits.verifying.corrections import Correction, extrapolate
from credits.verifying.verifiers import require_verifier
from farms.models import Field


class PeriodEndsBeforeStart(BadInput):
    code = "period_ends_before_start"
    message = _("The period ends before it starts.")


class BadPeriodCode(BadInput):
    code = "bad_period_code"
    message = _(
        "A period's code has 1 to 16 letters, digits or hyphens, for example the year: it stands"
        " in the numbers of statements."
    )


class OutsideContract(DomainError):
    code = "outside_contract"
    message = _("The period must lie within the contract, %(starts_on)s to %(ends_on)s.")


class PeriodTooLong(DomainError):
    code = "period_too_long"
    message = _("The program asks for a verification every %(years)s years: end by %(until)s.")


class PeriodOverlaps(DomainError):
    code = "period_overlaps"
    message = _("The period overlaps period %(code)s of the same project.")


class PeriodCodeTaken(DomainError):
    code = "period_code_taken"
    message = _("The project already has a period %(code)s.")


class PeriodNotOpen(DomainError):
    code = "period_not_open"
    message = _("Period %(code)s is not open: it has been closed already.")


class PeriodNotOver(DomainError):
    code = "period_not_over"
    message = _(
        "Period %(code)s runs to %(ends_on)s: its days up to then still count. Close it on that day"
        " or later."
    )


class NothingEnrolled(DomainError):
    code = "nothing_enrolled"
    message = _("No enrolled field was farmed by anyone in this period.")


class PeriodFrozen(DomainError):
    code = "period_frozen"
    message = _(
        "The records of period %(code)s have changed since its sample was published. The verified "
        "figures stand; a correction needs a negative opinion first."
    )


def open_period(
    project: Project, *, code: str, starts_on: date, ends_on: date, by: User
) -> MonitoringPeriod:
    """Open a span of the contract whose tonnes are counted together.

    Raises:
        BadPeriodCode, PeriodEndsBeforeStart, OutsideContract: what was sent cannot be used.
        PeriodTooLong: the program wants it verified sooner.
        PeriodOverlaps, PeriodCodeTaken: another period has some of the days, or the code.
    """
    require_role(by, "operator", of=project)
    if not re.fullmatch(r"\w[\w-]{0,15}", code):
        raise BadPeriodCode
    if ends_on < starts_on:
        raise PeriodEndsBeforeStart
    if starts_on < project.starts_on or ends_on > project.ends_on:
        raise OutsideContract(starts_on=project.starts_on, ends_on=project.ends_on)
    _check_longest(project, starts_on, ends_on)
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        if project.periods.filter(code=code).exists():
            raise PeriodCodeTaken(code=code)
        other = project.periods.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).first()
        if other is not None:
            raise PeriodOverlaps(code=other.code)
        period = MonitoringPeriod.objects.create(
            cooperative_id=project.cooperative_id,
            project=project,
            code=code,
            starts_on=starts_on,
            ends_on=ends_on,
        )
        audit.record_event(period, action="open_period", by=by, code=code)
    return period


def _check_longest(project: Project, starts_on: date, ends_on: date) -> None:
    years = project.terms.get("longest_period_years", 0)
    until = anniversary(starts_on, years) - timedelta(days=1)
    if years and ends_on > until:
        raise PeriodTooLong(years=years, until=until.isoformat())


def close_period(period: MonitoringPeriod, *, by: User) -> QuantificationRun:
    """Close an open period and count its tonnes.

    Raises:
        PeriodNotOpen: it was closed before, perhaps by someone else just now.
        PeriodNotOver: its last day is still to come.
        NothingEnrolled: there is nothing to count; the period stays open.
    """
    require_role(by, "operator", of=period)
    with transaction.atomic():
        move_to_closed(period)
        run = count_period(period)
        audit.record_event(
            period, action="close_period", by=by, run=run.pk, results_sha256=run.results_sha256
        )
    period.status = MonitoringPeriod.Status.CLOSED
    return run


def move_to_closed(period: MonitoringPeriod) -> None:
    """Take an open period that is over to its next status, in the caller's transaction.

    Raises:
        PeriodNotOpen, PeriodNotOver: as in `close_period`.
    """
    changed = MonitoringPeriod.objects.filter(
        pk=period.pk, status=MonitoringPeriod.Status.OPEN
    ).update(status=MonitoringPeriod.Status.CLOSED)
    if not changed:
        raise PeriodNotOpen(code=period.code)
    _require_last_day(period)


def require_over(period: MonitoringPeriod) -> None:
    """Raise unless the period is open, and over.

    Raises:
        PeriodNotOpen, PeriodNotOver: as in `close_period`.
    """
    if period.status != MonitoringPeriod.Status.OPEN:
        raise PeriodNotOpen(code=period.code)
    _require_last_day(period)


def _require_last_day(period: MonitoringPeriod) -> None:
    if timezone.localdate() < period.ends_on:
        raise PeriodNotOver(code=period.code, ends_on=period.ends_on)


def quantify_period(period: MonitoringPeriod, *, by: User) -> QuantificationRun:
    """Count a period's tonnes, or find the run that already did with the same inputs.

    An open period may be counted as a preview.

    Raises:
        PeriodFrozen: a sample of other figures has been published.
        NothingEnrolled: there is nothing to count.
    """
    require_verifier(by, "operator", project=period.project)
    with transaction.atomic():
        MonitoringPeriod.objects.select_for_update().get(pk=period.pk)
        return count_period(period)


def run_to_issue(verification: Verification) -> QuantificationRun:
    """The verified run, less what the verifier found and, where he says so, extrapolates."""
    if verification.correction == Verification.Correction.EXTRAPOLATE:
        return reduce_results(verification.run, extrapolate(verification))
    deviating = verification.sample.filter(finding=SampledField.Finding.DEVIATES)
    return void_fields(
        verification.run, field_ids=deviating.values_list("result__field_id", flat=True)
    )


def void_fields(run: QuantificationRun, *, field_ids: Iterable[int]) -> QuantificationRun:
    """The run again without the kilograms of some fields, as a verifier's finding demands.

    Derived from the verified rows, not from today's records: nothing else can have changed. The
    fields' codes enter the hash of the inputs. Without fields, the run itself.
    """
    voided = set(field_ids)
    if not voided:
        return run
    codes = sorted(Field.objects.filter(pk__in=voided).values_list("code", flat=True))
    digest = sha256_of({"run": run.inputs_sha256, "excluded": codes})
    known = run.period.runs.filter(inputs_sha256=digest).first()
    if known is not None:
        return known
    results = run.results.select_related("field", "household").order_by(
        by_octets("field__code"), "starts_on"
    )
    return _write_run(
        run.period,
        inputs_sha256=digest,
        rows=[_copied_row(result, void=result.field_id in voided) for result in results],
    )


def reduce_results(run: QuantificationRun, correction: Correction) -> QuantificationRun:
    """The run again with each result less its kilograms; without any, the run itself.

    The kilograms enter the hash of the inputs by the fields' codes. A result's reserve stays the
    part of it that it was, rounded up.
    """
    if not correction.reduced_kg:
        return run
    results = run.results.select_related("field", "household").order_by(
        by_octets("field__code"), "starts_on"
    )
    rows = [_reduced_row(result, correction) for result in results]
    taken = [
        [result.field.code, str(result.starts_on), correction.reduced_kg[result.pk]]
        for result in results
        if result.pk in correction.reduced_kg
    ]
    digest = sha256_of({"run": run.inputs_sha256, "reduced": taken})
    known = run.period.runs.filter(inputs_sha256=digest).first()
    return known or _write_run(run.period, inputs_sha256=digest, rows=rows)


def _reduced_row(result: FieldResult, correction: Correction) -> dict[str, Any]:
    taken_kg = correction.reduced_kg.get(result.pk, 0)
    if taken_kg == result.gross_kg:
        return _copied_row(result, void=bool(taken_kg))
    row = _copied_row(result, void=False)
    if not taken_kg:
        return row
    left_kg = result.gross_kg - taken_kg
    reserve_kg = ceil(Fraction(result.reserve_kg * left_kg, result.gross_kg))
    found = result.pk in correction.sampled_ids
    ratio = {} if found else {"overstatement": str(correction.overstatement.ratio)}
    terms = result.terms | {
        "correction": "as_found" if found else "extrapolated",
        "claimed_kg": str(result.gross_kg),
        "corrected_kg": str(taken_kg),
        **ratio,
    }
    credit = Credit(left_kg, reserve_kg, left_kg - reserve_kg, result.practice, terms)
    return row | credit_columns(credit)


def count_period(period: MonitoringPeriod) -> QuantificationRun:
    """Count with today's records, in the caller's transaction; roles are the caller's to check."""
    rows = gather_activity(period)
    if not rows:
        raise NothingEnrolled
    digest = hash_inputs(period, rows)
    known = find_counted(period, digest)
    count = PeriodCount(period)
    return known or _write_run(
        period, inputs_sha256=digest, rows=[count.work_out(row) for row in rows]
    )


def find_counted(period: MonitoringPeriod, inputs_sha256: str) -> QuantificationRun | None:
    """The run that stands for these inputs, if there is one: the verified one, once there is.

    Raises:
        PeriodFrozen: a sample of other figures has been published.
    """
    live = period.verifications.exclude(status=Verification.Status.NEGATIVE).first()
    if live is not None and live.run.inputs_sha256 != inputs_sha256:
        raise PeriodFrozen(code=period.code)
    if live is not None and live.status == Verification.Status.POSITIVE:
        return run_to_issue(live)
    found: QuantificationRun | None = period.runs.filter(inputs_sha256=inputs_sha256).first()
    return found


def _copied_row(result: FieldResult, *, void: bool) -> dict[str, Any]:
    row = {name: getattr(result, name) for name in COLUMNS}
    row |= {"field_code": result.field.code, "household_code": result.household.code}
    if void:
        terms = result.terms | {
            "withheld": "voided_by_verification",
            "withheld_kg": str(result.gross_kg),
        }
        row |= credit_columns(Credit(0, 0, 0, "", terms))
    return row


def _write_run(
    period: MonitoringPeriod, *, inputs_sha256: str, rows: list[dict[str, Any]]
) -> QuantificationRun:
    project = period.project
    run = QuantificationRun.objects.create(
        cooperative_id=period.cooperative_id,
        period=period,
        methodology=project.methodology,
        methodology_version=METHODOLOGIES[project.methodology].version,
        inputs_sha256=inputs_sha256,
        results_sha256=sha256_of_rows(hashed_columns(row) for row in rows),
        gross_kg=sum(row["gross_kg"] for row in rows),
        reserve_kg=sum(row["reserve_kg"] for row in rows),
        credited_kg=sum(row["credited_kg"] for row in rows),
    )
    write_results(run, (tuple(row[name] for name in COLUMNS) for row in rows))
    bulk.refresh_statistics(FieldResult)
    return run
