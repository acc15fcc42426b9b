"""Bring in practices: ``manage.py import_practices practices.xlsx --cooperative qingshan``."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from aggregator.importing import ImportReport
from aggregator.management.import_command import ImportCommand
from farms.practice_import import import_practices


class Command(ImportCommand):
    help = "Bring in practice records from an XLSX or CSV file, with their evidence files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--evidence-dir", type=Path, metavar="FOLDER", help="Where the evidence files lie."
        )

    def run(self, path: Path, common: dict[str, Any], options: dict[str, Any]) -> ImportReport:
        return import_practices(path, **common, evidence_dir=options["evidence_dir"])
