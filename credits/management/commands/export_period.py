"""Writes a closed period's package: ``manage.py export_period hills/2025 --output hills.zip``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from aggregator import audit
from aggregator.errors import DomainError
from credits.counting.package import write_package
from credits.models import MonitoringPeriod


class Command(BaseCommand):
    help = "Write a closed period's figures as a ZIP from which anyone can count them again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "period", help="COOPERATIVE/PROJECT/PERIOD by their codes; PROJECT/PERIOD if it is one"
        )
        parser.add_argument("--output", metavar="FILE", type=Path, required=True)

    def handle(self, *_args: Any, **options: Any) -> None:
        period = _find_period(options["period"])
        path: Path = options["output"]
        try:
            with path.open("wb") as target:
                count = write_package(period, target)
        except DomainError as error:
            path.unlink(missing_ok=True)
            raise CommandError(str(error)) from error
        audit.record_event(
            period, action="export_period", by=None, results_sha256=count.run.results_sha256
        )
        self.stdout.write(f"{path}: {count.run.credited_kg} kg, {count.run.results_sha256}")


def _find_period(named: str) -> MonitoringPeriod:
    *cooperative, project, code = named.split("/") if "/" in named else ("", named)
    periods = MonitoringPeriod.objects.filter(code=code, project__code=project)
    if cooperative:
        periods = periods.filter(cooperative__code=cooperative[-1])
    found = list(periods[:2])
    if len(found) != 1:
        known = "more than one" if found else "no"
        raise CommandError(f"There is {known} period {named}; name it COOPERATIVE/PROJECT/PERIOD.")
    return found[0]
