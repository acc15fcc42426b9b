"""Writes a project's CAD Trust records as JSON and CSV files, after checking every one."""

import csv
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from aggregator.models import Cooperative
from credits.cadtrust.records import Records, make_records
from credits.cadtrust.rules import RULES, find_faults
from credits.models import Project


class Command(BaseCommand):
    help = "Export a project's records for the Climate Action Data Trust."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Django's own --version tells of Django: here it is that of the records.
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", help="code of the project")
        parser.add_argument("--cooperative", default="", help="its code, where several have one")
        parser.add_argument("--version", dest="rules", type=int, default=2)
        parser.add_argument("--country", default="China", help="jurisdiction of the owner (v1)")
        parser.add_argument("--to", default=".", help="folder to write to")

    def handle(self, **options: Any) -> None:
        version = options["rules"]
        if version not in RULES:
            raise CommandError(_("There are versions 1 and 2."))
        project = self._find(options["project"], options["cooperative"])
        records = make_records(project, version=version, country=options["country"])
        faults = [
            f"{fault.record}.{fault.field}: {fault.code}"
            for table, rows in records.items()
            for row in rows
            for fault in find_faults(version, table, row)
        ]
        if faults:
            raise CommandError("\n".join(faults))
        for path in write_records(records, Path(options["to"]), f"{project.code}-cadt-v{version}"):
            self.stdout.write(str(path))

    def _find(self, code: str, cooperative: str) -> Project:
        rows = Project.objects.filter(code=code)
        if cooperative:
            rows = rows.filter(cooperative__in=Cooperative.objects.filter(code=cooperative))
        if rows.count() != 1:
            raise CommandError(_("%(count)d projects have this code.") % {"count": rows.count()})
        return rows.get()


def write_records(records: Records, folder: Path, name: str) -> list[Path]:
    """One JSON file of all tables, and a CSV file of each."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / f"{name}.json"
    whole.write_text(json.dumps(records, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    paths = [whole]
    for table, rows in records.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        paths.append(folder / f"{name}-{table}.csv")
        with paths[-1].open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(
                {key: ";".join(v) if isinstance(v, list) else v for key, v in row.items()}
                for row in rows
            )
    return paths
