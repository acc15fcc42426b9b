"""Wake-up calls of the land; each may come twice, late or never."""

from celery import shared_task

from aggregator import upload_jobs, uploads
from aggregator.models import Cooperative
from farms import evidence_checks, grain_guard
from farms.map import village_counts
from farms.upload_kinds import KINDS


@shared_task
def run_upload(pk: int) -> None:
    upload_jobs.run_upload(pk, kinds=KINDS)


@shared_task
def sweep_uploads() -> None:
    for pk in upload_jobs.waiting_uploads():
        run_upload.delay(pk)


@shared_task
def forget_uploads() -> None:
    uploads.forget_uploads()


@shared_task
def examine_evidence() -> None:
    if evidence_checks.examine_pending():
        examine_evidence.delay()


@shared_task
def refresh_grain_flags() -> None:
    for cooperative in Cooperative.objects.all():
        grain_guard.refresh_flags(cooperative)


@shared_task
def count_villages() -> None:
    village_counts.refresh_counts()
