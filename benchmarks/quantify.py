"""Counting a period's tonnes by a worker, against writing the same result rows by the bulk path.

Each database has a directory of its own and each step a process, so that the count's memory is its
own; both ways write the same table with its indexes and foreign keys. FIELDS sets the size.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FIELDS = int(os.environ.get("FIELDS", "100000"))


def run() -> None:
    """Measure on both databases and print one table."""
    from tests.services import start_postgresql

    print(f"{FIELDS:,} field-years")
    print()
    print("| database | count | the same rows in bulk | count ÷ bulk | peak memory |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="tianhui-") as name:
        parent = Path(name)
        parent.chmod(0o755)
        print(_row("SQLite", f"sqlite:///{parent / 'bench.sqlite3'}"), flush=True)
        with start_postgresql(parent) as url:
            print(_row("PostgreSQL", url), flush=True)


def _row(database: str, url: str) -> str:
    with tempfile.TemporaryDirectory() as var:
        environment = {**os.environ, "DATABASE_URL": url, "TIANHUI_VAR": var}
        for step in STEPS:
            command = [sys.executable, "-m", "benchmarks.quantify", step]
            printed = subprocess.run(
                command, env=environment, check=True, stdout=subprocess.PIPE, text=True
            ).stdout
            environment |= {"FOUND": printed.splitlines()[-1]}
    found = json.loads(environment["FOUND"])
    return (
        f"| {database} | {found['count']:.1f} s | {found['bulk']:.1f} s"
        f" | {found['count'] / found['bulk']:.1f} | {found['peak_mb']:.0f} MB |"
    )


def make(_found: dict[str, float]) -> dict[str, float]:
    """The pool, on a database of its own; unrecorded, for the log would take most of the time."""
    from django.core.management import call_command
    from django.db import connection

    from aggregator.record_triggers import lift_triggers
    from benchmarks import quantify_rows as rows

    call_command("migrate", verbosity=0)
    with lift_triggers(connection):
        period = rows.make_pool(FIELDS)
    rows.ask_for_count(period)
    return {}


def count(_found: dict[str, float]) -> dict[str, float]:
    """What a worker does with the job, and what the process has needed at most."""
    from credits.counting.quantification_jobs import run_job, waiting_jobs

    [job] = waiting_jobs()
    seconds = _seconds(lambda: run_job(job))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"count": seconds, "peak_mb": peak / 1024}


def bulk(found: dict[str, float]) -> dict[str, float]:
    """The same rows once more, finished beforehand."""
    from benchmarks import quantify_rows as rows

    run = rows.counted_run()
    finished = rows.finished_rows(run, rows.open_copy(run))
    return {**found, "bulk": _seconds(lambda: rows.write_plainly(finished))}


STEPS: dict[str, Callable[[dict[str, float]], dict[str, float]]] = {
    step.__name__: step for step in (make, count, bulk)
}


def _seconds(step: Callable[[], Any]) -> float:
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aggregator.settings")
    django.setup()
    print(json.dumps(STEPS[sys.argv[1]](json.loads(os.environ.get("FOUND", "{}")))))
