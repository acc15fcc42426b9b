"""Write season sheets: ``manage.py export_season_sheets --cooperative qingshan --season 2025``."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from aggregator.models import Village
from farms.models import Season
from farms.season_sheets import export_season_sheets


class Command(BaseCommand):
    help = "Write a village's season sheet as a workbook, or those of all villages as a zip."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cooperative", required=True, metavar="CODE")
        parser.add_argument("--season", required=True, metavar="CODE")
        parser.add_argument("--village", metavar="CODE", help="One village only.")
        parser.add_argument("--language", default="zh-hans", choices=["zh-hans", "en"])
        parser.add_argument("--to", type=Path, default=Path(), metavar="FOLDER")

    def handle(self, **options: Any) -> None:
        own = {"cooperative__code": options["cooperative"]}
        season = Season.objects.filter(code=options["season"], **own).first()
        if season is None:
            raise CommandError("There is no such season of this cooperative.")
        villages = None
        if options["village"]:
            villages = list(Village.objects.filter(code=options["village"], **own))
            if not villages:
                raise CommandError("There is no such village of this cooperative.")
        with translation.override(options["language"]):
            sheet = export_season_sheets(season, by=None, villages=villages)
        path = options["to"] / sheet.name
        path.write_bytes(sheet.content)
        self.stdout.write(str(path))
