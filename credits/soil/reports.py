"""Laboratories' sheets as they came: kept sealed, handed out again whole, withdrawn with a reason.

Nothing of a report or its layers is deleted: withdrawn, they stay to be read and count no more.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.errors import BadInput, DomainError
from aggregator.locks import lock_cooperative
from aggregator.models import User
from aggregator.roles import NotYours, require_role
from aggregator.sealed_files import SEALED_SUFFIX, SealBroken, opened, sealed
from credits.models import MonitoringPeriod, SoilCampaign, SoilLayer, SoilReport
from credits.verifying.verifiers import require_verifier

Status = SoilCampaign.Status
FROZEN = (MonitoringPeriod.Status.VERIFIED, MonitoringPeriod.Status.ISSUED)
MAX_REASON = 500


class SayWhyWithdrawn(BadInput):
    code = "say_why_withdrawn"
    message = _("Say why the results are withdrawn, in at most 500 characters.")


class ReportWithdrawn(DomainError):
    code = "soil_report_withdrawn"
    message = _("These results were withdrawn already.")


class ResultsInUse(DomainError):
    code = "soil_results_in_use"
    message = _("Period %(period)s was verified with these results; they stay as they are.")


class RoundGoneOn(DomainError):
    code = "soil_round_gone_on"
    message = _("Round %(number)s goes on from this one; its results stay as they are.")


class PeriodOfAnother(BadInput):
    code = "period_of_another_project"
    message = _("This period belongs to another project.")


def keep_report(campaign: SoilCampaign, path: Path, *, laboratory: str, by: User) -> SoilReport:
    """Keep a sheet as the round's next version, in the caller's transaction."""
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    name = f"soil/{campaign.cooperative.code}/{sha256[:2]}/{sha256}{path.suffix.lower()}"
    name += SEALED_SUFFIX
    if not default_storage.exists(name):
        with path.open("rb") as plain, sealed(File(plain)) as stored:
            name = default_storage.save(name, stored)
    last = campaign.reports.aggregate(last=Max("number"))["last"] or 0
    return SoilReport.objects.create(
        cooperative_id=campaign.cooperative_id,
        campaign=campaign,
        number=last + 1,
        laboratory=laboratory,
        file_name=path.name[-200:],
        file=name,
        sha256=sha256,
        taken_by=by,
    )


def open_report(report: SoilReport, *, by: User) -> bytes:
    """The sheet, byte for byte as it came.

    Raises:
        SealBroken: the stored file is gone, or is not the one that came.
    """
    require_verifier(by, "operator", "approver", project=report.campaign.project)
    name = str(report.file.name)
    if not default_storage.exists(name):
        raise SealBroken
    with opened(Path(default_storage.path(name))) as plain:
        content = plain.read_bytes()
    if hashlib.sha256(content).hexdigest() != report.sha256:
        raise SealBroken
    audit.record_event(report, action="open_soil_report", by=by, sha256=report.sha256)
    return content


def withdraw_results(report: SoilReport, *, reason: str, by: User) -> SoilReport:
    """Let a sheet's layers count no more; its round is open again for another sheet.

    Raises:
        SayWhyWithdrawn: no reason.
        ReportWithdrawn: it was withdrawn before.
        ResultsInUse: the round's period is verified.
        RoundGoneOn: a later round goes on from this one.
    """
    require_role(by, User.Role.OPERATOR, of=report)
    why = reason.strip()
    if not 0 < len(why) <= MAX_REASON:
        raise SayWhyWithdrawn
    with transaction.atomic():
        lock_cooperative(report.cooperative_id)
        campaign = SoilCampaign.objects.get(pk=report.campaign_id)
        _refuse_frozen(campaign)
        moved = SoilReport.objects.filter(pk=report.pk, withdrawn_at=None).update(
            withdrawn_at=timezone.now(), withdrawn_by=by, reason=why
        )
        if not moved:
            raise ReportWithdrawn
        layers = SoilLayer.objects.filter(report=report).update(withdrawn=True)
        # A closed round would have points without results.
        SoilCampaign.objects.filter(pk=campaign.pk, status=Status.CLOSED).update(
            status=Status.DRAWN
        )
        audit.record_event(report, action="withdraw_soil_results", by=by, reason=why, layers=layers)
    report.refresh_from_db()
    return report


def tie_round(campaign: SoilCampaign, *, period: MonitoringPeriod, by: User) -> SoilCampaign:
    """Say which period a round's answer is for, until that period is verified.

    Raises:
        PeriodOfAnother, NotYours: the period is another project's or cooperative's.
        ResultsInUse: the period tied before, or the one to be tied, is verified.
    """
    require_role(by, User.Role.OPERATOR, of=campaign)
    if period.cooperative_id != campaign.cooperative_id:
        raise NotYours
    if period.project_id != campaign.project_id:
        raise PeriodOfAnother
    with transaction.atomic():
        lock_cooperative(campaign.cooperative_id)
        locked = SoilCampaign.objects.get(pk=campaign.pk)
        _refuse_verified(locked.period)
        _refuse_verified(MonitoringPeriod.objects.get(pk=period.pk))
        locked.period = period
        locked.save(update_fields=["period"])
        audit.record_event(locked, action="tie_soil_round", by=by, period=period.code)
    return locked


def may_withdraw(report: SoilReport) -> bool:
    """Whether a sheet could be withdrawn now, for the button."""
    try:
        _refuse_frozen(report.campaign)
    except DomainError:
        return False
    return report.withdrawn_at is None


def _refuse_frozen(campaign: SoilCampaign) -> None:
    _refuse_verified(campaign.period)
    if (later := campaign.followed_by.first()) is not None:
        _refuse_verified(later.period)
        raise RoundGoneOn(number=later.number)


def _refuse_verified(period: MonitoringPeriod | None) -> None:
    if period is not None and period.status in FROZEN:
        raise ResultsInUse(period=period.code)
