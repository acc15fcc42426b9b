"""Bring in households: ``manage.py import_households members.xlsx --cooperative qingshan``."""

from pathlib import Path
from typing import Any

from aggregator.household_import import import_households
from aggregator.importing import ImportReport
from aggregator.management.import_command import ImportCommand


class Command(ImportCommand):
    help = "Bring in households from an XLSX or CSV file."

    def run(self, path: Path, common: dict[str, Any], options: dict[str, Any]) -> ImportReport:
        return import_households(path, **common)
