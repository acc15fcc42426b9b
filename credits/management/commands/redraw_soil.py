"""Draws a soil sampling round again: ``manage.py redraw_soil COOPERATIVE/PROJECT/ROUND``.

With ``--list FILE --seed SEED`` it needs no database: anyone who has the published list and the
seed finds every point.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from credits.models import SoilCampaign
from credits.soil.point_draw import DrawError
from credits.soil.population import PointSource, find_redraw_faults, place_of


class Command(BaseCommand):
    help = "Draw the points of a soil sampling again; ends with 1 if one is not where it was drawn."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "round", nargs="?", help="COOPERATIVE/PROJECT/ROUND by their codes and its number"
        )
        parser.add_argument("--list", metavar="FILE", type=Path, help="the published list")
        parser.add_argument("--seed", help="the published seed, with --list")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["list"] and options["seed"]:
            self._draw(options["list"], options["seed"].strip())
        elif options["round"]:
            self._compare(_find_round(options["round"]))
        else:
            raise CommandError("Name a round, or give --list FILE and --seed SEED.")

    def _draw(self, path: Path, seed: str) -> None:
        content = path.read_bytes()
        self.stdout.write(f"# {hashlib.sha256(content).hexdigest()}")
        try:
            for stratum, position, field, drawn in PointSource(content, seed=seed).draw_all():
                place = f"{place_of(drawn.longitude_e7)},{place_of(drawn.latitude_e7)}"
                self.stdout.write(f"{stratum},{position},{field['code']},{place}")
        except (ValueError, KeyError) as error:
            reason = str(error) if isinstance(error, DrawError) else "it is no published list"
            raise CommandError(f"{path} cannot be drawn from: {reason}.") from error

    def _compare(self, campaign: SoilCampaign) -> None:
        faults = list(find_redraw_faults(campaign))
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{len(faults)} faults.")
        self.stdout.write(
            f"{campaign.points.count()} points come out again. {campaign.population_sha256}"
        )


def _find_round(named: str) -> SoilCampaign:
    cooperative, project, number = ["", "", *named.split("/")][-3:]
    rounds = SoilCampaign.objects.filter(project__code=project)
    if cooperative:
        rounds = rounds.filter(cooperative__code=cooperative)
    found = list(rounds.filter(number=number)[:2]) if number.isdigit() else []
    if len(found) != 1:
        known = "more than one" if found else "no"
        raise CommandError(f"There is {known} round {named}; name it COOPERATIVE/PROJECT/ROUND.")
    return found[0]
