"""Proves the books and prints each check; ends with 1 where one fails."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from payouts.books import check_books


class Command(BaseCommand):
    help = "Prove the books: entries, receipts, settlements, statements and payments."

    def handle(self, **_options: Any) -> None:
        failed = 0
        for check in check_books():
            self.stdout.write(f"{'ok  ' if check.passed else 'FAIL'} {check.title}")
            for problem in check.problems:
                self.stdout.write(f"     {problem}")
            failed += not check.passed
        if failed:
            raise CommandError(
                _("The books do not prove: %(count)d checks failed.") % {"count": failed},
                returncode=1,
            )
        self.stdout.write(self.style.SUCCESS(_("The books prove.")))
