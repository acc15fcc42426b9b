"""Migrates, then brings the triggers that record changes up to the tables as they now are.

They are taken off first on SQLite, which rebuilds whole tables and refuses to rename one that a
trigger speaks of.
"""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from aggregator.record_triggers import drop_triggers, install_triggers


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        if options["plan"] or options["check_unapplied"]:
            super().handle(*args, **options)
            return
        connection = connections[options["database"]]
        if connection.vendor == "sqlite":
            drop_triggers(connection)
        try:
            super().handle(*args, **options)
        finally:
            install_triggers(connection)
