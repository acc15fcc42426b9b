"""Wake-up calls of the ground floor; each may come twice, late or never."""

import logging

from celery import shared_task

from aggregator import duplicates, list_orders, sign_in, sms

logger = logging.getLogger(__name__)


@shared_task
def forget_ended_sessions() -> None:
    sign_in.forget_ended_sessions()


@shared_task
def send_messages() -> None:
    sms.send_waiting()


@shared_task
def find_duplicates() -> None:
    duplicates.find_all_duplicates()


@shared_task
def write_list_file(pk: int) -> None:
    try:
        list_orders.write_list_file(pk)
    except list_orders.TakenOver:
        logger.info("list %s is another worker's by now", pk)
    except Exception:
        logger.exception("list %s could not be written", pk)
        list_orders.fail_list_file(pk)


@shared_task
def sweep_list_files() -> None:
    list_orders.forget_list_files()
    for pk in list_orders.waiting_lists().values_list("pk", flat=True):
        write_list_file.delay(pk)
