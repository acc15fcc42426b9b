"""Settling many households, against the same rows by the bulk path and against the ORM's loop.

Each database is measured in a process and a directory of its own: all three ways in one run, on
the same tables with their indexes, foreign keys and triggers. HOUSEHOLDS sets the size.
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

HOUSEHOLDS = int(os.environ.get("HOUSEHOLDS", "100000"))


def run() -> None:
    """Measure on both databases and print one table."""
    from tests.services import start_postgresql

    print(f"{HOUSEHOLDS:,} households of two fields, four deductions")
    print()
    print("| database | settle: draft + approve | bulk insert | ORM loop | peak memory |")
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
        command = [sys.executable, "-m", "benchmarks.settlement"]
        printed = subprocess.run(
            command, env=environment, check=True, stdout=subprocess.PIPE, text=True
        ).stdout
    found = json.loads(printed.splitlines()[-1])
    ours, bulk, loop = found["draft"] + found["approve"], found["bulk"], found["loop"]
    return (
        f"| {database} | {found['draft']:.1f} + {found['approve']:.1f} = {ours:.1f} s"
        f" | {bulk:.1f} s; settling takes {ours / bulk:.1f} times this"
        f" | {loop:.0f} s; settling is {loop / ours:.1f} times faster"
        f" | {found['peak_mb']:.0f} MB |"
    )


def measure() -> dict[str, float]:
    """All three ways on the configured database, in seconds; draft and approval apart."""
    from django.core.management import call_command

    from benchmarks import settlement_rows as rows

    call_command("migrate", verbosity=0)
    pool = rows.make_pool(HOUSEHOLDS)
    found = {}
    settled = rows.request(pool)
    found["draft"] = _seconds(lambda: rows.draft(settled))
    found["approve"] = _seconds(lambda: rows.approve(settled, pool))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    copies = rows.copy_of(settled)
    found["bulk"] = _seconds(lambda: rows.insert_in_bulk(copies))
    found["loop"] = _seconds(lambda: rows.settle_in_a_loop(pool))
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
