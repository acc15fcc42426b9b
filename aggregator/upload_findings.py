"""What a check found out, stored with the rows it is about and counted by kind.

A problem's `kind` is its code, else its column: what a clerk filters and mends by.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.db import transaction

from aggregator.bulk import update_rows
from aggregator.importing import Plan, RowError, make_printable
from aggregator.models import Upload, UploadRow
from aggregator.upload_kinds import Draft, Findings

if TYPE_CHECKING:
    from aggregator.upload_jobs import Job

_BATCH = 2000
_MOST_A_ROW = 20
_WHOLE = "whole"


def store_findings(job: Job, draft: Draft, plan: Plan, found: Findings) -> None:
    """Keep the problems with their rows and end the check; counts and sums come with it."""
    keys = {column.key: column.key for column in job.kind.columns}
    keys |= {heading: key for key, heading in draft.headings.items()}
    titles = {column.key: column.title for column in job.kind.columns}
    by_row: defaultdict[int | None, list[dict[str, Any]]] = defaultdict(list)
    for level, problems in (("error", plan.errors), ("warning", plan.notes)):
        for problem in problems:
            by_row[problem.row].append(
                describe_problem(problem, level=level, keys=keys, titles=titles)
            )
    whole = by_row.pop(None, [])
    _forget_problems(job.upload)
    _keep_problems(job, by_row, found.repairs)
    details = {**job.upload.details, **found.details}
    details.pop("mended", None)
    job.upload.details = details
    counts = asdict(plan.counts) | count_problems(by_row) | {"rows": len(draft.rows)}
    counts["left_out"] = job.upload.rows.filter(left_out=True).count()
    job.end(Upload.Status.CHECKED, counts=counts, problems=whole)


def describe_problem(
    problem: RowError, *, level: str, keys: Mapping[str, str], titles: Mapping[str, str]
) -> dict[str, Any]:
    """One problem as a row keeps it; `key` is our column where it is about a cell."""
    said = make_printable(problem)
    key = keys.get(problem.column, "")
    kind = re.sub(r"\W", "_", said.code or key or _WHOLE, flags=re.ASCII)
    return {
        "level": level,
        "kind": kind,
        "key": key,
        # A column that the file does not have is named in our words.
        "column": titles.get(said.column, said.column),
        "reason": said.reason,
        "text": said.text,
    }


def count_problems(by_row: Mapping[int | None, list[dict[str, Any]]]) -> dict[str, Any]:
    """How many rows have an error or a warning, and how many of each kind, with its first words."""
    errors = warnings = 0
    rows: Counter[tuple[str, str]] = Counter()
    words: dict[tuple[str, str], dict[str, Any]] = {}
    for problems in by_row.values():
        levels = {problem["level"] for problem in problems}
        errors += "error" in levels
        warnings += "error" not in levels
        for kind in dict.fromkeys((p["level"], p["kind"]) for p in problems):
            rows[kind] += 1
        for problem in problems:
            words.setdefault((problem["level"], problem["kind"]), problem)
    kinds = [
        {**{name: words[kind][name] for name in ("level", "kind", "column", "reason")}, "rows": n}
        for kind, n in rows.most_common()
    ]
    return {"errors": errors, "warnings": warnings, "kinds": kinds}


def _forget_problems(upload: Upload) -> None:
    touched = upload.rows.exclude(error_count=0, warning_count=0)
    touched.update(problems=[], error_count=0, warning_count=0)
    upload.rows.filter(repair_accepted=False).exclude(repaired_shape=None).update(
        repaired_shape=None
    )


def _keep_problems(
    job: Job, by_row: Mapping[int | None, list[dict[str, Any]]], repairs: Mapping[int, bytes]
) -> None:
    pks = dict(job.upload.rows.values_list("number", "pk"))
    values = [
        (
            problems[:_MOST_A_ROW],
            sum(problem["level"] == "error" for problem in problems),
            sum(problem["level"] == "warning" for problem in problems),
            pks[number],
        )
        for number, problems in by_row.items()
        if number in pks
    ]
    for at in range(0, len(values), _BATCH):
        with transaction.atomic():
            job.sign()
            columns = ("problems", "error_count", "warning_count")
            update_rows(UploadRow, columns, values[at : at + _BATCH])
    shapes = [(shape, pks[number]) for number, shape in repairs.items()]
    with transaction.atomic():
        job.sign()
        update_rows(UploadRow, ("repaired_shape",), shapes)
