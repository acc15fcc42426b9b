"""A program for the kill test of uploads: prepares a file, works at it, dies where it is told to.

Run as ``python -m tests.farms.upload_director COMMAND …`` in the environment of a database of its
own; answers one line of JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db.models import Model  # noqa: E402
from django.utils.timezone import now  # noqa: E402

from aggregator import changes, upload_jobs, uploads  # noqa: E402
from aggregator.models import ImportRun, RecordChange, Upload, UploadRow  # noqa: E402
from farms.models import Boundary, Field, Tenure  # noqa: E402
from farms.upload_kinds import KINDS  # noqa: E402
from tests.cast import make_cast  # noqa: E402
from tests.farms import uploading  # noqa: E402
from tests.farms.layer_files import field, square, write_geojson  # noqa: E402


def prepare(count: str, folder: str) -> None:
    """A file of plots side by side, checked, and asked to be written."""
    call_command("migrate", verbosity=0)
    cast = make_cast("sunrise", name="青山合作社", households=1, east=118.0)
    plots = [
        (field(f"Z{n:05d}"), square(n % 100, n // 100, size=0.0005)) for n in range(int(count))
    ]
    path = write_geojson(Path(folder) / "plots.geojson", plots)
    uploads.request_write(uploading.check(path, cast, kind="fields"), by=cast.operator)


def work() -> None:
    """What a worker does that finds the last sign of life long ago."""
    upload = Upload.objects.get()
    Upload.objects.filter(alive_at__isnull=False).update(alive_at=now() - timedelta(hours=1))
    upload_jobs.run_upload(upload.pk, kinds=KINDS)


def die_between_tables() -> None:
    """Work, and be killed when the first table is written and the second is begun."""
    insert = changes.insert_rows

    def insert_one_table(rows: list[Model]) -> None:
        if rows and not isinstance(rows[0], Field):
            os.kill(os.getpid(), signal.SIGKILL)
        insert(rows)

    changes.insert_rows = insert_one_table  # type: ignore[assignment]
    work()


def die_before_the_end() -> None:
    """Work, and be killed when all is written but the end of the transaction."""
    upload_jobs.erase_rows = lambda _upload: os.kill(os.getpid(), signal.SIGKILL)
    work()


def look() -> None:
    written = {
        model._meta.model_name: model.objects.filter(**{f"{path}startswith": "Z"}).count()
        for model, path in (
            (Field, "code__"),
            (Boundary, "field__code__"),
            (Tenure, "field__code__"),
        )
    }
    kinds = {
        kind: RecordChange.objects.filter(object_type=kind, action="added").count()
        - len(Field.objects.exclude(code__startswith="Z"))
        for kind in written
    }
    seen: dict[str, Any] = {
        "status": Upload.objects.get().status,
        "rows": UploadRow.objects.count(),
        "written": written,
        "changes": kinds,
        "runs": ImportRun.objects.count(),
    }
    print(json.dumps(seen))


COMMANDS: dict[str, Callable[..., None]] = {
    each.__name__: each for each in (prepare, work, die_between_tables, die_before_the_end, look)
}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
