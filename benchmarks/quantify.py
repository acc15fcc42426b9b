"""Counting a period's tonnes, against writing the same result rows by the bulk path.

Each database is measured in a process and a directory of its own, both ways in one run, on the
same table with its indexes and foreign keys. FIELDS sets the size.
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
        command = [sys.executable, "-m", "benchmarks.quantify"]
        printed = subprocess.run(
            command, env=environment, check=True, stdout=subprocess.PIPE, text=True
        ).stdout
    found = json.loads(printed.splitlines()[-1])
    return (
        f"| {database} | {found['count']:.1f} s | {found['bulk']:.1f} s"
        f" | {found['count'] / found['bulk']:.1f} | {found['peak_mb']:.0f} MB |"
    )


def measure() -> dict[str, float]:
    """Both ways on the configured database, in seconds; memory up to the end of the count."""
    from django.core.management import call_command
    from django.db import transaction

    from benchmarks import quantify_rows as rows
    from credits.monitoring import count_period

    call_command("migrate", verbosity=0)
    period = rows.make_pool(FIELDS)
    found = {}
    counted = []

    def count() -> None:
        with transaction.atomic():
            counted.append(count_period(period))

    found["count"] = _seconds(count)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    [run] = counted
    finished = rows.finished_rows(run, rows.open_copy(run))
    found["bulk"] = _seconds(lambda: rows.write_plainly(finished))
    return {**found, "peak_mb": peak / 1024}


def _seconds(step: Callable[[], Any]) -> float:
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aggregator.settings")
    django.setup()
    print(json.dumps(measure()))
