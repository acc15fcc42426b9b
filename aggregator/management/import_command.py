"""The shell's face of an import: the same arguments, output and exit code for every kind."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from aggregator.errors import DomainError
from aggregator.importing import ImportReport, RowError
from aggregator.models import Cooperative, ImportRun, User

_SHOWN = 50


class ImportCommand(BaseCommand):
    """Parse, call `run`, print the report; exit code 1 when the file was refused."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="The file to bring in.")
        parser.add_argument("--cooperative", required=True, metavar="CODE")
        parser.add_argument("--by", metavar="USERNAME", help="The operator who brings it in.")
        parser.add_argument("--dry-run", action="store_true", help="Check only, write nothing.")
        parser.add_argument("--json", action="store_true", help="Print the report as JSON.")

    def run(self, path: Path, common: dict[str, Any], options: dict[str, Any]) -> ImportReport:
        """Call the import of this kind."""
        raise NotImplementedError

    def handle(self, *_args: Any, **options: Any) -> None:
        common = {
            "cooperative": _find_cooperative(options["cooperative"]),
            "by": _find_user(options["by"]),
            "dry_run": options["dry_run"],
        }
        try:
            report = self.run(options["file"], common, options)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
        else:
            self._print(options["file"], report)
        if report.refused:
            sys.exit(1)

    def _print(self, path: Path, report: ImportReport) -> None:
        self.stdout.write(f"{path.name}: {ImportRun.Status(report.status).label}")
        labels = {
            "created": _("created"),
            "updated": _("updated"),
            "unchanged": _("unchanged"),
        }
        for key, count in report.counts.items():
            self.stdout.write(f"  {labels.get(key, key)}: {count}")
        self._print_lines(_("Errors"), report.errors)
        self._print_lines(_("Notes"), report.notes)

    def _print_lines(self, title: str, lines: list[RowError]) -> None:
        if not lines:
            return
        self.stdout.write(f"{title}: {len(lines)}")
        for line in lines[:_SHOWN]:
            self.stdout.write(f"  {describe_line(line)}")
        if len(lines) > _SHOWN:
            self.stdout.write(_("  … and %(count)d more") % {"count": len(lines) - _SHOWN})


def describe_line(line: RowError) -> str:
    """``Row 17, 地块编码: 18 digits, this code has 19. (350627…)``"""
    row = _("Row %(row)d") % {"row": line.row} if line.row else ""
    place = ", ".join(filter(None, (row, line.column)))
    quoted = f" ({line.text})" if line.text else ""
    return f"{place}: {line.reason}{quoted}" if place else f"{line.reason}{quoted}"


def _find_cooperative(code: str) -> Cooperative:
    try:
        return Cooperative.objects.get(code=code)
    except Cooperative.DoesNotExist as error:
        known = ", ".join(Cooperative.objects.values_list("code", flat=True))
        raise CommandError(
            _("There is no cooperative %(code)s. There are: %(known)s.")
            % {"code": code, "known": known or "-"}
        ) from error


def _find_user(username: str | None) -> User | None:
    if username is None:
        return None
    try:
        return User.objects.get(username=username)
    except User.DoesNotExist as error:
        raise CommandError(
            _("There is no member of staff %(name)s.") % {"name": username}
        ) from error
