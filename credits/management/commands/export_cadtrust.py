"""Writes a project's CAD Trust records as JSON and CSV files, after checking every one."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from aggregator.errors import DomainError
from aggregator.models import Cooperative
from credits.models import Project
from credits.tonnes.cadtrust.export import CHINA, checked_records, stem_of, write_files


class Command(BaseCommand):
    help = "Export a project's records for the Climate Action Data Trust."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Django's own --version tells of Django: here it is that of the records.
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", help="code of the project")
        parser.add_argument("--cooperative", default="", help="its code, where several have one")
        parser.add_argument("--version", dest="rules", type=int, default=2)
        parser.add_argument("--country", default=CHINA, help="jurisdiction of the owner (v1)")
        parser.add_argument("--to", default=".", help="folder to write to")

    def handle(self, **options: Any) -> None:
        version = options["rules"]
        project = self._find(options["project"], options["cooperative"])
        try:
            records = checked_records(project, version=version, country=options["country"])
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        folder = Path(options["to"])
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in write_files(records, stem=stem_of(project, version)):
            path = folder / name
            path.write_text(text, encoding="utf-8", newline="")
            self.stdout.write(str(path))

    def _find(self, code: str, cooperative: str) -> Project:
        rows = Project.objects.filter(code=code)
        if cooperative:
            rows = rows.filter(cooperative__in=Cooperative.objects.filter(code=cooperative))
        if rows.count() != 1:
            raise CommandError(_("%(count)d projects have this code.") % {"count": rows.count()})
        return rows.get()
