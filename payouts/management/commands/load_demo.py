"""``manage.py load_demo``: an invented cooperative, from its files to paid statements."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from aggregator.models import Cooperative
from payouts.demo.staff import CODE, list_sign_ins


class Command(BaseCommand):
    help = "Write the files of an invented cooperative, import them and run the line on them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where a cooperative exists"
        )
        parser.add_argument(
            "--folder", type=Path, default=settings.VAR_DIR / "demo", help="where the files go"
        )
        parser.add_argument(
            "--show-sign-ins", action="store_true", help="only print the sign-ins, load nothing"
        )

    def handle(
        self, *args: Any, if_empty: bool, folder: Path, show_sign_ins: bool, **options: Any
    ) -> None:
        if show_sign_ins:
            self.print_sign_ins()
            return
        if if_empty and Cooperative.objects.exists():
            return
        if Cooperative.objects.filter(code=CODE).exists():
            raise CommandError("The demonstration is already loaded.")
        self.load(folder)
        if not if_empty:
            self.print_sign_ins()

    def load(self, folder: Path) -> None:
        # Imported here: GDAL and the importers are not needed to see that nothing is to be done.
        from payouts.demo.line import load_demo

        started = time.monotonic()
        load_demo(folder, say=self.say)
        self.say(f"Demonstration loaded in {time.monotonic() - started:.0f} s.")

    def say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()

    def print_sign_ins(self) -> None:
        for line in list_sign_ins():
            self.say(line)
