"""``manage.py prepare_fonts``: make the face that statements are printed in, once a machine."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from aggregator.print_face import FontMissing, find_face, prepare_face


class Command(BaseCommand):
    help = "Make the small font that keeps statements' PDFs small; does nothing if it is there."

    def handle(self, *args: Any, **options: Any) -> None:
        if find_face() is not None:
            return
        self.stdout.write("Preparing the print font (once) …")
        self.stdout.flush()
        try:
            prepare_face()
        except FontMissing as error:
            raise CommandError(str(error)) from error
