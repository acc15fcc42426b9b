"""Bringing in one file of many fields, step by step as a clerk does: read, check, write.

Each database is measured in a process and a directory of its own, worker and all in one process.
FIELDS sets the size; the file is GeoJSON, the largest of the formats that are taken.
"""

from __future__ import annotations

import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FIELDS = int(os.environ.get("FIELDS", "50000"))
_CORNERS = 12
_STEP = 0.001


def run() -> None:
    """Measure on both databases and print one table."""
    from tests.services import start_postgresql

    print(f"{FIELDS:,} fields of {_CORNERS} corners, each with its household and contract")
    print()
    print("| database | file | read | check | write | peak memory |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="tianhui-") as name:
        parent = Path(name)
        parent.chmod(0o755)
        print(_row("SQLite", f"sqlite:///{parent / 'bench.sqlite3'}"), flush=True)
        with start_postgresql(parent) as url:
            print(_row("PostgreSQL", url), flush=True)


def _row(database: str, url: str) -> str:
    with tempfile.TemporaryDirectory() as var:
        environment = {**os.environ, "DATABASE_URL": url, "TIANHUI_VAR": var}
        command = [sys.executable, "-m", "benchmarks.imports"]
        printed = subprocess.run(
            command, env=environment, check=True, stdout=subprocess.PIPE, text=True
        ).stdout
    found = json.loads(printed.splitlines()[-1])
    return (
        f"| {database} | {found['file_mb']:.0f} MB | {found['read']:.1f} s"
        f" | {found['check']:.1f} s | {found['write']:.1f} s | {found['peak_mb']:.0f} MB |"
    )


def measure() -> dict[str, float]:
    """Seconds a stage on the configured database, and the most memory."""
    from django.core.files.base import File
    from django.core.management import call_command

    from aggregator import uploads
    from farms.tasks import run_upload
    from tests.cast import make_cast

    call_command("migrate", verbosity=0)
    cast = make_cast("bench", name="基准", households=1, east=118.0)
    with tempfile.TemporaryDirectory() as folder:
        path = write_layer(Path(folder) / "fields.geojson")
        with path.open("rb") as file:
            upload = uploads.start_upload(
                cast.cooperative, kind="fields", file=File(file, path.name), by=cast.operator
            )
        found = {"file_mb": path.stat().st_size / 2**20}
    found["read"] = _seconds(lambda: run_upload(upload.pk))
    upload.refresh_from_db()
    columns = {name: name for name in upload.headings if name != "fid"}
    uploads.match_columns(upload, columns=columns, constants={}, known=_columns(), by=cast.operator)
    found["check"] = _seconds(lambda: run_upload(upload.pk))
    uploads.request_write(upload, by=cast.operator)
    found["write"] = _seconds(lambda: run_upload(upload.pk))
    upload.refresh_from_db()
    assert upload.run.counts["created"] == FIELDS, upload.status
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {**found, "peak_mb": peak / 1024}


def _columns() -> Any:
    from farms.upload_kinds import known_columns

    return known_columns("fields")


def write_layer(path: Path) -> Path:
    """Round fields in a grid, none of which touches another."""
    side = math.isqrt(FIELDS) + 1
    with path.open("w") as file:
        file.write('{"type": "FeatureCollection", "features": [\n')
        for at in range(FIELDS):
            end = "\n" if at == FIELDS - 1 else ",\n"
            file.write(json.dumps(_feature(at, at % side, at // side), ensure_ascii=False) + end)
        file.write("]}")
    return path


def _feature(at: int, column: int, row: int) -> dict[str, Any]:
    east, north = 116 + column * _STEP, 33 + row * _STEP
    turns = [2 * math.pi * (n % _CORNERS) / _CORNERS for n in range(_CORNERS + 1)]
    ring = [
        [round(east + 0.0004 * math.cos(turn), 8), round(north + 0.0004 * math.sin(turn), 8)]
        for turn in turns
    ]
    properties = {
        "field_code": f"3506271002030{at:06d}",
        "field_name": f"{at}号田",
        "household_code": "H001",
        "tenure_starts_on": "2020-01-01",
    }
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def _seconds(step: Callable[[], Any]) -> float:
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aggregator.settings")
    django.setup()
    print(json.dumps(measure()))
