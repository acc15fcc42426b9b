"""Wake-up calls of the tonnes' floor; each may come twice, late or never."""

from celery import shared_task

from credits.counting import quantification_jobs
from credits.pooling import overlap_check
from credits.tonnes import block_proof, buffer_release


@shared_task
def check_waiting_land() -> None:
    overlap_check.check_waiting_land()


@shared_task
def check_credits() -> None:
    block_proof.prove_credits()


@shared_task
def release_buffers() -> None:
    buffer_release.release_due_buffers()


@shared_task
def run_quantification(pk: int) -> None:
    quantification_jobs.run_job(pk)


@shared_task
def sweep_quantification() -> None:
    for pk in quantification_jobs.waiting_jobs():
        run_quantification.delay(pk)


@shared_task
def discard_drafts() -> None:
    quantification_jobs.discard_drafts()
