"""A project's CAD Trust records as files: each checked first, all of them or none.

The only writer of them; the command and the desk's button both call it.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from aggregator import audit
from aggregator.errors import BadInput, DomainError
from aggregator.models import User
from aggregator.roles import require_role
from credits.models import Project
from credits.tonnes.cadtrust.records import Records, make_records
from credits.tonnes.cadtrust.rules import RULES, find_faults, pick_list

CHINA = "China"
# The first day a ZIP can name: the same records give the same bytes.
_DAY = (1980, 1, 1, 0, 0, 0)


class RecordsNotValid(DomainError):
    code = "cadtrust_records_not_valid"
    message = _("The records break the published rules: %(faults)s")


class UnknownCadTrustVersion(BadInput):
    code = "unknown_cadtrust_version"
    message = _("There are versions 1 and 2.")


@dataclass(frozen=True, slots=True)
class RecordsFile:
    """A file to hand out."""

    name: str
    content: bytes


def export_cadtrust(
    project: Project, *, version: int = 2, country: str = CHINA, by: User
) -> RecordsFile:
    """The project's records as a ZIP: one JSON file of all tables and a CSV file of each.

    Raises:
        UnknownCadTrustVersion: there is no such version.
        RecordsNotValid: a record breaks a rule; each is named.
    """
    require_role(by, "operator", "approver", of=project)
    records = checked_records(project, version=version, country=country)
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in write_files(records, stem=stem_of(project, version)):
            package.writestr(zipfile.ZipInfo(name, _DAY), content)
    units = records["unit"]
    audit.record_event(project, action="export_cadtrust", by=by, version=version, blocks=len(units))
    return RecordsFile(f"{stem_of(project, version)}.zip", sink.getvalue())


def checked_records(project: Project, *, version: int, country: str = CHINA) -> Records:
    """The records, every one valid by the published rules.

    Raises:
        UnknownCadTrustVersion, RecordsNotValid: as `export_cadtrust` has them.
    """
    if version not in RULES:
        raise UnknownCadTrustVersion
    records = make_records(project, version=version, country=country)
    faults = [
        f"{fault.record}.{fault.field}: {fault.code}"
        for table, rows in records.items()
        for row in rows
        for fault in find_faults(version, table, row)
    ]
    if faults:
        raise RecordsNotValid(faults="; ".join(dict.fromkeys(faults)))
    return records


def list_countries() -> tuple[str, ...]:
    """The countries a unit's owner may be of, as version 1 writes them."""
    return pick_list(1, "countries")


def stem_of(project: Project, version: int) -> str:
    return f"{project.code}-cadt-v{version}"


def write_files(records: Records, *, stem: str) -> Iterator[tuple[str, str]]:
    """The name and text of each file."""
    yield f"{stem}.json", json.dumps(records, ensure_ascii=False, indent=2) + "\n"
    for table, rows in records.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, columns)
        writer.writeheader()
        writer.writerows(
            {key: ";".join(v) if isinstance(v, list) else v for key, v in row.items()}
            for row in rows
        )
        yield f"{stem}-{table}.csv", text.getvalue()
