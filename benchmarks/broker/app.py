"""A Celery application with the project's worker settings, on the broker named in the environment.

Its tasks only write down, in a file, that they began and ended.
"""

import os
import time
from pathlib import Path

from celery import Celery

HOME = Path(os.environ["BROKER_HOME"])
NOTES = HOME / "notes.txt"


def broker_settings(name: str) -> dict[str, object]:
    if name == "filesystem":
        folders = {
            "data_folder_in": "queue",
            "data_folder_out": "queue",
            "control_folder": "control",
        }
        for folder in folders.values():
            (HOME / folder).mkdir(exist_ok=True)
        paths = {option: str(HOME / folder) for option, folder in folders.items()}
        return {"broker_url": "filesystem://", "broker_transport_options": paths}
    return {"broker_url": f"sqla+sqlite:///{HOME / 'broker.sqlite3'}"}


app = Celery("experiment")
app.conf.update(
    broker_settings(os.environ["BROKER"]),
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
)


def note(event: str, number: int) -> None:
    # One short O_APPEND write: lines of several processes do not mix.
    with NOTES.open("a") as file:
        file.write(f"{event} {number} {os.getpid()} {time.time()}\n")


@app.task
def quick(number: int) -> None:
    note("end", number)


@app.task
def slow(number: int) -> None:
    note("begin", number)
    time.sleep(1.5)
    note("end", number)
