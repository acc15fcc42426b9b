"""The independent look at a period: list published, sample drawn, findings, opinion.

The list's hash is kept before the seed is known. Findings and the opinion are the verifier's
alone: who closed the period may not judge it, whatever role he has now.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.errors import BadInput, DomainError
from aggregator.models import AuditEvent, User
from credits.counting.monitoring import count_period, run_to_issue
from credits.models import (
    CorrectiveAction,
    FieldResult,
    FindingEntry,
    MonitoringPeriod,
    PopulationList,
    QuantificationRun,
    SampledField,
    Verification,
)
from credits.terms.requirements import require_all
from credits.verifying.corrections import extrapolate
from credits.verifying.population import (
    draw_again,
    hash_population,
    list_population,
    pack_list,
    write_population,
)
from credits.verifying.sample_rules import AREA, REJECTED, Rule, read_rule, size_sample
from credits.verifying.sampling import MAX_DRAWS
from credits.verifying.verifiers import require_verifier

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


class ListTooLong(DomainError):
    code = "list_too_long"
    message = _("The rule of the sample cannot be drawn: it takes more than %(limit)s draws.")


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


class BadOverclaim(BadInput):
    code = "bad_overclaim"
    message = _("A field that deviates claims too much by 1 to %(most)s kg; any other by nothing.")


class ActionsOpen(DomainError):
    code = "actions_open"
    message = _("%(count)s corrective action requests are not closed yet.")


class UnknownCorrection(BadInput):
    code = "unknown_correction"
    message = _("A correction voids the deviating fields only, or extrapolates.")


class FindingsMissing(DomainError):
    code = "findings_missing"
    message = _("%(count)s sampled fields have no finding yet.")


class NotIndependent(DomainError):
    code = "not_independent"
    message = _("Whoever closed the period cannot verify it.")
    status = 403


def prepare_verification(period: MonitoringPeriod, *, body: str, by: User) -> Verification:
    """Publish the list of a closed period and the rule by which a sample will be drawn from it.

    The period is counted once more, so that list and records agree; from here on they are frozen.

    Raises:
        RequirementsMissing: the program asks for papers or conditions that nobody has seen.
        PeriodNotClosed, NothingToVerify, ListTooLong: the period is not ready.
        VerificationUnderWay: one is prepared, drawn or positive already.
    """
    require_verifier(by, "operator", project=period.project)
    if not 0 < len(body.strip()) <= MAX_BODY:
        raise BodyMissing
    with transaction.atomic():
        locked = MonitoringPeriod.objects.select_for_update().get(pk=period.pk)
        if locked.verifications.exclude(status=Verification.Status.NEGATIVE).exists():
            raise VerificationUnderWay(code=locked.code)
        if locked.status != MonitoringPeriod.Status.CLOSED:
            raise PeriodNotClosed(code=locked.code)
        require_all(locked)
        run = count_period(locked)
        codes = list_population(run)
        if not codes:
            raise NothingToVerify(code=locked.code)
        rule = read_rule(locked.project.terms)
        _check_rounds(rule, len(codes))
        verification = _publish(run, codes, body=body.strip(), rule=rule)
        audit.record_event(
            verification,
            action="prepare_verification",
            by=by,
            population_sha256=verification.population_sha256,
            list_sha256=verification.list_sha256,
        )
    return verification


def _check_rounds(rule: Rule, population: int) -> None:
    """The algorithm counts its rounds in two octets; a draw by area goes through the whole list."""
    rounds = population + 1 if rule.name == AREA else size_sample(rule, population)
    if rounds > MAX_DRAWS:
        raise ListTooLong(limit=MAX_DRAWS)


def _publish(run: QuantificationRun, codes: list[str], *, body: str, rule: Rule) -> Verification:
    salt = secrets.token_hex(32)
    content = write_population(run, codes, salt=salt)
    verification = Verification.objects.create(
        cooperative_id=run.cooperative_id,
        period=run.period,
        run=run,
        body=body,
        population_sha256=hash_population(run, codes),
        population_size=len(codes),
        public_code=secrets.token_hex(16),
        list_sha256=hashlib.sha256(content).hexdigest(),
        rule=rule.as_terms(),
        correction=run.period.project.terms.get("correction_rule", Verification.Correction.VOID),
    )
    PopulationList.objects.create(
        cooperative_id=run.cooperative_id,
        verification=verification,
        salt=salt,
        content=pack_list(content),
    )
    return verification


def draw_sample(verification: Verification, *, seed: str, by: User) -> list[SampledField]:
    """Draw the sample by the published rule and RFC 3797, and keep it in the order drawn.

    A field in the hands of two operators is drawn once, and stands in the sample with its first
    result. Rejected draws are kept among the steps.

    Raises:
        SeedMissing, SeedUsed: no seed, or one whose draw is known from an earlier verification.
        AlreadyDrawn: there is a sample.
    """
    require_verifier(by, "operator", project=verification.period.project)
    key = seed.strip()
    if not 0 < len(key) <= MAX_SEED:
        raise SeedMissing
    if verification.period.verifications.exclude(pk=verification.pk).filter(seed=key).exists():
        raise SeedUsed
    with transaction.atomic():
        verification.seed = key
        steps = draw_again(verification)
        taken = [step for step in steps if step.fate != REJECTED]
        _move(
            verification,
            Verification.Status.PREPARED,
            AlreadyDrawn(),
            status=Verification.Status.DRAWN,
            seed=key,
            sample_size=len(taken),
            steps=[[step.place, step.fate] for step in steps],
        )
        codes = list_population(verification.run)
        first = _first_results(verification.run)
        SampledField.objects.bulk_create(
            SampledField(
                cooperative_id=verification.cooperative_id,
                verification=verification,
                result_id=first[codes[step.place - 1]],
                position=position,
                place=step.place,
                chosen=step.fate,
            )
            for position, step in enumerate(taken, start=1)
        )
        audit.record_event(verification, action="draw_sample", by=by, seed=key, size=len(taken))
    return list(verification.sample.all())


def record_finding(
    sampled_field: SampledField,
    *,
    finding: str,
    note: str = "",
    overclaimed_kg: int | None = None,
    by: User,
) -> None:
    """Write down what the verifier saw; until the opinion it can be written anew.

    Every entry is kept. `overclaimed_kg` is the part of a deviating field's claim that is too
    much; None is all of it.

    Raises:
        UnknownFinding, DeviationNeedsNote, BadOverclaim: what was sent cannot be kept.
        NotDrawn: the opinion has been given.
    """
    require_verifier(by, project=sampled_field.verification.period.project)
    if finding not in (SampledField.Finding.CONFORMS, SampledField.Finding.DEVIATES):
        raise UnknownFinding
    deviates = finding == SampledField.Finding.DEVIATES
    if deviates and not note.strip():
        raise DeviationNeedsNote
    _check_overclaim(sampled_field, overclaimed_kg, deviates=deviates)
    with transaction.atomic():
        verification = Verification.objects.select_for_update().get(
            pk=sampled_field.verification_id
        )
        _require_independence(verification.period, by)
        if verification.status != Verification.Status.DRAWN:
            raise NotDrawn
        entry = FindingEntry.objects.create(
            cooperative_id=sampled_field.cooperative_id,
            sampled_field=sampled_field,
            finding=finding,
            overclaimed_kg=overclaimed_kg,
            note=note.strip(),
            recorded_by=by,
        )
        sampled_field.finding = finding
        sampled_field.overclaimed_kg = overclaimed_kg
        sampled_field.note = entry.note
        sampled_field.recorded_by = by
        sampled_field.recorded_at = entry.recorded_at
        sampled_field.save(
            update_fields=["finding", "overclaimed_kg", "note", "recorded_by", "recorded_at"]
        )
        audit.record_event(
            sampled_field, action="record_finding", by=by, finding=finding, entry=entry.pk
        )


def _check_overclaim(sampled: SampledField, overclaimed_kg: int | None, *, deviates: bool) -> None:
    if overclaimed_kg is None:
        return
    claimed_kg = claim_of(sampled)
    if not deviates or not 0 < overclaimed_kg <= claimed_kg:
        raise BadOverclaim(most=claimed_kg)


def close_verification(
    verification: Verification,
    *,
    positive: bool,
    opinion: str = "",
    correction: str = "",
    by: User,
) -> None:
    """Give the opinion, which ends a verification.

    Positive: every sampled field must have a finding. By `correction` (empty: as the program's
    terms had it when the list was published) fields that deviate are void, or each loses what it
    claimed too much and the fields not sampled the part that the sample estimates; the run so
    corrected is the one issued. Negative: the period is open again for correction, to be closed
    and verified anew with a new draw.

    Raises:
        FindingsMissing, ActionsOpen: a positive opinion before all fields were seen, or while a
            corrective action is not closed.
        UnknownCorrection: there is no such correction.
        NotDrawn: the opinion has been given, or nothing was drawn.
        NotIndependent: the same person closed the period.
    """
    period = verification.period
    require_verifier(by, project=period.project)
    _require_independence(period, by)
    correction = correction or verification.correction
    if correction not in Verification.Correction:
        raise UnknownCorrection
    with transaction.atomic():
        status = Verification.Status.POSITIVE if positive else Verification.Status.NEGATIVE
        _move(
            verification,
            Verification.Status.DRAWN,
            NotDrawn(),
            status=status,
            opinion=opinion.strip(),
            correction=correction,
            closed_by=by,
            closed_at=timezone.now(),
        )
        if positive:
            _require_all_seen(verification)
        verified, opened = MonitoringPeriod.Status.VERIFIED, MonitoringPeriod.Status.OPEN
        MonitoringPeriod.objects.filter(pk=period.pk).update(
            status=verified if positive else opened
        )
        run = run_to_issue(verification) if positive else verification.run
        if positive and correction == Verification.Correction.EXTRAPOLATE:
            verification.overstatement = str(extrapolate(verification).overstatement.ratio)
            verification.save(update_fields=["overstatement"])
        audit.record_event(
            verification,
            action="close_verification",
            by=by,
            status=status,
            results_sha256=run.results_sha256,
        )
    period.refresh_from_db(fields=["status"])


def _require_all_seen(verification: Verification) -> None:
    pending = verification.sample.filter(finding=SampledField.Finding.PENDING).count()
    if pending:
        raise FindingsMissing(count=pending)
    open_actions = verification.corrective_actions.exclude(status=CorrectiveAction.Status.CLOSED)
    if waiting := open_actions.count():
        raise ActionsOpen(count=waiting)


def claim_of(sampled: SampledField) -> int:
    """The kilograms a sampled field claims, in whosever hands it was in the period."""
    rows = FieldResult.objects.filter(
        run_id=sampled.verification.run_id, field_id=sampled.result.field_id
    )
    return int(rows.aggregate(kg=Sum("gross_kg"))["kg"])


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
