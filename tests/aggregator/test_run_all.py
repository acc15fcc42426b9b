"""`manage.py run_all`: one command brings up web, worker and scheduler, and takes them down."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError

from aggregator.celery import app
from aggregator.management.commands.run_all import forget_delivered, make_commands, refuse_busy_port


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
def test_everything_comes_up_answers_and_goes_down_with_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    environment = {
        **{k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}},
        "TIANHUI_VAR": str(tmp_path),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    command = [sys.executable, "manage.py", "run_all", "--no-demo", "--port", str(port)]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert process.stdout
        until_up = []
        for line in process.stdout:
            until_up.append(line)
            if f"http://127.0.0.1:{port}/" in line:
                break
        assert "Ctrl-C stops it" in until_up[-1]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/admin/login/", timeout=20) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        # The end of file comes only when no process of the three is left.
        rest, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert "Stopping." in rest
    assert process.returncode == 0


def test_a_busy_port_is_said_before_anything_starts() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=f"127.0.0.1:{port}"):
            refuse_busy_port("127.0.0.1", port)


def test_what_runs_is_web_workers_and_scheduler_of_this_python() -> None:
    commands = make_commands("0.0.0.0", 8123)
    assert list(commands) == ["web", "worker", "printer", "scheduler"]
    assert all(command[0] == sys.executable for command in commands.values())
    assert "0.0.0.0:8123" in commands["web"]


def test_every_queue_has_a_reader_and_printing_has_its_own() -> None:
    read = {
        command[command.index("-Q") + 1]
        for command in make_commands("0.0.0.0", 8123).values()
        if "-Q" in command
    }
    assert read == {queue.name for queue in settings.CELERY_TASK_QUEUES}
    assert queue_of("payouts.tasks.render_pdfs") == "printing"
    assert queue_of("payouts.tasks.draft_settlement") == "celery"


def queue_of(task: str) -> str:
    return str(app.amqp.router.route({}, task)["queue"].name)


def test_delivered_messages_are_forgotten_and_waiting_ones_kept(tmp_path: Path) -> None:
    broker = tmp_path / "broker.sqlite3"
    forget_delivered(broker)  # a first start: no table yet
    with sqlite3.connect(broker) as connection:
        connection.execute("CREATE TABLE kombu_message (id INTEGER, visible BOOLEAN)")
        connection.execute("INSERT INTO kombu_message VALUES (1, 0), (2, 1)")
    forget_delivered(broker)
    with sqlite3.connect(broker) as connection:
        assert connection.execute("SELECT id FROM kombu_message").fetchall() == [(2,)]
