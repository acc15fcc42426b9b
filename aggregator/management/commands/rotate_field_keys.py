"""``manage.py rotate_field_keys``: personal numbers under the newest key; ``--make-key`` makes one.

Run it again after a kill: it goes on where it stopped.
"""

from __future__ import annotations

from typing import Any

from cryptography.fernet import Fernet
from django.core.management.base import BaseCommand, CommandError, CommandParser

from aggregator.key_rotation import KeyMissing, encrypted_columns, rotate_column


class Command(BaseCommand):
    help = "Re-encrypt personal numbers with the newest key and re-hash them with the hash key."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--make-key", action="store_true", help="print a new key and stop")

    def handle(self, *args: Any, make_key: bool, **options: Any) -> None:
        if make_key:
            self.stdout.write(Fernet.generate_key().decode())
            return
        try:
            self._rotate_all()
        except KeyMissing as missing:
            raise CommandError(
                f"{missing}: encrypted with a key that FIELD_ENCRYPTION_KEYS does not name. Put "
                "that key back behind the newest and run this again; what is done stays done."
            ) from missing

    def _rotate_all(self) -> None:
        for model, column in encrypted_columns():
            done = None
            for done in rotate_column(model, column):
                self.stdout.write(f"\r{done.name}: {done.rows:,} rows", ending="")
                self.stdout.flush()
            if done is not None:
                self.stdout.write(
                    f"\r{done.name}: {done.rows:,} rows, {done.encrypted:,} encrypted anew, "
                    f"{done.hashed:,} hashed anew"
                )
