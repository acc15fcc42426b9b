"""The long lists and the map of a cooperative with 2,000 and of one with 200,000 fields.

Both are in one database and are asked in turn; the median of several answers counts. Each database
is measured in a process of its own. FIELDS sets the size, LIST the lists by a part of their name.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.list_questions import FILES, LISTS

SMALL, LARGE = 2_000, int(os.environ.get("FIELDS", "200000"))
ONLY = os.environ.get("LIST", "")
REPEATS, PATIENCE_SECONDS = 5, 0.8


def run() -> None:
    """Measure on both databases, or on the one of DATABASE_URL, and print a table each."""
    from tests.services import start_postgresql

    with tempfile.TemporaryDirectory(prefix="tianhui-") as name:
        parent = Path(name)
        parent.chmod(0o755)
        if given := os.environ.get("DATABASE_URL"):
            _print_tables(given.partition(":")[0], given)
            return
        _print_tables("SQLite", f"sqlite:///{parent / 'bench.sqlite3'}")
        with start_postgresql(parent) as url:
            _print_tables("PostgreSQL", url)


def _print_tables(database: str, url: str) -> None:
    with tempfile.TemporaryDirectory() as var:
        environment = {**os.environ, "DATABASE_URL": url, "TIANHUI_VAR": var}
        command = [sys.executable, "-m", "benchmarks.lists"]
        done = subprocess.run(
            command, env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
    found = json.loads(done.stdout.splitlines()[-1])
    print(f"\nSeeded in {found['seeding']:.0f} s, villages counted in {found['counting']:.0f} s.")
    print(f"\n| {database} | {SMALL:,} fields | {LARGE:,} fields | ratio |\n|---|---:|---:|---:|")
    for question, (small, large) in found["pages"].items():
        ratio = large / small
        print(f"| {question} | {small * 1000:.0f} ms | {large * 1000:.0f} ms | {ratio:.2f} |")
    for name, (seconds, megabytes) in found["files"].items():
        print(f"| all as {name} | | {seconds:.1f} s, {megabytes:.1f} MB | |")
    print(f"\nPeak memory with the files: {found['peak_mb']:.0f} MB.", flush=True)


def measure() -> dict[str, Any]:
    from django.core.management import call_command
    from django.test import Client

    from farms.map.village_counts import refresh_counts

    start = time.perf_counter()
    call_command("migrate", verbosity=0)
    clients = {}
    for count in (SMALL, LARGE):
        client = Client()
        client.force_login(_operator_of(count))
        clients[count] = client
    _settle_statistics()
    seeding = time.perf_counter() - start
    start = time.perf_counter()
    refresh_counts()
    counting = time.perf_counter() - start
    pages = {
        f"{name}: {question}": _compare(clients, address + query)
        for name, (address, questions) in LISTS.items()
        if ONLY in name
        for question, query in questions.items()
    }
    large = clients[LARGE]
    wanted = FILES if ONLY in "files" else {}
    files = {name: _write_file(large, address) for name, address in wanted.items()}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "pages": pages,
        "files": files,
        "peak_mb": peak,
        "seeding": seeding,
        "counting": counting,
    }


def _operator_of(count: int) -> Any:
    """The operator of a cooperative of that size, which is made unless the database has it."""
    from aggregator.models import User
    from benchmarks.list_rows import make_land

    return User.objects.filter(username=f"u{count}").first() or make_land(count)


def _compare(clients: dict[int, Any], address: str) -> list[float]:
    """Medians of the small and the large cooperative's answers, asked in turn."""
    places = {count: _places(count) for count in clients}
    taken: dict[int, list[float]] = {count: [] for count in clients}
    began = time.perf_counter()
    for repeat in range(REPEATS):
        for count, client in clients.items():
            taken[count].append(_seconds(client, address.format(**places[count]))[0])
        if repeat >= 2 and time.perf_counter() - began > PATIENCE_SECONDS:
            break
    medians = [statistics.median(taken[count]) for count in (SMALL, LARGE)]
    print(address, *(round(seconds, 3) for seconds in medians), file=sys.stderr, flush=True)
    return medians


def _seconds(client: Any, address: str) -> tuple[float, float]:
    start = time.perf_counter()
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    size = sum(map(len, answer.streaming_content)) if answer.streaming else len(answer.content)
    return time.perf_counter() - start, size / 1024**2


def _write_file(client: Any, address: str) -> tuple[float, float]:
    """Seconds and size of a list that a worker writes, here in this process."""
    from aggregator.list_orders import write_list_file
    from aggregator.models import ListFile

    answer = client.get(address)
    order = ListFile.objects.latest("pk")
    assert answer.status_code == 302, (address, answer.status_code)
    start = time.perf_counter()
    write_list_file(order.pk)
    seconds = time.perf_counter() - start
    order.refresh_from_db()
    return seconds, order.file.size / 1024**2


def _places(count: int) -> dict[str, int]:
    """What addresses name of a cooperative: its last page, a village, a project, a season."""
    from aggregator.admin_lists import COUNTED_ROWS
    from aggregator.models import Village
    from credits.models import Project
    from farms.models import Season

    own = {"cooperative__code": f"c{count}"}
    return {
        "last": min(count, COUNTED_ROWS) // 50,
        "village": Village.objects.filter(**own).order_by("code")[3].pk,
        "project": Project.objects.get(**own).pk,
        "season": Season.objects.filter(**own)[0].pk,
    }


def _settle_statistics() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aggregator.settings")
    os.environ.setdefault("DJANGO_ALLOWED_HOSTS", "testserver")
    django.setup()
    print(json.dumps(measure()))
