"""What recording every change costs: imports and bulk writes with the triggers and without them.

The same rows are written both ways in transactions that are undone; each way in turn, three times,
the best of which counts. HOUSEHOLDS sets the size.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HOUSEHOLDS = int(os.environ.get("HOUSEHOLDS", "3000"))
ROUNDS = 3


def run() -> None:
    """Measure on both databases and print one table."""
    from tests.services import start_postgresql

    print(f"{HOUSEHOLDS:,} households")
    print()
    print("| database | what is written | without | with | ratio | lines | bytes a line |")
    print("|---|---|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory(prefix="tianhui-") as name:
        parent = Path(name)
        parent.chmod(0o755)
        print(_rows("SQLite", f"sqlite:///{parent / 'bench.sqlite3'}"), flush=True)
        with start_postgresql(parent) as url:
            print(_rows("PostgreSQL", url), flush=True)


def _rows(database: str, url: str) -> str:
    with tempfile.TemporaryDirectory() as var:
        environment = {**os.environ, "DATABASE_URL": url, "TIANHUI_VAR": var}
        command = [sys.executable, "-m", "benchmarks.audit"]
        printed = subprocess.run(
            command, env=environment, check=True, stdout=subprocess.PIPE, text=True
        ).stdout
    return "\n".join(
        f"| {database} | {what} | {plain:.2f} s | {watched:.2f} s | {watched / plain:.2f}"
        f" | {lines:,} | {size:.0f} |"
        for what, plain, watched, lines, size in json.loads(printed.splitlines()[-1])
    )


def measure() -> list[tuple[str, float, float, int, float]]:
    """Each write's name, seconds without and with the triggers, its lines and their length."""
    from django.core.management import call_command

    from aggregator.models import Cooperative, User

    call_command("migrate", verbosity=0)
    cooperative = Cooperative.objects.create(code="b", name="B")
    by = User.objects.create(username="b", cooperative=cooperative, role="operator")
    _make_households(cooperative)
    path = _write_file()
    writes: list[tuple[str, Callable[[], Any]]] = [
        ("import of the file", lambda: _import(path, cooperative, by)),
        ("bulk insert of villages", lambda: _copy_villages(cooperative)),
        ("one UPDATE of all households", _update_all),
    ]
    return [(what, *_compare(write)) for what, write in writes]


def _compare(write: Callable[[], Any]) -> tuple[float, float, int, float]:
    plain, watched = [], []
    for _round in range(ROUNDS):
        with _unwatched():
            plain.append(_undone(write)[0])
        seconds, lines, size = _undone(write)
        watched.append(seconds)
    return min(plain), min(watched), lines, size


@contextmanager
def _unwatched() -> Iterator[None]:
    from django.db import connection

    from aggregator.record_triggers import drop_triggers, install_triggers

    drop_triggers(connection)
    yield
    install_triggers(connection)


class _Undo(Exception):
    """Takes the transaction back."""


def _undone(write: Callable[[], Any]) -> tuple[float, int, float]:
    """Seconds of a write and of the commit's checks, with the lines it left; then undone."""
    from django.db import connection, transaction

    from aggregator.models import RecordChange

    lines, size, seconds = 0, 0.0, 0.0
    try:
        with transaction.atomic():
            first = RecordChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            began = time.perf_counter()
            write()
            connection.check_constraints()
            seconds = time.perf_counter() - began
            fresh = RecordChange.objects.filter(pk__gt=first)
            lines = fresh.count()
            told = fresh.values_list("before", "after")[:1000]
            size = sum(len(json.dumps(pair)) for pair in told) / max(1, len(told))
            raise _Undo
    except _Undo:
        return seconds, lines, size


def _write_file() -> Path:
    from tests.aggregator.sheets import household, write_households

    path = Path(tempfile.mkdtemp(prefix="tianhui-")) / "households.csv"
    # Without identity numbers: three digits of them would not do for so many.
    rows = (
        household(number, phone=f"138{number:08d}", identity_number="", account_number="")
        for number in range(1, HOUSEHOLDS + 1)
    )
    return write_households(path, *rows)


def _import(path: Path, cooperative: Any, by: Any) -> None:
    from aggregator.household_import import import_households

    report = import_households(path, cooperative=cooperative, by=by)
    if report.errors:
        raise SystemExit(f"the file was refused: {report.errors[0]}")


def _copy_villages(cooperative: Any) -> None:
    from aggregator.bulk import write_rows
    from aggregator.models import Village

    rows = ((cooperative.pk, f"V{n}", f"{n}村", "") for n in range(HOUSEHOLDS))
    write_rows(Village, ["cooperative_id", "code", "name", "name_en"], rows)


def _make_households(cooperative: Any) -> None:
    from aggregator.models import Household, Village

    village = Village.objects.create(cooperative=cooperative, code="V", name="V")
    Household.objects.bulk_create(
        Household(cooperative=cooperative, village=village, code=f"H{n}") for n in range(HOUSEHOLDS)
    )


def _update_all() -> None:
    from aggregator.models import Household

    Household.objects.update(language="en")


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aggregator.settings")
    django.setup()
    print(json.dumps(measure()))
