"""Bring in fields: ``manage.py import_fields fields.gpkg --cooperative qingshan``."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from aggregator.importing import ImportReport
from aggregator.management.import_command import ImportCommand
from farms.field_import import import_fields
from farms.offsets import MOVES_BACK


class Command(ImportCommand):
    help = "Bring in fields from GeoJSON, GeoPackage, a (zipped) shapefile, GeoParquet, KML or KMZ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="KEY=COLUMN",
            help="Take a value from the layer's own column: field_code=ID (fid: feature number).",
        )
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="KEY=VALUE",
            help="Give all fields one value: village_code=V1.",
        )

        parser.add_argument(
            "--convert-from",
            default="",
            choices=sorted(MOVES_BACK),
            help="The file's coordinates are shifted as map services do: move them back.",
        )

    def run(self, path: Path, common: dict[str, Any], options: dict[str, Any]) -> ImportReport:
        columns, constants = _read_pairs(options["map"]), _read_pairs(options["set"])
        return import_fields(
            path,
            **common,
            columns=columns,
            constants=constants,
            convert_from=options["convert_from"],
        )


def _read_pairs(texts: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    for key, sign, value in pairs:
        if not (key and sign and value):
            raise CommandError(f"{key}: KEY=VALUE")
    return {key: value for key, _sign, value in pairs}
