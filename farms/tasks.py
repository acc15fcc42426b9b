"""Wake-up calls of the land; each may come twice, late or never."""

from celery import shared_task

from aggregator import upload_jobs, uploads
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
