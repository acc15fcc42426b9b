"""Proves the credits and prints each finding; ends with 1 where there is one."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from credits.tonnes.block_proof import check_all


class Command(BaseCommand):
    help = "Prove the credits: each issued tonne in one block, each block with its history."

    def handle(self, **_options: Any) -> None:
        findings = list(check_all())
        for place, problem in findings:
            self.stdout.write(f"FAIL {place}: {problem}")
        if findings:
            raise CommandError(
                _("The credits do not prove: %(count)d findings.") % {"count": len(findings)},
                returncode=1,
            )
        self.stdout.write(self.style.SUCCESS(_("The credits prove.")))
