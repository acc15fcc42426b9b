"""A worker killed at ten random moments leaves the same books and statements as one left alone.

A real Celery worker on the run's own kind of database and broker (SQLite and its embedded broker,
or PostgreSQL and Redis), each in a project of its own. The seed is printed; `KILL_SEED` sets it.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.conftest import ON_POSTGRESQL

HOUSEHOLDS = 48
KILLS = 10
PATIENCE_SECONDS = 240

pytestmark = [pytest.mark.slow, pytest.mark.own_database]


@pytest.fixture(autouse=True)
def proven_books() -> None:
    """The books of these tests are in their own databases; the director proves them there."""


class Project:
    """A database, a broker and a folder of their own, with a director and a worker that may die."""

    def __init__(self, name: str, home: Path) -> None:
        home.mkdir()
        self.log = home / "worker.log"
        self.environment = {
            **os.environ,
            "TIANHUI_VAR": str(home),
            "DJANGO_SETTINGS_MODULE": "aggregator.settings",
            # Tokens of statements are made with the key: both projects hold the same.
            "FIELD_HASH_KEY": "kill-test",
            **own_addresses(name),
        }
        self.director: subprocess.Popen[str] | None = None

    @contextmanager
    def directed(self) -> Iterator[Project]:
        command = [sys.executable, "-m", "tests.payouts.kill_director"]
        with subprocess.Popen(
            command,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as self.director:
            yield self
            assert self.director.stdin
            self.director.stdin.close()

    def tell(self, command: str) -> dict[str, Any]:
        assert self.director
        assert self.director.stdin
        assert self.director.stdout
        self.director.stdin.write(f"{command}\n")
        self.director.stdin.flush()
        answer = self.director.stdout.readline()
        assert answer, "the director died; see its traceback above"
        result: dict[str, Any] = json.loads(answer)
        return result

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """A worker in a group of processes that dies as one, without a word."""
        celery = [sys.executable, "-W", "ignore", "-m", "celery", "-A", "aggregator.celery"]
        options = ["--concurrency", "2", "--without-gossip", "--without-mingle"]
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                [*celery, "worker", "--loglevel", "INFO", *options],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def wait_for_tasks(self, count: int) -> None:
        """Until the worker has taken up `count` tasks, or has nothing left to take."""
        wait_until(
            lambda: (
                self.log.read_text(errors="replace").count(" received") >= count
                or self.tell("look")["done"]
            ),
            why=self.log,
        )


def own_addresses(name: str) -> dict[str, str]:
    """A fresh database and broker of this name on the servers of the run; nothing on SQLite."""
    if not ON_POSTGRESQL:
        return {}
    url = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    broker = urlsplit(os.environ["REDIS_URL"])
    number = {"undisturbed": "14", "disturbed": "15"}[name]
    return {
        "DATABASE_URL": urlunsplit(url._replace(path=f"/{name}")),
        "REDIS_URL": urlunsplit(broker._replace(path=f"/{number}")),
    }


def wait_until(condition: Callable[[], bool], *, why: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, why.read_text(errors="replace")[-3000:]
        time.sleep(0.05)


def run_undisturbed(project: Project) -> dict[str, Any]:
    with project.directed():
        project.tell(f"prepare {HOUSEHOLDS}")
        project.tell("sweep")
        with project.worker():
            wait_until(lambda: project.tell("look")["status"] == "draft", why=project.log)
            project.tell("approve 0")
            project.tell("sweep")
            wait_until(lambda: bool(project.tell("look")["done"]), why=project.log)
        return project.tell("fingerprint")


def run_disturbed(project: Project, chance: random.Random) -> tuple[dict[str, Any], list[str]]:
    """The same work under ten kills; what was there at each of them."""
    moments = []
    with project.directed():
        project.tell(f"prepare {HOUSEHOLDS}")
        for _ in range(KILLS):
            seen = approve_under_fire(project, chance)
            with project.worker():
                project.tell("sweep")
                project.wait_for_tasks(chance.randint(1, 3 if seen["statements"] else 2))
                wait_until(has_come_far(project, seen, chance), why=project.log)
                time.sleep(chance.uniform(0, 0.5))
            seen = project.tell("look")
            moments.append(f"{seen['status']}, {seen['statements']} issued, {seen['pdfs']} PDFs")
            if seen["done"]:
                break
        finish(project)
        return project.tell("fingerprint"), moments


def has_come_far(
    project: Project, seen: dict[str, Any], chance: random.Random
) -> Callable[[], bool]:
    """Whether some PDFs are kept; a chunk is eight: some kills fall before one, some after two."""
    # Before the approval there is nothing to wait for, and some work is left to the last.
    ahead = chance.choice([0, 0, 1, 9]) if seen["status"] == "approved" else 0
    goal = min(seen["pdfs"] + ahead, HOUSEHOLDS - 16)
    return lambda: project.tell("look")["pdfs"] >= goal


def approve_under_fire(project: Project, chance: random.Random) -> dict[str, Any]:
    """Approve a draft that waits; the approving process is killed too, the first three times."""
    seen = project.tell("look")
    for _ in range(3):
        if seen["status"] == "draft":
            seen = project.tell(f"approve {chance.randint(1, 60)}")
    return project.tell("approve 0") if seen["status"] == "draft" else seen


def finish(project: Project) -> None:
    """A worker that is left alone, and the scheduler's sweep, until nothing waits."""
    with project.worker():
        while not project.tell("look")["done"]:
            approve_under_fire(project, random.Random(0))
            project.tell("sweep")
            sweep_again = time.monotonic() + 10
            wait_until(
                lambda again=sweep_again: (  # type: ignore[misc]
                    project.tell("look")["done"] or time.monotonic() > again
                ),
                why=project.log,
            )


def test_a_worker_killed_ten_times_leaves_the_same_books_and_statements(tmp_path: Path) -> None:
    seed = int(os.environ.get("KILL_SEED", random.SystemRandom().randrange(10**6)))
    print(f"KILL_SEED={seed}")
    expected = run_undisturbed(Project("undisturbed", tmp_path / "undisturbed"))
    found, moments = run_disturbed(
        Project("disturbed", tmp_path / "disturbed"), random.Random(seed)
    )
    print(*moments, sep="\n")

    assert len(found["statements"]) == HOUSEHOLDS
    assert len(found["entries"]) == 2  # one receipt, one settlement
    assert {status for _, status in found["pdfs"]} == {"ready"}
    assert found["stored"] is True
    assert found == expected
    # The kills met work in hand: had all been done before, nothing would have been tried.
    assert len(moments) == KILLS
