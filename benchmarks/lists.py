"""The list of fields with 2,000 and with 200,000 rows: pages, search, filter, and its files.

Both lists are in one database, of two cooperatives, and are asked in turn; the median of several
answers counts. Each database is measured in a process of its own.
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

SMALL, LARGE = 2_000, int(os.environ.get("FIELDS", "200000"))
REPEATS = 9
LIST = "/admin/farms/field/"
QUESTIONS = {
    "first page": "",
    "page 30": "?p=30",
    "last page": "?p={last}",
    "by name, descending": "?o=-2",
    "search a code": "?q=F0001234",
    "search a name": "?q=东坡7",
    "search what is not there": "?q=nowhere",
    "filter by land class": "?land_class__exact=general",
    "filter by village": "?village__id__exact={village}",
}


def run() -> None:
    """Measure on both databases and print a table each."""
    from tests.services import start_postgresql

    with tempfile.TemporaryDirectory(prefix="tianhui-") as name:
        parent = Path(name)
        parent.chmod(0o755)
        _print_table("SQLite", f"sqlite:///{parent / 'bench.sqlite3'}")
        with start_postgresql(parent) as url:
            _print_table("PostgreSQL", url)


def _print_table(database: str, url: str) -> None:
    with tempfile.TemporaryDirectory() as var:
        environment = {**os.environ, "DATABASE_URL": url, "TIANHUI_VAR": var}
        command = [sys.executable, "-m", "benchmarks.lists"]
        done = subprocess.run(
            command, env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
    found = json.loads(done.stdout.splitlines()[-1])
    print(f"\n| {database} | {SMALL:,} fields | {LARGE:,} fields | ratio |\n|---|---|---|---|")
    for question, (small, large) in found["pages"].items():
        ratio = large / small
        print(f"| {question} | {small * 1000:.0f} ms | {large * 1000:.0f} ms | {ratio:.2f} |")
    for name, (seconds, megabytes) in found["files"].items():
        print(f"| all as {name} | | {seconds:.1f} s, {megabytes:.1f} MB | |")
    print(f"\nPeak memory with the files: {found['peak_mb']:.0f} MB.", flush=True)


def measure() -> dict[str, Any]:
    from django.core.management import call_command
    from django.test import Client

    from benchmarks.list_rows import make_fields

    call_command("migrate", verbosity=0)
    clients = {}
    for count in (SMALL, LARGE):
        client = Client()
        client.force_login(make_fields(count))
        clients[count] = client
    _settle_statistics()
    pages = {}
    for question, query in QUESTIONS.items():
        taken: dict[int, list[float]] = {SMALL: [], LARGE: []}
        for _repeat in range(REPEATS):
            for count, client in clients.items():
                address = LIST + query.format(last=count // 50, village=_village_of(count))
                taken[count].append(_seconds(client, address)[0])
        pages[question] = [statistics.median(taken[count]) for count in (SMALL, LARGE)]
    files = {
        name: _seconds(clients[LARGE], f"{LIST}export/{name}/") for name in ("csv", "xlsx", "gpkg")
    }
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"pages": pages, "files": files, "peak_mb": peak}


def _seconds(client: Any, address: str) -> tuple[float, float]:
    start = time.perf_counter()
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    size = sum(map(len, answer.streaming_content)) if answer.streaming else len(answer.content)
    return time.perf_counter() - start, size / 1024**2


def _village_of(count: int) -> int:
    from aggregator.models import Village

    return int(Village.objects.filter(cooperative__code=f"c{count}").order_by("code")[0].pk)


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
