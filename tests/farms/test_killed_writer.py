"""A worker killed with -9 while it writes thousands of plots: nothing is half, and all comes once.

Real processes on a database of the run's own kind.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.conftest import ON_POSTGRESQL

PLOTS = 3000
DATABASE = "killed_writer"

pytestmark = [pytest.mark.slow, pytest.mark.own_database]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    own = {"TIANHUI_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "aggregator.settings"}
    if ON_POSTGRESQL:
        address = os.environ["DATABASE_URL"]
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {DATABASE}")
        own["DATABASE_URL"] = urlunsplit(urlsplit(address)._replace(path=f"/{DATABASE}"))
    return {**os.environ, **own}


def direct(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "tests.farms.upload_director", *command]
    return subprocess.run(program, env=environment, text=True, capture_output=True, check=False)


def look(environment: dict[str, str]) -> dict[str, Any]:
    answer = direct(environment, "look")
    assert answer.returncode == 0, answer.stderr
    seen: dict[str, Any] = json.loads(answer.stdout)
    return seen


def test_a_writer_killed_twice_leaves_nothing_and_the_third_writes_each_plot_once(
    environment: dict[str, str], tmp_path: Path
) -> None:
    prepared = direct(environment, "prepare", str(PLOTS), str(tmp_path))
    assert prepared.returncode == 0, prepared.stderr
    none = dict.fromkeys(("field", "boundary", "tenure"), 0)
    each = dict.fromkeys(none, PLOTS)
    for death in ("die_between_tables", "die_before_the_end"):
        killed = direct(environment, death)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert look(environment) == {
            "status": "writing",
            "rows": PLOTS,
            "runs": 0,
            "written": none,
            "changes": none,
        }
    assert direct(environment, "work").returncode == 0
    done = {"status": "done", "rows": 0, "written": each, "changes": each, "runs": 1}
    assert look(environment) == done
    # Another worker that comes late finds nothing to do.
    assert direct(environment, "work").returncode == 0
    assert look(environment) == done
