"""The independent look at a period: list published, sample drawn, findings, opinion.

The list's hash is kept before the seed is known. Findings and the opinion are the verifier's
alone: who closed the period may not judge it, whatever role he has now.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.canonical import sha256_of
from aggregator.errors import BadInput, DomainError
from aggregator.models import AuditEvent, User
from aggregator.roles import require_role
from credits.models import MonitoringPeriod, QuantificationRun, SampledField, Verification
from credits.monitoring import count_period, run_to_issue
from credits.sampling import draw_positions, sample_size

MAX_BODY = 100
MAX_SEED = 200


class PeriodNotClosed(DomainError):
    code = "period_not_closed"
    message = _("Period %(code)s must be closed, and not yet verified.")


class VerificationUnderWay(DomainError):
    code = "verification_under_way"
    message = _("A verification of period %(code)s is already under way.")


class NothingToVerify(DomainError):
    code = "nothing_to_verify"
    message = _("No field earned anything in period %(code)s.")


class BodyMissing(BadInput):
    code = "body_missing"
    message = _("Name the verification body, in at most 100 characters.")


class SeedMissing(BadInput):
    code = "seed_missing"
    message = _(
        "Give the published seed, at most 200 characters: a lottery's numbers of a named day, say."
    )


class SeedUsed(DomainError):
    code = "seed_used"
    message = _("This seed was used before for this period: its draw is known. Take a new one.")


class AlreadyDrawn(DomainError):
    code = "already_drawn"
    message = _("The sample has been drawn already; a second draw would not be a draw.")


class NotDrawn(DomainError):
    code = "not_drawn"
    message = _("Findings are recorded between the draw and the opinion.")


class UnknownFinding(BadInput):
    code = "unknown_finding"
    message = _("A finding is “conforms” or “deviates”.")


class DeviationNeedsNote(BadInput):
    code = "deviation_needs_note"
    message = _("Write down what deviates.")


class FindingsMissing(DomainError):
    code = "findings_missing"
    message = _("%(count)s sampled fields have no finding yet.")


class NotIndependent(DomainError):
    code = "not_independent"
    message = _("Whoever closed the period cannot verify it.")
    status = 403


def list_population(run: QuantificationRun) -> list[str]:
    """Codes of the fields that earned in a run, sorted: place n of the draw is the n-th of them."""
    earned = run.results.filter(gross_kg__gt=0).order_by("field__code")
    return list(earned.values_list("field__code", flat=True).distinct())


def hash_population(run: QuantificationRun, codes: list[str]) -> str:
    """The hash published before the seed: it fixes the list and the figures being verified."""
    return sha256_of({"results": run.results_sha256, "fields": codes})


def prepare_verification(period: MonitoringPeriod, *, body: str, by: User) -> Verification:
    """Publish the list of a closed period from which a sample will be drawn.

    The period is counted once more, so that list and records agree; from here on they are frozen.

    Raises:
        PeriodNotClosed, NothingToVerify: the period is not ready.
        VerificationUnderWay: one is prepared, drawn or positive already.
    """
    require_role(by, "operator", "verifier", of=period)
    if not 0 < len(body.strip()) <= MAX_BODY:
        raise BodyMissing
    with transaction.atomic():
        locked = MonitoringPeriod.objects.select_for_update().get(pk=period.pk)
        if locked.verifications.exclude(status=Verification.Status.NEGATIVE).exists():
            raise VerificationUnderWay(code=locked.code)
        if locked.status != MonitoringPeriod.Status.CLOSED:
            raise PeriodNotClosed(code=locked.code)
        run = count_period(locked)
        codes = list_population(run)
        if not codes:
            raise NothingToVerify(code=locked.code)
        verification = Verification.objects.create(
            cooperative_id=locked.cooperative_id,
            period=locked,
            run=run,
            body=body.strip(),
            population_sha256=hash_population(run, codes),
            population_size=len(codes),
        )
        audit.record_event(
            verification,
            action="prepare_verification",
            by=by,
            population_sha256=verification.population_sha256,
        )
    return verification


def draw_sample(verification: Verification, *, seed: str, by: User) -> list[SampledField]:
    """Draw the sample by RFC 3797 and keep it in the order drawn.

    The size follows the program's terms. A field in the hands of two operators is drawn once, and
    stands in the sample with its first result.

    Raises:
        SeedMissing, SeedUsed: no seed, or one whose draw is known from an earlier verification.
        AlreadyDrawn: there is a sample.
    """
    require_role(by, "operator", "verifier", of=verification)
    key = seed.strip()
    if not 0 < len(key) <= MAX_SEED:
        raise SeedMissing
    if verification.period.verifications.exclude(pk=verification.pk).filter(seed=key).exists():
        raise SeedUsed
    terms = verification.period.project.terms
    size = sample_size(
        verification.population_size,
        rate=Fraction(terms["sample_rate"]),
        minimum=terms["sample_minimum"],
    )
    codes = list_population(verification.run)
    with transaction.atomic():
        _move(
            verification,
            Verification.Status.PREPARED,
            AlreadyDrawn(),
            status=Verification.Status.DRAWN,
            seed=key,
            sample_size=size,
        )
        places = draw_positions(key=key, pool=verification.population_size, count=size)
        first = _first_results(verification.run)
        SampledField.objects.bulk_create(
            SampledField(
                cooperative_id=verification.cooperative_id,
                verification=verification,
                result_id=first[codes[place - 1]],
                position=position,
            )
            for position, place in enumerate(places, start=1)
        )
        audit.record_event(verification, action="draw_sample", by=by, seed=key, size=size)
    return list(verification.sample.all())


def record_finding(sampled_field: SampledField, *, finding: str, note: str = "", by: User) -> None:
    """Write down what the verifier saw; until the opinion it can be written anew.

    Raises:
        UnknownFinding, DeviationNeedsNote: what was sent cannot be kept.
        NotDrawn: the opinion has been given.
    """
    require_role(by, "verifier", of=sampled_field)
    if finding not in (SampledField.Finding.CONFORMS, SampledField.Finding.DEVIATES):
        raise UnknownFinding
    if finding == SampledField.Finding.DEVIATES and not note.strip():
        raise DeviationNeedsNote
    with transaction.atomic():
        verification = Verification.objects.select_for_update().get(
            pk=sampled_field.verification_id
        )
        _require_independence(verification.period, by)
        if verification.status != Verification.Status.DRAWN:
            raise NotDrawn
        sampled_field.finding = finding
        sampled_field.note = note.strip()
        sampled_field.recorded_by = by
        sampled_field.recorded_at = timezone.now()
        sampled_field.save(update_fields=["finding", "note", "recorded_by", "recorded_at"])
        audit.record_event(sampled_field, action="record_finding", by=by, finding=finding)


def close_verification(
    verification: Verification, *, positive: bool, opinion: str = "", by: User
) -> None:
    """Give the opinion, which ends a verification.

    Positive: every sampled field must have a finding. Fields that deviate are void: the period is
    counted again without their kilograms, and that run is the one issued. Negative: the period is
    open again for correction, to be closed and verified anew with a new draw.

    Raises:
        FindingsMissing: a positive opinion before all fields were seen.
        NotDrawn: the opinion has been given, or nothing was drawn.
        NotIndependent: the same person closed the period.
    """
    require_role(by, "verifier", of=verification)
    period = verification.period
    _require_independence(period, by)
    with transaction.atomic():
        status = Verification.Status.POSITIVE if positive else Verification.Status.NEGATIVE
        _move(
            verification,
            Verification.Status.DRAWN,
            NotDrawn(),
            status=status,
            opinion=opinion.strip(),
            closed_by=by,
            closed_at=timezone.now(),
        )
        pending = verification.sample.filter(finding=SampledField.Finding.PENDING).count()
        if positive and pending:
            raise FindingsMissing(count=pending)
        verified, opened = MonitoringPeriod.Status.VERIFIED, MonitoringPeriod.Status.OPEN
        MonitoringPeriod.objects.filter(pk=period.pk).update(
            status=verified if positive else opened
        )
        run = run_to_issue(verification) if positive else verification.run
        audit.record_event(
            verification,
            action="close_verification",
            by=by,
            status=status,
            results_sha256=run.results_sha256,
        )
    period.refresh_from_db(fields=["status"])


def _first_results(run: QuantificationRun) -> dict[str, int]:
    """The first earning result of each field, by the field's code."""
    rows = run.results.filter(gross_kg__gt=0).order_by("-starts_on")
    return dict(rows.values_list("field__code", "pk"))


def _move(verification: Verification, at: str, error: DomainError, /, **changes: Any) -> None:
    """Take a verification on from status `at`; raise `error` if it is not there (any more)."""
    moved = Verification.objects.filter(pk=verification.pk, status=at).update(**changes)
    if not moved:
        raise error
    for name, value in changes.items():
        setattr(verification, name, value)


def _require_independence(period: MonitoringPeriod, by: User) -> None:
    closed = AuditEvent.objects.for_cooperative(period.cooperative).filter(
        action="close_period", object_id=str(period.pk), by=by
    )
    if closed.exists():
        raise NotIndependent
