"""Wake-up calls of the ground floor; each may come twice, late or never."""

from celery import shared_task

from aggregator import duplicates, sign_in


@shared_task
def forget_ended_sessions() -> None:
    sign_in.forget_ended_sessions()


@shared_task
def find_duplicates() -> None:
    duplicates.find_all_duplicates()
