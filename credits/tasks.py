"""Wake-up calls of the tonnes' floor; each may come twice, late or never."""

from celery import shared_task

from credits import block_proof, buffer_release, overlap_check


@shared_task
def check_waiting_land() -> None:
    overlap_check.check_waiting_land()


@shared_task
def check_credits() -> None:
    block_proof.prove_credits()


@shared_task
def release_buffers() -> None:
    buffer_release.release_due_buffers()
