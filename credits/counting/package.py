"""A period's result as a ZIP that a stranger can count again: JSON, CSV, outlines, and the script.

The same run gives the same bytes: no clock, no language, no key of the database. Households are
codes here; what a verifier wrote in his own words stays out.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.errors import DomainError
from aggregator.list_files import harmless
from aggregator.models import User
from aggregator.periods import Period
from credits.code_order import by_octets
from credits.counting.activity import describe_header
from credits.counting.monitoring import run_to_issue
from credits.counting.package_outlines import write_outlines
from credits.methodologies.ccx_soil import PUBLISHED_RATES, Rate, read_rate
from credits.models import (
    FieldResult,
    MonitoringPeriod,
    QuantificationRun,
    SampledField,
    Verification,
)
from credits.registry import BY_SITUATION
from credits.verifying.verifiers import require_verifier

FORMAT = "tianhui-period/1"
_OWN_FILES = Path(__file__).with_name("package_files")
# What a methodology needs of ours, and nothing that needs a framework.
_SOURCES = (
    "aggregator/__init__.py",
    "aggregator/periods.py",
    "aggregator/units.py",
    "credits/__init__.py",
    "credits/methodologies/*.py",
    "credits/programs/__init__.py",
    "credits/programs/deductions.py",
)
_CHUNK = 2_000
# No clock stands in a package: the first day that a ZIP can name.
_DAY = (1980, 1, 1, 0, 0, 0)
_COLUMNS = (
    *("field_code", "boundary_version", "household_code", "starts_on", "ends_on", "area_m2"),
    *("practices", "irrigated", "withheld", "voided", "corrected_kg"),
    *("practice", "gross_kg", "reserve_kg", "credited_kg"),
)
_RATE_COLUMNS = (
    *("table", "practice", "region", "irrigated", "vintage_from", "vintage_to"),
    *("rate", "unit", "source"),
)
_TERM = "term."


class NothingCounted(DomainError):
    code = "nothing_counted"
    message = _("Period %(code)s has not been closed: there are no figures that would stay.")


@dataclass(frozen=True, slots=True)
class Count:
    """The run of a package; where a verifier voided fields, with the run he verified."""

    run: QuantificationRun
    verified: QuantificationRun
    verification: Verification | None

    @property
    def is_corrected(self) -> bool:
        return self.run != self.verified

    @property
    def is_extrapolated(self) -> bool:
        extrapolate = Verification.Correction.EXTRAPOLATE
        return self.verification is not None and self.verification.correction == extrapolate

    @property
    def excluded(self) -> list[str]:
        if not self.is_corrected or self.verification is None or self.is_extrapolated:
            return []
        found = self.verification.sample.filter(finding=SampledField.Finding.DEVIATES)
        codes = found.order_by().values_list("result__field__code", flat=True)
        return sorted(set(codes))


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A file to be sent; its octets lie on disk until it is closed."""

    name: str
    content: IO[bytes]


def export_period(period: MonitoringPeriod, *, by: User) -> PackageFile:
    """The package of a closed period, for those who may see it.

    Raises:
        NothingCounted: the period is open.
    """
    require_verifier(by, "operator", "approver", project=period.project)
    content = tempfile.TemporaryFile(prefix="package-")  # noqa: SIM115
    count = write_package(period, content)
    audit.record_event(
        period, action="export_period", by=by, results_sha256=count.run.results_sha256
    )
    content.seek(0)
    return PackageFile(f"{period.project.code}-{period.code}.zip", content)


def write_package(period: MonitoringPeriod, target: IO[bytes]) -> Count:
    """Write the package of a closed period, field by field: any size needs little memory.

    Raises:
        NothingCounted: the period is open.
    """
    count = find_count(period)
    sums: dict[str, str] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for path in sorted(_OWN_FILES.glob("*")):
            _add(package, path.name, [path.read_bytes()], sums)
        _add(package, "run.json", [_as_json(describe_count(count))], sums)
        for name, octets in _basis_files(count.run.period):
            _add(package, name, octets, sums)
        _add(package, "results.csv", _result_lines(count), sums)
        _add(package, "fields.gpkg", write_outlines(count.run), sums)
        listed = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
        _add(package, "SHA256SUMS", [listed.encode()], sums)
    return count


def find_count(period: MonitoringPeriod) -> Count:
    """The run whose figures stand: the issued or verified one, else the newest of a closed period.

    Raises:
        NothingCounted: the period is open.
    """
    verification = period.verifications.exclude(status=Verification.Status.NEGATIVE).first()
    if verification is not None:
        positive = verification.status == Verification.Status.POSITIVE
        run = run_to_issue(verification) if positive else verification.run
        return Count(run, verification.run, verification)
    newest = period.runs.first()
    if newest is None or period.status == MonitoringPeriod.Status.OPEN:
        raise NothingCounted(code=period.code)
    return Count(newest, newest, None)


def describe_count(count: Count) -> dict[str, Any]:
    """What run.json says: who, what, by which methodology, and what it came to."""
    run, period = count.run, count.run.period
    cooperative, project = period.cooperative, period.project
    return {
        "format": FORMAT,
        "cooperative": {"code": cooperative.code, "name": cooperative.name},
        "project": {"code": project.code, "name": project.name, "program": project.program},
        "period": period.code,
        "inputs": describe_header(period),
        "correction": _describe_correction(count),
        "run": {
            "rows": run.results.count(),
            "gross_kg": run.gross_kg,
            "reserve_kg": run.reserve_kg,
            "credited_kg": run.credited_kg,
            "inputs_sha256": run.inputs_sha256,
            "results_sha256": run.results_sha256,
        },
        "verification": _describe_verification(count.verification),
    }


def ordered_results(run: QuantificationRun) -> QuerySet[FieldResult]:
    """A run's rows in the order in which they entered its hash."""
    rows = run.results.select_related("field", "household", "boundary")
    return rows.defer("boundary__geometry_wkb").order_by(by_octets("field__code"), "starts_on")


def _describe_verification(verification: Verification | None) -> dict[str, Any] | None:
    if verification is None:
        return None
    sample = verification.sample.order_by("position")
    return {
        "body": verification.body,
        "status": verification.status,
        "population_sha256": verification.population_sha256,
        "population_size": verification.population_size,
        "seed": verification.seed,
        "sample": [
            {"position": position, "field_code": code, "finding": finding}
            for position, code, finding in sample.values_list(
                "position", "result__field__code", "finding"
            )
        ],
    }


def _basis_files(period: MonitoringPeriod) -> Iterator[tuple[str, Iterable[bytes]]]:
    """What fields were counted by: rates, or situations with the source that works them out."""
    project = period.project
    by_situation = BY_SITUATION.get(project.methodology)
    if by_situation is None:
        yield "rates.csv", _as_csv(_RATE_COLUMNS, list(_rate_rows(project.parameters)))
        return
    span = Period(period.starts_on, period.ends_on)
    described = by_situation.describe_situations(project.parameters, span)
    yield "situations.json", [_as_json(described)]
    root = _OWN_FILES.parents[2]
    for path in sorted(each for pattern in _SOURCES for each in root.glob(pattern)):
        yield f"sources/{path.relative_to(root).as_posix()}", [path.read_bytes()]


def _rate_rows(parameters: Mapping[str, Any]) -> Iterator[list[str]]:
    own = [read_rate(row) for row in parameters.get("rates", [])]
    for table, rates in (("project", own), ("published", PUBLISHED_RATES)):
        for rate in rates:
            yield _rate_row(table, rate)


def _rate_row(table: str, rate: Rate) -> list[str]:
    irrigated = {None: "", True: "yes", False: "no"}[rate.irrigated]
    until = "" if rate.vintage_to is None else str(rate.vintage_to)
    return [
        *(table, rate.practice, rate.region, irrigated),
        *(str(rate.vintage_from), until, str(rate.rate), rate.unit, rate.source),
    ]


def _result_lines(count: Count) -> Iterator[bytes]:
    names = sorted(_term_names(count.run))
    verified = ordered_results(count.verified) if count.is_corrected else None
    counted = ordered_results(count.run).iterator(chunk_size=_CHUNK)
    before = verified.iterator(chunk_size=_CHUNK) if verified is not None else None
    pairs = zip(counted, before, strict=True) if before else ((row, row) for row in counted)
    excluded = set(count.excluded)
    rows = (_result_row(row, was, names, excluded) for row, was in pairs)
    return _as_csv((*_COLUMNS, *(_TERM + name for name in names)), rows)


def _term_names(run: QuantificationRun) -> set[str]:
    names: set[str] = set()
    for terms in run.results.order_by().values_list("terms", flat=True).iterator(chunk_size=_CHUNK):
        names.update(terms)
    return names


def _result_row(
    row: FieldResult, was: FieldResult, names: Iterable[str], excluded: set[str]
) -> list[str]:
    """A row of the run, and what withheld or counted it before the verifier's word."""
    voided = row.field.code in excluded
    corrected_kg = 0 if voided else was.gross_kg - row.gross_kg
    return [
        row.field.code,
        str(row.boundary.version),
        row.household.code,
        row.starts_on.isoformat(),
        row.ends_on.isoformat(),
        str(row.area_m2),
        " ".join(row.practices),
        row.terms.get("irrigated", "no"),
        was.terms.get("withheld", ""),
        "yes" if voided else "no",
        str(corrected_kg or ""),
        row.practice,
        *(str(kg) for kg in (row.gross_kg, row.reserve_kg, row.credited_kg)),
        *(str(row.terms.get(name, "")) for name in names),
    ]


def _describe_correction(count: Count) -> dict[str, Any]:
    """What the verifier took; fields that he saw himself are corrected as found."""
    check = count.verification
    if check is None or not (count.is_corrected and count.is_extrapolated):
        return {"excluded": count.excluded, "sampled": [], "overstatement": ""}
    codes = check.sample.order_by().values_list("result__field__code", flat=True)
    return {"excluded": [], "sampled": sorted(codes), "overstatement": check.overstatement}


def _as_json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _as_csv(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[bytes]:
    """Lines in UTF-8; what a spreadsheet would compute has an apostrophe before it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headings)
    for row in rows:
        writer.writerow(_guarded(cell) for cell in row)
        if text.tell() > 1 << 18:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith("'") else harmless(cell)


def _add(package: zipfile.ZipFile, name: str, parts: Iterable[bytes], sums: dict[str, str]) -> None:
    entry = zipfile.ZipInfo(name, _DAY)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    entry.create_system = 3
    digest = hashlib.sha256()
    with package.open(entry, "w", force_zip64=True) as file:
        for part in parts:
            digest.update(part)
            file.write(part)
    sums[name] = digest.hexdigest()
