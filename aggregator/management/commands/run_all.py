"""``manage.py run_all``: web, workers and scheduler together, on a database made ready first.

Decides nothing about money or members; `make run` is its usual caller.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser

from aggregator.supervisor import supervise


class Command(BaseCommand):
    help = "Migrate, load the demo into an empty database, run web, worker and scheduler."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")

    def handle(self, *args: Any, host: str, port: int, no_demo: bool, **options: Any) -> None:
        refuse_busy_port(host, port)
        call_command("migrate", verbosity=0)
        if "prepare_fonts" in get_commands():
            call_command("prepare_fonts")
        if not settings.REDIS_URL:
            forget_delivered(settings.VAR_DIR / "broker.sqlite3")
        call_command("prepare_fonts")
        if not no_demo and "load_demo" in get_commands():
            call_command("load_demo", "--if-empty")
        code = supervise(
            make_commands(host, port), say=self.say, on_tick=self.announcer(host, port)
        )
        if code:
            sys.exit(code)

    def say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()

    def announcer(self, host: str, port: int) -> Callable[[], None]:
        """A tick that says once where to look, when the web server answers."""
        pending = [True]

        def announce() -> None:
            if pending and is_listening(host, port):
                pending.clear()
                if "load_demo" in get_commands():
                    call_command("load_demo", "--show-sign-ins", stdout=self.stdout)
                self.say(f"Tianhui is at {settings.PUBLIC_URL}/ (staff: /admin/). Ctrl-C stops it.")

        return announce


def forget_delivered(broker: Path) -> None:
    """Delete the messages the embedded broker has handed out; it keeps them for ever otherwise."""
    with closing(sqlite3.connect(broker)) as connection, suppress(sqlite3.OperationalError):
        # No such table: the first start.
        connection.execute("DELETE FROM kombu_message WHERE NOT visible")
        connection.commit()


def refuse_busy_port(host: str, port: int) -> None:
    """Say so now, rather than let the web server fail after everything else has started."""
    if is_listening(host, port):
        raise CommandError(f"Something already answers on {host}:{port}. Try: make run PORT=8001")


def is_listening(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex((host, port)) == 0


def make_commands(host: str, port: int) -> dict[str, list[str]]:
    """What runs, by name: gunicorn, a Celery worker, one for printing, and Celery's beat."""
    # Root in a container is the person's choice; one screen of warning about it helps nobody.
    python = [sys.executable, "-W", "ignore:You're running the worker with superuser"]
    celery = [*python, "-m", "celery", "-A", "aggregator.celery", "--quiet"]
    gunicorn = [sys.executable, "-m", "gunicorn", "aggregator.wsgi:application"]
    quiet = ["--loglevel", "WARNING"]
    # One worker reads each queue: nothing is gained from gossip with others.
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    worker = [*celery, "worker", *quiet, *alone]
    printers = max(1, (os.cpu_count() or 1) - 1)
    return {
        "web": [*gunicorn, "--bind", f"{host}:{port}", "--workers", "2", "--log-level", "warning"],
        "worker": [*worker, "-n", "worker@%h", "-Q", "celery", "-c", "1"],
        "printer": [*worker, "-n", "printer@%h", "-Q", "printing", "-c", str(printers)],
        "scheduler": [*celery, "beat", *quiet, "--pidfile", ""],
    }
