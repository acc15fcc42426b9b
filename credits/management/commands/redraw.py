"""Draws a verification's sample again: ``manage.py redraw 12``; ends with 1 if it disagrees.

Reads only. The sample is named by its number or by the public code of its page.
"""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from credits.models import Verification
from credits.verifying.population import draw_again, find_redraw_faults
from credits.verifying.sample_rules import Step


class Command(BaseCommand):
    help = "Draw a verification's sample again and say whether it agrees with what is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sample", help="number of the verification, or its public code")
        parser.add_argument(
            "--language", choices=[code for code, _name in settings.LANGUAGES], default="en"
        )

    def handle(self, **options: Any) -> None:
        with translation.override(options["language"]):
            verification = _find(options["sample"])
            steps = draw_again(verification) if verification.seed else []
            for name, value in _describe(verification):
                self.stdout.write(f"{name}: {value}")
            for number, step in enumerate(steps, start=1):
                self.stdout.write(f"{number:>6}  {step.place:>8}  {_fate(step)}")
            faults = list(find_redraw_faults(verification))
            for fault in faults:
                self.stderr.write(fault)
            agrees = _("It agrees with what is stored.")
            self.stdout.write(agrees if not faults else _("It does not agree with what is stored."))
        if faults:
            sys.exit(1)


def _find(sample: str) -> Verification:
    wanted = Q(public_code=sample)
    # More digits than a key has are a code, which may be all digits too.
    if sample.isdecimal() and len(sample) < 19:
        wanted |= Q(pk=int(sample))
    rows = Verification.objects.select_related("period__project", "run")
    found = rows.filter(wanted).first() if sample else None
    if found is None:
        raise CommandError(_("There is no sample “%(sample)s”.") % {"sample": sample})
    return found


def _describe(verification: Verification) -> list[tuple[str, str]]:
    rule = verification.rule or {"name": "rate"}
    told = ", ".join(f"{name} {value}" for name, value in rule.items() if name != "name")
    return [
        (_("Verification"), str(verification)),
        (_("Fields on the list"), str(verification.population_size)),
        (_("Hash of the population"), verification.population_sha256),
        (_("SHA-256 of the published list"), verification.list_sha256 or "—"),
        (_("Rule"), f"{rule['name']} ({told})" if told else rule["name"]),
        (_("Seed"), verification.seed or _("not drawn yet")),
    ]


def _fate(step: Step) -> str:
    return step.fate
